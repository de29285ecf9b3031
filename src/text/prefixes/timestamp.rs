//! A bare time before each line: GitHub Actions and Azure (`2026-01-02T03:04:05.1234567Z `, .NET's round-trip form),
//! `kubectl logs --timestamps`, Jenkins (`[2026-01-02T03:04:05.678Z] `, `21:51:15  `), `CloudWatch`.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "timestamp",
    starts: "0123456789[",
    when: When::Always,
    strip,
    examples: &[
        ("2026-01-02T03:04:05.1234567Z ", None, ""),
        ("2026-01-02T03:04:05.678901234+01:00 ", None, ""),
        ("[2026-01-02T03:04:05.678Z] ", None, ""),
        ("2026-01-02 03:04:05 ", None, ""),
        ("21:51:15  ", None, ""),
        ("[21:51:15] ", None, ""),
        ("1767322800123\t", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let mut epoch = cursor;
    if epoch.digits(13, 13).is_some() {
        epoch.lit("\t")?;
        return Some(Stripped::at(epoch));
    }
    let bracket = cursor.maybe("[");
    let mut ahead = cursor;
    if ahead.date_time().is_some() {
        cursor = ahead;
    } else {
        cursor.clock()?;
    }
    if bracket {
        cursor.lit("]")?;
    }
    let spaces = cursor.rest.bytes().take_while(|b| *b == b' ').count();
    if spaces == cursor.rest.len() {
        cursor.rest = "";
    } else if spaces % 2 == 0 && !bracket {
        // Jenkins writes two spaces. A frame is indented by an even number, so an odd one is one space of ours.
        cursor.lit("  ")?;
    } else {
        cursor.gap()?;
    }
    Some(Stripped::at(cursor))
}
