//! A program counts before it loads, and does not try.

use crate::evidence::{Family, FindingId, Flag, MessageId};
use crate::findings::{Case, Cause, Confidence, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::Guardrail,
    cause: Cause::Cap,
    page: include_str!("guardrail.md"),
    fixes: fixes![
        smaller_context,
        fewer_gpu_layers,
        quantize_kv_cache,
        quantize_weights,
        offload,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    if !case.incident.flagged(Flag::Estimate) {
        return None;
    }
    if case.incident.format == MessageId::QuantizedSpill {
        let because = "Accelerate placed the layers by what was free on the GPUs. Not all of them fit, even quantized, and bitsandbytes \
                       keeps its layers on GPUs. The driver refused nothing.";
        let settle = "`nvidia-smi` before it starts: does anything else hold memory, an earlier model of the notebook too?";
        return Some(Verdict::settled_by(
            Confidence::Likely,
            because.to_owned(),
            settle,
        ));
    }
    let name = case.incident.framework.title();
    let size = case.balance.tried.map_or_else(
        || "more than there is".to_owned(),
        |tried| format!("about {tried}"),
    );
    let because = format!(
        "{name} worked out that the model takes {size} with its context, and stopped before it asked for any. The driver refused \
         nothing, and the estimate can be wrong."
    );
    let draws = case.incident.framework.family() == Family::ImageInterface;
    if draws {
        let free = case
            .balance
            .free
            .map_or_else(String::new, |free| format!(", while {free} was free"));
        let because = format!(
            "{name} worked out that the model takes {size}{free}, and stopped before it moved any of it. The driver refused nothing."
        );
        let settle = "what else the machine's memory holds: this GPU has none of its own";
        return Some(Verdict::settled_by(Confidence::Likely, because, settle));
    }
    let settle = "the estimate with a shorter context, and a load with the guardrails relaxed: is it refused then, and by whom?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
