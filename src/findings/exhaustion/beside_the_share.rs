//! An engine's weights and cache fill its share; graphs, libraries and the work itself need the rest.

use crate::bytes::GIB;
use crate::evidence::{FindingId, Key, MessageId, Phase, Program, SettingKind};
use crate::findings::measures::by_stack;
use crate::findings::measures::room;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::BesideTheShare,
    cause: Cause::Exhaustion,
    page: include_str!("beside-the-share.md"),
    fixes: fixes![
        no_graphs,
        lower_batch_size,
        lower_engine_memory_share,
        fewer_graph_sizes,
        limit_images,
        quantize_kv_cache,
        shard_across_gpus,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::BesideTheShare)
        .or_else(|| outside(case))
        .or_else(|| warming_up(case))
        .or_else(|| full(case))
}

/// vLLM's own word: the sampler was tried with as many requests as it takes at once.
fn warming_up(case: &Case<'_>) -> Option<Verdict> {
    if case.incident.format != MessageId::VllmWarmup {
        return None;
    }
    let requests = case.incident.settings.get(SettingKind::Sequences);
    let requests = requests.map_or_else(String::new, |n| {
        format!(" with {} requests at once", n.value)
    });
    let because = format!(
        "Before it serves, vLLM tries its sampler{requests}, as many as it may serve, beside weights and cache. It says that memory ran out there."
    );
    Some(Verdict::settled_by(Confidence::Likely, because, SETTLE))
}

/// The message was cut before it says what tensors hold: the device is full, and the engine has it.
fn full(case: &Case<'_>) -> Option<Verdict> {
    let (incident, balance) = (case.incident, case.balance);
    let (tried, left, total) = (balance.tried?, balance.headroom?, balance.total?);
    let stage = matches!(
        incident.phase,
        Some(Phase::Generate | Phase::GraphCapture | Phase::Forward) | None
    );
    let ours = incident.program().takes_a_share() && incident.framework == Program::Pytorch;
    if !ours
        || !stage
        || balance.live.is_some()
        || balance.others.is_some()
        || !tried.surely_over(left)
    {
        return None;
    }
    let weights = incident
        .facts
        .get(Key::Weights)
        .map_or_else(String::new, |weights| {
            format!(", {weights} of them weights")
        });
    let used = total.minus(left);
    let because = format!(
        "{tried} was requested and {left} is free. {used} of {total} are in use{weights}; {} fills its share in advance.",
        incident.program().title()
    );
    Some(Verdict::settled_by(Confidence::Possible, because, SETTLE))
}

const SETTLE: &str =
    "the engine's lines above it: how large is its share, and what do the weights take?";

/// More stands outside `PyTorch` than a context needs: graphs, NCCL and kernels of the engine, beside the share that it takes.
fn outside(case: &Case<'_>) -> Option<Verdict> {
    let incident = case.incident;
    let balance = case.balance;
    let (outside, total, tried, left) = (
        balance.outside?,
        balance.total?,
        balance.tried?,
        balance.headroom?,
    );
    let matters = outside.low() > GIB && outside.surely_at_least(tried.minus(left));
    if !incident.program().takes_a_share() || !matters || room::had_room(case) {
        return None;
    }
    // Before there is a cache, there is no share.
    if matches!(incident.phase, Some(Phase::TrialRun | Phase::Load)) {
        return None;
    }
    let name = incident.program().title();
    let because = format!(
        "{tried} was requested and {left} is free. Of the {total}, {outside} of this process is not PyTorch's own: CUDA graphs, NCCL, \
         libraries and kernels, which {name} does not count into its share."
    );
    Some(Verdict::settled_by(Confidence::Likely, because, SETTLE))
}
