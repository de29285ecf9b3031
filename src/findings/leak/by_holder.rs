//! What keeps the memory that grows: one row a kind of holder, most telling first.

use crate::bytes::{Bytes, human};
use crate::evidence::{Counter, FindingId, Phase, Series, SettingKind, TrendVerdict};
use crate::findings::measures::{exhaustion, growth};
use crate::findings::{Case, Confidence, Verdict};

/// A kind of holder: the finding's id, and whether log and stack show it.
struct Kind {
    finding: FindingId,
    shows: fn(&Case<'_>, &Series) -> bool,
}

/// The first row that fits names the finding; the last one always fits.
const KINDS: [Kind; 7] = [
    Kind {
        finding: FindingId::ExceptionFrames,
        shows: |case, _| case.incident.traceback.chained,
    },
    Kind {
        finding: FindingId::Hooks,
        shows: |case, _| case.incident.traceback.runs("hook"),
    },
    Kind {
        finding: FindingId::Cycles,
        shows: |case, _| case.incident.traceback.runs("gc.collect"),
    },
    Kind {
        finding: FindingId::KeptObjects,
        shows: |case, series| {
            rounds(&series.step_name) || case.incident.phase == Some(Phase::Generate)
        },
    },
    Kind {
        finding: FindingId::KeptOutputs,
        shows: keeps_outputs,
    },
    Kind {
        finding: FindingId::KeptGraph,
        shows: keeps_graph,
    },
    Kind {
        finding: FindingId::UnknownGrowth,
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
        .any(|word| case.incident.traceback.runs(word));
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
fn keeps_graph(case: &Case<'_>, series: &Series) -> bool {
    const KEEPS: [&str; 4] = [
        "+= loss",
        "append(loss",
        "losses.append",
        "retain_graph=True",
    ];
    let kept = KEEPS.iter().any(|word| case.incident.traceback.runs(word));
    let forward = matches!(case.incident.phase, Some(Phase::Forward | Phase::Eval));
    // One kept result is one tensor; many times the request that failed is a whole graph of them.
    let slope = series
        .trend
        .per_step
        .map_or(0, |(slope, _)| u64::try_from(slope).unwrap_or(0));
    let graph = case
        .balance
        .tried
        .is_some_and(|tried| slope > tried.high().saturating_mul(4));
    kept || (forward && (graph || case.incident.settings.has(SettingKind::GraphKept)))
}

/// The verdict of the finding with this id: a leak, where this is what the evidence shows to keep it.
pub(crate) fn verdict(case: &Case<'_>, finding: FindingId) -> Option<Verdict> {
    let Some(series) = growth::growth(case) else {
        return without_readings(case, finding);
    };
    let kind = KINDS.iter().find(|kind| (kind.shows)(case, series))?;
    if kind.finding != finding {
        return None;
    }
    let (confidence, because) = leaking(case, series)?;
    let settle = series.trend.caution.map(str::to_owned);
    let open = confidence != Confidence::Proven || finding == FindingId::UnknownGrowth;
    let settle = settle.or_else(|| open.then(|| RECORD.to_owned()));
    Some(Verdict {
        confidence,
        because,
        settle,
    })
}

/// What shows which line allocates that which stays.
const RECORD: &str = "torch.cuda.memory._record_memory_history() before the first step and _dump_snapshot() after a few \
                      show which line allocates what stays";

/// What failures tell by themselves, without readings between them.
fn without_readings(case: &Case<'_>, finding: FindingId) -> Option<Verdict> {
    match finding {
        FindingId::ExceptionFrames if growth::retried_inside_except(case) => {
            let because = "Memory ran out again while the first failure was being handled: inside `except`, the exception \
                           still holds the failed call's frames and their tensors.";
            let settle = "move the retry behind the except block: does it fit then?";
            Some(Verdict::settled_by(
                Confidence::Likely,
                because.to_owned(),
                settle,
            ))
        }
        FindingId::KeptGraph if growth::between_backwards(case) => {
            let because = format!(
                "It failed in the forward pass after {} micro-batches (line {}). Where backward runs only after the last of them, \
                 each keeps its whole graph until then.",
                case.incident.run.step?, case.incident.run.line
            );
            let settle = "call backward in every micro-batch: does memory stay level?";
            Some(Verdict::settled_by(Confidence::Likely, because, settle))
        }
        FindingId::UnknownGrowth if growth::rising(case) => {
            let times = case.incident.again.len() + 1;
            let last = case.incident.again.last()?;
            let because = format!(
                "The same line failed {times} times, each time with more allocated: {} at first, {} in line {}.",
                case.balance.live?, last.allocated, last.line
            );
            Some(Verdict::settled_by(Confidence::Likely, because, RECORD))
        }
        FindingId::UnknownGrowth => after_many_steps(case),
        _ => None,
    }
}

/// Many steps done before the failure, and no readings: growth is one of the things that it can be.
fn after_many_steps(case: &Case<'_>) -> Option<Verdict> {
    let run = &case.incident.run;
    let steps = run.step.filter(|step| *step >= MANY_STEPS)?;
    let level = case
        .series
        .iter()
        .any(|series| series.trend.verdict == TrendVerdict::Plateaus);
    exhaustion::exhausted(case)?;
    if level {
        return None;
    }
    let because = format!(
        "It failed after {} {steps} (line {}), so the same work had fitted until then: growth, or one larger batch.",
        if run.step_name.is_empty() {
            "step"
        } else {
            &run.step_name
        },
        run.line
    );
    let settle =
        "print torch.cuda.memory_allocated() at the same place of every step: does it rise?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// From here on, a failure is late: warm-up, the first evaluation and the first checkpoint are usually over.
const MANY_STEPS: u64 = 50;

/// How sure a leak is, and the sum that says so.
fn leaking(case: &Case<'_>, series: &Series) -> Option<(Confidence, String)> {
    let first = series.points.first()?;
    let last = series.points.last()?;
    let gauge = series.counter == Counter::Allocated && !series.running_peak;
    let half = case.balance.live.map_or(last.bytes.mid(), Bytes::mid) / 2;
    let proven = gauge && series.points.len() >= 8 && series.trend.grown >= half;
    let name = if series.step_name.is_empty() {
        "reading"
    } else {
        &series.step_name
    };
    let slope = series
        .trend
        .per_step
        .and_then(|(slope, _)| u64::try_from(slope).ok());
    let slope = slope.map_or_else(String::new, |slope| {
        format!(", {} every {name}", human(slope))
    });
    // A bar that a file keeps is one line, however often it was drawn.
    let lines = match (first.line, last.line) {
        (one, same) if one == same => format!("line {one}"),
        (from, to) => format!("lines {from} to {to}"),
    };
    let text = format!(
        "Memory grew from {} to {} over {} readings ({lines}){slope}, and never fell back: something keeps \
         tensors that it should let go.",
        first.bytes,
        last.bytes,
        series.points.len()
    );
    let weak = series.running_peak || series.counter == Counter::Reserved;
    Some((
        if proven {
            Confidence::Proven
        } else if weak {
            Confidence::Possible
        } else {
            Confidence::Likely
        },
        text,
    ))
}
