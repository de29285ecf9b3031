//! `[2025-01-02 03:04:05 TP0] `: the prefix of `SGLang`, with the ranks of the process behind the time.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "sglang",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        ("[2025-01-02 03:04:05] ", None, ""),
        ("[2025-01-02 03:04:05 TP3] ", Some(3), ""),
        ("[2025-01-02 03:04:05 DP1 TP0] ", Some(0), "DP1"),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    cursor.date_time()?;
    let (mut rank, mut lane) = (None, Vec::new());
    while cursor.maybe(" ") {
        let word = cursor.run(3, 6, |b| b.is_ascii_uppercase() || b.is_ascii_digit())?;
        let (kind, number) = word.split_at_checked(2)?;
        let number: u32 = number.parse().ok()?;
        match kind {
            "TP" => rank = Some(number),
            "DP" | "PP" | "EP" => lane.push(word),
            _ => return None,
        }
    }
    cursor.lit("]")?;
    cursor.gap()?;
    let stripped = Stripped::at(cursor).of_lane(lane.join(" "));
    Some(match rank {
        Some(rank) => stripped.of_rank(rank),
        None => stripped,
    })
}
