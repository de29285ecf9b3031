//! What is written instead of results, so that they go to the host: outputs of models of Transformers have no `detach` of their own, and
//! a dict, a tuple or a list has several.

use tree_sitter::Node;

use super::finder::Finder;
use super::values::Value;

/// Fields of `ModelOutput` that are tuples of tensors (transformers, `modeling_outputs.py` and `generation/utils.py`).
const TUPLES: [&str; 9] = [
    "hidden_states",
    "attentions",
    "scores",
    "past_key_values",
    "encoder_hidden_states",
    "decoder_hidden_states",
    "encoder_attentions",
    "decoder_attentions",
    "cross_attentions",
];
/// Fields that tell an output of a model from a tensor.
const FIELDS: [&str; 6] = [
    "logits",
    "last_hidden_state",
    "pooler_output",
    "sequences",
    "hidden_states",
    "attentions",
];

impl<'t> Finder<'_, 't> {
    /// What such an output is written as, where its tensors go to the host; `None` for anything else.
    pub(super) fn of_transformers(&self, what: Node<'t>) -> Option<String> {
        let code = self.code;
        let text = code.of(what);
        match what.kind() {
            "attribute" => TUPLES
                .contains(&code.field(what, "attribute"))
                .then(|| format!("tuple(t.detach().cpu() for t in {text})")),
            // `generate` runs without a graph, and returns the tokens alone unless it is told otherwise.
            "call" if code.field(what, "function").ends_with(".generate") => {
                let dict = code
                    .field(what, "arguments")
                    .contains("return_dict_in_generate=True");
                let tokens = if dict { ".sequences" } else { "" };
                Some(format!("{text}{tokens}.cpu()"))
            }
            "identifier" => {
                let mut fields = code
                    .kind("attribute")
                    .filter(|n| code.field(*n, "object") == text);
                let output = fields.any(|n| FIELDS.contains(&code.field(n, "attribute")));
                output.then(|| {
                    format!("{{k: v.detach().cpu() for k, v in {text}.items() if hasattr(v, \"detach\")}}")
                })
            }
            _ => None,
        }
    }

    /// What several tensors in one are written as, where each goes to the host: `{"logits": y}`, `(a, b)`, a parameter `*given`.
    pub(super) fn parts_to_host(&self, what: Node<'t>) -> Option<String> {
        let text = self.code.of(what);
        if let Some(new) = self.of_transformers(what) {
            return Some(new);
        }
        let tensor = |n: Node<'t>| self.values.of(n) >= Value::Tensor;
        let several = matches!(what.kind(), "dictionary" | "tuple" | "list");
        if several && (what.kind() == "list" || !parts_of(what).all(tensor)) {
            return self.each_to_host(what);
        }
        let mut cursor = what.walk();
        let mut parts = what.named_children(&mut cursor);
        match what.kind() {
            "dictionary" if what.named_child_count() > 0 => parts
                .all(|pair| pair.child_by_field_name("value").is_some_and(tensor))
                .then(|| format!("{{k: v.detach().cpu() for k, v in {text}.items()}}")),
            "tuple" if what.named_child_count() > 0 => parts
                .all(tensor)
                .then(|| format!("tuple(t.detach().cpu() for t in {text})")),
            "identifier" => {
                let given = self
                    .code
                    .function(what)?
                    .child_by_field_name("parameters")?;
                let star = format!("*{text}");
                let mut all = self.code.below(given);
                all.any(|n| n.kind() == "list_splat_pattern" && self.code.of(n) == star)
                    .then(|| format!("tuple(t.detach().cpu() for t in {text})"))
            }
            _ => None,
        }
    }

    /// The same text, in which each tensor goes to the host: numbers and names beside it have no `detach`.
    fn each_to_host(&self, what: Node<'t>) -> Option<String> {
        let text = self.code.of(what);
        let (mut new, mut done) = (String::new(), 0);
        for part in parts_of(what).filter(|n| self.values.of(*n) >= Value::Tensor) {
            if !matches!(part.kind(), "identifier" | "attribute" | "call")
                || self.of_transformers(part).is_some()
            {
                return None;
            }
            let end = part.end_byte() - what.start_byte();
            new.push_str(text.get(done..end)?);
            let cut = if new.ends_with(".detach()") {
                ".cpu()"
            } else {
                ".detach().cpu()"
            };
            new.push_str(cut);
            done = end;
        }
        new.push_str(text.get(done..)?);
        (done > 0).then_some(new)
    }

    /// What of a copied model or state is written otherwise, and how, so that the copy is on the host.
    pub(super) fn copy_to_host(&self, what: Node<'t>) -> Option<(Node<'t>, String)> {
        let code = self.code;
        if what.kind().ends_with("comprehension") {
            let body = what.child_by_field_name("body")?;
            let text = code.of(body);
            return text
                .contains(".clone()")
                .then(|| (body, text.replace(".clone()", ".cpu()")));
        }
        let copies = what.kind() == "call" && code.field(what, "function").ends_with("deepcopy");
        let inner = what
            .child_by_field_name("arguments")?
            .named_child(0)
            .filter(|_| copies)?;
        let text = code.of(inner);
        let model = text.strip_suffix(".state_dict()").unwrap_or(text);
        // The states of an optimizer are dicts in dicts.
        if !model
            .chars()
            .all(|c| c.is_alphanumeric() || "_.".contains(c))
            || model.contains("opt")
        {
            return None;
        }
        Some(if model == text {
            (what, format!("{}.cpu()", code.of(what)))
        } else {
            (what, format!("{{k: v.cpu() for k, v in {text}.items()}}"))
        })
    }
}

/// The elements of a tuple or list, the values of a dict.
fn parts_of<'t>(what: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let mut cursor = what.walk();
    let parts: Vec<Node<'t>> = what.named_children(&mut cursor).collect();
    let value = |n: Node<'t>| match n.kind() {
        "pair" => n.child_by_field_name("value"),
        _ => Some(n),
    };
    parts.into_iter().filter_map(value)
}
