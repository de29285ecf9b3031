//! A parsed file: its nodes with their parents, and the questions that all clues ask. Nothing here recurses, so that no nesting of a
//! file is too deep.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tree_sitter::{Node, Parser, Tree};

use crate::evidence::Patch;

/// A file with more nodes is left alone.
const MOST_NODES: usize = 400_000;

/// So many nodes are looked at, again and again, before a file is left alone: files that people wrote take a tenth of it.
const MOST_LOOKS: usize = 10_000_000;

/// What a program that learns has a word of.
const LEARNS: [&str; 5] = ["backward(", ".fit(", "Trainer(", "optim", ".minimize("];

/// Parses a file; `None` where it is too large or no text that the parser takes.
pub(super) fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .ok()?;
    parser.parse(text, None)
}

/// A file as a list of nodes in the order of the text.
pub(super) struct Code<'t> {
    /// The text.
    pub(super) text: &'t str,
    /// All named nodes.
    pub(super) nodes: Vec<Node<'t>>,
    parents: HashMap<usize, Node<'t>>,
    kinds: HashMap<&'static str, Vec<Node<'t>>>,
    /// The assignments to each name, in the order of the text.
    given: HashMap<&'t str, Vec<Node<'t>>>,
    /// The calls by the last part of what they call.
    calls: HashMap<&'t str, Vec<Node<'t>>>,
    /// The calls that are given a name: `study.optimize(objective)`.
    handed: HashMap<&'t str, Vec<Node<'t>>>,
    /// Functions that were asked for before.
    pub(super) often: RefCell<HashMap<usize, bool>>,
    pub(super) off: RefCell<HashMap<usize, bool>>,
    /// True where something is learned.
    pub(super) learns: bool,
    looks: Cell<usize>,
}

impl<'t> Code<'t> {
    pub(super) fn new(tree: &'t Tree, text: &'t str) -> Option<Self> {
        let mut code = Self {
            text,
            nodes: Vec::new(),
            parents: HashMap::new(),
            kinds: HashMap::new(),
            given: HashMap::new(),
            calls: HashMap::new(),
            handed: HashMap::new(),
            often: RefCell::default(),
            off: RefCell::default(),
            learns: LEARNS.iter().any(|word| text.contains(word)),
            looks: Cell::new(0),
        };
        let mut todo = vec![tree.root_node()];
        while let Some(node) = todo.pop() {
            if code.nodes.len() >= MOST_NODES {
                return None;
            }
            code.nodes.push(node);
            code.kinds.entry(node.kind()).or_default().push(node);
            code.note(node);
            let children: Vec<Node<'t>> = {
                let mut cursor = node.walk();
                node.named_children(&mut cursor).collect()
            };
            for child in children.into_iter().rev() {
                code.parents.insert(child.id(), node);
                todo.push(child);
            }
        }
        Some(code)
    }

    /// Notes what a call calls, and what an assignment gives a value to: `name = ...`, `a, (b, *name) = ...`.
    fn note(&mut self, node: Node<'t>) {
        if node.kind() == "call" {
            let called = self.field(node, "function");
            let last = called.rsplit('.').next().unwrap_or(called);
            self.calls.entry(last).or_default().push(node);
            self.note_given(node);
        }
        if node.kind() != "assignment" || node.child_by_field_name("right").is_none() {
            return;
        }
        let mut names: Vec<&'t str> = self
            .field(node, "left")
            .split(',')
            .map(|part| part.trim().trim_matches(['(', ')', '*']))
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.given.entry(name).or_default().push(node);
        }
    }

    /// Notes the names that a call is given.
    fn note_given(&mut self, call: Node<'t>) {
        const MOST: usize = 16;
        let Some(arguments) = call.child_by_field_name("arguments") else {
            return;
        };
        let mut cursor = arguments.walk();
        for one in arguments.named_children(&mut cursor).take(MOST) {
            let one = one.child_by_field_name("value").unwrap_or(one);
            if matches!(one.kind(), "identifier" | "attribute") {
                let last = self.of(one).rsplit('.').next().unwrap_or_default();
                self.handed.entry(last).or_default().push(call);
            }
        }
    }

    /// The calls that are given a name.
    pub(super) fn handed(&self, name: &str) -> impl Iterator<Item = Node<'t>> + '_ {
        let calls = self.handed.get(name).into_iter().flatten().copied();
        calls.inspect(|_| self.look())
    }

    /// True where a file has taken more looks than one that a person wrote.
    pub(super) fn endless(&self) -> bool {
        self.looks.get() > MOST_LOOKS
    }

    fn look(&self) {
        self.looks.set(self.looks.get() + 1);
    }

    /// The calls of a name, and of methods of that name.
    pub(super) fn calls(&self, name: &str) -> impl Iterator<Item = Node<'t>> + '_ {
        let calls = self.calls.get(name).into_iter().flatten().copied();
        calls.inspect(|_| self.look())
    }

    /// The assignments to a name, in the order of the text.
    pub(super) fn given(&self, name: &str) -> impl DoubleEndedIterator<Item = Node<'t>> + '_ {
        let given = self.given.get(name).into_iter().flatten().copied();
        given.inspect(|_| self.look())
    }

    /// A line, by its number from 0, with a carriage return where there is one.
    pub(super) fn line_at(&self, row: usize) -> Option<&'t str> {
        self.text.split('\n').nth(row)
    }

    /// The change of one line into others, with the lines around it. `None` where a line holds what a terminal would obey, or
    /// writes backwards: such a change is for a person alone.
    pub(super) fn patch(&self, row: usize, new: Vec<String>) -> Option<Patch> {
        changed(self.text, row, new)
    }

    /// True where `torch` is a name of the file.
    pub(super) fn imports_torch(&self) -> bool {
        let mut imports = self.kind("import_statement");
        imports.any(|n| {
            let names = self.of(n).trim_start_matches("import").split(',');
            let mut names = names.map(str::trim);
            names
                .any(|name| name == "torch" || name.starts_with("torch.") && !name.contains(" as "))
        })
    }

    /// True for a class of this file that is a module of `PyTorch`.
    pub(super) fn is_module(&self, class: &str) -> bool {
        let mut classes = self.kind("class_definition");
        classes.any(|n| {
            self.field(n, "name") == class && self.field(n, "superclasses").contains("Module")
        })
    }

    /// The text of a node.
    pub(super) fn of(&self, node: Node<'t>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The text of a field of a node.
    pub(super) fn field(&self, node: Node<'t>, name: &str) -> &'t str {
        node.child_by_field_name(name)
            .map_or("", |field| self.of(field))
    }

    /// The nodes around a node, nearest first.
    pub(super) fn around(&self, node: Node<'t>) -> impl Iterator<Item = Node<'t>> + '_ {
        let mut next = self.parents.get(&node.id()).copied();
        std::iter::from_fn(move || {
            let found = next?;
            self.look();
            next = self.parents.get(&found.id()).copied();
            Some(found)
        })
    }

    /// The function around a node.
    pub(super) fn function(&self, node: Node<'t>) -> Option<Node<'t>> {
        self.around(node)
            .find(|n| matches!(n.kind(), "function_definition" | "lambda"))
    }

    /// The loops around a node, nearest first, up to its function.
    pub(super) fn loops(&self, node: Node<'t>) -> Vec<Node<'t>> {
        self.around(node)
            .take_while(|n| !matches!(n.kind(), "function_definition" | "lambda"))
            .filter(|n| matches!(n.kind(), "for_statement" | "while_statement"))
            .collect()
    }

    /// All nodes of a kind.
    pub(super) fn kind(&self, kind: &'static str) -> impl Iterator<Item = Node<'t>> + '_ {
        let nodes = self.kinds.get(kind).into_iter().flatten().copied();
        nodes.inspect(|_| self.look())
    }

    /// All nodes below one.
    pub(super) fn below(&self, node: Node<'t>) -> impl Iterator<Item = Node<'t>> + '_ {
        let first = self
            .nodes
            .partition_point(|n| n.start_byte() < node.start_byte());
        let nodes = self.nodes.get(first..).unwrap_or_default().iter().copied();
        nodes
            .inspect(|_| self.look())
            .take_while(move |n| n.start_byte() < node.end_byte())
            .filter(move |n| n.end_byte() <= node.end_byte())
    }

    /// True where a block or decorator around a node switches the graph off.
    pub(super) fn without_graph(&self, node: Node<'t>) -> bool {
        // MONAI's `eval_mode` holds a `no_grad` (monai, networks/utils.py).
        const OFF: [&str; 4] = [
            "no_grad",
            "inference_mode",
            "set_grad_enabled(False",
            "eval_mode(",
        ];
        let off = |text: &str| OFF.iter().any(|word| text.contains(word));
        // `stack.enter_context(torch.no_grad())`.
        let entered = |function: Node<'t>| {
            self.calls("enter_context").any(|n| {
                let before = n.end_byte() <= node.start_byte();
                before && off(self.of(n)) && self.function(n).map(|f| f.id()) == Some(function.id())
            })
        };
        self.function(node).is_some_and(entered)
            || self.around(node).any(|n| match n.kind() {
                "with_statement" => {
                    let clause = n.named_child(0).map_or("", |clause| self.of(clause));
                    off(clause) && !clause.contains("nullcontext")
                }
                "decorated_definition" => {
                    let mut cursor = n.walk();
                    n.named_children(&mut cursor)
                        .any(|d| d.kind() == "decorator" && off(self.of(d)))
                }
                _ => false,
            })
    }

    /// True where the file switches the graph off and nowhere on again.
    pub(super) fn switched_off_for_all(&self) -> bool {
        let mut calls = self.calls("set_grad_enabled").peekable();
        calls.peek().is_some() && calls.all(|call| self.field(call, "arguments") == "(False)")
    }
}

/// The change of one line of a text into others, with the lines around it.
pub(super) fn changed(text: &str, row: usize, new: Vec<String>) -> Option<Patch> {
    const AROUND: usize = 3;
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What stands behind the last line break is no line.
    let ended = lines.last() == Some(&"");
    if ended {
        lines.pop();
    }
    let (first, end) = (
        row.saturating_sub(AROUND),
        lines.len().min(row + 1 + AROUND),
    );
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let patch = Patch {
        line: row as u64 + 1,
        before: own(lines.get(first..row)?),
        old: (*lines.get(row)?).to_owned(),
        new,
        after: own(lines.get(row + 1..end)?),
        open_end: !ended && end == lines.len(),
    };
    let safe = patch.texts().all(harmless);
    safe.then_some(patch)
}

/// The line of a node, from 1.
pub(super) fn line(node: Node<'_>) -> u64 {
    node.start_position().row as u64 + 1
}

/// True for a line without control characters and without those that turn the direction of a text (UAX #9).
fn harmless(line: &str) -> bool {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !line
        .chars()
        .any(|c| c != '\t' && c.is_control() || turns(c))
}
