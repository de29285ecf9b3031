//! Outputs of models of Transformers, which have no `detach` of their own.

use tree_sitter::Node;

use super::finder::Finder;

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
}
