//! Patterns that are read by hand, as trees: the first texts of a run are, as to compile an automaton takes longer than to walk
//! through a message this way. They find what the automaton finds, the first alternative that leads on before the others.
//!
//! A tree knows what heads of messages are written with: letters, classes, groups, alternatives and counted repeats. For a pattern
//! with more than that there is none, and where a text makes a walk long it gives up.

mod parse;
#[cfg(test)]
mod tests;
mod walk;

use std::ops::Range;
use walk::Walk;

/// So often a part that is more than one character may be repeated: each time takes room on the stack.
const MOST_TIMES: u32 = 64;

/// Which bytes a place can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Set {
    /// A bit for each byte of ASCII.
    ascii: u128,
    /// True where it can have any character beyond ASCII.
    beyond: bool,
}

impl Set {
    fn of(byte: u8) -> Self {
        let mut set = Self::default();
        set.add(byte);
        set
    }

    /// The text of a pattern is ASCII, so that what is beyond it is in no range.
    fn add(&mut self, byte: u8) {
        if byte.is_ascii() {
            self.ascii |= 1 << byte;
        } else {
            self.beyond = true;
        }
    }

    #[inline]
    fn has(self, byte: u8) -> bool {
        if byte.is_ascii() {
            self.ascii >> byte & 1 != 0
        } else {
            self.beyond
        }
    }

    /// The same letters in either case.
    fn in_any_case(mut self) -> Self {
        /// Capital letters stand so many places before small ones.
        const APART: u32 = 32;
        const SMALL: u128 = ((1 << 26) - 1) << b'a';
        const LARGE: u128 = SMALL >> APART;
        self.ascii |= (self.ascii & SMALL) >> APART;
        self.ascii |= (self.ascii & LARGE) << APART;
        self
    }

    /// Every character but these.
    fn others(self) -> Self {
        Self {
            ascii: !self.ascii,
            beyond: !self.beyond,
        }
    }

    fn join(&mut self, other: Self) {
        self.ascii |= other.ascii;
        self.beyond |= other.beyond;
    }
}

/// A part of a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    /// This text.
    Text(Vec<u8>),
    /// This text in letters of either case; here they are small.
    AnyCase(Vec<u8>),
    /// One character of these.
    One(Set),
    /// These, one behind the other.
    All(Vec<Node>),
    /// The first of these that leads on.
    Any(Vec<Node>),
    /// What is asked for.
    Group(Box<Node>),
    /// So many of it.
    Times(Box<Node>, Count),
    /// The start of the text.
    Start,
    /// Its end.
    End,
    /// The edge of a word.
    Edge,
}

/// How often a part is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    least: u32,
    most: u32,
    /// True where more are tried before fewer.
    greedy: bool,
}

impl Node {
    /// What it can begin with, and whether it can be empty.
    fn first(&self) -> (Set, bool) {
        match self {
            Self::Text(text) => match text.first() {
                Some(byte) => (Set::of(*byte), false),
                None => (Set::default(), true),
            },
            Self::AnyCase(text) => {
                let first = text.first().map(|byte| Set::of(*byte).in_any_case());
                (first.unwrap_or_default(), first.is_none())
            }
            Self::Group(part) => part.first(),
            Self::One(set) => (*set, false),
            Self::All(parts) => {
                let mut all = Set::default();
                for part in parts {
                    let (set, empty) = part.first();
                    all.join(set);
                    if !empty {
                        return (all, false);
                    }
                }
                (all, true)
            }
            Self::Any(parts) => parts.iter().map(Self::first).fold(
                (Set::default(), false),
                |(mut all, any), (set, empty)| {
                    all.join(set);
                    (all, any || empty)
                },
            ),
            Self::Times(part, count) => {
                let (set, empty) = part.first();
                (set, empty || count.least == 0)
            }
            Self::Start | Self::End | Self::Edge => (Set::default(), true),
        }
    }

    /// True where nothing stands before it.
    fn is_at_start(&self) -> bool {
        match self {
            Self::Start => true,
            Self::All(parts) => parts.first().is_some_and(Self::is_at_start),
            Self::Any(parts) => parts.iter().all(Self::is_at_start),
            Self::Group(part) => part.is_at_start(),
            _ => false,
        }
    }
}

/// A pattern that is walked by hand.
#[derive(Debug)]
pub(super) struct Tree {
    /// The alternatives that it is made of.
    roots: Vec<Root>,
    /// What any of them begins with.
    first: Set,
    /// True where it can stand only at the start of the text.
    at_start: bool,
}

/// One alternative of a pattern.
#[derive(Debug)]
struct Root {
    /// What it begins with; where it can be empty, what may follow.
    first: Set,
    empty: bool,
    node: Node,
}

impl Root {
    fn of(node: Node) -> Self {
        let (first, empty) = node.first();
        Self {
            first: if empty {
                Set::default().others()
            } else {
                first
            },
            empty,
            node,
        }
    }
}

/// The walk got long: where the pattern stands is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tired;

/// Where a pattern stands, and its group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) whole: Range<usize>,
    pub(super) group: Option<Range<usize>>,
}

impl Tree {
    /// The tree of a pattern for text in lower case; `None` where it is more than a tree can be, or can be empty.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let tree = Self::rooted(parse::folded(pattern)?);
        (!tree.roots.iter().any(|root| root.empty)).then_some(tree)
    }

    /// The same for ASCII text in any case; this one can be empty.
    pub(super) fn in_any_case(pattern: &str) -> Option<Self> {
        Some(Self::rooted(parse::in_any_case(pattern)?))
    }

    fn rooted(node: Node) -> Self {
        let nodes = match node {
            Node::Any(parts) => parts,
            one => vec![one],
        };
        let at_start = nodes.iter().all(Node::is_at_start);
        let roots: Vec<Root> = nodes.into_iter().map(Root::of).collect();
        let mut first = Set::default();
        for root in &roots {
            first.join(root.first);
        }
        Self {
            roots,
            first,
            at_start,
        }
    }

    /// Where it stands in a text, one place behind the other; `None` where the walk got long.
    pub(super) fn all(&self, text: &str) -> Option<Vec<Range<usize>>> {
        /// So many steps for a short text.
        const LEAST: usize = 4000;
        let walk = Walk::through(text, LEAST);
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(place) = self.next(&walk, from).ok()? {
            from = place.end;
            places.push(place);
        }
        Some(places)
    }

    /// Where it stands first in a text, if it does.
    pub(super) fn find(&self, text: &str) -> Result<Option<Place>, Tired> {
        /// What is asked of a short text repeats more within it than what heads a message.
        const LEAST: usize = 16_000;
        let walk = Walk::through(text, LEAST);
        let whole = self.next(&walk, 0)?;
        Ok(whole.map(|whole| Place {
            whole,
            group: walk.group(),
        }))
    }

    /// The first place from here on.
    fn next(&self, walk: &Walk<'_>, from: usize) -> Result<Option<Range<usize>>, Tired> {
        let last = if self.at_start { 0 } else { walk.text.len() };
        for at in from..=last {
            let byte = walk.text.get(at).copied();
            // Nothing begins within a character.
            if byte.is_some_and(|b| !self.first.has(b) || walk::is_inside(b)) {
                continue;
            }
            let fits = |root: &&Root| byte.map_or(root.empty, |b| root.first.has(b));
            let mut roots = self.roots.iter().filter(fits);
            let end = roots.find_map(|root| walk.on(&root.node, at, &mut Some));
            if walk.is_tired() {
                return Err(Tired);
            }
            if let Some(end) = end {
                return Ok(Some(at..end));
            }
        }
        Ok(None)
    }
}
