//! `(Actor pid=12, ip=10.0.0.1) ` of Ray (`ray_logging`), `(VllmWorker rank=1 pid=2978) ` and
//! `(EngineCore_DP0 pid=387) ` of vLLM (`vllm/logging_utils`), `(raylet) `.

use super::cursor::Cursor;
use super::{Prefix, Stripped, When};

pub(super) static PREFIX: Prefix = Prefix {
    id: "actor",
    starts: "(",
    when: When::Always,
    strip,
    examples: &[
        ("(train_fn pid=548) ", None, "train_fn pid=548"),
        ("(Actor pid=12, ip=10.0.0.1) ", None, "Actor pid=12"),
        (
            "(VllmWorker rank=1 pid=2978) ",
            Some(1),
            "VllmWorker pid=2978",
        ),
        ("(worker2, rank=2, pid=9) ", Some(2), "worker2 pid=9"),
        ("(EngineCore_DP0 pid=387) ", None, "EngineCore_DP0 pid=387"),
        ("(Worker_TP1 pid=510) ", Some(1), "Worker_TP1 pid=510"),
        ("(raylet) ", None, "raylet"),
        ("(raylet, ip=10.0.0.2) ", None, "raylet"),
        ("(autoscaler +5s) ", None, "autoscaler"),
        (
            "(MapBatches(Model) pid=7) ",
            None,
            "MapBatches(Model) pid=7",
        ),
    ],
};

fn strip(mut cursor: Cursor<'_>) -> Option<Stripped<'_>> {
    cursor.lit("(")?;
    if let Some(system) = ["raylet", "autoscaler", "gcs_server", "dashboard"]
        .into_iter()
        .find(|name| cursor.rest.starts_with(name))
    {
        cursor.lit(system)?;
        cursor.run(0, 60, |b| b != b')' && b != b'(')?;
        cursor.lit(")")?;
        cursor.gap()?;
        return Some(Stripped::at(cursor).of_lane(system));
    }
    let name = cursor.run(1, 100, |b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b':' | b'.' | b'-' | b'(' | b')' | b'<' | b'>' | b'+' | b'[' | b']'
            )
    })?;
    cursor.maybe(",");
    cursor.lit(" ")?;
    let mut rank = name.strip_prefix("Worker_TP").and_then(|r| r.parse().ok());
    if cursor.maybe("rank=") {
        rank = Some(cursor.number()?);
        cursor.maybe(",");
        cursor.lit(" ")?;
    }
    cursor.lit("pid=")?;
    let pid = cursor.digits(1, 10)?;
    if cursor.maybe(",") {
        cursor.run(0, 100, |b| b != b')' && b != b'(')?;
    }
    cursor.lit(")")?;
    cursor.gap()?;
    let stripped = Stripped::at(cursor).of_lane(format!("{name} pid={pid}"));
    Some(match rank {
        Some(rank) => stripped.of_rank(rank),
        None => stripped,
    })
}
