//! What all detectors ask of a line and of a name.

use tree_sitter::Node;

use super::code::Code;
use super::values::{Value, Values};

/// Looks through one file.
pub(super) struct Finder<'c, 't> {
    pub(super) code: &'c Code<'t>,
    pub(super) file: &'c str,
    pub(super) names: &'c [&'c str],
    pub(super) values: Values<'c, 't>,
}

impl<'t> Finder<'_, 't> {
    /// The loop in which a line adds to a name that outlives its turns: `Some(None)` where its function runs often instead.
    #[expect(
        clippy::option_option,
        reason = "no repetition, one by the function alone, one by a loop"
    )]
    pub(super) fn repeats(&self, node: Node<'t>, name: &str) -> Option<Option<Node<'t>>> {
        let inner = self.code.loops(node);
        if let Some(first) = inner.first() {
            if self.given_in(*first, name, node) {
                return None;
            }
            return Some(Some(*first));
        }
        let function = self.code.function(node)?;
        let own = self.given_in(function, name, node);
        (!own && self.code.runs_often(function)).then_some(None)
    }

    /// True where a name is made anew below a node.
    pub(super) fn given_in(&self, below: Node<'t>, name: &str, but: Node<'t>) -> bool {
        self.code.below(below).any(|n| {
            n.kind() == "assignment"
                && n.id() != but.id()
                && self.code.field(n, "left") == name
                && !self.code.field(n, "right").contains(name)
        })
    }

    /// True for a tensor that is made where it is put away: nothing computed it, so that it is a buffer and no result.
    pub(super) fn made_here(&self, what: Node<'t>) -> bool {
        let part = match what.kind() {
            "list_comprehension" => what.named_child(0).unwrap_or(what),
            _ => what,
        };
        part.kind() == "call"
            && self.code.field(part, "function").starts_with("torch.")
            && self.values.of(part) == Value::Tensor
    }

    /// True where something takes from a container, or it is made with a limit.
    pub(super) fn bounded(&self, name: &str) -> bool {
        const TAKES: [&str; 6] = [
            ".clear()",
            ".pop(",
            ".popleft(",
            ".popitem(",
            ".get()",
            ".remove(",
        ];
        let text = self.code.text;
        TAKES
            .iter()
            .any(|takes| text.contains(&format!("{name}{takes}")))
            || text.contains(&format!("del {name}["))
            || text.contains(&format!("{name} = {name}["))
            || self.code.kind("assignment").any(|n| {
                let right = self.code.field(n, "right");
                self.code.field(n, "left") == name
                    && right.contains("maxlen=")
                    && !right.contains(" if ")
            })
    }

    /// True in what a model does in its forward pass: lists of layers' outputs end with it.
    pub(super) fn in_a_model(&self, node: Node<'t>) -> bool {
        self.code.function(node).is_some_and(|f| {
            matches!(
                self.code.field(f, "name"),
                "forward" | "__call__" | "__init__"
            )
        })
    }

    /// True where a name is one of an object, of the module, or of an outer function.
    pub(super) fn lasts(&self, node: Node<'t>, name: &str) -> bool {
        let function = self.code.function(node);
        name.contains('.') || function.is_none_or(|f| !self.given_in(f, name, node))
    }
}
