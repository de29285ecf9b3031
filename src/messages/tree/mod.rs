//! Patterns that are read by hand, as trees: the first texts of a run are, as to compile an automaton takes longer than to walk
//! through a message this way. They find what the automaton finds, the first alternative that leads on before the others.
//!
//! A tree knows what heads of messages are written with: letters, classes, groups, alternatives and counted repeats. For a pattern
//! with more than that there is none, and where a text makes a walk long it gives up.

mod parse;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::ops::Range;

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
    /// One character of these.
    One(Set),
    /// These, one behind the other.
    All(Vec<Node>),
    /// The first of these that leads on.
    Any(Vec<Node>),
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
}

/// A pattern that is walked by hand.
#[derive(Debug)]
pub(super) struct Tree {
    /// The alternatives that it is made of, each with what it begins with.
    roots: Vec<(Set, Node)>,
    /// What any of them begins with.
    first: Set,
}

impl Tree {
    /// The tree of a pattern for text in lower case; `None` where it is more than a tree can be, or can be empty.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let roots = match parse::parsed(pattern)? {
            Node::Any(parts) => parts,
            one => vec![one],
        };
        let mut first = Set::default();
        let roots: Option<Vec<_>> = roots
            .into_iter()
            .map(|node| {
                let (set, empty) = node.first();
                first.join(set);
                (!empty).then_some((set, node))
            })
            .collect();
        let roots = roots?;
        Some(Self { roots, first })
    }

    /// Where it stands in a text, one place behind the other; `None` where the walk got long.
    pub(super) fn all(&self, text: &str) -> Option<Vec<Range<usize>>> {
        /// So many steps for each byte of the text, and for a short one.
        const STEPS: usize = 16;
        const LEAST: usize = 4000;
        let walk = Walk {
            text: text.as_bytes(),
            left: Cell::new(LEAST + STEPS * text.len()),
        };
        let mut places = Vec::new();
        let mut at = 0;
        while let Some(byte) = walk.text.get(at) {
            // Nothing begins within a character.
            let end = if self.first.has(*byte) && !is_inside(*byte) {
                self.begun(&walk, at, *byte)
            } else {
                None
            };
            if walk.left.get() == 0 {
                return None;
            }
            match end {
                Some(end) => {
                    places.push(at..end);
                    at = end;
                }
                None => at += 1,
            }
        }
        Some(places)
    }

    /// Where it ends that begins here.
    fn begun(&self, walk: &Walk<'_>, at: usize, byte: u8) -> Option<usize> {
        let roots = self.roots.iter().filter(|(set, _)| set.has(byte));
        let mut roots = roots.map(|(_, node)| node);
        roots.find_map(|node| walk.on(node, at, &mut Some))
    }
}

/// A walk through a text.
struct Walk<'a> {
    text: &'a [u8],
    /// How many steps it may still take; when none are left, nothing fits.
    left: Cell<usize>,
}

/// What comes behind a part: where all of it ends, or `None` where it does not fit.
type Behind<'a> = &'a mut dyn FnMut(usize) -> Option<usize>;

impl Walk<'_> {
    /// True once the walk got long.
    fn tired(&self) -> bool {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        left == 0
    }

    /// Where a part ends with all that comes behind it.
    fn on(&self, node: &Node, at: usize, behind: Behind<'_>) -> Option<usize> {
        if self.tired() {
            return None;
        }
        match node {
            Node::All(parts) => self.all(parts, at, behind),
            Node::Any(parts) => parts.iter().find_map(|part| self.on(part, at, behind)),
            Node::Times(part, count) => match &**part {
                Node::One(set) => self.run(*set, *count, at, behind),
                part => self.times(part, *count, at, behind),
            },
            node => behind(self.plain(node, at)?),
        }
    }

    /// Parts one behind the other.
    fn all(&self, parts: &[Node], at: usize, behind: Behind<'_>) -> Option<usize> {
        let Some((first, rest)) = parts.split_first() else {
            return behind(at);
        };
        match first {
            Node::All(_) | Node::Any(_) | Node::Times(..) => {
                self.on(first, at, &mut |at| self.all(rest, at, behind))
            }
            plain => self.all(rest, self.plain(plain, at)?, behind),
        }
    }

    /// A part that ends in one place only.
    fn plain(&self, node: &Node, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let word =
            |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let there = match node {
            Node::Text(text) => return rest.starts_with(text).then_some(at + text.len()),
            Node::One(set) => return self.one(*set, at),
            Node::Start => at == 0,
            Node::End => rest.is_empty(),
            Node::Edge => {
                let before = at.checked_sub(1).and_then(|at| self.text.get(at));
                word(before) != word(rest.first())
            }
            Node::All(_) | Node::Any(_) | Node::Times(..) => false,
        };
        there.then_some(at)
    }

    /// One character of a set: where it ends.
    #[inline]
    fn one(&self, set: Set, at: usize) -> Option<usize> {
        let byte = *self.text.get(at)?;
        if !set.has(byte) {
            return None;
        }
        let mut end = at + 1;
        while self.text.get(end).is_some_and(|b| is_inside(*b)) {
            end += 1;
        }
        Some(end)
    }

    /// So many characters of a set.
    fn run(&self, set: Set, count: Count, at: usize, behind: Behind<'_>) -> Option<usize> {
        let Count {
            least,
            most,
            greedy,
        } = count;
        let mut end = at;
        for _ in 0..least {
            end = self.one(set, end)?;
        }
        let shortest = end;
        let mut more = most - least;
        if !greedy {
            loop {
                if let Some(all) = behind(end) {
                    return Some(all);
                }
                if more == 0 || self.tired() {
                    return None;
                }
                more -= 1;
                end = self.one(set, end)?;
            }
        }
        while more > 0
            && let Some(next) = self.one(set, end)
        {
            end = next;
            more -= 1;
        }
        loop {
            if let Some(all) = behind(end) {
                return Some(all);
            }
            if end == shortest || self.tired() {
                return None;
            }
            end -= 1;
            while self.text.get(end).is_some_and(|b| is_inside(*b)) {
                end -= 1;
            }
        }
    }

    /// So many of any other part.
    fn times(&self, part: &Node, count: Count, at: usize, behind: Behind<'_>) -> Option<usize> {
        let Count {
            least,
            most,
            greedy,
        } = count;
        if least == 0
            && !greedy
            && let Some(end) = behind(at)
        {
            return Some(end);
        }
        let fewer = Count {
            least: least.saturating_sub(1),
            most: most.saturating_sub(1),
            greedy,
        };
        let again = if most > 0 {
            self.on(part, at, &mut |to| {
                let moved = to > at || least > 0;
                if moved {
                    self.times(part, fewer, to, behind)
                } else {
                    None
                }
            })
        } else {
            None
        };
        match again {
            None if least == 0 && greedy => behind(at),
            again => again,
        }
    }
}

/// True for a byte of a character beyond ASCII that is not its first.
#[inline]
fn is_inside(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}
