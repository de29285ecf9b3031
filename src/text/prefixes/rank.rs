//! `[rank3]: `: the excepthook of torch.distributed (`distributed_c10d.py`, since 2.3) before every line of
//! an uncaught exception that is not empty; `[Rank 3] ` of DeepSpeed, `[rank: 3] ` of Lightning.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "rank",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        ("[rank3]: ", Some(3), ""),
        ("[rank12]: ", Some(12), ""),
        ("[Rank 0] ", Some(0), ""),
        ("[rank: 1] ", Some(1), ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.one_of(&["[rank", "[Rank", "[RANK"])?;
    cursor.maybe(":");
    cursor.maybe(" ");
    let rank = cursor.number()?;
    cursor.lit("]")?;
    let colon = cursor.maybe(":");
    if cursor.gap().is_none() && !colon {
        return None;
    }
    Some(Stripped::at(cursor).of_rank(rank))
}
