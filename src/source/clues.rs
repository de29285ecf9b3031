//! What lines do that keep memory: each detector gives the lines that it finds.

use tree_sitter::Node;

use super::code::Code;
use super::finder::Finder;
use super::values::{Value, Values};
use crate::evidence::{Clue, ClueKind};
use crate::sorting;

/// No file that a person wrote has more lines that matter; each costs a look through the file.
const MOST: usize = 256;

/// The clues of a file, in the order of its lines.
///
/// `names` are known to keep tensors: whatever puts something into them is one.
pub(super) fn find(code: &Code<'_>, file: &str, names: &[&str]) -> Vec<Clue> {
    let finder = Finder {
        code,
        file,
        names,
        values: Values {
            code,
            given: Vec::new(),
        },
    };
    let mut found = Vec::new();
    for node in &code.nodes {
        if found.len() >= MOST {
            break;
        }
        found.extend(finder.at(*node));
        found.extend(finder.written(*node));
    }
    if let Some(module) = code.nodes.first() {
        found.extend(finder.evaluated_at_top(*module));
    }
    sorting::by_key(&mut found, |clue| (clue.line, clue.kind));
    found.dedup_by_key(|clue| (clue.line, clue.kind));
    // What a hook does is no step of the loop around it.
    let hooks: Vec<u64> = found
        .iter()
        .filter(|clue| clue.kind == ClueKind::StoringHook)
        .map(|clue| clue.line)
        .collect();
    found.retain(|clue| clue.kind == ClueKind::StoringHook || !hooks.contains(&clue.line));
    found
}

impl<'t> Finder<'_, 't> {
    fn at(&self, node: Node<'t>) -> Option<Clue> {
        match node.kind() {
            "augmented_assignment" => self.added(node).or_else(|| self.extended(node)),
            "assignment" => self
                .added_by_name(node)
                .or_else(|| self.stored(node))
                .or_else(|| self.own_method(node))
                .or_else(|| self.model_again(node)),
            "call" => self
                .appended(node)
                .or_else(|| self.carried(node))
                .or_else(|| self.hook(node))
                .or_else(|| self.loaded(node))
                .or_else(|| self.attention(node)),
            "binary_operator" => self.attention(node),
            "list_comprehension" => self.comprehended(node),
            "except_clause" => self.retried(node),
            "function_definition" => self.evaluated(node),
            _ => None,
        }
    }

    /// `total += loss`.
    fn added(&self, node: Node<'t>) -> Option<Clue> {
        let right = node.child_by_field_name("right")?;
        let name = self.code.field(node, "left");
        if self.code.field(node, "operator") != "+=" {
            return None;
        }
        self.sum(node, name, right)
    }

    /// `total = total + loss`.
    fn added_by_name(&self, node: Node<'t>) -> Option<Clue> {
        let right = node.child_by_field_name("right")?;
        let name = self.code.field(node, "left");
        let adds = right.kind() == "binary_operator" && self.code.field(right, "operator") == "+";
        let addend = right.child_by_field_name("right")?;
        (adds && self.code.field(right, "left") == name).then_some(())?;
        self.sum(node, name, addend)
    }

    fn sum(&self, node: Node<'t>, name: &str, right: Node<'t>) -> Option<Clue> {
        if self.values.of(right) != Value::Graph
            || self.in_a_model(node)
            || self.code.without_graph(node)
            || self.freed(node, right)
        {
            return None;
        }
        let own = self.repeats(node, name)?;
        let backward = format!("{name}.backward");
        let later: Vec<Node<'t>> = self
            .code
            .kind("call")
            .filter(|call| self.code.field(*call, "function") == backward)
            .collect();
        // One backward pass for a few losses of one step is how it should be.
        let loops = own.map(|own| own.id());
        if later.iter().any(|call| {
            let around = self.code.loops(*call);
            around.iter().any(|l| Some(l.id()) == loops) || !around.is_empty()
        }) {
            return None;
        }
        if !later.is_empty() {
            return Some(self.clue(ClueKind::BackwardAtEnd, node, name));
        }
        let clue = self.clue(ClueKind::AddedGraph, node, name);
        let text = self.code.of(right);
        let new = match right.kind() {
            "identifier" | "call" | "attribute" => format!("{text}.detach()"),
            _ => format!("({text}).detach()"),
        };
        Some(self.patched(clue, right, &new))
    }

    /// `kept.append(output)`.
    fn appended(&self, call: Node<'t>) -> Option<Clue> {
        const ADDS: [&str; 6] = ["append", "appendleft", "add", "extend", "insert", "put"];
        let function = call.child_by_field_name("function")?;
        let method = self.code.field(function, "attribute");
        // `history["pred"].append(pred)` fills `history`.
        let object = function.child_by_field_name("object")?;
        let name = match object.kind() {
            "subscript" => self.code.field(object, "value"),
            _ => self.code.of(object),
        };
        if function.kind() != "attribute" || !ADDS.contains(&method) {
            return None;
        }
        let arguments = call.child_by_field_name("arguments")?;
        let last = arguments.named_child(arguments.named_child_count().checked_sub(1)?)?;
        self.kept(call, name, last)
    }

    /// `kept += [output]`.
    fn extended(&self, node: Node<'t>) -> Option<Clue> {
        let right = node.child_by_field_name("right")?;
        let list = matches!(right.kind(), "list" | "tuple" | "list_comprehension");
        list.then(|| self.kept(node, self.code.field(node, "left"), right))?
    }

    /// `cache[key] = output`, `kept = torch.cat((kept, output))`.
    fn stored(&self, node: Node<'t>) -> Option<Clue> {
        let (left, right) = (
            node.child_by_field_name("left")?,
            node.child_by_field_name("right")?,
        );
        let name = self.code.of(left);
        if left.kind() == "subscript" {
            let of = left.child_by_field_name("value")?;
            // Writing into a tensor makes nothing new.
            let tensor = matches!(self.values.of(of), Value::Tensor | Value::Graph);
            return (!tensor).then(|| self.kept(node, self.code.of(of), right))?;
        }
        let joins = self.code.of(right);
        let grows = ["cat(", "concat(", "vstack("]
            .iter()
            .any(|w| joins.contains(w))
            && self
                .code
                .below(right)
                .any(|n| n.kind() == "identifier" && self.code.of(n) == name);
        grows.then(|| self.kept(node, name, right))?
    }

    fn kept(&self, node: Node<'t>, name: &str, what: Node<'t>) -> Option<Clue> {
        let value = self.values.of(what);
        let known = self
            .names
            .iter()
            .any(|n| *n == name.rsplit('.').next().unwrap_or(name));
        if value > Value::Plain && self.learned(node, name) {
            return Some(self.clue(ClueKind::LearnedFrom, node, name));
        }
        let piles_up = self.piles_up_in_a_model(node, name);
        if !known {
            if value < Value::Tensor
                || self.in_a_model(node) && !piles_up
                || self.bounded(name)
                || self.made_here(what)
            {
                return None;
            }
            if !piles_up {
                self.repeats(node, name)?;
            }
        } else if value == Value::Plain {
            return None;
        }
        let text = self.code.of(what);
        let layers = text.contains("nn.") && !text.contains("copy") && !text.contains("state_dict");
        if value == Value::Object && layers {
            // The layers of one network, which are built one after the other.
            return None;
        }
        let loss = text.contains("loss") || text.contains(".mean()");
        // What stays of it is one number.
        if value == Value::Graph && loss && !known && self.freed(node, what) {
            return None;
        }
        let kind = match value {
            Value::Object => ClueKind::KeptObjects,
            Value::Graph if loss => ClueKind::KeptGraph,
            _ => ClueKind::KeptOutputs,
        };
        let clue = self.clue(kind, node, name);
        if value == Value::Object {
            return Some(clue);
        }
        let joined = self.code.below(what).any(|n| self.code.of(n) == name);
        if joined && node.kind() == "assignment" {
            // What it is joined to would have to begin on the host, too.
            return Some(clue);
        }
        if let Some(new) = self.parts_to_host(what) {
            return Some(self.patched(clue, what, &new));
        }
        if !matches!(what.kind(), "identifier" | "attribute" | "call") {
            return Some(clue);
        }
        let new = match kind {
            ClueKind::KeptGraph => format!("{text}.item()"),
            _ if text.ends_with(".detach()") => format!("{text}.cpu()"),
            _ => format!("{text}.detach().cpu()"),
        };
        Some(self.patched(clue, what, &new))
    }

    /// What several tensors in one are written as, where each goes to the host: `{"logits": y}`, `(a, b)`, a parameter `*given`.
    fn parts_to_host(&self, what: Node<'t>) -> Option<String> {
        let text = self.code.of(what);
        if let Some(new) = self.of_transformers(what) {
            return Some(new);
        }
        let tensor = |n: Node<'t>| self.values.of(n) >= Value::Tensor;
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

    /// A function that a hook calls, and that stores what it gets.
    fn hook(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let called = code.field(call, "function");
        let hooks = called.contains("register_") && called.ends_with("_hook");
        let handler = call
            .child_by_field_name("arguments")?
            .named_child(0)
            .filter(|_| hooks)?;
        let function = self.handler(handler)?;
        let parameters: Vec<&str> = function.child_by_field_name("parameters").map(|p| {
            code.below(p)
                .filter(|n| n.kind() == "identifier")
                .map(|n| code.of(n))
                .collect()
        })?;
        let values = Values {
            code,
            given: parameters,
        };
        code.below(function)
            .filter(|n| n.kind() == "call")
            .find_map(|stores| {
                let target = stores.child_by_field_name("function")?;
                let adds = matches!(code.field(target, "attribute"), "append" | "add" | "put");
                let what = stores
                    .child_by_field_name("arguments")?
                    .named_child(0)
                    .filter(|_| adds)?;
                (values.of(what) >= Value::Tensor).then_some(())?;
                let clue = self.clue(ClueKind::StoringHook, stores, code.field(target, "object"));
                let text = code.of(what);
                let cut = if text.contains(".detach()") {
                    ""
                } else {
                    ".detach()"
                };
                let new = format!("{text}{cut}.cpu()");
                Some(match what.kind() {
                    "identifier" | "attribute" | "call" => self.patched(clue, what, &new),
                    _ => clue,
                })
            })
    }

    /// The function that a hook calls: a name, a lambda, what a function of this file makes, `partial(keep, name)`.
    fn handler(&self, given: Node<'t>) -> Option<Node<'t>> {
        let code = self.code;
        let named = |name: &str| {
            let last = name.rsplit('.').next()?;
            code.kind("function_definition")
                .find(|f| code.field(*f, "name") == last)
        };
        match given.kind() {
            "lambda" => Some(given),
            "call" if code.field(given, "function").ends_with("partial") => {
                let first = given.child_by_field_name("arguments")?.named_child(0)?;
                named(code.of(first))
            }
            "call" => {
                let maker = named(code.field(given, "function"))?;
                let mut inner = code.below(maker).filter(|n| n.id() != maker.id());
                inner.find(|n| matches!(n.kind(), "function_definition" | "lambda"))
            }
            _ => named(code.of(given)),
        }
    }

    /// `loss.backward(retain_graph=True)` in a loop whose state goes on.
    fn carried(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let arguments = code.field(call, "arguments");
        let retains = code.field(call, "function").ends_with(".backward")
            && arguments.contains("retain_graph=")
            && !arguments.contains("retain_graph=False");
        let around = code.loops(call).into_iter().next().filter(|_| retains)?;
        let carries = code.below(around).find(|n| {
            let names = code.field(*n, "left");
            let right = code.field(*n, "right");
            n.kind() == "assignment"
                && names.split(',').map(str::trim).any(|name| {
                    !name.is_empty()
                        && (right.contains(&format!(", {name})"))
                            || name.contains("state")
                            || name == "hidden")
                })
        });
        let at = carries.unwrap_or(call);
        let name = code
            .field(at, "left")
            .rsplit(',')
            .next()
            .unwrap_or_default()
            .trim();
        Some(self.clue(ClueKind::CarriedState, at, name))
    }
}
