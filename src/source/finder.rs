//! What all detectors ask of a line and of a name.

use tree_sitter::Node;

use super::code::{Code, line};
use super::values::{Value, Values};
use crate::evidence::{Clue, ClueKind};

/// Functions that put tensors together.
pub(super) const JOINS: [&str; 6] = ["cat", "concat", "concatenate", "stack", "vstack", "hstack"];

/// Looks through one file.
pub(super) struct Finder<'c, 't> {
    pub(super) code: &'c Code<'t>,
    pub(super) file: &'c str,
    pub(super) names: &'c [&'c str],
    pub(super) values: Values<'c, 't>,
}

impl<'t> Finder<'_, 't> {
    pub(super) fn clue(&self, kind: ClueKind, node: Node<'t>, name: &str) -> Clue {
        let row = node.start_position().row;
        let whole = self.code.line_at(row).unwrap_or_default();
        Clue {
            kind,
            file: self.file.to_owned(),
            path: String::new(),
            line: line(node),
            code: whole.trim().chars().take(200).collect(),
            name: name.to_owned(),
            lasting: self.lasts(node, name),
            value: None,
            patch: None,
        }
    }

    /// The same with a text on its line replaced.
    pub(super) fn patched(&self, mut clue: Clue, part: Node<'t>, new: &str) -> Clue {
        let row = part.start_position().row;
        let one_line = part.end_position().row == row && line(part) == clue.line;
        let columns = part.start_position().column..part.end_position().column;
        let changed = self
            .code
            .line_at(row)
            .filter(|_| one_line)
            .and_then(|whole| {
                let (before, after) = (whole.get(..columns.start)?, whole.get(columns.end..)?);
                Some(format!("{before}{new}{after}"))
            });
        clue.patch = changed.and_then(|changed| self.code.patch(row, vec![changed]));
        clue
    }

    /// The loop in which a line adds to a name that outlives its turns: `Some(None)` where its function runs often instead.
    #[expect(
        clippy::option_option,
        reason = "no repetition, one by the function alone, one by a loop"
    )]
    pub(super) fn repeats(&self, node: Node<'t>, name: &str) -> Option<Option<Node<'t>>> {
        let inner = self.code.loops(node);
        if let Some(first) = inner.first() {
            if self.given_in(*first, name, node) {
                return None;
            }
            return Some(Some(*first));
        }
        let function = self.code.function(node)?;
        let own = self.given_in(function, name, node);
        (!own && self.code.runs_often(function)).then_some(None)
    }

    /// True where a name is made anew below a node.
    pub(super) fn given_in(&self, below: Node<'t>, name: &str, but: Node<'t>) -> bool {
        self.code.below(below).any(|n| {
            n.kind() == "assignment"
                && n.id() != but.id()
                && self.gives(n, name)
                && !self.code.field(n, "right").contains(name)
        })
    }

    /// True for `name = ...` and `a, name = ...`.
    fn gives(&self, assignment: Node<'t>, name: &str) -> bool {
        let left = self.code.field(assignment, "left");
        let mut names = left
            .split(',')
            .map(|one| one.trim_matches([' ', '(', ')', '*']));
        left == name || names.any(|one| one == name)
    }

    /// True for a tensor that is made where it is put away: nothing computed it, so that it is a buffer and no result.
    pub(super) fn made_here(&self, what: Node<'t>) -> bool {
        let part = match what.kind() {
            "list_comprehension" => what.named_child(0).unwrap_or(what),
            _ => what,
        };
        let function = self.code.field(part, "function");
        part.kind() == "call"
            && function.starts_with("torch.")
            && !JOINS.contains(&function.rsplit('.').next().unwrap_or(function))
            && self.values.of(part) == Value::Tensor
    }

    /// True for what an object of a model keeps from call to call, and nothing in the file empties: `self.seen.append(h)` in `forward`.
    pub(super) fn piles_up_in_a_model(&self, node: Node<'t>, name: &str) -> bool {
        let Some(own) = name.strip_prefix("self.") else {
            return false;
        };
        let forward = self.code.function(node);
        let calls =
            forward.is_some_and(|f| matches!(self.code.field(f, "name"), "forward" | "__call__"));
        let text = self.code.text;
        let made = text.matches(&format!(".{own} = ")).count();
        calls && made == 1 && !text.contains(&format!(".{own}.clear()"))
    }

    /// True for what is collected in a loop for a backward pass behind it, and begun anew for the next: the steps of an episode.
    pub(super) fn learned(&self, node: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let loops = code.loops(node);
        let Some((inner, outer)) = loops.split_first() else {
            return false;
        };
        let scopes = outer.iter().copied().chain(code.function(node));
        let Some(scope) = scopes
            .into_iter()
            .find(|scope| self.given_in(*scope, name, node))
        else {
            return false;
        };
        let behind = code
            .below(scope)
            .filter(|n| n.start_byte() >= inner.end_byte());
        let (mut used, mut learns) = (false, false);
        for n in behind {
            used |= n.kind() == "identifier" && code.of(n) == name;
            let function = code.field(n, "function");
            let backward =
                function.ends_with(".backward") || function.ends_with(".manual_backward");
            learns |= n.kind() == "call" && used && backward;
        }
        learns
    }

    /// True where something takes from a container, or it is made with a limit.
    pub(super) fn bounded(&self, name: &str) -> bool {
        const TAKES: [&str; 6] = [
            ".clear()",
            ".pop(",
            ".popleft(",
            ".popitem(",
            ".get()",
            ".remove(",
        ];
        let text = self.code.text;
        TAKES
            .iter()
            .any(|takes| text.contains(&format!("{name}{takes}")))
            || text.contains(&format!("del {name}["))
            || text.contains(&format!("{name} = {name}["))
            || self.code.kind("assignment").any(|n| {
                let right = self.code.field(n, "right");
                self.code.field(n, "left") == name
                    && right.contains("maxlen=")
                    && !right.contains(" if ")
            })
    }

    /// True in what a model does in its forward pass: lists of layers' outputs end with it.
    pub(super) fn in_a_model(&self, node: Node<'t>) -> bool {
        self.code.function(node).is_some_and(|f| {
            matches!(
                self.code.field(f, "name"),
                "forward" | "__call__" | "__init__"
            )
        })
    }

    /// True where a name is one of an object, of the module, or of an outer function, and no loop around the line makes it anew.
    pub(super) fn lasts(&self, node: Node<'t>, name: &str) -> bool {
        let function = self.code.function(node);
        let mut loops = self.code.loops(node).into_iter();
        let anew = loops.any(|around| self.given_in(around, name, node));
        let own = function.is_some_and(|f| self.given_in(f, name, node));
        name.contains('.') || !anew && !own
    }
}
