//! Evaluations that keep a graph: functions that evaluate, scripts that do nothing else, and calls behind a training loop.

use tree_sitter::Node;

use super::code::Code;
use super::finder::Finder;
use super::loops::runs_backward;
use crate::evidence::{Clue, ClueKind, Patch};

/// What a script that only evaluates has no word of, and what switches the graph off for all of it.
pub(super) const LEARNS: [&str; 12] = [
    ".backward(",
    "autograd.grad",
    ".fit(",
    "Trainer(",
    // `class Weighted(Trainer):`
    "Trainer)",
    "TrainingArguments(",
    "LightningModule",
    "optim",
    "no_grad",
    "inference_mode",
    "set_grad_enabled",
    "requires_grad",
];

/// What a function that only switches the model to evaluation for a while, or needs gradients of it, has a word of.
const TRAINS: [&str; 6] = [
    ".train(",
    "optim",
    "scaler",
    "zero_grad",
    "requires_grad",
    "autograd",
];

impl<'t> Finder<'_, 't> {
    /// A function that evaluates, and does not switch the graph off.
    pub(super) fn evaluated(&self, function: Node<'t>) -> Option<Clue> {
        const NAMES: [&str; 3] = ["eval", "valid", "test"];
        const USES: [&str; 3] = ["predict", "infer", "embed"];
        let code = self.code;
        let name = code.field(function, "name");
        let body = function.child_by_field_name("body")?;
        let text = code.of(body);
        let named = NAMES.iter().any(|n| name.starts_with(n));
        let uses = USES.iter().any(|n| name.starts_with(n));
        let trains = TRAINS.iter().any(|word| text.contains(word)) || name.starts_with("train");
        let evaluates = named || (uses || text.contains(".eval()")) && !trains;
        // Trainers that call `validation_step` and the like switch the graph off around it.
        if !evaluates
            || name.ends_with("_step")
            || text.contains(".backward(")
            || text.contains("optimizer.step(")
            || text.contains("set_grad_enabled(")
            || code.without_graph(body)
            || code.called_without_graph(function)
            || !named && self.learned_by_callers(function)
        {
            return None;
        }
        let call = code.below(body).find(|n| {
            let called = code.field(*n, "function");
            let model = self.is_model(called) && !self.frozen(called);
            n.kind() == "call" && model && !code.without_graph(*n)
        })?;
        // What it gives back may be learned from elsewhere.
        let returned = code
            .around(call)
            .next()
            .is_some_and(|n| n.kind() == "return_statement");
        if returned && !named {
            return None;
        }
        let mut clue = self.clue(ClueKind::EvalWithGraph, call, name);
        clue.patch = self.decorated(function);
        Some(clue)
    }

    /// The head of a function with what switches the graph off in all of it.
    pub(super) fn decorated(&self, function: Node<'t>) -> Option<Patch> {
        let code = self.code;
        let head = function.start_position();
        let old = code.line_at(head.row)?;
        let space = old.get(..head.column)?;
        let new = vec![format!("{space}@torch.inference_mode()"), old.to_owned()];
        let can = code.imports_torch() && space.trim().is_empty() && function.kind() != "lambda";
        can.then(|| code.patch(head.row, new))?
    }

    /// True for what people call a model, and for what the file uses as one.
    fn is_model(&self, called: &str) -> bool {
        let loss = ["loss", "crit"].iter().any(|word| called.contains(word));
        // Pipelines switch the graph off by themselves.
        let pipeline = called.contains("pipe");
        ["model", "net", "self.model", "self.net"].contains(&called)
            || !loss && !pipeline && !called.is_empty() && self.values.made_as_module(called)
    }

    /// True where a caller learns from what the function gives: in the loop of a backward pass, under no condition.
    pub(super) fn learned_by_callers(&self, function: Node<'t>) -> bool {
        let code = self.code;
        code.calls_of(function).any(|call| {
            let scope = code
                .loops(call)
                .into_iter()
                .next()
                .or_else(|| code.function(call));
            let Some(scope) = scope else {
                return false;
            };
            let mut between = code.around(call).take_while(|n| n.id() != scope.id());
            if between.any(|n| n.kind() == "if_statement") {
                return false;
            }
            let mut inner = code.below(scope);
            inner.any(|n| {
                n.kind() == "call"
                    && runs_backward(code.field(n, "function"))
                    && code.loops(n).into_iter().next() == code.loops(call).into_iter().next()
            })
        })
    }

    /// What runs a model with its graph at the top of a file, where nothing learns from it.
    pub(super) fn evaluated_at_top(&self, module: Node<'t>) -> Vec<Clue> {
        let only = self.evaluated_script(module);
        only.into_iter()
            .chain(self.evaluated_later(module))
            .chain(self.without_learning())
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
        let learns = |n: &Node<'t>| runs_backward(code.field(*n, "function"));
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

    pub(super) fn without_a_graph(&self, call: Node<'t>, name: &str) -> Clue {
        let mut clue = self.clue(ClueKind::EvalWithGraph, call, name);
        let statement = self.code.around(call).take_while(|n| n.kind() != "module");
        let row = statement.last().map_or(call, |n| n).start_position().row;
        let old = self.code.line_at(row);
        if let Some(old) =
            old.filter(|old| self.code.imports_torch() && !old.starts_with([' ', '\t']))
        {
            let new = vec!["torch.set_grad_enabled(False)".to_owned(), old.to_owned()];
            clue.patch = self.code.patch(row, new);
        }
        clue
    }
}

impl<'t> Code<'t> {
    /// True where something around a node switches the graph off, in its function or in all that call that.
    pub(super) fn graph_off(&self, node: Node<'t>) -> bool {
        self.without_graph(node)
            || self
                .function(node)
                .is_some_and(|f| self.called_without_graph(f))
    }

    /// True where each call in this program, or the program itself, switches the graph off.
    pub(super) fn called_without_graph(&self, function: Node<'t>) -> bool {
        if let Some(known) = self.off.borrow().get(&function.id()) {
            return *known;
        }
        // Of one that calls itself, what the others say counts.
        self.off.borrow_mut().insert(function.id(), true);
        let off = self.all_callers_off(function);
        self.off.borrow_mut().insert(function.id(), off);
        off
    }

    fn all_callers_off(&self, function: Node<'t>) -> bool {
        // What a trainer calls so (lightning, `evaluation_loop.py`).
        const OFF: [&str; 3] = ["validation_step", "test_step", "predict_step"];
        let by_trainer = OFF.contains(&self.field(function, "name"))
            && self.class_of(function).is_some_and(|class| {
                self.field(class, "superclasses")
                    .contains("LightningModule")
            });
        if by_trainer {
            return true;
        }
        let code = self;
        let mut calls = code.calls_of(function).peekable();
        let all_off = calls.peek().is_some() && calls.all(|call| code.graph_off(call));
        all_off
            || code.switched_off_for_all()
            || code.calls("set_grad_enabled").any(|call| {
                code.field(call, "arguments") == "(False)" && code.function(call).is_none()
            })
    }
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}
