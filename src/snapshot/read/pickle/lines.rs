//! The instructions of protocol 0, whose arguments are lines of text.

use super::super::assembly::Fault;
use super::super::value::Value;
use super::{Arguments, Pickle, Step, Stepped};

/// No line of protocol 0 is longer, unless it is no pickle.
pub(super) const LONGEST_LINE: usize = 1 << 20;

impl<'a> Arguments<'a> {
    /// The text up to the end of the line; an error where there is none in sight.
    pub(super) fn line(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match memchr::memchr(b'\n', self.0) {
            Some(end) => {
                let line = self.take(end);
                self.take(1);
                Ok(line)
            }
            None if self.0.len() > LONGEST_LINE => Err(Fault::Damaged("a line without an end")),
            None => Ok(None),
        }
    }
}

impl Pickle {
    /// Carries out one of them.
    pub(super) fn line(&mut self, instruction: u8, arguments: &mut Arguments<'_>) -> Stepped {
        let Some(raw) = arguments.line()? else {
            return Ok(Step::More);
        };
        let line = String::from_utf8_lossy(raw);
        let line = line.trim_end_matches('\r');
        let assembly = &mut self.assembly;
        match instruction {
            b'I' | b'L' => assembly.push(number(line)?)?,
            b'F' => {
                let value = line.trim().parse().map(Value::Float);
                assembly
                    .push(value.map_err(|_| Fault::Damaged("no number where one is needed"))?)?;
            }
            b'S' => assembly.text(line.trim_matches(['\'', '"']).as_bytes())?,
            b'V' => assembly.text(unescaped(line).as_bytes())?,
            _ => {
                let index = line.trim().parse();
                let index =
                    index.map_err(|_| Fault::Damaged("no memo number where one is needed"))?;
                if instruction == b'g' {
                    assembly.get(index)?;
                } else {
                    assembly.put(index)?;
                }
            }
        }
        Ok(Step::Done)
    }
}

/// `123`, `123L`, and the truth values that protocol 0 writes as numbers.
fn number(line: &str) -> Result<Value, Fault> {
    let digits = line.trim().trim_end_matches('L');
    Ok(match digits {
        "00" => Value::Bool(false),
        "01" => Value::Bool(true),
        _ => {
            let number: i128 = digits
                .parse()
                .map_err(|_| Fault::Damaged("no number where one is needed"))?;
            let signed = i64::try_from(number).ok();
            let number = signed.or_else(|| u64::try_from(number).ok().map(u64::cast_signed));
            number.map_or(Value::Other, Value::Int)
        }
    })
}

/// Python's "raw-unicode-escape": `\uXXXX` and `\UXXXXXXXX`, all else as it is.
fn unescaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let digits = match after.as_bytes().first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let hex = after.get(1..=digits).filter(|hex| !hex.is_empty());
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(c) = code.and_then(char::from_u32) {
            text.push(c);
            rest = after.get(digits + 1..).unwrap_or_default();
        } else {
            text.push('\\');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_protocol_0_are_read_and_others_are_left() {
        assert_eq!(unescaped(r"a\u0062c\U0001f600\x\u12"), "abc😀\\x\\u12");
        assert_eq!(unescaped(r"C:\u005cusers"), r"C:\users");
    }

    #[test]
    fn numbers_of_protocol_0_are_read_to_64_bits() {
        assert_eq!(number("42L").ok(), Some(Value::Int(42)));
        assert_eq!(number("01").ok(), Some(Value::Bool(true)));
        assert_eq!(number("18446744073709551615").ok(), Some(Value::Int(-1)));
        assert!(number("x").is_err());
    }
}
