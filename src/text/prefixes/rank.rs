//! `[rank3]: `: the excepthook of torch.distributed (`distributed_c10d.py`, since 2.3) before every line of
//! an uncaught exception that is not empty; `[Rank 3] ` of DeepSpeed, `[rank: 3] ` of Lightning.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "rank",
    starts: "[r ",
    when: When::Always,
    strip,
    examples: &[
        ("[rank3]: ", Some(3), ""),
        ("[rank12]: ", Some(12), ""),
        ("[Rank 0] ", Some(0), ""),
        ("[rank: 1] ", Some(1), ""),
        ("[rank=2] || ", Some(2), ""),
        ("    [rank3]: ", Some(3), ""),
        ("rank3: ", Some(3), ""),
        ("rank2[41][MainThread]: ", Some(2), ""),
    ],
};

/// Blanks that may stand before it.
const INDENT: usize = 8;

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    if cursor.maybe("rank") {
        return named(cursor);
    }
    // Markdown's block of code.
    for _ in 0..INDENT {
        if !cursor.maybe(" ") {
            break;
        }
    }
    cursor.one_of(&["[rank", "[Rank", "[RANK"])?;
    let _ = cursor.maybe(":") || cursor.maybe("=");
    cursor.maybe(" ");
    let rank = cursor.number()?;
    cursor.lit("]")?;
    let colon = cursor.maybe(":");
    if cursor.gap().is_none() && !colon {
        return None;
    }
    cursor.maybe("|| ");
    Some(Stripped::at(cursor).of_rank(rank))
}

/// `rank2: `, as launchers tag lines; `rank2[41][MainThread]: `: the rank, the process and the thread, as `multiprocessing`'s names
/// print with them.
fn named(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    let rank = cursor.number()?;
    if cursor.maybe(": ") {
        return Some(Stripped::at(cursor).of_rank(rank));
    }
    cursor.lit("[")?;
    cursor.digits(1, 10)?;
    cursor.lit("][")?;
    cursor.name(60)?;
    cursor.lit("]:")?;
    cursor.gap()?;
    Some(Stripped::at(cursor).of_rank(rank))
}
