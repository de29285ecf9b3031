//! What a call gives, by the name of what it calls.

use tree_sitter::Node;

use super::values::{Value, Values};

/// Names of what computes with weights.
pub(super) const MODELS: [&str; 19] = [
    "model",
    "net",
    "loss",
    "criterion",
    "encoder",
    "decoder",
    "generator",
    "policy",
    "backbone",
    "predict",
    "logits",
    "embed",
    "forward",
    "critic",
    "head",
    "rnn",
    "gru",
    "lstm",
    "layer",
];
/// Parts of the names of classes of models and optimizers.
const CLASSES: [&str; 15] = [
    "Model",
    "Net",
    "Module",
    "Former",
    "former",
    "ForCausalLM",
    "Adam",
    "SGD",
    "Optimizer",
    "GPT",
    "Llama",
    "Bert",
    "Encoder",
    "Decoder",
    // It holds the model and the optimizer that it trains.
    "Trainer",
];

/// Functions that make a tensor of nothing.
const MADE: [&str; 10] = [
    "rand",
    "randn",
    "randint",
    "zeros",
    "ones",
    "empty",
    "full",
    "tensor",
    "arange",
    "zeros_like",
];

impl<'t> Values<'_, 't> {
    /// What a call gives whose function nothing else tells of.
    pub(super) fn by_its_name(
        &self,
        call: Node<'t>,
        called: &str,
        graph: Value,
        deep: usize,
    ) -> Value {
        let code = self.code;
        let last = called.rsplit('.').next().unwrap_or(called);
        // The scores of every token that is generated, where they are asked for.
        if last == "generate" && code.of(call).contains("output_scores=True") {
            return Value::Tensor;
        }
        if self.made_as_module(called) {
            return graph;
        }
        let plain = last.to_ascii_lowercase();
        if last.starts_with(|c: char| c.is_ascii_uppercase()) {
            let made = CLASSES.iter().any(|word| last.contains(word)) && self.again(call);
            return if made {
                Value::Object
            } else {
                self.of_class(call, last, deep)
            };
        }
        if makes_a_model(&plain) {
            let made = self.again(call);
            return if made { Value::Object } else { Value::Unknown };
        }
        if MODELS
            .iter()
            .any(|word| plain.contains(word) || called.to_ascii_lowercase().ends_with(word))
        {
            return graph;
        }
        Value::Unknown
    }

    /// `torch.rand(...)` makes a tensor, `torch.stack(parts)` one of what it is given, `torch.optim.AdamW(...)` an object.
    pub(super) fn of_torch(&self, call: Node<'t>, last: &str, deep: usize) -> Value {
        // Ids of tokens.
        if last == "multinomial" {
            return Value::Plain;
        }
        if last.starts_with(|c: char| c.is_ascii_uppercase()) {
            let called = self.code.field(call, "function");
            let made =
                called.starts_with("nn.") || called.contains(".optim.") || called.contains(".nn.");
            return if made { Value::Object } else { Value::Unknown };
        }
        if last == "load" {
            return Value::Unknown;
        }
        let on_gpu = self.code.of(call).contains("cuda") || self.code.of(call).contains("device");
        if last == "as_tensor" && on_gpu {
            return Value::Tensor;
        }
        match MADE.contains(&last) {
            true if on_gpu => Value::Tensor,
            true => Value::Unknown,
            false => self.arguments(call, deep),
        }
    }
}

/// True for `build_model`, `get_net`, `from_pretrained`: what it gives is a model, and no output of one.
fn makes_a_model(name: &str) -> bool {
    const MAKES: [&str; 6] = ["build_", "create_", "make_", "get_", "load_", "init_"];
    const MADE: [&str; 4] = ["model", "net", "network", "optimizer"];
    name == "from_pretrained"
        || MAKES.iter().any(|verb| name.starts_with(verb))
            && MADE.iter().any(|made| name.ends_with(made))
}
