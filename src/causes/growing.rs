//! What keeps the memory that grows: one row a kind of holder, most telling first.

use super::{Case, Confidence, Verdict, sums};
use crate::bytes::Bytes;
use crate::evidence::{Phase, Series};

/// A kind of holder: the finding's id, and whether log and stack show it.
struct Kind {
    finding: &'static str,
    shows: fn(&Case<'_>, &Series) -> bool,
}

/// The first row that fits names the finding; the last one always fits.
const KINDS: [Kind; 7] = [
    Kind {
        finding: "exception-frames",
        shows: |case, _| case.incident.traceback.chained,
    },
    Kind {
        finding: "hooks",
        shows: |case, _| case.incident.traceback.mentions("hook"),
    },
    Kind {
        finding: "cycles",
        shows: |case, _| case.incident.traceback.mentions("gc.collect"),
    },
    Kind {
        finding: "kept-objects",
        shows: |_, series| rounds(&series.step_name),
    },
    Kind {
        finding: "kept-outputs",
        shows: keeps_outputs,
    },
    Kind {
        finding: "kept-graph",
        shows: keeps_graph,
    },
    Kind {
        finding: "unknown-growth",
        shows: |_, _| true,
    },
];

/// Rounds that each build everything anew: what grows from one to the next is whole objects.
fn rounds(step_name: &str) -> bool {
    ["fold", "trial", "request", "model", "run", "seed"].contains(&step_name)
}

/// Evaluation that collects, or growth by one result a step: the size of the request that failed.
fn keeps_outputs(case: &Case<'_>, series: &Series) -> bool {
    let collects = ["append(", "torch.cat", "nested_concat", "extend("]
        .iter()
        .any(|word| case.incident.traceback.mentions(word));
    let slope = series
        .trend
        .per_step
        .and_then(|(slope, _)| u64::try_from(slope).ok());
    let one_result = slope.zip(case.balance.tried).is_some_and(|(slope, tried)| {
        let near = Bytes::between(slope - slope / 50, slope + slope / 50);
        near.meet(tried).is_some()
    });
    collects || one_result
}

/// Growth where no backward pass frees what the graph saved: the loss or the outputs keep their graph.
///
/// A backward pass frees the tensors saved for it, so that a kept loss holds next to nothing afterwards; without one, each
/// kept result holds all activations that led to it (torch/autograd: saved tensors are freed unless `retain_graph`).
fn keeps_graph(case: &Case<'_>, _series: &Series) -> bool {
    let kept = ["+= loss", "append(loss", "losses.append"]
        .iter()
        .any(|word| case.incident.traceback.mentions(word));
    kept || case.incident.phase == Some(Phase::Eval)
}

/// The verdict of the finding with this id: a leak, where this is what the evidence shows to keep it.
pub(super) fn verdict(case: &Case<'_>, finding: &str) -> Option<Verdict> {
    let series = sums::growth(case)?;
    let kind = KINDS.iter().find(|kind| (kind.shows)(case, series))?;
    if kind.finding != finding {
        return None;
    }
    let (confidence, because) = sums::leaking(case)?;
    let settle = "torch.cuda.memory._record_memory_history() before the first step and _dump_snapshot() after a few show which line allocates what stays";
    let settle = (confidence != Confidence::Proven || finding == "unknown-growth")
        .then(|| settle.to_owned());
    Some(Verdict {
        confidence,
        because,
        settle,
    })
}
