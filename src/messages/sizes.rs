//! Fields that are a size between fixed words, `{size}isfree`: read by hand. Most fields are, and to compile a pattern for each
//! takes longer than all else that is done for one message.

use std::ops::{Range, RangeInclusive};

use memchr::memmem::Finder;

/// What the size of a field is written as. What each stands for is said at [`expand`](super::patterns::expand).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Size,
    Floored,
    Bytes,
}

/// How each form is named in a pattern.
const FORMS: [(&str, Form); 3] = [
    ("{size}", Form::Size),
    ("{floored}", Form::Floored),
    ("{bytes}", Form::Bytes),
];

/// A field that is a size between fixed words.
#[derive(Debug)]
pub(in crate::messages) struct Sized {
    /// True where it stands at the start of the text.
    first: bool,
    /// The words before and behind the size, in lower case.
    before: Finder<'static>,
    behind: Finder<'static>,
    form: Form,
}

/// Where a size stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::messages) struct Found {
    /// The start of the words before it.
    pub(in crate::messages) start: usize,
    /// The end of the last word that belongs to it.
    pub(in crate::messages) end: usize,
    /// Its number.
    pub(in crate::messages) number: Range<usize>,
    /// Its unit; `None` where it has none.
    pub(in crate::messages) unit: Option<Range<usize>>,
}

impl Sized {
    /// The field of this pattern; `None` where it is more than a size between fixed words.
    pub(in crate::messages) fn of(pattern: &str) -> Option<Self> {
        let (name, form) = FORMS.iter().find(|(name, _)| pattern.contains(name))?;
        let (before, behind) = pattern.split_once(name)?;
        let anchored = before.strip_prefix('^');
        Some(Self {
            first: anchored.is_some(),
            before: finder(anchored.unwrap_or(before))?,
            behind: finder(behind)?,
            form: *form,
        })
    }

    /// The first place in a text in lower case.
    pub(in crate::messages) fn find(&self, text: &str) -> Option<Found> {
        let text = text.as_bytes();
        if self.first {
            let size = text.strip_prefix(self.before.needle())?;
            let at = text.len() - size.len();
            return self.at(text, 0, at);
        }
        let words = self.before.needle().len();
        if words == 0 {
            return self.find_bare(text);
        }
        let mut from = 0;
        loop {
            let at = from + self.before.find(text.get(from..)?)?;
            if let Some(found) = self.at(text, at, at + words) {
                return Some(found);
            }
            from = at + 1;
        }
    }

    /// All places in a text in lower case, one behind the other.
    pub(in crate::messages) fn all(&self, text: &str) -> impl Iterator<Item = Found> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.find(text.get(from..)?)?;
            let moved = |range: Range<usize>| from + range.start..from + range.end;
            let found = Found {
                start: from + found.start,
                end: from + found.end,
                number: moved(found.number),
                unit: found.unit.map(moved),
            };
            from = found.end;
            Some(found)
        })
    }

    /// The first place where no word stands before the size: the words behind it are looked for, and the size before them.
    fn find_bare(&self, text: &[u8]) -> Option<Found> {
        let mut at = 0;
        loop {
            let behind = at + self.behind.find(text.get(at..)?)?;
            let before = text.get(at..behind)?.iter().rev();
            let begins = behind - before.take_while(|b| of_size(**b)).count();
            if let Some(found) = self.bare(text, begins..=behind) {
                return Some(found);
            }
            at = behind + 1;
        }
    }

    /// The first size without words before it that begins in the range.
    fn bare(&self, text: &[u8], begins: RangeInclusive<usize>) -> Option<Found> {
        let (mut at, last) = begins.into_inner();
        loop {
            let rest = text.get(at..text.len().min(last + 1))?;
            at += rest
                .iter()
                .position(|b| b.is_ascii_digit() || is_set_off(*b))?;
            if let Some(found) = self.at(text, at, at) {
                return Some(found);
            }
            // What no word follows does not get one when it begins later.
            let number = run(text, at, usize::MAX, self.inside());
            at += number.max(1);
        }
    }

    /// The size that begins at `at`, and the words behind it.
    fn at(&self, text: &[u8], begins: usize, at: usize) -> Option<Found> {
        let most = if self.form == Form::Size { 3 } else { 0 };
        let stars = |from| (0..=run(text, from, most, is_set_off)).rev();
        stars(at).find_map(|before| {
            let start = at + before;
            if !text.get(start)?.is_ascii_digit() {
                return None;
            }
            let longest = run(text, start, usize::MAX, self.inside());
            let mut ends = (start + 1..=start + longest).rev();
            ends.find_map(|end| {
                let number = start..end;
                if self.form == Form::Bytes {
                    return self.behind(text, end).map(|end| Found {
                        start: begins,
                        end,
                        number,
                        unit: None,
                    });
                }
                stars(end).find_map(|between| {
                    let unit = end + between;
                    let mut lengths = self.units(text, unit).into_iter().flatten();
                    lengths.find_map(|length| {
                        let ends = unit + length;
                        stars(ends).find_map(|after| {
                            self.behind(text, ends + after).map(|end| Found {
                                start: begins,
                                end,
                                number: number.clone(),
                                unit: Some(unit..ends),
                            })
                        })
                    })
                })
            })
        })
    }

    /// What may stand in a number behind its first digit.
    fn inside(&self) -> fn(u8) -> bool {
        match self.form {
            Form::Size => |b| b.is_ascii_digit() || matches!(b, b'.' | b','),
            Form::Floored => |b| b.is_ascii_digit(),
            Form::Bytes => |b| b.is_ascii_digit() || b == b',',
        }
    }

    /// How long a unit that begins here can be, in the order in which the pattern tries.
    fn units(&self, text: &[u8], at: usize) -> [Option<usize>; 2] {
        let text = text.get(at..).unwrap_or_default();
        if self.form == Form::Size && text.starts_with(b"bytes") {
            return [Some(5), alone(text)];
        }
        let multiple = usize::from(text.first().is_some_and(|b| b"kmgtp".contains(b)));
        let unit = text.get(multiple..).unwrap_or_default();
        let length = match unit {
            [b'i', b'b', ..] => Some(multiple + 2),
            [b'b', ..] => Some(multiple + 1),
            _ => None,
        };
        match self.form {
            // A "b" by itself must be a whole word, and "ib" is no unit.
            Form::Size if multiple == 0 => [alone(text), None],
            _ => [length, None],
        }
    }

    /// The end of the words behind the size.
    fn behind(&self, text: &[u8], at: usize) -> Option<usize> {
        let words = self.behind.needle();
        let there = text.get(at..)?.starts_with(words);
        there.then_some(at + words.len())
    }
}

/// True for what a size can be written with, its unit too.
fn of_size(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || is_set_off(byte) || matches!(byte, b'.' | b',')
}

/// True for what people set figures in bold with.
fn is_set_off(byte: u8) -> bool {
    matches!(byte, b'*' | b'`')
}

/// The length of a "b" that is a word of its own at its end.
fn alone(text: &[u8]) -> Option<usize> {
    let end = text
        .get(1)
        .is_none_or(|b| !(b.is_ascii_alphanumeric() || *b == b'_'));
    (text.first() == Some(&b'b') && end).then_some(1)
}

/// How many bytes from here on are of a kind, of so many at most.
fn run(text: &[u8], at: usize, most: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default().iter();
    rest.take(most).take_while(|b| kind(**b)).count()
}

/// A search for such a part.
fn finder(pattern: &str) -> Option<Finder<'static>> {
    Some(Finder::new(&fixed(pattern)?).into_owned())
}

/// The text of a part of a pattern that is nothing else, in lower case.
fn fixed(pattern: &str) -> Option<String> {
    const SIGNS: &str = "|[]?*+{}().^$";
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        let c = match c {
            '\\' => rest.next().filter(|c| !c.is_ascii_alphanumeric())?,
            c if SIGNS.contains(c) => return None,
            c => c,
        };
        text.push(c.to_ascii_lowercase());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ALL, patterns};
    use super::*;

    /// What the pattern itself finds.
    fn expected(pattern: &str, text: &str) -> Option<Found> {
        let found = patterns::compile_folded(pattern).unwrap().captures(text)?;
        Some(Found {
            start: found.get(0)?.start(),
            end: found.get(0)?.end(),
            number: found.get(1)?.range(),
            unit: found.get(2).map(|unit| unit.range()),
        })
    }

    fn plain() -> Vec<&'static str> {
        let fields = ALL.iter().flat_map(|message| message.fields);
        let fields = fields.map(|field| field.1);
        fields.filter(|p| Sized::of(p).is_some()).collect()
    }

    #[test]
    fn most_fields_are_a_size_between_words() {
        let all = ALL.iter().flat_map(|message| message.fields).count();
        assert!(plain().len() * 3 > all * 2, "{} of {all}", plain().len());
        assert!(Sized::of(r"of\d{size}").is_none() && Sized::of("a?{size}").is_none());
        assert!(Sized::of("no size").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_the_pattern_finds_is_found(
            pattern in prop::sample::select(plain()),
            parts in prop::collection::vec(("[*`]{0,4}", "[0-9]{0,3}[.,0-9]{0,4}", "[*`]{0,4}", "(bytes|[kmgtp]?i?b|b_|b)", "[*`]{0,4}", 0usize..4), 0..6),
        ) {
            let field = Sized::of(pattern).unwrap();
            let mut text = String::new();
            for (before, number, between, unit, after, which) in parts {
                if which & 1 == 0 {
                    text += str::from_utf8(field.before.needle()).unwrap();
                }
                text += &[before, number, between, unit, after].concat();
                if which & 2 == 0 {
                    text += str::from_utf8(field.behind.needle()).unwrap();
                }
            }
            prop_assert_eq!(field.find(&text), expected(pattern, &text), "{} in {}", pattern, text);
        }

        #[test]
        fn so_it_is_with_words_of_any_signs(
            before in "[a-b0-9*`.,]{0,2}",
            behind in "[a-b0-9*`.,]{0,2}",
            form in prop::sample::select(vec!["{size}", "{floored}", "{bytes}"]),
            text in "[abimt0-9*`.,]{0,14}",
        ) {
            let pattern = format!("{}{form}{}", regex::escape(&before), regex::escape(&behind));
            let field = Sized::of(&pattern).unwrap();
            prop_assert_eq!(field.find(&text), expected(&pattern, &text));
        }
    }
}
