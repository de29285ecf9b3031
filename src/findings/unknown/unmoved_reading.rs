//! An engine reads as much free behind its trial run as before it: what it reads is not what it uses.

use crate::evidence::{FindingId, Key, MessageId};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::UnmovedReading,
    cause: Cause::Unknown,
    page: include_str!("unmoved-reading.md"),
    fixes: fixes![choose_another_gpu],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let facts = &case.incident.facts;
    let (before, behind) = (facts.get(Key::FreeAtStart)?, case.balance.free?);
    if case.incident.format != MessageId::VllmProfiling || behind.surely_over(before) {
        return None;
    }
    let because = format!(
        "{behind} is free behind vLLM's trial run, as much as the {before} when it began, though it had loaded a model: it reads another \
         GPU than the one that it works on, or the driver's figure does not move. The driver refused nothing."
    );
    // vllm-project/vllm, pull request 33358 (January 2026): Intel's figure stays as it is, and newer releases let that pass.
    let settle = "on which GPU do its weights lie, by `nvidia-smi`? Intel's figure does not move, and vLLM from February 2026 on lets that pass";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
