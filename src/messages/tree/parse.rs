//! The text of a pattern to its tree.

use super::{Count, MOST_TIMES, Node, Set};

/// So deep groups may stand in each other: a walk through them takes room on the stack.
const DEEPEST: usize = 16;

/// What is not repeated.
const ONCE: Count = Count {
    least: 1,
    most: 1,
    greedy: true,
};

/// The tree of a pattern as it stands; `None` where it is more than a tree can be.
pub(super) fn folded(pattern: &str) -> Option<Node> {
    parsed(pattern, Of::Folded)
}

/// The same for ASCII text in any case, unless the pattern begins with `(?-i)`.
pub(super) fn in_any_case(pattern: &str) -> Option<Node> {
    match pattern.strip_prefix("(?-i)") {
        Some(pattern) => parsed(pattern, Of::Exact),
        None => parsed(pattern.strip_prefix("(?i)").unwrap_or(pattern), Of::AnyCase),
    }
}

fn parsed(pattern: &str, of: Of) -> Option<Node> {
    if !pattern.is_ascii() {
        return None;
    }
    let mut parser = Parser {
        rest: pattern.as_bytes(),
        depth: 0,
        of,
        asked: false,
    };
    let node = parser.alternatives()?;
    parser.rest.is_empty().then_some(node)
}

/// Which text a pattern is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// In small letters, as the pattern is.
    Folded,
    /// ASCII in the pattern's own letters.
    Exact,
    /// ASCII in letters of any case.
    AnyCase,
}

struct Parser<'a> {
    rest: &'a [u8],
    depth: usize,
    of: Of,
    /// True behind the start of the first group, which is the one that is asked for.
    asked: bool,
}

impl Parser<'_> {
    fn take(&mut self, text: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut all = vec![self.sequence()?];
        while self.take(b"|") {
            all.push(self.sequence()?);
        }
        Some(match all.len() {
            1 => all.pop()?,
            _ => Node::Any(all),
        })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut parts: Vec<Node> = Vec::new();
        while !matches!(self.rest.first(), None | Some(b'|' | b')')) {
            let part = self.part()?;
            match (self.count()?, part) {
                (ONCE, Node::Text(text) | Node::AnyCase(text)) => {
                    if let Some(Node::Text(before) | Node::AnyCase(before)) = parts.last_mut() {
                        before.extend(text);
                    } else {
                        parts.push(self.text(text));
                    }
                }
                (ONCE, part) => parts.push(part),
                (count, part) => parts.push(repeated(part, count)?),
            }
        }
        Some(match parts.len() {
            1 => parts.pop()?,
            _ => Node::All(parts),
        })
    }

    fn part(&mut self) -> Option<Node> {
        const EDGE: &[u8] = br"(?-u:\b)";
        if self.take(EDGE) {
            return Some(Node::Edge);
        }
        Some(match self.next()? {
            b'(' => return self.group(),
            b'[' => Node::One(self.class()?),
            b'^' => Node::Start,
            b'$' => Node::End,
            b'.' => Node::One(Set::of(b'\n').others()),
            b'\\' => match self.next()? {
                b's' => Node::One(self.space()?),
                b'S' => Node::One(self.space()?.others()),
                byte => self.text(vec![sign(byte)?]),
            },
            b'*' | b'+' | b'?' | b'{' | b'}' | b']' => return None,
            byte => self.text(vec![byte]),
        })
    }

    /// Text in the letters that are asked for.
    fn text(&self, mut text: Vec<u8>) -> Node {
        if self.of != Of::AnyCase {
            return Node::Text(text);
        }
        text.make_ascii_lowercase();
        Node::AnyCase(text)
    }

    /// White space, of which there is more beyond ASCII.
    fn space(&self) -> Option<Set> {
        let mut set = Set::default();
        b"\t\n\x0b\x0c\r ".iter().for_each(|byte| set.add(*byte));
        (self.of != Of::Folded).then_some(set)
    }

    fn group(&mut self) -> Option<Node> {
        let of = self.of;
        let exact = self.take(b"?-i:");
        if exact && of == Of::AnyCase {
            self.of = Of::Exact;
        }
        let unasked = exact || self.take(b"?:");
        if self.rest.starts_with(b"?") || self.depth == DEEPEST {
            return None;
        }
        // What further groups capture is not asked for.
        let asked = !unasked && !self.asked;
        self.asked |= asked;
        self.depth += 1;
        let inside = self.alternatives()?;
        self.depth -= 1;
        self.of = of;
        let inside = if asked {
            Node::Group(Box::new(inside))
        } else {
            inside
        };
        self.take(b")").then_some(inside)
    }

    /// The characters of a class, of which the bracket is taken.
    fn class(&mut self) -> Option<Set> {
        let negated = self.take(b"^");
        let mut set = Set::default();
        // It would be a sign of its own there.
        if self.rest.first() == Some(&b']') {
            return None;
        }
        loop {
            let first = match self.next()? {
                b']' => break,
                b'[' if self.rest.first() != Some(&b':') => {
                    set.join(self.class()?);
                    continue;
                }
                b'[' => return None,
                b'\\' if self.take(b"s") => {
                    set.join(self.space()?);
                    continue;
                }
                b'\\' => sign(self.next()?)?,
                byte @ (b'&' | b'-' | b'~') if self.rest.first() == Some(&byte) => return None,
                byte => byte,
            };
            let ranges = self.rest.first() == Some(&b'-') && self.rest.get(1) != Some(&b']');
            let last = if ranges && self.take(b"-") {
                match self.next()? {
                    b'\\' => sign(self.next()?)?,
                    b'[' => return None,
                    byte => byte,
                }
            } else {
                first
            };
            (first..=last).for_each(|byte| set.add(byte));
        }
        if self.of == Of::AnyCase {
            set = set.in_any_case();
        }
        Some(if negated { set.others() } else { set })
    }

    /// How often the part before stands there; `None` where that is not understood.
    fn count(&mut self) -> Option<Count> {
        let (least, most) = match self.rest.first() {
            Some(b'?') => (0, 1),
            Some(b'*') => (0, u32::MAX),
            Some(b'+') => (1, u32::MAX),
            Some(b'{') => {
                let end = memchr::memchr(b'}', self.rest)?;
                let inside = str::from_utf8(self.rest.get(1..end)?).ok()?;
                self.rest = self.rest.get(end..)?;
                let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
                let most = if most.is_empty() {
                    u32::MAX
                } else {
                    most.parse().ok()?
                };
                (least.parse().ok()?, most)
            }
            _ => return Some(ONCE),
        };
        self.next();
        let greedy = !self.take(b"?");
        let again = matches!(self.rest.first(), Some(b'?' | b'*' | b'+' | b'{'));
        (!again && least <= most).then_some(Count {
            least,
            most,
            greedy,
        })
    }
}

/// What is repeated.
fn repeated(part: Node, count: Count) -> Option<Node> {
    let part = match part {
        Node::Text(text) if text.len() == 1 => Node::One(Node::Text(text).first().0),
        Node::AnyCase(text) if text.len() == 1 => Node::One(Node::AnyCase(text).first().0),
        part => part,
    };
    let single = matches!(part, Node::One(_));
    let few = [count.least, count.most]
        .iter()
        .all(|times| *times <= MOST_TIMES || *times == u32::MAX);
    let fits = single || few && !part.first().1;
    fits.then(|| Node::Times(Box::new(part), count))
}

/// What a sign behind a backslash stands for: itself.
fn sign(byte: u8) -> Option<u8> {
    byte.is_ascii_punctuation().then_some(byte)
}
