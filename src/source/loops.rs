//! What a loop goes over, and where a sum that it makes ends: parts of one model or step pile nothing up, batches do.

use tree_sitter::Node;

use super::code::Code;

/// What stands for parts of one model, of one input or of one step.
const PARTS: [&str; 24] = [
    "parameters(",
    "modules(",
    "children(",
    "state_dict",
    "param_groups",
    "layer",
    "block",
    "heads",
    "scales",
    "levels",
    "encoders",
    "decoders",
    "tokenizers",
    "models",
    "optimizers",
    "adapters",
    "components",
    "modalities",
    "feat",
    "weights",
    "grads",
    "stages",
    "groups",
    "experts",
];
/// What stands for batches, steps and rounds.
const DATA: [&str; 19] = [
    "loader", "data", "batch", "_dl", "iter", "queue", "stream", "sampler", "epoch", "step",
    "split(", "chunk", "images", "texts", "prompts", "docs", "files", "accum", "train",
];

impl<'t> Code<'t> {
    /// True for a loop over the parts of one step: `for p in model.parameters()`, `for name in ("a", "b")`.
    pub(super) fn over_parts(&self, around: Node<'t>) -> bool {
        let Some(over) = around.child_by_field_name("right") else {
            return false;
        };
        let text = self.of(over).to_ascii_lowercase();
        let listed = matches!(over.kind(), "list" | "tuple" | "set" | "dictionary");
        listed || !self.over_data(around) && PARTS.iter().any(|word| text.contains(word))
    }

    /// True for a loop over batches or steps, as far as its words tell.
    pub(super) fn over_data(&self, around: Node<'t>) -> bool {
        let text = self.field(around, "right").to_ascii_lowercase();
        around.kind() == "while_statement" || DATA.iter().any(|word| text.contains(word))
    }

    /// True where a sum or list goes into a backward pass behind the node that makes it, or back to the caller.
    pub(super) fn ends_in_a_loss(&self, name: &'t str, behind: Node<'t>) -> Ends {
        let scope = self
            .function(behind)
            .or_else(|| self.nodes.first().copied());
        let mut ends = Ends::default();
        let Some(scope) = scope else {
            return ends;
        };
        let mut names = vec![name];
        let holds = |names: &[&str], part: Node<'t>| {
            let mut inner = self.below(part);
            names.contains(&self.of(part))
                || inner.any(|n| n.kind() == "identifier" && names.contains(&self.of(n)))
        };
        for node in self
            .below(scope)
            .filter(|n| n.start_byte() >= behind.end_byte())
        {
            match node.kind() {
                "assignment" | "augmented_assignment" => {
                    let right = node.child_by_field_name("right");
                    if right.is_some_and(|right| holds(&names, right)) {
                        names.push(self.field(node, "left"));
                    }
                }
                "return_statement" | "yield" => ends.returned |= holds(&names, node),
                "call" if runs_backward(self.field(node, "function")) => {
                    ends.backward |= holds(&names, node);
                }
                _ => {}
            }
        }
        ends
    }
}

/// Where a value goes behind its loop.
#[derive(Clone, Copy, Default)]
pub(super) struct Ends {
    /// A backward pass runs through it.
    pub(super) backward: bool,
    /// The caller gets it.
    pub(super) returned: bool,
}

/// True for `loss.backward`, `accelerator.backward`, `self.manual_backward`.
pub(super) fn runs_backward(function: &str) -> bool {
    function.ends_with(".backward") || function.ends_with(".manual_backward")
}
