//! What lines do that keep memory: each detector gives the lines that it finds.

use tree_sitter::Node;

use super::code::Code;
use super::finder::{Finder, JOINS};
use super::handed_over::is_a_loss;
use super::values::{Value, Values};
use crate::evidence::{Clue, ClueKind};
use crate::sorting;

/// No file that a person wrote has more lines that matter; each costs a look through the file.
const MOST: usize = 256;

/// The clues of a file, in the order of its lines.
///
/// `names` are known to keep tensors: whatever puts something into them is one.
pub(super) fn find(code: &Code<'_>, file: &str, names: &[&str]) -> Vec<Clue> {
    let mut found = in_functions(code, file, names, &[]);
    found.extend(at_top(code, file));
    sorted(found)
}

/// What a file does at its top alone, in the order in which it runs.
pub(super) fn at_top(code: &Code<'_>, file: &str) -> Vec<Clue> {
    let finder = Finder {
        code,
        file,
        names: &[],
        values: Values::new(code, Vec::new()),
    };
    let module = code.nodes.first().filter(|_| !code.endless());
    module.map_or_else(Vec::new, |module| finder.evaluated_at_top(*module))
}

/// What the lines of one file or of several do. `frames` are the lines that the stack goes through, the innermost last.
pub(super) fn in_functions(
    code: &Code<'_>,
    file: &str,
    names: &[&str],
    frames: &[u64],
) -> Vec<Clue> {
    let mut values = Values::new(code, Vec::new());
    values.hot.extend(frames.last());
    let finder = Finder {
        code,
        file,
        names,
        values,
    };
    let mut found = Vec::new();
    for node in &code.nodes {
        if found.len() >= MOST || code.endless() {
            break;
        }
        found.extend(finder.at(*node));
        found.extend(finder.written(*node));
    }
    sorted(found)
}

fn sorted(mut found: Vec<Clue>) -> Vec<Clue> {
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
                .or_else(|| self.model_again(node))
                .or_else(|| self.carried_on(node)),
            "call" => self
                .appended(node)
                .or_else(|| self.kept_exception(node))
                .or_else(|| self.carried(node))
                .or_else(|| self.grads_with_graph(node))
                .or_else(|| self.hook(node))
                .or_else(|| self.loaded(node))
                .or_else(|| self.attention(node))
                .or_else(|| self.after_eval(node))
                .or_else(|| self.teacher(node))
                .or_else(|| self.denoises(node)),
            "binary_operator" => self.attention(node),
            "list_comprehension" => self.comprehended(node),
            "except_clause" => self.retried(node),
            "function_definition" => self.evaluated(node),
            "decorated_definition" => self.cached(node),
            _ => None,
        }
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
        // What a class of the program does with it is looked at there.
        if self
            .code
            .function_of(call)
            .is_some_and(|f| self.code.class_of(f).is_some())
        {
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
        let adds = self.code.field(node, "operator") == "+=";
        (list && adds).then(|| self.kept(node, self.code.field(node, "left"), right))?
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
            return (!tensor && self.container(left, self.code.of(of)))
                .then(|| self.kept(node, self.code.of(of), right))?;
        }
        // `new if bank is None else torch.cat([bank, new])`
        let mut cursor = right.walk();
        let branches = match right.kind() {
            "conditional_expression" => right.named_children(&mut cursor).collect(),
            _ => vec![right],
        };
        let grows = branches.into_iter().find(|branch| {
            let joins = self.code.field(*branch, "function");
            let joins = joins.rsplit('.').next().unwrap_or(joins);
            // `torch.cat([bank, new])[-size:]` has a limit.
            branch.kind() == "call"
                && ["cat", "concat", "vstack"].contains(&joins)
                && self.mentions(*branch, name)
                && !self.takes_tokens(*branch)
        });
        grows.and_then(|joins| self.kept(node, name, joins))
    }

    fn kept(&self, node: Node<'t>, name: &str, what: Node<'t>) -> Option<Clue> {
        let value = self.values.of(what);
        let known = self
            .names
            .iter()
            .any(|n| *n == name.rsplit('.').next().unwrap_or(name));
        let function = self.code.function(node);
        let handed = || {
            let local = function.filter(|f| self.given_in(*f, name, node));
            local.is_some_and(|f| self.gives_back(f, name) && self.learned_by_callers(f))
        };
        if value > Value::Plain && (self.learned(node, name) || value >= Value::Tensor && handed())
        {
            return Some(self.clue(ClueKind::LearnedFrom, node, name));
        }
        let piles_up = self.piles_up_in_a_model(node, name);
        if !known {
            if value < Value::Tensor
                || self.in_a_model(node, name) && !piles_up
                || self.bounded(node, name)
                || self.made_here(what)
                || self.joined_here(node, name, value)
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
        let parts = self.heavy_parts(what);
        let number =
            |part: &Node<'t>| is_a_loss(self.code.of(*part)) || self.values.is_a_number(*part);
        let loss = parts.iter().all(number);
        // What stays of it is one number.
        let freed = parts.iter().all(|part| self.code.freed(node, *part));
        if loss && !known && (value == Value::Tensor || value == Value::Graph && freed) {
            return None;
        }
        let kind = match value {
            Value::Object => ClueKind::KeptObjects,
            Value::Graph if loss => ClueKind::KeptGraph,
            _ => ClueKind::KeptOutputs,
        };
        let mut clue = self.clue(kind, node, name);
        clue.no_graph |= value == Value::Tensor;
        if value == Value::Object {
            return Some(match self.copy_to_host(what) {
                Some((part, new)) => self.patched(clue, part, &new),
                None => clue,
            });
        }
        Some(self.on_the_host(clue, node, name, what))
    }

    /// The same clue with what is kept on the host, where that can be written.
    fn on_the_host(&self, clue: Clue, node: Node<'t>, name: &str, what: Node<'t>) -> Clue {
        let text = self.code.of(what);
        let joined = self.code.below(what).any(|n| self.code.of(n) == name);
        if joined && node.kind() == "assignment" {
            // What it is joined to would have to begin on the host, too.
            return clue;
        }
        if let Some(new) = self.parts_to_host(what) {
            return self.patched(clue, what, &new);
        }
        if !matches!(
            what.kind(),
            "identifier" | "attribute" | "call" | "subscript"
        ) {
            return clue;
        }
        let new = match clue.kind {
            // What is joined later stays a tensor.
            ClueKind::KeptGraph if self.joined_later(name) => format!("{text}.detach()"),
            ClueKind::KeptGraph => format!("{text}.item()"),
            _ if text.ends_with(".detach()") => format!("{text}.cpu()"),
            _ => format!("{text}.detach().cpu()"),
        };
        self.patched(clue, what, &new)
    }

    /// What of a tuple, list or dict is more than a number; else the expression itself.
    fn heavy_parts(&self, what: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = what.walk();
        let parts = what.named_children(&mut cursor);
        let parts = parts.filter(|part| self.values.of(*part) >= Value::Tensor);
        let parts: Vec<Node<'t>> = parts.collect();
        let several = matches!(what.kind(), "tuple" | "list" | "dictionary");
        if several && !parts.is_empty() {
            parts
        } else {
            vec![what]
        }
    }

    /// True for `torch.stack(losses)`.
    fn joined_later(&self, name: &str) -> bool {
        let mut calls = self.code.kind("call");
        calls.any(|call| {
            let function = self.code.field(call, "function").rsplit('.').next();
            let mut given = self.code.below(call);
            function.is_some_and(|f| JOINS.contains(&f)) && given.any(|n| self.code.of(n) == name)
        })
    }
}
