//! What a name holds that no assignment makes: what the callers of a function give it, and what a comprehension goes over.

use tree_sitter::Node;

use super::code::Code;
use super::values::{Value, Values};

impl<'t> Values<'_, 't> {
    /// The most that a caller in this file gives for a parameter, where one function alone has that name.
    pub(super) fn given_by_callers(&self, name: Node<'t>, deep: usize) -> Value {
        let code = self.code;
        let text = code.of(name);
        let Some(function) = code.function(name) else {
            return Value::Unknown;
        };
        let all = parameters(code, function);
        let names: Vec<&str> = all.map(|one| one.trim_start_matches('*')).collect();
        let Some(place) = names.iter().position(|one| *one == text) else {
            return Value::Unknown;
        };
        let rest = parameters(code, function).nth(place);
        let rest = rest.is_some_and(|one| one.starts_with('*'));
        let bound = names.first() == Some(&"self");
        let given = code.calls_of(function).filter_map(|call| {
            let arguments = call.child_by_field_name("arguments")?;
            let mut cursor = arguments.walk();
            let all: Vec<Node<'t>> = arguments.named_children(&mut cursor).collect();
            if rest {
                // `*args`, `**values`: all that has no other name.
                let others = all
                    .iter()
                    .filter(|a| !names.contains(&code.field(**a, "name")));
                return others.map(|a| self.at(*a, deep)).max();
            }
            let named = all.iter().find(|a| code.field(**a, "name") == text);
            let value = match named {
                Some(named) => named.child_by_field_name("value")?,
                None => *all.get(place.checked_sub(usize::from(bound))?)?,
            };
            // A loss that a backward pass has gone through is next to nothing.
            let freed = is_a_loss(code.of(value)) && code.freed(call, value);
            Some(if freed {
                Value::Plain
            } else {
                self.at(value, deep)
            })
        });
        given.take(8).max().unwrap_or(Value::Unknown)
    }

    /// True for a name that is given a module, or used as one: `bce = nn.BCELoss()`, `G = generator().cuda()`, `net.parameters()`.
    pub(super) fn made_as_module(&self, name: &str) -> bool {
        let code = self.code;
        let used = ["parameters", "eval", "train"].iter().any(|method| {
            let whole = format!("{name}.{method}");
            code.calls(method)
                .any(|call| code.field(call, "function") == whole)
        });
        let module = |made: Node<'t>| {
            let called = code.field(made, "function");
            let last = called.rsplit('.').next().unwrap_or(called);
            let layer = called.starts_with("nn.") || called.starts_with("torch.nn.");
            made.kind() == "call"
                && (layer
                    // `images.cuda()` is none.
                    || ["cuda", "to"].contains(&last) && called.contains('(')
                    || code.is_module(called))
        };
        let made = |given: Node<'t>| {
            let Some(right) = given.child_by_field_name("right") else {
                return false;
            };
            let mut cursor = right.walk();
            let mut parts = right.named_children(&mut cursor);
            module(right) || right.kind() == "expression_list" && parts.any(module)
        };
        used || code.given(name).any(made)
    }

    /// `[model(x) for x in loader]`, `{k: v.clone() for k, v in model.state_dict().items()}`.
    pub(super) fn comprehension(&self, node: Node<'t>, deep: usize) -> Value {
        const HOST: [&str; 5] = [".cpu(", ".item(", ".numpy(", ".tolist(", "\"cpu\""];
        const WEIGHTS: [&str; 3] = ["state_dict(", "named_parameters(", "parameters("];
        let code = self.code;
        let Some(body) = node.child_by_field_name("body") else {
            return Value::Unknown;
        };
        let text = code.of(body);
        if HOST.iter().any(|word| text.contains(word)) {
            return Value::Plain;
        }
        let mut cursor = node.walk();
        let over = node
            .named_children(&mut cursor)
            .find(|part| part.kind() == "for_in_clause")
            .and_then(|part| part.child_by_field_name("right"));
        let over_text = over.map_or("", |over| code.of(over));
        if text.contains("clone(") && WEIGHTS.iter().any(|word| over_text.contains(word)) {
            return Value::Object;
        }
        let own = self.at(body, deep);
        let parts = over.filter(|_| own == Value::Unknown);
        let parts = parts.map_or(own, |over| self.at(over, deep));
        let cut = text.contains("detach(") || text.contains("clone(");
        own.max(match parts {
            Value::Object => Value::Unknown,
            Value::Graph if cut => Value::Tensor,
            parts => parts,
        })
    }
}

/// True for one number that a backward pass begins at, by its name or by how it is made.
pub(super) fn is_a_loss(text: &str) -> bool {
    text.contains("loss") || text.contains(".mean()")
}

/// The names of the parameters of a function, in their order.
pub(super) fn parameters<'c, 't>(
    code: &'c Code<'t>,
    function: Node<'t>,
) -> impl Iterator<Item = &'t str> + use<'c, 't> {
    let list = function.child_by_field_name("parameters");
    let mut names = Vec::new();
    if let Some(list) = list {
        let mut cursor = list.walk();
        for one in list.named_children(&mut cursor) {
            let name = match one.kind() {
                // `*args`, with its star.
                "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" => code.of(one),
                "typed_parameter" => one.named_child(0).map_or("", |name| code.of(name)),
                _ => code.field(one, "name"),
            };
            names.push(name);
        }
    }
    names.into_iter()
}
