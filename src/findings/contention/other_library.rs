//! Another library in the same process holds the memory.

use crate::bytes::{GIB, MIB, human};
use crate::evidence::{FindingId, Program, SettingKind};
use crate::findings::measures::room;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::OtherLibrary,
    cause: Cause::Contention,
    page: include_str!("other-library.md"),
    fixes: fixes![
        drop_references,
        jax_no_preallocate,
        lower_engine_memory_share,
        smaller_inputs,
        empty_cache_between_phases,
        leave_headroom,
    ],
    decide,
};

/// More than any context, NCCL and cuBLAS take together.
const LIBRARIES: u64 = 4 * GIB;

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if let Some(verdict) = tensorflow_beside_jax(case) {
        return Some(verdict);
    }
    let balance = case.balance;
    let (outside, total, tried, headroom) = (
        balance.outside?,
        balance.total?,
        balance.tried?,
        balance.headroom?,
    );
    // An engine has no other framework beside it, but graphs, NCCL and kernels.
    if case.incident.program().serves() || case.incident.program() == Program::SglangDiffusion {
        return None;
    }
    let matters = outside.low() > LIBRARIES && outside.mid() >= total.percent(10).mid();
    let short = tried.minus(headroom);
    if !matters
        || room::had_room(case)
        || !outside.surely_at_least(short)
        || room::larger_than_device(case)
    {
        return None;
    }
    let engine = case.incident.settings.get(SettingKind::EngineShare);
    let engine = engine.filter(|share| share.name.to_ascii_lowercase().contains("vllm"));
    let whose = match engine {
        Some(share) => format!(
            " The log shows an engine beside the training: {} {}.",
            share.name, share.value
        ),
        None => String::new(),
    };
    let because = format!(
        "This process has {} in use, but PyTorch holds only {} of it: {outside} belongs to something else in the same process, far more \
         than a CUDA context and its libraries need.{whose}",
        balance.reserved?.plus(outside),
        balance.reserved?
    );
    // Kernels and NCCL's buffers of a large model can take a few GiB; a quarter of the device is a pool of somebody's.
    let confidence = if outside.mid() >= total.percent(25).mid() {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    if engine.is_some() {
        let settle = "run once with a smaller share for the engine: does it go further?";
        return Some(Verdict::settled_by(confidence, because, settle));
    }
    let settle = "which of the imported packages uses the GPU too (JAX, TensorFlow, CuPy, RAPIDS, a CUDA extension)?";
    Some(Verdict::settled_by(confidence, because, settle))
}

/// TensorFlow reads the data for JAX, and takes the whole GPU with its first operation unless it is told otherwise
/// (jax-ml/jax, `docs/gpu_memory_allocation.rst`): then JAX fails at a small request.
fn tensorflow_beside_jax(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let tried = case.balance.tried?;
    let takes = incident.settings.get(SettingKind::TensorflowTakes)?;
    let takes = takes.value.parse::<u64>().ok()?.saturating_mul(MIB);
    let blind = case.balance.limit.is_none() && case.balance.free.is_none();
    if incident.framework != Program::Jax || !blind || tried.high() > takes / 8 {
        return None;
    }
    let because = format!(
        "{tried} was requested by JAX. In the same log TensorFlow opened the GPU with {} for itself, which it takes with its first \
         operation on it.",
        human(takes)
    );
    let settle = "tf.config.set_visible_devices([], \"GPU\") before all else: does it pass?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
