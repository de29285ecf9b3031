//! What a call gives by what it is given, and a name by what a loop goes over: results of a model need not have a name that says so.

use tree_sitter::Node;

use super::code::{Code, line};
use super::values::{Value, Values};

/// Functions that give numbers, words or files of tensors.
const NUMBERS: [&str; 24] = [
    "acc", "iou", "dice", "metric", "auc", "f1", "bleu", "rouge", "numpy", "pil", "save", "write",
    "log", "print", "json", "dump", "count", "name", "path", "plot", "show", "eval", "measure",
    "index",
];
/// Functions that give what they are given.
const SAME: [&str; 5] = ["list", "tuple", "sorted", "reversed", "tqdm"];
/// Methods after which a tensor is one number.
const REDUCES: [&str; 7] = [
    ".mean()",
    ".sum()",
    ".max()",
    ".min()",
    ".norm()",
    ".std()",
    ".median()",
];

impl<'t> Values<'_, 't> {
    /// What `tokens(path)`, `extractor({"image": image})` or `reid(crops)` gives: a tensor, if it is given one.
    pub(super) fn by_what_it_is_given(&self, call: Node<'t>, called: &str, deep: usize) -> Value {
        let last = called.rsplit('.').next().unwrap_or(called);
        let plain = last.to_ascii_lowercase();
        let object = called.rsplit_once('.').map_or("", |(object, _)| object);
        let words = ["tok", "processor", "np", "json", "wandb", "writer"];
        let of_words = words.iter().any(|word| object.contains(word));
        if of_words || NUMBERS.iter().any(|word| plain.contains(word)) || plain == "dict" {
            return Value::Unknown;
        }
        match self.given_to(call, deep) {
            Value::Tensor if self.made_as_module(called) => Value::Graph,
            value @ (Value::Tensor | Value::Graph) => {
                let off = self.code.graph_off(call);
                value.min(if off { Value::Tensor } else { Value::Graph })
            }
            _ if self.hot.contains(&line(call)) => self.ran_out_there(call),
            _ => Value::Unknown,
        }
    }

    /// What the line gives that a stack goes through into a framework: it computed on the GPU.
    fn ran_out_there(&self, call: Node<'t>) -> Value {
        let code = self.code;
        let outer = code.around(call).next();
        let whole = outer.is_some_and(|n| {
            matches!(
                n.kind(),
                "assignment" | "expression_statement" | "return_statement"
            )
        });
        match whole {
            true if code.graph_off(call) => Value::Tensor,
            true => Value::Graph,
            false => Value::Unknown,
        }
    }

    /// The most that an argument of a call holds.
    fn given_to(&self, call: Node<'t>, deep: usize) -> Value {
        let Some(arguments) = call.child_by_field_name("arguments") else {
            return Value::Unknown;
        };
        let mut cursor = arguments.walk();
        let all: Vec<Node<'t>> = arguments.named_children(&mut cursor).collect();
        let values = all.into_iter().take(16).map(|one| self.at(one, deep));
        values
            .filter(|value| *value < Value::Object)
            .max()
            .unwrap_or(Value::Unknown)
    }

    /// `images.cuda()`, `batch.to(device)`: on the GPU, whatever it was; a model is more than a tensor.
    pub(super) fn put_on_gpu(&self, call: Node<'t>, last: &str) -> Option<Value> {
        let code = self.code;
        let arguments = code.field(call, "arguments").to_ascii_lowercase();
        let gpu = ["cuda", "device", "rank", "gpu"];
        let moves =
            last == "cuda" || last == "to" && gpu.iter().any(|word| arguments.contains(word));
        let object = call
            .child_by_field_name("function")?
            .child_by_field_name("object")
            .filter(|_| moves)?;
        let text = code.of(object);
        let built = object.kind() == "call" && {
            let called = code.field(object, "function");
            let class = called.rsplit('.').next().unwrap_or(called);
            class.starts_with(|c: char| c.is_ascii_uppercase())
                || ["model", "net", "pretrained", "build", "create"]
                    .iter()
                    .any(|word| class.contains(word))
        };
        let low = text.to_ascii_lowercase();
        let named = [
            "model", "net", "module", "encoder", "decoder", "loss", "crit", "metric",
        ];
        let model = named.iter().any(|word| low.ends_with(word));
        // `net = make(28).cuda()`, whose weights an optimizer gets.
        let given = code
            .around(call)
            .next()
            .filter(|n| n.kind() == "assignment");
        let trained = given.is_some_and(|given| {
            let whole = format!("{}.parameters", code.field(given, "left"));
            let mut calls = code.calls("parameters");
            calls.any(|n| code.field(n, "function") == whole)
        });
        if trained && self.again(call) {
            return Some(Value::Object);
        }
        let plain = !trained && !built && !model && !self.made_as_module(text);
        plain.then_some(Value::Tensor)
    }

    /// What one of several names gets: `best` of `action, best = plan(state)`.
    pub(super) fn part_of(
        &self,
        given: Node<'t>,
        right: Node<'t>,
        name: &str,
        deep: usize,
    ) -> Value {
        let code = self.code;
        let several = |n: Node<'t>| -> Vec<Node<'t>> {
            let mut cursor = n.walk();
            match n.kind() {
                "pattern_list" | "tuple_pattern" | "expression_list" | "tuple" => {
                    n.named_children(&mut cursor).collect()
                }
                _ => Vec::new(),
            }
        };
        let names = given
            .child_by_field_name("left")
            .map_or_else(Vec::new, several);
        let place = names.iter().position(|one| code.of(*one) == name);
        let Some(place) = place.filter(|_| names.len() > 1) else {
            return self.at(right, deep);
        };
        let same = |parts: Vec<Node<'t>>| {
            parts
                .get(place)
                .copied()
                .filter(|_| parts.len() == names.len())
        };
        if let Some(part) = same(several(right)) {
            return self.at(part, deep);
        }
        let function = code.function_of(right).filter(|_| right.kind() == "call");
        let answers: Vec<Node<'t>> =
            function.map_or_else(Vec::new, |f| code.answers(f).take(8).collect());
        let parts: Vec<Node<'t>> = answers.iter().filter_map(|n| same(several(*n))).collect();
        if parts.is_empty() || parts.len() < answers.len() {
            return self.at(right, deep);
        }
        let most = parts
            .into_iter()
            .map(|part| self.at(part, deep.min(12)))
            .max();
        let off = code.graph_off(right);
        let most = most.unwrap_or(Value::Unknown);
        if off && most == Value::Graph {
            Value::Tensor
        } else {
            most
        }
    }

    /// What is put into a list that a name was given empty.
    pub(super) fn filled(&self, given: Node<'t>, name: &str, found: Value, deep: usize) -> Value {
        let code = self.code;
        let whole = format!("{name}.append");
        let own = code.function(given).map(|f| f.id());
        if found != Value::Plain || !code.field(given, "right").contains(['[', '(']) {
            return Value::Plain;
        }
        let calls = code.calls("append").filter(|call| {
            code.field(*call, "function") == whole && code.function(*call).map(|f| f.id()) == own
        });
        let parts = calls.filter_map(|call| call.child_by_field_name("arguments")?.named_child(0));
        let values = parts.take(4).map(|part| self.at(part, deep));
        let tensors = values.filter(|value| matches!(value, Value::Tensor | Value::Graph));
        tensors.max().unwrap_or(Value::Plain)
    }

    /// True for `out.images` of a pipeline that was asked for tensors (diffusers, `pipelines/`).
    pub(super) fn asked_for_tensors(&self, images: Node<'t>) -> bool {
        let code = self.code;
        let asked = |text: &str| {
            ["\"latent\"", "\"pt\"", "'latent'", "'pt'"]
                .iter()
                .any(|word| text.contains(word))
                && text.contains("output_type")
        };
        let object = code.field(images, "object");
        let mut given = code.given(object).rev();
        let given = given.find(|n| n.end_byte() <= images.start_byte());
        asked(object) || given.is_some_and(|n| asked(code.field(n, "right")))
    }

    /// What an object of a class of this program holds: a model and its optimizer, or the tensors that it is made of.
    pub(super) fn of_class(&self, call: Node<'t>, class: &str, deep: usize) -> Value {
        let code = self.code;
        let mut classes = code.kind("class_definition");
        let own = classes.find(|n| code.field(*n, "name") == class);
        let body = own.map_or("", |n| code.field(n, "body"));
        let builds = ["create_model(", "from_pretrained(", "optim.", "nn."];
        let whole = own.is_some_and(|n| code.field(n, "superclasses").contains("Module"))
            || body.contains("__init__")
                && builds.iter().any(|word| body.contains(word))
                && (body.contains(".cuda()") || body.contains(".to("));
        if whole && self.again(call) {
            return Value::Object;
        }
        match self.arguments(call, deep) {
            value @ (Value::Tensor | Value::Graph) if !whole => value,
            // A record of a training with its model in it.
            Value::Object if own.is_some() => Value::Object,
            _ => Value::Unknown,
        }
    }

    /// True for what is made again and again.
    pub(super) fn again(&self, call: Node<'t>) -> bool {
        let code = self.code;
        code.in_a_loop(call)
            || code
                .function(call)
                .is_some_and(|function| code.runs_often(function))
    }

    /// What a name is that a loop or a comprehension gives: `h` of `for i, h in enumerate(out.hidden_states)`.
    pub(super) fn target(&self, name: Node<'t>, deep: usize) -> Option<Value> {
        let code = self.code;
        let text = code.of(name);
        let around = code
            .around(name)
            .take_while(|n| !matches!(n.kind(), "function_definition" | "lambda"));
        for n in around {
            let clause = match n.kind() {
                "for_statement" => Some(n),
                kind if kind.ends_with("comprehension") || kind == "generator_expression" => {
                    let mut cursor = n.walk();
                    let mut parts = n.named_children(&mut cursor);
                    parts.find(|part| part.kind() == "for_in_clause")
                }
                _ => None,
            };
            let Some((left, right)) = clause.and_then(|clause| {
                let left = clause.child_by_field_name("left")?;
                Some((left, clause.child_by_field_name("right")?))
            }) else {
                continue;
            };
            if let Some(value) = self.element(left, right, text, deep) {
                return Some(value);
            }
        }
        None
    }

    /// What a part of a pattern gets of what is gone over.
    fn element(&self, left: Node<'t>, right: Node<'t>, name: &str, deep: usize) -> Option<Value> {
        let code = self.code;
        let bare = |n: Node<'t>| code.of(n) == name;
        let mut cursor = left.walk();
        let parts: Vec<Node<'t>> = match left.kind() {
            "identifier" => vec![left],
            _ => left.named_children(&mut cursor).collect(),
        };
        let place = parts.iter().position(|part| {
            bare(*part)
                || code
                    .below(*part)
                    .any(|n| n.kind() == "identifier" && bare(n))
        })?;
        let called = code.field(right, "function");
        let last = called.rsplit('.').next().unwrap_or(called);
        let argument = |at: usize| right.child_by_field_name("arguments")?.named_child(at);
        let several = parts.len() > 1;
        let whole = match last {
            "enumerate" if place == 0 && several => return Some(Value::Plain),
            "enumerate" | "reversed" | "list" | "tqdm" => argument(0),
            "zip" if several => argument(place),
            "items" if place == 0 => return Some(Value::Plain),
            "items" | "values" => right
                .child_by_field_name("function")
                .and_then(|function| function.child_by_field_name("object")),
            _ => Some(right),
        }?;
        let nested = parts.get(place).is_some_and(|part| !bare(*part));
        if nested && whole.kind() == "call" {
            let inner = parts.get(place).copied()?;
            return self.element(inner, whole, name, deep);
        }
        match self.at(whole, deep) {
            value @ (Value::Tensor | Value::Graph) => Some(value),
            _ => None,
        }
    }

    /// True where a loop goes over the parts of one result: a tuple of layers, the rows of a tensor.
    pub(super) fn over_a_result(&self, around: Node<'t>) -> bool {
        let code = self.code;
        let Some(right) = around.child_by_field_name("right") else {
            return false;
        };
        let batches = code.over_data(around);
        let mut inner = code.below(right);
        let result = inner.any(|n| {
            matches!(n.kind(), "identifier" | "attribute")
                && matches!(self.at(n, 16), Value::Tensor | Value::Graph)
        });
        result && !batches
    }

    /// True for one number, by how it is made or by what its name was given.
    pub(super) fn is_a_number(&self, node: Node<'t>) -> bool {
        let code = self.code;
        let reduces = |text: &str| REDUCES.iter().any(|word| text.ends_with(word));
        let text = code.of(node);
        let given = || {
            let mut before = code.given(text).rev();
            let last = before.find(|n| n.end_byte() <= node.start_byte());
            last.is_some_and(|n| reduces(code.field(n, "right")))
        };
        reduces(text) || node.kind() == "identifier" && given()
    }

    /// True for a parameter of what a model does in its forward pass.
    pub(super) fn goes_through_a_model(&self, name: Node<'t>) -> bool {
        let code = self.code;
        let Some(function) = code.function(name) else {
            return false;
        };
        let module = code
            .class_of(function)
            .is_some_and(|class| code.field(class, "superclasses").contains("Module"));
        let forward = module && code.field(function, "name") == "forward";
        let text = code.of(name);
        forward
            && text != "self"
            && super::handed_over::parameters(code, function).any(|one| one == text)
    }
}

impl<'t> Code<'t> {
    /// What a function gives back, all at once or one after the other.
    pub(super) fn answers(&self, function: Node<'t>) -> impl Iterator<Item = Node<'t>> + '_ {
        self.below(function)
            .filter(|n| matches!(n.kind(), "return_statement" | "yield"))
            .filter(move |n| self.function(*n).map(|f| f.id()) == Some(function.id()))
            .filter_map(|n| n.named_child(0))
    }
}

/// True for a call that gives what it is given: `list(tokens(path))`.
pub(super) fn gives_the_same(called: &str) -> bool {
    SAME.contains(&called)
}
