//! JSON that is safe on a terminal and in the log of a CI runner, indented or on one line.

use std::io::{self, Write};

use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::sanitize::{acts, commands, opens_name};

/// True where nothing but letters, digits and signs of ASCII stand, none of which opens a command. Most texts are so.
fn is_plain(text: &str) -> bool {
    // No early exit: this way the compiler checks many bytes at a time.
    let plain = |byte: u8| matches!(byte, b' '..=b'"' | b'$'..=b'~');
    text.bytes().fold(true, |all, byte| all & plain(byte))
}

/// A part of a string, with every character that acts on a terminal as `\u....`. JSON itself asks that only of the C0
/// controls, and a reader of the JSON gets the same text back. So is the number sign before the name of a runner's command,
/// which is one anywhere in a line.
fn fragment<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    if is_plain(text) || !text.contains(acts) && !commands(text) {
        return CompactFormatter.write_string_fragment(out, text);
    }
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let command = c == '#' && before == '#' && opens_name(rest.peek().copied());
        if acts(c) || command {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        } else {
            write!(out, "{c}")?;
        }
        before = c;
    }
    Ok(())
}

/// JSON with safe strings, indented or on one line. One type for both: what writes a report is made anew for each.
pub(super) struct Safe {
    indented: Option<PrettyFormatter<'static>>,
}

impl Safe {
    pub(super) fn on_one_line() -> Self {
        Self { indented: None }
    }

    pub(super) fn indented() -> Self {
        Self {
            indented: Some(PrettyFormatter::new()),
        }
    }
}

/// What the form writes between values.
macro_rules! between {
    ($($name:ident($($first:ident: bool)?)),* $(,)?) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $first: bool)?) -> io::Result<()> {
            match &mut self.indented {
                Some(form) => form.$name(out $(, $first)?),
                None => CompactFormatter.$name(out $(, $first)?),
            }
        }
    )*};
}

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        fragment(out, text)
    }

    between!(
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        begin_object_value(),
        end_object_value(),
    );
}
