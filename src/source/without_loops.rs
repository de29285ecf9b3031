//! Lines that keep memory without a loop around them: a checkpoint on the GPU, a retry in `except`, an object that keeps
//! itself.

use tree_sitter::Node;

use super::code::Code;
use super::finder::Finder;
use super::loops::runs_backward;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

impl<'t> Finder<'_, 't> {
    /// `self.callback = self.finish`, where `finish` is a method.
    pub(super) fn own_method(&self, node: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let (left, right) = (code.field(node, "left"), code.field(node, "right"));
        let method = right.strip_prefix("self.")?;
        let own = left.starts_with("self.") && !method.contains('.');
        let class = code
            .around(node)
            .find(|n| n.kind() == "class_definition")
            .filter(|_| own)?;
        let mut functions = code
            .below(class)
            .filter(|n| n.kind() == "function_definition");
        let found = functions.any(|f| code.field(f, "name") == method && !is_property(code, f));
        found.then(|| self.clue(ClueKind::OwnMethod, node, left))
    }

    /// `outputs = [model(x) for x in loader]`: a loop without a `for` of its own, whose results stay with all that led to them.
    pub(super) fn comprehended(&self, node: Node<'t>) -> Option<Clue> {
        const DATA: [&str; 7] = [
            "loader", "data", "batch", "chunk", "split(", "images", "texts",
        ];
        let code = self.code;
        let body = node.child_by_field_name("body")?;
        let mut cursor = node.walk();
        let over = node
            .named_children(&mut cursor)
            .find(|part| part.kind() == "for_in_clause")?;
        let over = code.field(over, "right").to_ascii_lowercase();
        let value = self.values.of(body);
        let data = DATA.iter().any(|word| over.contains(word));
        if body.kind() != "call" || !data || self.in_a_model(node, "") {
            return None;
        }
        // Without a graph the parts of one input are as large as its whole; those of a data set are not.
        let whole = ["loader", "dataset", "_dl"]
            .iter()
            .any(|word| over.contains(word));
        let off = code.graph_off(node) || value == Value::Tensor;
        if off && (!whole || self.values.is_a_number(body))
            || value < Value::Tensor
            || value == Value::Object
        {
            return None;
        }
        // A step that learns from all of them needs their graphs.
        let around = code.function(node);
        let learns = code.kind("call").any(|call| {
            runs_backward(code.field(call, "function"))
                && code.function(call).map(|f| f.id()) == around.map(|f| f.id())
        });
        let name = code.around(node).find(|n| n.kind() == "assignment");
        let name = name.map_or("", |n| code.field(n, "left"));
        let mut clue = self.clue(ClueKind::KeptOutputs, node, name);
        clue.no_graph |= off;
        if off {
            // It is a loop by itself.
            let last = node.end_position().row as u64 + 1;
            clue.during = Some((clue.line, last));
        }
        let cut = if off { ".cpu()" } else { ".detach().cpu()" };
        let new = format!("{}{cut}", code.of(body));
        (!learns).then(|| self.patched(clue, body, &new))
    }

    /// `torch.load(path)`.
    pub(super) fn loaded(&self, call: Node<'t>) -> Option<Clue> {
        let arguments = call.child_by_field_name("arguments")?;
        let text = self.code.of(arguments);
        let plain =
            self.code.field(call, "function") == "torch.load" && !text.contains("map_location");
        let inner = text.strip_suffix(')').filter(|_| plain)?;
        let inner = inner.trim_end().trim_end_matches(',');
        let clue = self.clue(ClueKind::LoadOnDevice, call, "");
        Some(self.patched(clue, arguments, &format!("{inner}, map_location=\"cpu\")")))
    }

    /// A call in `except` of what was called in `try`, or of the function around both.
    pub(super) fn retried(&self, handler: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let text = code.of(handler);
        let head = text.lines().next()?;
        let of_memory = ["OutOfMemory", "RuntimeError", "OOM"]
            .iter()
            .any(|w| head.contains(w));
        // Who catches everything says in the handler what it is about.
        let all = head.contains("Exception") || head.trim_start_matches("except").starts_with(':');
        let says = ["out of memory", "OOM", "OutOfMemory"]
            .iter()
            .any(|w| text.contains(w));
        let tried = code
            .around(handler)
            .next()
            .filter(|n| n.kind() == "try_statement" && (of_memory || all && says))?;
        let body = tried.child_by_field_name("body")?;
        let called: Vec<&str> = code
            .below(body)
            .filter(|n| n.kind() == "call")
            .map(|n| code.field(n, "function"))
            .collect();
        let own = code.function(handler).map_or("", |f| code.field(f, "name"));
        let again = code.below(handler).find(|n| {
            let name = code.field(*n, "function");
            let itself = match own {
                "__call__" | "forward" => name == "self",
                own => !own.is_empty() && (name == own || name.strip_prefix("self.") == Some(own)),
            };
            // What is made anew, printed or counted is no work that is tried again.
            let light = ["print", "log", "load_state_dict"]
                .iter()
                .any(|word| name.contains(word))
                || name.starts_with("torch.");
            n.kind() == "call" && (itself || called.contains(&name)) && !light
        })?;
        Some(self.clue(
            ClueKind::RetryInExcept,
            again,
            code.field(again, "function"),
        ))
    }
}

/// True for what looks like an attribute and is none.
fn is_property<'t>(code: &Code<'t>, function: Node<'t>) -> bool {
    let decorated = code.around(function).next();
    decorated.is_some_and(|n| n.kind() == "decorated_definition" && code.of(n).contains("property"))
}
