//! Another program took its share of the device in advance.

use crate::evidence::FindingId;
use crate::findings::measures::foreign;
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::PreallocatingFramework,
    cause: Cause::Contention,
    page: include_str!("preallocating-framework.md"),
    fixes: fixes![
        jax_no_preallocate,
        lower_engine_memory_share,
        stop_other_process,
        run_it_again,
        choose_another_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    foreign::foreign_holds(case)?;
    let total = case.balance.total?;
    // JAX takes 75 % when it starts, vLLM 90 %, TGI and TensorFlow nearly all; a context comes on top.
    let rival = case
        .incident
        .processes
        .iter()
        .filter(|p| !p.own)
        .find(|p| {
            let share = p.bytes.mid().saturating_mul(1000) / total.mid().max(1);
            matches!(share, 745..=762 | 895..=912)
        })?;
    let because = format!(
        "Process {} holds {} of {total}: the share that JAX (75 %) or an inference engine (90 %) takes when it starts.",
        rival
            .pid
            .map_or_else(|| "unknown".to_owned(), |pid| pid.to_string()),
        rival.bytes
    );
    let settle = "`ps -o pid,cmd` for that process: does it use JAX, TensorFlow, vLLM or SGLang?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}
