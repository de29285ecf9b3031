//! The work needs more than the device has.

use crate::bytes::human;
use crate::evidence::{AtFailure, FindingId, Flag, MessageId, Program};
use crate::findings::measures::by_stack;
use crate::findings::measures::{budgets, buffers, room};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::MoreThanTheDevice,
    cause: Cause::Exhaustion,
    page: include_str!("more-than-the-device.md"),
    fixes: fixes![
        lower_engine_memory_share,
        outputs_to_cpu,
        smaller_context,
        quantize_kv_cache,
        smaller_prompt_batch,
        fewer_gpu_layers,
        lower_batch_size,
        chunk_the_operation,
        drop_references,
        gradient_checkpointing,
        load_checkpoint_on_cpu,
        shorter_sequence,
        mixed_precision,
        smaller_inputs,
        low_precision_weights,
        tile_the_image,
        offload,
        memory_efficient_optimizer,
        train_adapters,
        shard_across_gpus,
        empty_cache_between_phases,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::MoreThanTheDevice)
        .or_else(|| {
            const PARTS: [Flag; 3] = [Flag::ForWeights, Flag::ForCache, Flag::ForWork];
            let part = PARTS.iter().any(|flag| case.incident.flagged(*flag));
            (!part).then(|| buffers::short(case))?
        })
        .or_else(|| budgets::counted(case))
        .or_else(|| budgets::mapped(case))
        .or_else(|| budgets::compiled(case))
        .or_else(|| budgets::on_a_tpu(case))
        .or_else(|| alone(case))
        .or_else(|| nearly_all(case))
        .or_else(|| kept_back(case))
        .or_else(|| told(case))
}

/// A program that is not known tells what it needed and what was free.
fn told(case: &Case<'_>) -> Option<Verdict> {
    const SAID: [MessageId; 6] = [
        MessageId::DeviceShort,
        MessageId::DeviceExhausted,
        MessageId::DeviceLacking,
        MessageId::DeviceScarce,
        MessageId::DeviceRefused,
        MessageId::TensorrtBuilder,
    ];
    let (tried, free) = (case.balance.tried?, case.balance.free?);
    let short = SAID.contains(&case.incident.format) && tried.surely_over(free);
    let because = format!(
        "{tried} was needed and {free} was free. Who holds the rest of the GPU, the program does not say."
    );
    let settle = "`nvidia-smi` before it starts: does another process hold a part of the GPU?";
    short.then(|| Verdict::settled_by(Confidence::Possible, because, settle))
}

/// A message that was cut before its free figure: what tensors hold tells as much, where that is nearly all.
pub(crate) fn nearly_all(case: &Case<'_>) -> Option<Verdict> {
    let balance = case.balance;
    let (tried, live, total) = (balance.tried?, balance.live?, balance.total?);
    let filled = live.low() >= total.percent(90).low() && live.high() <= total.high();
    if case.incident.format != MessageId::PytorchCuda || balance.free.is_some() || !filled {
        return None;
    }
    let because = format!(
        "{tried} was requested. The text ends before it says what was free, but tensors hold {live} of {total}."
    );
    let settle = "the whole message: how much was free, and how much is reserved?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// Little was free and more than was requested: with some drivers that is a full card.
fn kept_back(case: &Case<'_>) -> Option<Verdict> {
    if !room::kept_back(case) {
        return None;
    }
    let balance = case.balance;
    let (tried, free) = (balance.tried?, balance.free?);
    let (live, total) = (balance.live?, balance.total?);
    let because = format!(
        "{tried} was requested and {free} is free, and yet it was refused: this driver keeps a part of the memory back. Tensors hold {live} \
         of {total}, and all but {free} is in use."
    );
    let settle = "`rocm-smi --showmeminfo vram`, or Windows' Task Manager, while it runs: is the memory full?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// Numba has no cache and prints no figures: what its process was seen to hold are the program's arrays.
pub(crate) fn alone(case: &Case<'_>) -> Option<Verdict> {
    let at = case.incident.at_failure.as_ref()?;
    let own = AtFailure::sum(at.holders.iter().filter(|h| h.own));
    let rivals = AtFailure::sum(at.rivals());
    let filled = own >= at.total / 4 * 3 && rivals <= at.total / 20;
    if case.incident.framework != Program::Numba || !filled {
        return None;
    }
    let because = format!(
        "The message has no figures, but the GPU was watched: the program itself held {} of its {}, and {} was free. Numba keeps no \
         cache, so these are arrays.",
        human(own),
        human(at.total),
        human(at.free),
    );
    Some(Verdict::new(Confidence::Likely, because))
}
