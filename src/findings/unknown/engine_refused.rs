//! An inference engine got no memory, and does not say what holds it.

use crate::evidence::{FindingId, Flag, Memory, MessageId};
use crate::findings::measures::{budgets, foreign};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::EngineRefused,
    cause: Cause::Unknown,
    page: include_str!("engine-refused.md"),
    fixes: fixes![
        smaller_workspace,
        smaller_inputs,
        lower_engine_memory_share,
        lower_batch_size,
        quantize_weights,
        shard_across_gpus,
        grow_arena_as_needed,
        low_precision_weights,
        choose_another_gpu,
        run_it_again,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    if budgets::untrue(case) {
        let because = format!(
            "{}, which is less than the {} that is allowed: the sentence is not true of its own figures.",
            budgets::parts(case)?,
            case.balance.limit?
        );
        let settle =
            "a run with a fixed context and prefill chunk: large counts of tokens overflow";
        return Some(Verdict::settled_by(Confidence::Possible, because, settle));
    }
    let told = [
        Flag::NoCache,
        Flag::LongestContext,
        Flag::Library,
        Flag::CorruptSize,
        Flag::SingleAllocationLimit,
    ];
    let silent = case.balance.free.is_none()
        && case.balance.limit.is_none()
        && foreign::rivals_seen(case).is_none();
    if !incident.framework.serves()
        || incident.memory != Memory::Device
        || !silent
        || [
            MessageId::TensorrtLlmExecutor,
            MessageId::ExllamaSplit,
            MessageId::VllmWarmup,
            MessageId::SglangPool,
        ]
        .contains(&incident.format)
        || told.iter().any(|flag| incident.flagged(*flag))
    {
        return None;
    }
    let name = incident.framework.title();
    let asked = case.balance.tried.map_or_else(
        || format!("Memory was refused to {name}, which says neither how much nor what was free."),
        |tried| format!("{tried} was refused to {name}, which does not say what was free."),
    );
    let probe = if incident.flagged(Flag::Probe) {
        " Its builder was trying ways to compute a layer and may have gone on with another."
    } else {
        ""
    };
    let probe = if incident.format == MessageId::OpenvinoResources {
        " By OpenVINO's own word a kernel that reaches beyond its buffers ends in the same words."
    } else {
        probe
    };
    let settle = if incident.flagged(Flag::Probe) {
        "whether an engine was built in the end, and `nvidia-smi` while it builds"
    } else {
        "`nvidia-smi` while it runs: how much does this process hold, and who else is on the GPU?"
    };
    Some(Verdict::settled_by(
        Confidence::Possible,
        format!("{asked}{probe}"),
        settle,
    ))
}
