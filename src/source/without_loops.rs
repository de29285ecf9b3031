//! Lines that keep memory without a loop around them: a checkpoint on the GPU, a retry in `except`, an object that keeps
//! itself.

use tree_sitter::Node;

use super::code::Code;
use super::finder::Finder;
use super::loops::runs_backward;
use super::values::Value;
use crate::evidence::{Clue, ClueKind};

/// They hold no weights.
const LIGHT: [&str; 7] = [
    "okenizer",
    "Config",
    "Processor",
    "Scheduler",
    "Extractor",
    "scheduler",
    "processor",
];

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
        let model = body.kind() == "call" && self.values.of(body) == Value::Graph;
        let data = DATA.iter().any(|word| over.contains(word));
        if !model || !data || self.in_a_model(node, "") || code.without_graph(node) {
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
        let clue = self.clue(ClueKind::KeptOutputs, node, name);
        let new = format!("{}.detach().cpu()", code.of(body));
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

    /// `model = Net().cuda()` in a loop, where nothing lets the last one go before.
    pub(super) fn model_again(&self, node: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let (left, right) = (
            node.child_by_field_name("left")?,
            node.child_by_field_name("right")?,
        );
        let name = code.of(left);
        let text = code.of(right);
        let on_gpu = text.contains(".cuda()") || text.contains(".to(");
        let called = code.field(right, "function");
        let built = text.contains("from_pretrained(")
            && !LIGHT.iter().any(|word| called.contains(word))
            || on_gpu && self.values.of(right) == Value::Object;
        if left.kind() != "identifier" || right.kind() != "call" || !built {
            return None;
        }
        let around = code.loops(node).into_iter().next()?;
        let mut inner = code.below(around);
        let lets_go = inner.any(|n| {
            let names = n.kind() == "delete_statement"
                && code.of(n).split([' ', ',']).any(|one| one == name);
            let empty = n.kind() == "assignment"
                && code.field(n, "left") == name
                && code.field(n, "right") == "None";
            // A list that takes each of them is what keeps them.
            let function = code.field(n, "function");
            let kept = function.ends_with(".append")
                && code.field(n, "arguments").trim_matches(['(', ')']) == name;
            names || empty || kept
        });
        // `model = model.to(device)` builds nothing.
        let moves = text.starts_with(&format!("{name}."));
        (!lets_go && !moves).then(|| self.clue(ClueKind::ModelAgain, node, name))
    }

    /// `q @ k.transpose(-2, -1)` in a function that takes a softmax of it.
    pub(super) fn attention(&self, node: Node<'t>) -> Option<Clue> {
        const TURNED: [&str; 7] = [
            "transpose(-2, -1)",
            "transpose(-1, -2)",
            "transpose(1, 2)",
            "transpose(2, 3)",
            "swapaxes(-1, -2)",
            "swapaxes(-2, -1)",
            ".mT",
        ];
        let code = self.code;
        let keys = if node.kind() == "binary_operator" {
            node.child_by_field_name("right")
                .filter(|_| code.field(node, "operator") == "@")?
        } else {
            let name = code.field(node, "function").rsplit('.').next()?;
            node.child_by_field_name("arguments")
                .filter(|_| matches!(name, "matmul" | "bmm" | "baddbmm"))?
        };
        let turned = |text: &str| TURNED.iter().any(|word| text.contains(word));
        if !turned(code.of(keys)) {
            return None;
        }
        let function = code.function(node)?;
        let soft = code
            .below(function)
            .any(|n| n.kind() == "call" && code.field(n, "function").ends_with("softmax"));
        soft.then(|| self.clue(ClueKind::WrittenAttention, node, ""))
    }

    /// A call in `except` of what was called in `try`.
    pub(super) fn retried(&self, handler: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let head = code.of(handler).lines().next()?;
        let of_memory = ["OutOfMemory", "RuntimeError", "OOM"]
            .iter()
            .any(|w| head.contains(w));
        let tried = code
            .around(handler)
            .next()
            .filter(|n| n.kind() == "try_statement" && of_memory)?;
        let body = tried.child_by_field_name("body")?;
        let called: Vec<&str> = code
            .below(body)
            .filter(|n| n.kind() == "call")
            .map(|n| code.field(n, "function"))
            .collect();
        let again = code.below(handler).find(|n| {
            let name = code.field(*n, "function");
            n.kind() == "call"
                && called.contains(&name)
                && !name.contains("print")
                && !name.starts_with("torch.cuda")
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
