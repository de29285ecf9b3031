//! What an expression holds: a tensor with its graph, a tensor, a whole object, or something that needs no GPU memory. Names are followed
//! to their assignments in the same function, calls to functions of the same file.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::called::MODELS;
use super::code::Code;

/// How deep an expression is followed.
const DEEP: usize = 64;

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
pub(super) struct Values<'c, 't> {
    pub(super) code: &'c Code<'t>,
    /// Names of tensors that whoever calls the function gives it.
    given: Vec<&'t str>,
    /// Lines that a stack goes through, from which on nothing is the program's own.
    pub(super) hot: Vec<u64>,
    /// Names that a backward pass runs through.
    run_back: HashSet<&'t str>,
    /// What is known of each node; of one that is being looked at, nothing yet. Without it every use of a name would be followed to its
    /// beginning anew, which takes minutes in files of a few hundred lines.
    known: RefCell<HashMap<usize, Value>>,
}

impl<'c, 't> Values<'c, 't> {
    /// `given` are names of tensors.
    pub(super) fn new(code: &'c Code<'t>, given: Vec<&'t str>) -> Self {
        Self {
            code,
            given,
            hot: Vec::new(),
            run_back: code.run_back(),
            known: RefCell::default(),
        }
    }

    /// What an expression holds.
    pub(super) fn of(&self, node: Node<'t>) -> Value {
        let value = self.at(node, DEEP);
        // What a backward pass runs through has a graph, whatever made it.
        let named = node.kind() == "identifier" && self.run_back.contains(self.code.of(node));
        if value == Value::Unknown && named {
            return Value::Graph;
        }
        value
    }

    pub(super) fn at(&self, node: Node<'t>, deep: usize) -> Value {
        let Some(deep) = deep.checked_sub(1) else {
            return Value::Unknown;
        };
        if let Some(known) = self.known.borrow().get(&node.id()) {
            return *known;
        }
        self.known.borrow_mut().insert(node.id(), Value::Unknown);
        let value = self.looked_at(node, deep);
        self.known.borrow_mut().insert(node.id(), value);
        value
    }

    fn looked_at(&self, node: Node<'t>, deep: usize) -> Value {
        let code = self.code;
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "call" => self.call(node, deep),
            "list_comprehension"
            | "dictionary_comprehension"
            | "set_comprehension"
            | "generator_expression" => self.comprehension(node, deep),
            "identifier" => self.name(node, deep),
            "attribute" => match code.field(node, "attribute") {
                // Pictures of a pipeline are those of PIL, as long as nobody asks for tensors.
                "shape" | "dtype" | "device" | "ndim" => Value::Plain,
                "images" if !self.asked_for_tensors(node) => Value::Plain,
                "grad" => Value::Tensor,
                "data" => self.inner(field("object"), deep).min(Value::Tensor),
                // A figure of a record is not the model in it.
                part => match self.inner(field("object"), deep) {
                    Value::Object if !MODELS.iter().any(|word| part.contains(word)) => {
                        Value::Unknown
                    }
                    value => value,
                },
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
            | "dictionary_splat"
            | "list_splat"
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
        if self.is_plain(call, function, called) {
            return Value::Plain;
        }
        if last == "deepcopy" {
            return self.copied(call, deep);
        }
        let object = function.child_by_field_name("object");
        if CUT.contains(&last) {
            return self.inner(object, deep).min(Value::Tensor);
        }
        if ITSELF.contains(&last) && self.inner(object, deep) == Value::Object {
            let host = code.of(call).contains("cpu");
            return if host { Value::Plain } else { Value::Object };
        }
        if object.is_none() && (last == "sum" || super::results::gives_the_same(last)) {
            return self.arguments(call, deep);
        }
        if let Some(on_gpu) = self.put_on_gpu(call, last) {
            return match on_gpu {
                Value::Object => Value::Object,
                _ => self.inner(object, deep).clamp(Value::Tensor, Value::Graph),
            };
        }
        let graph = if code.graph_off(call) {
            Value::Tensor
        } else {
            Value::Graph
        };
        // A model of its own.
        if called == "self" {
            return graph;
        }
        if called.starts_with("torch.") || called.starts_with("nn.") {
            return self.of_torch(call, last, deep);
        }
        if called.starts_with("F.") || called.contains("functional.") {
            return graph;
        }
        let of_object = object.map(|o| self.at(o, deep));
        if let Some(value @ (Value::Tensor | Value::Graph)) = of_object {
            return value;
        }
        if let Some(returned) = self.returned(call, deep) {
            let most = if code.graph_off(call) {
                Value::Tensor
            } else {
                Value::Object
            };
            return returned.min(most);
        }
        match self.by_its_name(call, called, graph, deep) {
            Value::Unknown => self.by_what_it_is_given(call, called, deep),
            known => known,
        }
    }

    /// True for a call that gives a number, what lies on the host, or a handle.
    fn is_plain(&self, call: Node<'t>, function: Node<'t>, called: &str) -> bool {
        let last = called.rsplit('.').next().unwrap_or(called);
        let to_host = last == "to" && self.code.field(call, "arguments").contains("cpu");
        PLAIN.contains(&last) && function.kind() == "attribute"
            || TO_PLAIN.contains(&called)
            || to_host
            || last.starts_with("register_")
    }

    /// A deep copy is a second one, of whatever it is.
    fn copied(&self, call: Node<'t>, deep: usize) -> Value {
        let text = self.code.field(call, "arguments");
        let of = self.arguments(call, deep);
        let last = text.trim_matches(['(', ')']).rsplit('.').next();
        let whole = last.is_some_and(|name| {
            ["model", "net", "network", "optimizer", "opt"]
                .iter()
                .any(|word| name.to_ascii_lowercase().ends_with(word))
        });
        let made = self.made_as_module(text.trim_matches(['(', ')']));
        if whole || made || text.contains("state_dict(") {
            Value::Object
        } else {
            of
        }
    }

    pub(super) fn arguments(&self, call: Node<'t>, deep: usize) -> Value {
        call.child_by_field_name("arguments")
            .map_or(Value::Unknown, |arguments| self.most(arguments, deep))
    }

    /// What a function of this program returns.
    fn returned(&self, call: Node<'t>, deep: usize) -> Option<Value> {
        let function = self.code.function_of(call)?;
        let answers = self.code.answers(function).take(8);
        answers.map(|value| self.at(value, deep.min(12))).max()
    }

    /// What a name was given last; where that depends on a condition, the most of it.
    fn name(&self, name: Node<'t>, deep: usize) -> Value {
        let code = self.code;
        let text = code.of(name);
        let function = code.function(name);
        let mut value: Option<Value> = None;
        let before = code.given(text).rev();
        for given in before.skip_while(|n| n.end_byte() > name.start_byte()) {
            let Some(right) = given.child_by_field_name("right") else {
                continue;
            };
            if code.function(given).map(|f| f.id()) != function.map(|f| f.id()) {
                continue;
            }
            let found = self.part_of(given, right, text, deep);
            let found = found.max(self.filled(given, text, found, deep));
            value = Some(value.map_or(found, |later| later.max(found)));
            let block = code
                .around(given)
                .find(|n| matches!(n.kind(), "block" | "module"));
            let certain = block.is_some_and(|b| {
                b.start_byte() <= name.start_byte() && name.end_byte() <= b.end_byte()
            });
            // What was given before is gone.
            if certain {
                break;
            }
        }
        value
            .or_else(|| self.target(name, deep))
            .unwrap_or_else(|| self.parameter(name, deep))
    }

    /// A name that nothing in the function makes: an output by its name, or what the callers of this file give.
    fn parameter(&self, name: Node<'t>, deep: usize) -> Value {
        let text = self.code.of(name);
        match text {
            "loss" | "output" | "outputs" | "logits" | "out" | "preds" | "prediction" => {
                Value::Graph
            }
            _ if self.given.contains(&text) || self.goes_through_a_model(name) => Value::Graph,
            _ => self.given_by_callers(name, deep),
        }
    }
}
