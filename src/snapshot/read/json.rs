//! A snapshot as JSON, token by token, in the same steps as a pickle. Only what tells the parts of a snapshot apart is checked.

use super::assembly::{Assembly, Fault};
use super::trouble::Trouble;
use super::value::Value;

/// A longer text is none of a snapshot's.
const LONGEST: usize = 1 << 24;
/// So many items of a list are handed on together.
const BATCH: usize = 1000;

/// A reader that takes JSON in chunks.
#[derive(Default)]
pub(super) struct Json {
    pub(super) assembly: Assembly,
    /// True for each open object, false for each open list.
    open: Vec<bool>,
    offset: u64,
    ended: bool,
}

/// A token, and how many bytes it takes.
enum Token {
    Mark(u8),
    Text(Vec<u8>),
    Word(Value),
}

impl Json {
    /// Reads all tokens that are whole, or all that there are where the input `ends`, and tells how many bytes they took.
    pub(super) fn run(&mut self, bytes: &[u8], ends: bool) -> Result<usize, Trouble> {
        let mut done = 0;
        while !self.ended {
            let rest = bytes.get(done..).unwrap_or_default();
            let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let rest = rest.get(blank..).unwrap_or_default();
            let at = self.offset.saturating_add(super::as_u64(done + blank));
            match token(rest, ends).and_then(|found| {
                let Some((token, length)) = found else {
                    return Ok(None);
                };
                self.take(token).map(|()| Some(length))
            }) {
                Ok(Some(length)) => done += blank + length,
                Ok(None) => break,
                Err(Fault::Damaged(what)) => return Err(Trouble::Damaged { what, offset: at }),
                Err(Fault::TooMuch(what)) => return Err(Trouble::TooLarge { what, offset: at }),
            }
        }
        self.offset = self.offset.saturating_add(super::as_u64(done));
        Ok(done)
    }

    /// True once the outermost value is complete.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    fn take(&mut self, token: Token) -> Result<(), Fault> {
        match token {
            Token::Text(text) => self.assembly.text(&text)?,
            Token::Word(value) => self.assembly.push(value)?,
            Token::Mark(open @ (b'{' | b'[')) => {
                self.assembly.container()?;
                self.assembly.mark()?;
                self.open.push(open == b'{');
                return Ok(());
            }
            Token::Mark(b',') => return self.batch(),
            Token::Mark(close @ (b'}' | b']')) => match self.open.pop() {
                Some(true) if close == b'}' => self.assembly.set_items()?,
                Some(false) if close == b']' => self.close_list()?,
                _ => return Err(Fault::Damaged("a bracket without its partner")),
            },
            Token::Mark(_) => return Ok(()),
        }
        self.ended = self.open.is_empty();
        Ok(())
    }

    /// Two numbers in a list are a pool's id, which JSON has no other form for.
    fn close_list(&mut self) -> Result<(), Fault> {
        let at = self.assembly.marks.last().copied().unwrap_or(0);
        let items = self.assembly.stack.get(at..).unwrap_or_default();
        if !matches!(items, [Value::Int(_), Value::Int(_)]) {
            return self.assembly.append_all();
        }
        let at = self.assembly.unmark()?;
        self.assembly.tuple(at)?;
        let pair = self.assembly.pop()?;
        self.assembly.pop()?;
        self.assembly.push(pair)
    }

    /// Hands on the items of a long list.
    fn batch(&mut self) -> Result<(), Fault> {
        let at = self.assembly.marks.last().copied().unwrap_or(0);
        if self.open.last() == Some(&false) && self.assembly.stack.len() >= at + BATCH {
            self.assembly.append_all()?;
            self.assembly.mark()?;
        }
        Ok(())
    }
}

/// The next token; `None` where it is not all there.
fn token(rest: &[u8], ends: bool) -> Result<Option<(Token, usize)>, Fault> {
    match rest.first() {
        None => Ok(None),
        Some(mark @ (b'{' | b'}' | b'[' | b']' | b',' | b':')) => Ok(Some((Token::Mark(*mark), 1))),
        Some(b'"') => text(rest),
        Some(_) => {
            let end = |b: &u8| b.is_ascii_whitespace() || b",:]}".contains(b);
            let length = match rest.iter().position(end) {
                Some(length) => length,
                None if ends => rest.len(),
                None if rest.len() > 64 => return Err(Fault::Damaged("a word that is no JSON")),
                None => return Ok(None),
            };
            let word = rest.get(..length).unwrap_or_default();
            Ok(Some((Token::Word(value(word)?), length)))
        }
    }
}

/// A text up to its quote.
fn text(rest: &[u8]) -> Result<Option<(Token, usize)>, Fault> {
    let mut at = 1;
    let length = loop {
        let inside = rest.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', inside) {
            None if rest.len() > LONGEST => return Err(Fault::TooMuch("bytes in one text")),
            None => return Ok(None),
            Some(found) if inside.get(found) == Some(&b'"') => break at + found + 1,
            Some(found) => at += found + 2,
        }
    };
    let raw = rest.get(..length).unwrap_or_default();
    let inner = raw.get(1..length - 1).unwrap_or_default();
    if !inner.contains(&b'\\') {
        return Ok(Some((Token::Text(inner.to_vec()), length)));
    }
    let text: String =
        serde_json::from_slice(raw).map_err(|_| Fault::Damaged("no text of JSON"))?;
    Ok(Some((Token::Text(text.into_bytes()), length)))
}

fn value(word: &[u8]) -> Result<Value, Fault> {
    let word = std::str::from_utf8(word).unwrap_or_default();
    Ok(match word {
        "null" | "NaN" | "Infinity" | "-Infinity" => Value::Nothing,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match (word.parse::<i64>(), word.parse::<u64>()) {
            (Ok(n), _) => Value::Int(n),
            (_, Ok(n)) => Value::Int(n.cast_signed()),
            _ => Value::Float(
                word.parse()
                    .map_err(|_| Fault::Damaged("a word that is no JSON"))?,
            ),
        },
    })
}
