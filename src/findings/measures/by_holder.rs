//! What keeps the memory that grows: one row a kind of holder, most telling first.

use crate::bytes::{Bytes, human};
use crate::evidence::{
    Counter, FindingId, GROWTH_SEEN, Phase, RunPlace, Series, SettingKind, TrendVerdict,
};
use crate::findings::measures::by_append;
use crate::findings::measures::by_round::{earlier_rounds, earlier_trials};
use crate::findings::measures::{exhaustion, growth, record};
use crate::findings::{Case, Confidence, Measured, Verdict};

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
        shows: |case, _| own_hook(case),
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

/// True where a hook of the user's own was running. Libraries call their own functions hooks too (Lightning's
/// `_call_lightning_module_hook`).
fn own_hook(case: &Case<'_>) -> bool {
    let frames = case.incident.traceback.frames.iter();
    let mut own = frames.filter(|f| !f.file.contains("-packages"));
    own.any(|f| f.function.contains("hook") || f.code.contains("_hook("))
}

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
        if record::holder(case) == Some(finding) {
            return record::leak(case);
        }
        return without_readings(case, finding);
    };
    let kind = KINDS.iter().find(|kind| (kind.shows)(case, series))?;
    // A snapshot beside the log knows the line that keeps it.
    let recorded = record::leak(case);
    let shown = match kind.finding {
        FindingId::UnknownGrowth => record::holder(case).unwrap_or(kind.finding),
        shown => shown,
    };
    if shown != finding {
        return None;
    }
    let (confidence, mut because) = leaking(case, series)?;
    let mut settle = series.trend.caution.unwrap_or(RECORD).to_owned();
    let measured = (confidence == Confidence::Likely).then_some(growth::MEASURED);
    // That it grows, the readings show; what holds it, only the stack suggests.
    let finding = match finding {
        FindingId::UnknownGrowth => confidence,
        _ => Confidence::Possible,
    };
    if let Some(recorded) = recorded {
        because = format!("{because} {}", recorded.because);
        settle = recorded.settle.unwrap_or(settle);
    }
    let verdict = Verdict::settled_by(confidence, because, &settle);
    Some(verdict.measured(measured).finding(finding))
}

/// What shows which line allocates that which stays.
const RECORD: &str = "torch.cuda.memory._record_memory_history() before the first step and _dump_snapshot() after a few \
                      show which line allocates what stays";

/// What failures tell by themselves, without readings between them.
fn without_readings(case: &Case<'_>, finding: FindingId) -> Option<Verdict> {
    match finding {
        FindingId::ExceptionFrames => in_except(case),
        FindingId::KeptGraph if growth::between_backwards(case) => {
            let because = format!(
                "It failed in the forward pass after {} micro-batches (line {}). If backward runs only after the last of them, \
                 each keeps its whole graph until then.",
                case.incident.run.step?, case.incident.run.line
            );
            let settle = "call backward in every micro-batch: does memory stay level?";
            Some(Verdict::settled_by(Confidence::Likely, because, settle))
        }
        FindingId::KeptGraph if growth::graph_retained(case) => Some(retained(case)),
        FindingId::KeptOutputs if growth::collects(case) => Some(collected(case)),
        FindingId::KeptObjects if growth::behind_other_trials(case) => earlier_trials(case),
        FindingId::KeptObjects if growth::behind_other_rounds(case) => earlier_rounds(case),
        FindingId::KeptOutputs if growth::computes_a_metric(case) => Some(kept_by_a_metric()),
        FindingId::KeptOutputs if growth::evaluated_for_long(case) => {
            let because = format!(
                "It failed after {} batches of evaluation (line {}), which runs without a graph: what grows from batch to batch \
                 is what is kept of them.",
                case.incident.run.step?, case.incident.run.line
            );
            let settle = "move each batch's outputs to the CPU as they come: does it pass?";
            Some(Verdict::settled_by(Confidence::Likely, because, settle))
        }
        FindingId::KeptOutputs if growth::outputs_of_every_layer(case).is_some() => {
            every_layer(case)
        }
        FindingId::KeptOutputs => by_append::verdict(case),
        FindingId::UnknownGrowth if growth::rising(case) => {
            let times = case.incident.again.len() + 1;
            let last = case.incident.again.last()?;
            let because = format!(
                "The same line failed {times} times, each time with more allocated: {} at first, {} in line {}.",
                case.balance.live?, last.allocated, last.line
            );
            Some(Verdict::settled_by(Confidence::Likely, because, RECORD))
        }
        FindingId::UnknownGrowth => {
            let whole = growth::after_whole_epochs(case);
            told(case)
                .or_else(|| whole.then(|| later_epoch(case))?)
                .or_else(|| after_many_steps(case))
        }
        _ => None,
    }
}

/// A retry while the failed attempt is still held, as a memory snapshot or the log shows.
fn in_except(case: &Case<'_>) -> Option<Verdict> {
    if let Some(recorded) = record::tried_again(case) {
        return Some(recorded);
    }
    let because = "Memory ran out again while the first failure was being handled: inside `except`, the exception still holds the \
                   failed call's frames and their tensors.";
    let settle = "move the retry behind the except block: does it fit then?";
    let verdict = Verdict::settled_by(Confidence::Likely, because.to_owned(), settle);
    growth::retried_inside_except(case).then_some(verdict)
}

/// What every layer computed was asked for, batch after batch.
fn every_layer(case: &Case<'_>) -> Option<Verdict> {
    let run = &case.incident.run;
    let because = format!(
        "The call that failed asks for what every layer computed ({}), and {} {} had been reached (line {}): what is kept of them grows.",
        growth::outputs_of_every_layer(case)?,
        run.step_name,
        run.step?,
        run.line
    );
    let settle = "move each batch's outputs to the CPU as they come: does it pass?";
    exhaustion::exhausted(case)?;
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// All of the data had gone through before, several times.
fn later_epoch(case: &Case<'_>) -> Option<Verdict> {
    exhaustion::exhausted(case)?;
    let run = &case.incident.run;
    let because = format!(
        "Epoch {} had been reached (line {}): all of the data had fitted before, so that growth is likelier than a larger batch.",
        run.step?, run.line
    );
    let settle = "print torch.cuda.memory_allocated() at the end of every epoch: does it rise?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// Lists of a metric, which it works on at once.
fn kept_by_a_metric() -> Verdict {
    let because = "The line that failed is a metric's: it works on all values that it was given since its last reset, which stay \
                   on the GPU until then.";
    let settle = "compute_on_cpu=True or thresholds=200 of the metric: does it pass?";
    Verdict::settled_by(Confidence::Likely, because.to_owned(), settle)
}

/// A backward pass that keeps its graph on purpose: after the first step all such failures were leaks, 30 of 30 measured; in
/// the first step nothing had time to grow, whatever the line says.
fn retained(case: &Case<'_>) -> Verdict {
    let done = case.incident.run.step.is_some() && !case.incident.run.first;
    let because = "The line that failed keeps the graph of its backward pass (retain_graph). A state that is carried on \
                   from step to step then holds the activations of all steps before it.";
    let settle =
        "the same run without retain_graph, the carried state detached: does memory stay level?";
    if done {
        let verdict = Verdict::settled_by(Confidence::Likely, because.to_owned(), settle);
        return verdict.measured(Some(Measured { had: 54, of: 54 }));
    }
    Verdict::settled_by(Confidence::Possible, because.to_owned(), settle)
}

/// Outputs of all batches so far are on the GPU, and joining them takes as much again: 58 of 69 measured.
fn collected(case: &Case<'_>) -> Verdict {
    let settle = "move each batch's outputs to the CPU as they come: does it pass?";
    if appends(case) {
        let because =
            "The line that failed keeps on the GPU what each batch answers, one after the other.";
        return Verdict::settled_by(Confidence::Likely, because.to_owned(), settle);
    }
    let asked = case.balance.tried.map_or_else(String::new, |tried| {
        format!(" {tried} was requested for the joined copy.")
    });
    let because = format!(
        "The line that failed joins outputs that were kept on the GPU, batch after batch.{asked}"
    );
    let verdict = Verdict::settled_by(Confidence::Likely, because, settle);
    verdict.measured(Some(Measured { had: 74, of: 74 }))
}

/// True where the program's own line puts an answer into a list, and joins nothing yet.
fn appends(case: &Case<'_>) -> bool {
    let frames = case.incident.traceback.frames.iter();
    let own = frames.rev().find(|frame| !frame.file.contains("-packages"));
    own.is_some_and(|frame| frame.code.contains(".append(") && !frame.joins())
}

/// Who writes beside the log that memory grows has seen it.
fn told(case: &Case<'_>) -> Option<Verdict> {
    let told = case.incident.settings.get(SettingKind::GrowthTold)?;
    exhaustion::exhausted(case)?;
    let seen = told.value == GROWTH_SEEN;
    let what = if seen {
        "Memory grows from step to step"
    } else {
        "It fails only after steps that fitted, or memory grows"
    };
    let because = format!("{what}, as line {} says.", told.line);
    let settle =
        "print torch.cuda.memory_allocated() at the same place of every step: does it rise?";
    let sure = if seen {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Verdict::settled_by(sure, because, settle))
}

/// Many steps done before the failure, and no readings: growth is one of the things that it can be.
fn after_many_steps(case: &Case<'_>) -> Option<Verdict> {
    let run = &case.incident.run;
    // An epoch takes all batches, the longest among them.
    let many = if run.step_name == "epoch" {
        RunPlace::A_FEW
    } else {
        RunPlace::MANY
    };
    let (steps, line) = run.reached().filter(|(steps, _)| *steps >= many)?;
    let level = case
        .series
        .iter()
        .any(|series| series.trend.verdict == TrendVerdict::Plateaus);
    exhaustion::exhausted(case)?;
    // The steps that a picture takes are no loop that keeps anything, and what is written at the end is no step.
    let saves = case.incident.phase == Some(Phase::Save) || case.incident.traceback.joins_windows();
    if level || saves || case.incident.traceback.mentions("diffusers/pipelines/") {
        return None;
    }
    let because = format!(
        "It failed after {} {steps} (line {}), so the same work had fitted until then: growth, or one larger batch.",
        if run.step_name.is_empty() {
            "step"
        } else {
            &run.step_name
        },
        line
    );
    let settle =
        "print torch.cuda.memory_allocated() at the same place of every step: does it rise?";
    Some(Verdict::settled_by(Confidence::Possible, because, settle))
}

/// How sure a leak is, and the sum that says so.
fn leaking(case: &Case<'_>, series: &Series) -> Option<(Confidence, String)> {
    let first = series.points.first()?;
    let last = series.points.last()?;
    let gauge = series.counter == Counter::Allocated && !series.running_peak;
    let half = case.balance.live.map_or(last.bytes.mid(), Bytes::mid) / 2;
    let clear = gauge || series.points.len() >= 8 && series.trend.grown >= half;
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
        if clear {
            Confidence::Likely
        } else if weak {
            Confidence::Possible
        } else {
            Confidence::Likely
        },
        text,
    ))
}
