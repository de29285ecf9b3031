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

/// TGI's own word, or TEI's steps: they try as many tokens as they may take at once, before they serve.
fn by_its_word(case: &Case<'_>) -> Option<Verdict> {
    let (program, phase) = (case.incident.program(), case.incident.phase);
    let tokens = case.incident.settings.get(SettingKind::TokensAtOnce);
    let tokens = tokens.filter(|told| match program {
        Program::Tgi => {
            told.name == "max_batch_prefill_tokens" && matches!(phase, None | Some(Phase::TrialRun))
        }
        Program::Tei => told.name == "max_batch_tokens" && phase == Some(Phase::TrialRun),
        _ => false,
    })?;
    let said = if program == Program::Tgi {
        "It says that memory ran out there."
    } else {
        "Its last step before the failure was that."
    };
    let because = format!(
        "Before it serves, {} tries its largest batch, {} tokens at once. {said}",
        program.title(),
        tokens.value
    );
    let settle = "its lines above it: what do the weights take?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
