//! What an expression holds: a tensor with its graph, a tensor, a whole object, or something that needs no GPU memory. Names are followed
//! to their assignments in the same function, calls to functions of the same file.

use tree_sitter::Node;

use super::code::Code;

/// How deep an expression is followed.
const DEEP: usize = 24;

/// What an expression holds, the most that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// A number, a word, memory of the host.
    Plain,
    /// It cannot be told.
    Unknown,
    /// A tensor without a graph.
    Tensor,
    /// A tensor that keeps what made it.
    Graph,
    /// A model, an optimizer, the states of one.
    Object,
}

/// Methods after which nothing of the GPU is left.
const PLAIN: [&str; 8] = [
    "item", "tolist", "numpy", "cpu", "__len__", "size", "dim", "numel",
];
/// Functions that make numbers and words.
const TO_PLAIN: [&str; 10] = [
    "float",
    "int",
    "len",
    "str",
    "bool",
    "round",
    "repr",
    "range",
    "time.time",
    "print",
];
/// Methods after which the graph is cut.
const CUT: [&str; 6] = ["detach", "argmax", "argmin", "eq", "ne", "data"];
/// Methods of a model that give the model itself.
const ITSELF: [&str; 7] = ["cuda", "to", "train", "eval", "half", "bfloat16", "float"];
/// Names of what computes with weights.
const MODELS: [&str; 17] = [
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

pub(super) struct Values<'c, 't> {
    pub(super) code: &'c Code<'t>,
    /// Names of tensors that whoever calls the function gives it.
    pub(super) given: Vec<&'t str>,
}

impl<'t> Values<'_, 't> {
    /// What an expression holds.
    pub(super) fn of(&self, node: Node<'t>) -> Value {
        self.at(node, DEEP)
    }

    fn at(&self, node: Node<'t>, deep: usize) -> Value {
        let Some(deep) = deep.checked_sub(1) else {
            return Value::Unknown;
        };
        let code = self.code;
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "call" => self.call(node, deep),
            "identifier" => self.name(node, deep),
            "attribute" => match code.field(node, "attribute") {
                "shape" | "dtype" | "device" | "ndim" => Value::Plain,
                "grad" => Value::Tensor,
                "data" => self.inner(field("object"), deep).min(Value::Tensor),
                _ => self.inner(field("object"), deep),
            },
            "subscript" => self.inner(field("value"), deep),
            "parenthesized_expression"
            | "tuple"
            | "list"
            | "dictionary"
            | "pair"
            | "expression_list"
            | "binary_operator"
            | "unary_operator"
            | "conditional_expression"
            | "list_comprehension"
            | "generator_expression"
            | "keyword_argument"
            | "await" => self.most(node, deep),
            _ => Value::Plain,
        }
    }

    fn inner(&self, node: Option<Node<'t>>, deep: usize) -> Value {
        node.map_or(Value::Unknown, |n| self.at(n, deep))
    }

    /// The most that any part holds.
    fn most(&self, node: Node<'t>, deep: usize) -> Value {
        let mut cursor = node.walk();
        let parts: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
        let values = parts.into_iter().take(64).map(|part| self.at(part, deep));
        values.max().unwrap_or(Value::Plain)
    }

    fn call(&self, call: Node<'t>, deep: usize) -> Value {
        let code = self.code;
        let called = code.field(call, "function");
        let last = called.rsplit('.').next().unwrap_or(called);
        let Some(function) = call.child_by_field_name("function") else {
            return Value::Unknown;
        };
        if PLAIN.contains(&last) && function.kind() == "attribute" || TO_PLAIN.contains(&called) {
            return Value::Plain;
        }
        if called.ends_with("state_dict")
            || (last == "deepcopy" && self.arguments(call, deep) == Value::Object)
        {
            return Value::Object;
        }
        let object = function.child_by_field_name("object");
        if CUT.contains(&last) {
            return self.inner(object, deep).min(Value::Tensor);
        }
        if ITSELF.contains(&last) && self.inner(object, deep) == Value::Object {
            let host = code.of(call).contains("cpu");
            return if host { Value::Plain } else { Value::Object };
        }
        if last == "sum" && object.is_none() {
            return self.arguments(call, deep);
        }
        let graph = if code.without_graph(call) {
            Value::Tensor
        } else {
            Value::Graph
        };
        if called.starts_with("torch.") || called.starts_with("nn.") {
            return self.of_torch(call, last, deep);
        }
        if called.starts_with("F.") || called.contains("functional.") {
            return graph;
        }
        if let Some(of_object) = object
            .map(|o| self.at(o, deep))
            .filter(|v| *v == Value::Tensor || *v == Value::Graph)
        {
            return of_object;
        }
        if let Some(returned) = self.returned(last, deep) {
            return returned.min(if code.without_graph(call) {
                Value::Tensor
            } else {
                Value::Object
            });
        }
        self.by_its_name(call, called, graph)
    }

    /// What a call gives whose function nothing else tells of.
    fn by_its_name(&self, call: Node<'t>, called: &str, graph: Value) -> Value {
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
            let made =
                !code.loops(call).is_empty() && CLASSES.iter().any(|word| last.contains(word));
            return if made { Value::Object } else { Value::Unknown };
        }
        if makes_a_model(&plain) {
            let made = !code.loops(call).is_empty();
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
    fn of_torch(&self, call: Node<'t>, last: &str, deep: usize) -> Value {
        const MADE: [&str; 11] = [
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
            "load",
        ];
        if last.starts_with(|c: char| c.is_ascii_uppercase()) {
            let called = self.code.field(call, "function");
            let made =
                called.starts_with("nn.") || called.contains(".optim.") || called.contains(".nn.");
            return if made { Value::Object } else { Value::Unknown };
        }
        let on_gpu = self.code.of(call).contains("cuda") || self.code.of(call).contains("device");
        match MADE.contains(&last) {
            true if on_gpu => Value::Tensor,
            true => Value::Unknown,
            false => self.arguments(call, deep),
        }
    }

    /// True for a name that is given a module: `bce = nn.BCELoss()`, `G = generator().cuda()`.
    fn made_as_module(&self, name: &str) -> bool {
        let code = self.code;
        code.kind("assignment").any(|given| {
            let right = code.field(given, "right");
            let made =
                right.contains("nn.") || right.contains(".cuda()") || right.contains(").to(");
            let mut names = code.field(given, "left").split(',');
            made && names.any(|one| one.trim() == name)
        })
    }

    fn arguments(&self, call: Node<'t>, deep: usize) -> Value {
        call.child_by_field_name("arguments")
            .map_or(Value::Unknown, |arguments| self.most(arguments, deep))
    }

    /// What a function of this file returns.
    fn returned(&self, name: &str, deep: usize) -> Option<Value> {
        let code = self.code;
        let function = code
            .kind("function_definition")
            .find(|f| code.field(*f, "name") == name)?;
        let returns = code
            .below(function)
            .filter(|n| n.kind() == "return_statement")
            .filter_map(|n| n.named_child(0));
        returns
            .take(8)
            .map(|value| self.at(value, deep.min(8)))
            .max()
    }

    /// What a name was given last; where that depends on a condition, the most of it.
    fn name(&self, name: Node<'t>, deep: usize) -> Value {
        let code = self.code;
        let text = code.of(name);
        let function = code.function(name);
        let mut value = None;
        for given in code.nodes.iter().copied() {
            if given.start_byte() >= name.start_byte() {
                break;
            }
            if given.kind() != "assignment"
                || code.function(given).map(|f| f.id()) != function.map(|f| f.id())
            {
                continue;
            }
            let Some((left, right)) = given
                .child_by_field_name("left")
                .zip(given.child_by_field_name("right"))
            else {
                continue;
            };
            if !code
                .of(left)
                .split(',')
                .any(|part| part.trim().trim_matches(['(', ')', '*']) == text)
            {
                continue;
            }
            let found = self.at(right, deep);
            let block = code
                .around(given)
                .find(|n| matches!(n.kind(), "block" | "module"));
            let certain = block.is_some_and(|b| {
                b.start_byte() <= name.start_byte() && name.end_byte() <= b.end_byte()
            });
            value = Some(match value {
                Some(before) if !certain => found.max(before),
                _ => found,
            });
        }
        value.unwrap_or_else(|| self.parameter(text))
    }

    /// A name that nothing in the function makes: an output by its name, or a model.
    fn parameter(&self, text: &str) -> Value {
        match text {
            "loss" | "output" | "outputs" | "logits" | "out" | "preds" | "prediction" => {
                Value::Graph
            }
            _ if self.given.contains(&text) => Value::Graph,
            "model" | "net" | "optimizer" => Value::Object,
            _ => Value::Unknown,
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
