//! Evaluations that keep a graph: functions that evaluate, scripts that do nothing else, and calls behind a training loop.

use tree_sitter::Node;

use super::finder::Finder;
use crate::evidence::{Clue, ClueKind};

/// What a script that only evaluates has no word of, and what switches the graph off for all of it.
const LEARNS: [&str; 9] = [
    ".backward(",
    "autograd.grad",
    ".fit(",
    "Trainer(",
    "optim",
    "no_grad",
    "inference_mode",
    "set_grad_enabled",
    "requires_grad",
];

impl<'t> Finder<'_, 't> {
    /// What runs a model with its graph at the top of a file, where nothing learns from it.
    pub(super) fn evaluated_at_top(&self, module: Node<'t>) -> Vec<Clue> {
        let only = self.evaluated_script(module);
        only.into_iter()
            .chain(self.evaluated_later(module))
            .collect()
    }

    /// `model.eval()`, then calls of it, in a script that learns nothing.
    fn evaluated_script(&self, module: Node<'t>) -> Option<Clue> {
        let code = self.code;
        if LEARNS.iter().any(|word| code.text.contains(word)) {
            return None;
        }
        let named = code.below(module).find_map(|n| match n.kind() {
            "call" => code.field(n, "function").strip_suffix(".eval"),
            "assignment" => {
                Some(code.field(n, "left")).filter(|_| code.field(n, "right").ends_with(".eval()"))
            }
            _ => None,
        })?;
        let call = self.calls(named).next()?;
        Some(self.without_a_graph(call, named))
    }

    /// A call behind the last backward pass, of what the training loop calls, too.
    fn evaluated_later(&self, module: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let learns = |n: &Node<'t>| code.field(*n, "function").ends_with(".backward");
        let last = code.below(module).filter(learns).last()?;
        let around = code.loops(last).into_iter().last()?;
        if code.function(last).is_some() {
            return None;
        }
        let begins = around.end_byte();
        let later = code.text.get(begins..)?;
        if later.contains("autograd.grad") || later.contains("set_grad_enabled") {
            return None;
        }
        let call = code.below(module).find(|n| {
            let name = code.field(*n, "function");
            let top = n.kind() == "call" && n.start_byte() >= begins && code.function(*n).is_none();
            let mut trained = self.calls(name).filter(|c| c.start_byte() < begins);
            let whole = !name.contains('.') && self.computes(name);
            top && whole && !code.without_graph(*n) && trained.any(|c| within(c, around))
        })?;
        let name = code.field(call, "function");
        Some(self.without_a_graph(call, name))
    }

    /// True for a function of this file that returns what a model computed.
    fn computes(&self, name: &str) -> bool {
        let mut functions = self.code.kind("function_definition");
        functions.any(|f| self.code.field(f, "name") == name) || ["model", "net"].contains(&name)
    }

    /// The calls of a name outside of functions.
    fn calls(&self, name: &str) -> impl Iterator<Item = Node<'t>> {
        let code = self.code;
        code.kind("call")
            .filter(move |n| code.field(*n, "function") == name && code.function(*n).is_none())
    }

    fn without_a_graph(&self, call: Node<'t>, name: &str) -> Clue {
        let mut clue = self.clue(ClueKind::EvalWithGraph, call, name);
        let statement = self.code.around(call).take_while(|n| n.kind() != "module");
        let row = statement.last().map_or(call, |n| n).start_position().row;
        if let Some(old) = self.code.line_at(row) {
            let new = vec!["torch.set_grad_enabled(False)".to_owned(), old.to_owned()];
            clue.patch = self.code.patch(row, new);
        }
        clue
    }
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}
