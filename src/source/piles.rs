//! What piles up without a list: a cache around a function, exceptions that are kept, gradients with their graph, a state that goes on.

use tree_sitter::Node;

use super::finder::Finder;
use super::loops::runs_backward;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

/// Of so many results and more the GPU is full before.
const MANY: u64 = 1000;

impl<'t> Finder<'_, 't> {
    /// `@lru_cache(maxsize=None)` above what gives tensors.
    pub(super) fn cached(&self, whole: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let function = whole
            .child_by_field_name("definition")
            .filter(|f| f.kind() == "function_definition")?;
        let mut cursor = whole.walk();
        let decorator = whole
            .named_children(&mut cursor)
            .find(|n| n.kind() == "decorator" && keeps_all(code.of(*n)))?;
        // One of the program's own is looked at there.
        let name = code.of(decorator).trim_start_matches('@').trim();
        let own = |f: Node<'t>| code.field(f, "name") == name;
        if code.kind("function_definition").any(own) {
            return None;
        }
        // One that is given nothing has one result.
        let mut given = super::handed_over::parameters(code, function);
        given.find(|name| !["self", "cls"].contains(name))?;
        let answer = code.answers(function).find(|what| {
            let value = self.values.of(*what);
            matches!(value, Value::Tensor | Value::Graph) && !self.values.is_a_number(*what)
        })?;
        let name = code.field(function, "name");
        let mut clue = self.clue(ClueKind::KeptOutputs, decorator, name);
        name.clone_into(&mut clue.function);
        clue.lasting = true;
        clue.no_graph = code.graph_off(answer) || self.values.of(answer) == Value::Tensor;
        let row = answer.start_position().row;
        let one = matches!(
            answer.kind(),
            "identifier" | "attribute" | "call" | "subscript"
        );
        if one && answer.end_position().row == row {
            let line = code.line_at(row)?;
            let (before, after) = line.split_at_checked(answer.end_position().column)?;
            let cut = if clue.no_graph {
                ".cpu()"
            } else {
                ".detach().cpu()"
            };
            clue.patch = code.patch(row, vec![format!("{before}{cut}{after}")]);
        }
        Some(clue)
    }

    /// `total = total + loss / n` where a condition in the loop runs backward through all of it, and begins anew.
    pub(super) fn one_backward(&self, node: Node<'t>, name: &str) -> Option<Clue> {
        let code = self.code;
        let around = code.loops(node).into_iter().next()?;
        let whole = format!("{name}.backward");
        let mut calls = code.calls("backward");
        calls.find(|call| {
            let mut outer = code.around(*call).take_while(|n| n.id() != around.id());
            let within =
                around.start_byte() <= call.start_byte() && call.end_byte() <= around.end_byte();
            let at_times = outer.any(|n| {
                n.kind() == "if_statement"
                    && !(n.start_byte() <= node.start_byte() && node.end_byte() <= n.end_byte())
            });
            within && at_times && code.field(*call, "function") == whole
        })?;
        Some(self.clue(ClueKind::BackwardAtEnd, node, name))
    }

    /// True where a join adds ids of tokens, one for each step.
    pub(super) fn takes_tokens(&self, join: Node<'t>) -> bool {
        const PICKS: [&str; 4] = ["argmax(", "multinomial(", "topk(", ".indices"];
        let code = self.code;
        let picks = |text: &str| PICKS.iter().any(|word| text.contains(word));
        let mut names = code.below(join).filter(|n| n.kind() == "identifier");
        picks(code.of(join))
            || names.any(|n| {
                let mut given = code.given(code.of(n)).rev();
                given
                    .find(|g| g.end_byte() <= n.start_byte())
                    .is_some_and(|g| picks(code.field(g, "right")))
            })
    }

    /// `failed.append(error)`: an exception holds the frames that it came through, and they hold their tensors.
    pub(super) fn kept_exception(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let function = code.field(call, "function");
        let name = function.strip_suffix(".append")?;
        let handler = code.around(call).find(|n| n.kind() == "except_clause")?;
        let head = code.of(handler).lines().next()?;
        let (_, bound) = head.trim_end_matches([':', ' ']).rsplit_once(" as ")?;
        let of_memory = ["RuntimeError", "Exception", "OutOfMemory"]
            .iter()
            .any(|word| head.contains(word));
        let given = call
            .child_by_field_name("arguments")
            .filter(|_| of_memory)?;
        let what = code.below(given).find(|n| {
            let whole = matches!(
                code.around(*n).next().map(|outer| outer.kind()),
                Some("argument_list" | "tuple" | "list" | "pair" | "dictionary")
            );
            n.kind() == "identifier" && code.of(*n) == bound && whole && !self.in_a_call(*n, call)
        })?;
        if self.bounded(call, name) {
            return None;
        }
        self.repeats(call, name)?;
        let clue = self.clue(ClueKind::KeptException, call, name);
        Some(self.patched(clue, what, &format!("str({bound})")))
    }

    /// True for `e` of `str(e)` in a call.
    fn in_a_call(&self, node: Node<'t>, but: Node<'t>) -> bool {
        let mut around = self.code.around(node);
        around
            .find(|n| n.kind() == "call")
            .is_some_and(|n| n.id() != but.id())
    }

    /// `loss.backward(create_graph=True)`, where no gradient is let go of: each one holds the graph of all before (the warning of
    /// PyTorch, `torch/csrc/autograd/python_engine.cpp` and engine.cpp).
    pub(super) fn grads_with_graph(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let arguments = code.field(call, "arguments");
        let makes = runs_backward(code.field(call, "function"))
            && arguments.replace(' ', "").contains("create_graph=True");
        let again = makes && self.values.again(call);
        // Since 2.0 `zero_grad()` lets go of them.
        let lets_go = |n: Node<'t>| !code.field(n, "arguments").contains("False");
        if !again
            || code.calls("zero_grad").any(lets_go)
            || code.text.contains(".grad = None")
            || code.text.contains("set_to_none=True")
        {
            return None;
        }
        let mut clue = self.clue(ClueKind::AddedGraph, call, "grad");
        clue.lasting = true;
        let zero = code.calls("zero_grad").next();
        clue.patch = zero.and_then(|zero| {
            let row = zero.start_position().row;
            let new = code
                .line_at(row)?
                .replace("set_to_none=False", "set_to_none=True");
            code.patch(row, vec![new])
        });
        Some(clue)
    }

    /// `y, self.state = self.rnn(x, self.state)` where nothing is learned and the graph is on: each step holds all before it.
    pub(super) fn carried_on(&self, node: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let (left, right) = (
            node.child_by_field_name("left")?,
            node.child_by_field_name("right")?,
        );
        if right.kind() != "call" || self.values.of(right) != Value::Graph {
            return None;
        }
        let given = right.child_by_field_name("arguments")?;
        let names: Vec<&str> = match left.kind() {
            "identifier" | "attribute" => vec![code.of(left)],
            _ => code.of(left).split(',').map(str::trim).collect(),
        };
        let name = *names.iter().find(|name| {
            let mut cursor = given.walk();
            let mut arguments = given.named_children(&mut cursor);
            arguments.any(|n| code.of(n.child_by_field_name("value").unwrap_or(n)) == **name)
        })?;
        let around = code.loops(node).into_iter().next();
        let endless = around.is_some_and(|n| n.kind() == "while_statement");
        let lasts = name.contains('.') && code.function(node).is_some_and(|f| code.runs_often(f));
        let last = name.rsplit('.').next().unwrap_or(name);
        let cut = format!("{last}.detach");
        if !(endless || lasts)
            || code.graph_off(node)
            || code.text.contains(&cut)
            || code.learns
            || name.contains("past")
        {
            return None;
        }
        let mut clue = self.clue(ClueKind::CarriedState, node, name);
        clue.lasting = true;
        Some(clue)
    }
}

/// True for `@cache`, `@lru_cache(maxsize=None)`, `@lru_cache(4096)`; one without a number has place for 128.
fn keeps_all(decorator: &str) -> bool {
    let text = decorator.trim_start_matches('@').trim();
    let text = text.strip_prefix("functools.").unwrap_or(text);
    let size = text.strip_prefix("lru_cache(").map(|rest| {
        rest.trim_end_matches(')')
            .trim_start_matches("maxsize=")
            .trim()
    });
    match size {
        Some("None") => true,
        Some(number) => number.parse::<u64>().is_ok_and(|most| most >= MANY),
        None => matches!(text, "cache" | "memoize" | "memoize()"),
    }
}
