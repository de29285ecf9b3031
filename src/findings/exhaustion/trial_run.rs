//! An engine tries its largest batch before it has a cache, and the batch does not fit.

use crate::evidence::{FindingId, Phase, Program, SettingKind};
use crate::findings::measures::by_stack;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::TrialRun,
    cause: Cause::Exhaustion,
    page: include_str!("trial-run.md"),
    fixes: fixes![
        limit_images,
        lower_batch_size,
        smaller_context,
        low_precision_weights,
        quantize_weights,
        shard_across_gpus,
        offload,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    by_stack::verdict(case, FindingId::TrialRun).or_else(|| by_its_word(case))
}

/// TGI's own word: it tried as many tokens as it may take at once, before it serves.
fn by_its_word(case: &Case<'_>) -> Option<Verdict> {
    let tokens = case.incident.settings.get(SettingKind::TokensAtOnce);
    let tokens = tokens.filter(|told| told.name == "max_batch_prefill_tokens")?;
    let tried = case.incident.phase.is_none() || case.incident.phase == Some(Phase::TrialRun);
    let because = format!(
        "Before it serves, TGI tries its largest batch, {} tokens at once. It says that memory ran out there.",
        tokens.value
    );
    let settle = "its lines above it: what do the weights take?";
    (tried && case.incident.program() == Program::Tgi)
        .then(|| Verdict::settled_by(Confidence::Likely, because, settle))
}
