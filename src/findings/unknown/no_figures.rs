//! The figures that would tell are missing.

use crate::evidence::{FindingId, Flag, Memory, MessageId, Program, SettingKind};
use crate::findings::exhaustion::{all_against_all, more_than_the_device};
use crate::findings::measures::{budgets, foreign, pools};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::NoFigures,
    cause: Cause::Unknown,
    page: include_str!("no-figures.md"),
    fixes: fixes![
        use_newer_pytorch,
        fewer_graph_sizes,
        lower_engine_memory_share,
        no_graphs,
        simplify_the_scene,
        smaller_inputs,
        shorter_generation,
        tile_the_image,
        offload,
        quantile_matrix,
        fewer_bins,
        inference_mode,
        outputs_to_cpu,
        lower_batch_size,
        chunked_cross_entropy,
        memory_efficient_optimizer,
        load_checkpoint_on_cpu,
        gradient_checkpointing,
        shorter_sequence,
        chunk_the_operation,
        quantize_weights,
        drop_references,
        unified_memory,
        shard_across_gpus,
        choose_another_gpu,
    ],
    decide,
};

/// True where TensorFlow said what it may take, and nothing of what it held.
fn only_its_limit(case: &Case<'_>) -> bool {
    case.incident.framework == Program::Tensorflow && case.balance.live.is_none()
}

/// True for a Jetson, which has no memory but its RAM.
fn on_a_board(case: &Case<'_>) -> bool {
    let unified = case.incident.settings.get(SettingKind::UnifiedMemory);
    unified.is_some_and(|told| told.name == "NvMap" || told.value == "NvMap")
}

/// What a library did again in host memory.
fn moved(case: &Case<'_>) -> String {
    let function = case.incident.settings.get(SettingKind::MovedToHost);
    let work = function.map_or_else(
        || "a piece of this work".to_owned(),
        |function| format!("`{}`", function.value),
    );
    format!(
        "The library found no room on the GPU for {work}, and did it in host memory: slower, and nothing is lost. It keeps the figures to \
         itself."
    )
}

fn decide(case: &Case<'_>) -> Option<Verdict> {
    // What an engine does not say is told elsewhere.
    let missing = case.incident.memory == Memory::Device
        && !case.incident.framework.serves()
        && !case.incident.framework.buffers()
        && !case.incident.flagged(Flag::EveryBatch)
        && case.balance.free.is_none()
        && (case.balance.limit.is_none() || only_its_limit(case));
    // A pool's own figures tell without those of the device, and so does what was seen of it.
    let seen = foreign::rivals_seen(case).is_some()
        || pools::room_seen(case).is_some()
        || more_than_the_device::alone(case).is_some()
        || more_than_the_device::nearly_all(case).is_some()
        || budgets::compiled(case).is_some();
    let told = seen || pools::stop(case).is_some() || pools::too_large(case);
    if !missing
        || told
        || all_against_all::moved(case).is_some()
        || case.incident.flagged(Flag::NotMemory)
        || case.incident.flagged(Flag::Sessions)
        || case.incident.flagged(Flag::ForOptimizer)
        || case.incident.flagged(Flag::Library)
        || case.incident.flagged(Flag::CorruptSize)
    {
        return None;
    }
    let because = match (case.balance.tried, case.balance.live) {
        (Some(tried), _) => {
            format!("{tried} was requested, but the text does not say how much was free or held.")
        }
        (None, None) if case.incident.format == MessageId::MovedToHost => moved(case),
        (None, None) if case.incident.format == MessageId::RmmPool && case.incident.framework == Program::Rapids => {
            "The message has no figures. RMM says the same if its pool's maximum is reached and if the GPU is full."
                .to_owned()
        }
        (None, Some(live)) => format!(
            "By the table, tensors held {live} when it was printed, but the text does not say what was requested or how much was free."
        ),
        (None, None) => "The GPU's memory ran out, but the text says neither how much was requested nor how much was there."
            .to_owned(),
    };
    let settle = match case.incident.program() {
        _ if on_a_board(case) => "`tegrastats` while it runs: how much of the board's RAM is left?",
        _ if case.incident.format == MessageId::PytestSummary => {
            "the test's own report, which pytest prints above the summary; `pytest -vv` prints the summary's messages whole"
        }
        Program::Jax | Program::Tensorflow | Program::Cupy => {
            "`nvidia-smi` at that moment, and the allocator's own report, which JAX and TensorFlow write to standard error"
        }
        Program::Numba => {
            "numba.cuda.current_context().get_memory_info() just before the line that fails: what is free, and of how much"
        }
        Program::Cuda if case.incident.traceback.frames.is_empty() => {
            "`nvidia-smi` before it starts and while it runs: who fills the GPU, this program or another?"
        }
        Program::Pytorch | Program::Diffusers | Program::Cuda | Program::System => {
            "`nvidia-smi` at that moment, and `print(torch.cuda.memory_summary())` just before the line that fails"
        }
        _ => {
            "`nvidia-smi` before it starts and while it runs: who fills the GPU, this program or another?"
        }
    };
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
