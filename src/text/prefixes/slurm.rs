//! `0: `: `srun --label`, the task's number padded to the width of the largest.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "slurm",
    starts: "0123456789 ",
    when: When::Habit,
    strip,
    examples: &[
        ("0: ", Some(0), ""),
        ("13: ", Some(13), ""),
        (" 7: ", Some(7), ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.run(0, 5, |b| b == b' ')?;
    let rank = cursor.number()?;
    cursor.lit(":")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_rank(rank))
}
