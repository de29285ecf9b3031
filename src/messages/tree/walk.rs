//! A walk through a text along a tree: where a way through leads nowhere, it goes back and takes the next.

use std::cell::Cell;
use std::ops::Range;

use super::{Count, MOST_TIMES, Node, Set};

/// A walk through a text.
pub(super) struct Walk<'a> {
    pub(super) text: &'a [u8],
    /// How many steps it may still take; when none are left, nothing fits.
    left: Cell<usize>,
    /// The place of the group, where the way so far went through it.
    group: Cell<Option<(usize, usize)>>,
}

/// What comes behind a part: where all of it ends, or `None` where it does not fit.
pub(super) type Behind<'a> = &'a mut dyn FnMut(usize) -> Option<usize>;

impl<'a> Walk<'a> {
    /// A walk that begins anywhere in this text, of so many steps at least.
    pub(super) fn through(text: &'a str, least: usize) -> Self {
        /// So many steps for each byte of the text.
        const STEPS: usize = 16;
        Self {
            text: text.as_bytes(),
            left: Cell::new(least + STEPS * text.len()),
            group: Cell::new(None),
        }
    }

    /// True where the walk got long.
    pub(super) fn is_tired(&self) -> bool {
        self.left.get() == 0
    }

    /// Where the group stands.
    pub(super) fn group(&self) -> Option<Range<usize>> {
        self.group.get().map(|(start, end)| start..end)
    }

    /// Takes a step; true once the walk got long.
    fn tired(&self) -> bool {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        left == 0
    }

    /// Where a part ends with all that comes behind it.
    pub(super) fn on(&self, node: &Node, at: usize, behind: Behind<'_>) -> Option<usize> {
        if self.tired() {
            return None;
        }
        match node {
            Node::All(parts) => self.all(parts, at, behind),
            Node::Any(parts) => parts.iter().find_map(|part| self.on(part, at, behind)),
            Node::Group(part) => self.on(part, at, &mut |end| {
                let before = self.group.replace(Some((at, end)));
                let all = behind(end);
                if all.is_none() {
                    self.group.set(before);
                }
                all
            }),
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
            Node::All(_) | Node::Any(_) | Node::Group(_) | Node::Times(..) => {
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
            Node::AnyCase(text) => {
                let found = rest.get(..text.len())?;
                return found.eq_ignore_ascii_case(text).then_some(at + text.len());
            }
            Node::One(set) => return self.one(*set, at),
            Node::Start => at == 0,
            Node::End => rest.is_empty(),
            Node::Edge => {
                let before = at.checked_sub(1).and_then(|at| self.text.get(at));
                word(before) != word(rest.first())
            }
            Node::All(_) | Node::Any(_) | Node::Group(_) | Node::Times(..) => false,
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
        // As often as one likes, but each time takes room on the stack.
        if (MOST_TIMES + 1..=u32::MAX - MOST_TIMES).contains(&most) {
            self.left.set(0);
            return None;
        }
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
pub(super) fn is_inside(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}
