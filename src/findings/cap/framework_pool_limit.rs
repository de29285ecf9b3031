//! The framework's pool reached a limit below the device.

use crate::bytes::human;
use crate::evidence::{FindingId, Flag, Memory, MessageId, Program};
use crate::findings::measures::pools;
use crate::findings::measures::pools::Stop;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::FrameworkPoolLimit,
    cause: Cause::Cap,
    page: include_str!("framework-pool-limit.md"),
    fixes: fixes![
        raise_memory_cap,
        grow_arena_as_needed,
        empty_cache_between_phases,
        lower_batch_size,
        chunk_the_operation,
        donate_buffers,
        drop_references,
        unified_memory,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format == MessageId::OnnxruntimeArena {
        return arena(case);
    }
    let says = match case.incident.framework {
        Program::Cupy | Program::Rapids | Program::Julia => {
            "Together that is over the limit, and the driver was not asked."
        }
        Program::Mindspore => "The device has more than max_device_memory gives to MindSpore.",
        Program::Paddle => "The GPU has more than FLAGS_gpu_memory_limit_mb allows.",
        Program::Tensorflow => {
            "TensorFlow takes nearly all that is free when it starts: this is a limit that was set, or others held the rest."
        }
        Program::Jax if case.incident.flagged(Flag::PoolLimit) => {
            "JAX takes three quarters of the GPU unless told otherwise."
        }
        _ => {
            "JAX takes three quarters of the GPU unless told otherwise: a larger share would have had room."
        }
    };
    let settle = match case.incident.framework {
        Program::Paddle | Program::Mindspore => {
            "`nvidia-smi` while it runs: is the GPU full, or only the limit reached?"
        }
        Program::Tensorflow => "`nvidia-smi` before it starts: is more free than this limit?",
        Program::Rapids => {
            "the maximum that the pool was made with, and `nvidia-smi`: is the GPU full?"
        }
        _ => {
            "how much of the GPU the pool takes: `echo $XLA_PYTHON_CLIENT_MEM_FRACTION`, and `nvidia-smi` for its size"
        }
    };
    if case.incident.flagged(Flag::PoolLimit) && case.incident.framework != Program::Jax {
        let because =
            "The pool says itself that its own limit refused, before the driver was asked.";
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            settle,
        ));
    }
    pools::verdict(case, Stop::Limit, says, settle).or_else(|| seen(case, settle))
}

/// ONNX Runtime prints what its limit leaves only where a limit is set: without one it would be the largest number there is.
fn arena(case: &Case<'_>) -> Option<Verdict> {
    let (tried, left) = (case.balance.tried?, case.balance.free?);
    let device = case.incident.memory == Memory::Device;
    let because = format!(
        "{tried} was requested, and the limit that is set on ONNX Runtime's arena leaves {left}. The driver was not asked."
    );
    (device && tried.surely_over(left)).then(|| Verdict::new(Confidence::Proven, because))
}

/// Without the pool's figures: what was seen of the device while the program ran.
fn seen(case: &Case<'_>, settle: &str) -> Option<Verdict> {
    let at = pools::room_seen(case)?;
    let because = format!(
        "{} was requested, and the GPU was watched: {} of its {} was free. {}'s pool refused what the driver had.",
        case.balance.tried?,
        human(at.free),
        human(at.total),
        case.incident.framework.title(),
    );
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
