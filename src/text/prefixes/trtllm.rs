//! `[08/04/2026-10:01:12] [TRT-LLM] [RANK 1] [E] `: the logger of TensorRT-LLM (`tensorrt_llm/logger.py`).

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "trtllm",
    starts: "[",
    when: When::Always,
    strip,
    examples: &[
        ("[08/04/2026-10:01:12] [TRT-LLM] [RANK 1] [E] ", Some(1), ""),
        ("[TRT-LLM] [RANK 3] [E] ", Some(3), ""),
        ("[TRT-LLM] [I] ", None, ""),
        ("[12/30/2025-23:59:59] [TRT-LLM] [W] ", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("[")?;
    if cursor.digits(2, 2).is_some() {
        cursor.lit("/")?;
        cursor.digits(2, 2)?;
        cursor.lit("/")?;
        cursor.digits(4, 4)?;
        cursor.lit("-")?;
        cursor.clock()?;
        cursor.lit("] [")?;
    }
    cursor.lit("TRT-LLM] [")?;
    let mut rank = None;
    if cursor.maybe("RANK ") {
        rank = Some(cursor.number()?);
        cursor.lit("] [")?;
    }
    cursor.run(1, 1, |b| b"EWIDVF".contains(&b))?;
    cursor.lit("]")?;
    cursor.gap()?;
    let stripped = Stripped::at(cursor);
    Some(match rank {
        Some(rank) => stripped.of_rank(rank),
        None => stripped,
    })
}
