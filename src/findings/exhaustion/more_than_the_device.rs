//! The work needs more than the device has.

use crate::bytes::human;
use crate::evidence::{AtFailure, FindingId, Flag, MessageId, Program};
use crate::findings::measures::by_stack;
use crate::findings::measures::{budgets, buffers, room};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};
use crate::fixes::{
    bigger_gpu, chunk_the_operation, drop_references, empty_cache_between_phases, fewer_gpu_layers,
    gradient_checkpointing, load_checkpoint_on_cpu, low_precision_weights, lower_batch_size,
    lower_engine_memory_share, memory_efficient_optimizer, mixed_precision, offload,
    outputs_to_cpu, quantize_kv_cache, shard_across_gpus, shorter_sequence, smaller_context,
    smaller_inputs, smaller_prompt_batch, tile_the_image, train_adapters,
};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::MoreThanTheDevice,
    cause: Cause::Exhaustion,
    page: include_str!("more-than-the-device.md"),
    fixes: &[
        &lower_engine_memory_share::FIX,
        &outputs_to_cpu::FIX,
        &smaller_context::FIX,
        &quantize_kv_cache::FIX,
        &smaller_prompt_batch::FIX,
        &fewer_gpu_layers::FIX,
        &lower_batch_size::FIX,
        &chunk_the_operation::FIX,
        &drop_references::FIX,
        &gradient_checkpointing::FIX,
        &load_checkpoint_on_cpu::FIX,
        &shorter_sequence::FIX,
        &mixed_precision::FIX,
        &smaller_inputs::FIX,
        &low_precision_weights::FIX,
        &tile_the_image::FIX,
        &offload::FIX,
        &memory_efficient_optimizer::FIX,
        &train_adapters::FIX,
        &shard_across_gpus::FIX,
        &empty_cache_between_phases::FIX,
        &bigger_gpu::FIX,
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
