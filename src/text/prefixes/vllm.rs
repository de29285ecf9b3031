//! `ERROR 04-01 23:46:56 [engine.py:160] `: the formatter of vLLM (vllm/logger.py), and its older form without a bracket.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "vllm",
    starts: "CEWIDF",
    when: When::Always,
    strip,
    examples: &[
        ("ERROR 04-01 23:46:56 [engine.py:160] ", None, ""),
        (
            "INFO 04-12 08:21:19 [v1/worker/gpu_worker.py:267] ",
            None,
            "",
        ),
        ("WARNING 12-13 10:41:28 model_runner.py:9] ", None, ""),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.level()?;
    cursor.lit(" ")?;
    cursor.digits(2, 2)?;
    cursor.lit("-")?;
    cursor.digits(2, 2)?;
    cursor.lit(" ")?;
    cursor.clock()?;
    cursor.lit(" ")?;
    cursor.maybe("[");
    cursor.name(200)?;
    cursor.lit(":")?;
    cursor.number()?;
    cursor.lit("]")?;
    cursor.gap()?;
    Some(Stripped::at(cursor))
}
