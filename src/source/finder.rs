//! What all detectors ask of a line and of a name.

use tree_sitter::Node;

use super::code::{Code, line};
use super::handed_over::parameters;
use super::loops::runs_backward;
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
            during: self.during(node, name),
            no_graph: self.code.graph_off(node),
            learns: self.code.learns,
            function: match self.code.function(node) {
                Some(function) => self.code.field(function, "name").to_owned(),
                None => "<module>".to_owned(),
            },
            value: None,
            patch: None,
        }
    }

    /// The lines of the outermost loop that does not make a name anew.
    fn during(&self, node: Node<'t>, name: &str) -> Option<(u64, u64)> {
        let grows = |around: &Node<'t>| {
            !self.given_in(*around, name, node) && !self.target_of(*around, name)
        };
        let loops = self.code.loops(node);
        let around = loops.into_iter().take_while(grows).last()?;
        Some((line(around), around.end_position().row as u64 + 1))
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
        for around in self.code.loops(node) {
            if self.given_in(around, name, node) || self.target_of(around, name) {
                return None;
            }
            if !self.code.over_parts(around) && !self.values.over_a_result(around) {
                return Some(Some(around));
            }
        }
        let function = self.code.function(node)?;
        let own = self.given_in(function, name, node) || self.rebinds_a_parameter(node, name);
        (!own && self.code.runs_often(function)).then_some(None)
    }

    /// True for `batch` of `for batch in loader`: each turn has another one.
    fn target_of(&self, around: Node<'t>, name: &str) -> bool {
        let Some(left) = around.child_by_field_name("left") else {
            return false;
        };
        let first = name.split(['.', '[']).next().unwrap_or(name);
        let mut names = self.code.below(left);
        names.any(|n| n.kind() == "identifier" && self.code.of(n) == first)
    }

    /// True for `loss += penalty`, where the caller gave the loss: the sum ends with the function.
    fn rebinds_a_parameter(&self, node: Node<'t>, name: &str) -> bool {
        let binds = matches!(node.kind(), "assignment" | "augmented_assignment");
        let function = self.code.function(node).filter(|_| binds);
        function.is_some_and(|f| parameters(self.code, f).any(|one| one == name))
    }

    /// True where a name is made anew below a node.
    pub(super) fn given_in(&self, below: Node<'t>, name: &str, but: Node<'t>) -> bool {
        let within =
            |n: &Node<'t>| below.start_byte() <= n.start_byte() && n.end_byte() <= below.end_byte();
        self.code.given(name).any(|n| {
            let right = n.child_by_field_name("right");
            let anew = !right.is_some_and(|right| self.mentions(right, name));
            within(&n) && n.id() != but.id() && anew
        })
    }

    /// True where a name stands somewhere below a node.
    pub(super) fn mentions(&self, below: Node<'t>, name: &str) -> bool {
        let mut all = self.code.below(below);
        all.any(|n| matches!(n.kind(), "identifier" | "attribute") && self.code.of(n) == name)
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

    /// True for what a model keeps from call to call, and nothing in the file empties: `self.seen.append(h)` in `forward`, or a list of
    /// its class or of the module.
    pub(super) fn piles_up_in_a_model(&self, node: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let Some(forward) = code.function(node) else {
            return false;
        };
        let own = name.rsplit('.').next().unwrap_or(name);
        let calls = matches!(code.field(forward, "name"), "forward" | "__call__");
        let made = code.kind("assignment").filter(|n| {
            let left = code.field(*n, "left");
            left == own
                || left
                    .strip_suffix(own)
                    .is_some_and(|object| object.ends_with('.'))
        });
        let places: Vec<Node<'t>> = made.collect();
        let [once] = places.as_slice() else {
            return false;
        };
        let local = code.function(*once).is_some_and(|f| f.id() == forward.id());
        calls && !local && !code.text.contains(&format!("{own}.clear()"))
    }

    /// True for what a function collects in a loop that counts, and joins for its own use: without a graph it is gone with the function.
    pub(super) fn joined_here(&self, node: Node<'t>, name: &str, value: Value) -> bool {
        let code = self.code;
        let Some(function) = code.function(node) else {
            return false;
        };
        let counts = code.loops(node).first().is_some_and(|n| {
            let over = code.field(*n, "right");
            let parts = over.contains(".split(") || over.contains(".chunk(");
            parts || over.starts_with("range(") && !code.over_data(*n)
        });
        let mut joins = code.calls("stack").chain(code.calls("cat"));
        counts
            && value == Value::Tensor
            && self.given_in(function, name, node)
            && joins.any(|n| {
                code.function(n).map(|f| f.id()) == Some(function.id()) && self.mentions(n, name)
            })
            && !code.answers(function).any(|what| code.of(what) == name)
    }

    /// True for a function that returns what a name holds.
    pub(super) fn gives_back(&self, function: Node<'t>, name: &str) -> bool {
        let mut answers = self.code.answers(function);
        answers.any(|what| self.mentions(what, name))
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
            let backward = n.kind() == "call" && runs_backward(code.field(n, "function"));
            let within = |n: Node<'t>| {
                let mut inner = code.below(n);
                inner.any(|part| part.kind() == "identifier" && code.of(part) == name)
            };
            learns |= backward && (used || within(n));
        }
        learns
    }

    /// True where something takes from a container, or it is made with a limit.
    pub(super) fn bounded(&self, node: Node<'t>, name: &str) -> bool {
        const TAKES: [&str; 6] = [
            ".clear()",
            ".pop(",
            ".popleft(",
            ".popitem(",
            ".get()",
            ".remove(",
        ];
        let taken = |text: &str, name: &str| {
            TAKES
                .iter()
                .any(|takes| text.contains(&format!("{name}{takes}")))
                || text.contains(&format!("del {name}["))
                || text.contains(&format!("{name} = {name}["))
        };
        let code = self.code;
        // `self.data` of another class is another one.
        let class = code.around(node).find(|n| n.kind() == "class_definition");
        let own = name.strip_prefix("self.").zip(class);
        let Some((part, class)) = own else {
            return taken(code.text, name)
                || code
                    .given(name)
                    .any(|n| self.limited(n) || self.sifted(n, name));
        };
        let within =
            |n: &Node<'t>| class.start_byte() <= n.start_byte() && n.end_byte() <= class.end_byte();
        taken(code.of(class), name)
            || self.taken_from_outside(part, class)
            || code.given(name).filter(within).any(|n| {
                // What another method begins anew ends there.
                let begins = code.function(n).map_or("", |f| code.field(f, "name"));
                let empty = matches!(
                    code.field(n, "right"),
                    "[]" | "{}" | "list()" | "dict()" | "None"
                );
                self.limited(n)
                    || self.sifted(n, name)
                    || empty && !matches!(begins, "" | "__init__" | "setup")
            })
    }

    /// `tracks = [track for track in tracks if track.seen]`.
    fn sifted(&self, given: Node<'t>, name: &str) -> bool {
        let right = given.child_by_field_name("right");
        right.is_some_and(|right| {
            let mut inner = self.code.below(right);
            right.kind().ends_with("comprehension")
                && self.mentions(right, name)
                && inner.any(|n| n.kind() == "if_clause")
        })
    }

    /// `memory.data.clear()` outside of the class.
    fn taken_from_outside(&self, part: &str, class: Node<'t>) -> bool {
        const TAKES: [&str; 4] = ["clear", "pop", "popleft", "popitem"];
        let end = format!(".{part}");
        TAKES.iter().any(|takes| {
            self.code.calls(takes).any(|call| {
                let object = self.code.field(call, "function");
                let object = object.strip_suffix(takes).map(|o| o.trim_end_matches('.'));
                let outside =
                    call.start_byte() < class.start_byte() || call.end_byte() > class.end_byte();
                outside && object.is_some_and(|o| o.ends_with(&end) && !o.starts_with("self."))
            })
        })
    }

    /// True for a container that is made with a limit: of a thousand results and more the GPU is full before.
    fn limited(&self, made: Node<'t>) -> bool {
        const FEW: u64 = 1000;
        let right = self.code.field(made, "right");
        if !right.contains("maxlen=") || right.contains(" if ") {
            return false;
        }
        let mut all = self.code.below(made);
        let limit =
            all.find(|n| n.kind() == "keyword_argument" && self.code.field(*n, "name") == "maxlen");
        let text = limit.map_or("", |n| self.code.field(n, "value"));
        let number = |text: &str| text.replace('_', "").parse::<u64>().ok();
        let named = || {
            let given = self.code.given(text).next_back()?;
            number(self.code.field(given, "right"))
        };
        text != "None" && number(text).or_else(named).is_none_or(|most| most < FEW)
    }

    /// True for what is seen to be a dict or list: an item of anything else may be a place in a tensor.
    pub(super) fn container(&self, item: Node<'t>, name: &str) -> bool {
        const NAMED: [&str; 8] = [
            "cache", "memo", "history", "store", "bank", "outputs", "results", "preds",
        ];
        const MADE: [&str; 7] = [
            "dict(",
            "defaultdict(",
            "OrderedDict(",
            "list(",
            "deque(",
            "{",
            "[",
        ];
        let code = self.code;
        // One place that is filled again and again.
        let key = item.child_by_field_name("subscript");
        if key.is_some_and(|key| {
            key.kind() == "string" && !code.below(key).any(|n| n.kind() == "interpolation")
        }) {
            return false;
        }
        let words = key.is_some_and(|key| key.kind() == "string");
        let made = |n: &Node<'t>| {
            let right = code.field(*n, "right").trim_start_matches("collections.");
            MADE.iter().any(|word| right.starts_with(word)) || right.contains("default_factory")
        };
        let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        let tensor = |n: &Node<'t>| code.field(*n, "right").starts_with("torch.");
        words
            || code.given(name).any(|n| made(&n))
            || NAMED.iter().any(|word| last.contains(word)) && !code.given(name).any(|n| tensor(&n))
    }

    /// True in what a model does in its forward pass, and for what another method of a model names for its own time: lists of layers'
    /// outputs end with it.
    pub(super) fn in_a_model(&self, node: Node<'t>, name: &str) -> bool {
        let code = self.code;
        let Some(function) = code.function(node) else {
            return false;
        };
        let called = code.field(function, "name");
        let mut around = code.around(function);
        let class = around.find(|n| n.kind() == "class_definition");
        let module =
            class.is_some_and(|class| code.field(class, "superclasses").contains("nn.Module"));
        let own = module && !name.contains('.') && !called.ends_with("_step");
        own || matches!(called, "forward" | "__call__" | "__init__")
    }

    /// True where a name is one of an object, of the module, or of an outer function, and no loop around the line makes it anew.
    pub(super) fn lasts(&self, node: Node<'t>, name: &str) -> bool {
        let function = self.code.function(node);
        let mut loops = self.code.loops(node).into_iter();
        let anew = loops.any(|around| self.given_in(around, name, node));
        let own = function.is_some_and(|f| self.given_in(f, name, node))
            || self.rebinds_a_parameter(node, name);
        name.contains('.') || !anew && !own
    }
}
