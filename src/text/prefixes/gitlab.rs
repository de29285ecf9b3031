//! `2024-05-22T12:43:46.962646Z 00O `: GitLab's runner, time, stream and a `+` for a continued line; and its section markers,
//! which end in a carriage return.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "gitlab",
    starts: "0123456789s",
    when: When::Always,
    strip,
    examples: &[
        ("2024-05-22T12:43:46.962646Z 00O ", None, ""),
        ("2024-05-22T12:43:46.962646Z 0aE ", None, ""),
        (
            "section_start:1700000000:build_script[collapsed=true]\r",
            None,
            "",
        ),
        ("section_end:1700000000:build_script\r", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    if cursor.one_of(&["section_start:", "section_end:"]).is_some() {
        cursor.digits(1, 12)?;
        cursor.lit(":")?;
        cursor.run(1, 300, |b| b > b' ')?;
        if !cursor.rest.is_empty() {
            cursor.lit("\r")?;
        }
        return Some(Stripped::at(cursor));
    }
    cursor.date_time()?;
    cursor.lit(" ")?;
    cursor.run(2, 2, |b| b.is_ascii_hexdigit())?;
    cursor.one_of(&["O", "E"])?;
    if !cursor.maybe("+") {
        cursor.gap()?;
    }
    Some(Stripped::at(cursor))
}

/// What the runner says of a line.
pub(in crate::text) struct Stamp<'a> {
    /// Which stream of its it is of: two digits, and `O` or `E`.
    pub(in crate::text) stream: [u8; 3],
    /// Whether it goes on with the last line of that stream.
    pub(in crate::text) goes_on: bool,
    /// What the program wrote.
    pub(in crate::text) text: &'a [u8],
}

/// The runner's word in a raw line; `None` for any other line. Every field has its width, so that a look at a few bytes tells.
pub(in crate::text) fn stamp(raw: &[u8]) -> Option<Stamp<'_>> {
    let (head, text) = raw.split_first_chunk::<32>()?;
    let [
        ..,
        b'Z',
        b' ',
        tens,
        ones,
        kind @ (b'O' | b'E'),
        flag @ (b' ' | b'+'),
    ] = head
    else {
        return None;
    };
    let number = [tens, ones].iter().all(|digit| digit.is_ascii_hexdigit());
    let time = strip(Cursor::new(std::str::from_utf8(head).ok()?)).is_some();
    (number && time).then_some(Stamp {
        stream: [*tens, *ones, *kind],
        goes_on: *flag == b'+',
        text,
    })
}
