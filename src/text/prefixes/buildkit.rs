//! `#13 346.1 `: `docker build --progress=plain`, the step's number and its seconds before each line of the step's output (moby/buildkit,
//! `util/progress/progressui/printer.go`).

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "buildkit",
    starts: "#",
    when: When::Always,
    strip,
    examples: &[("#13 346.1 ", None, "#13"), ("#5 0.123 ", None, "#5")],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let line = cursor.rest;
    cursor.lit("#")?;
    let digits = cursor.digits(1, 4)?.len();
    cursor.lit(" ")?;
    cursor.digits(1, 6)?;
    cursor.lit(".")?;
    cursor.digits(1, 3)?;
    cursor.gap()?;
    let step = line.get(..=digits)?;
    Some(Stripped::at(cursor).of_lane(step))
}
