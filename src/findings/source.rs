//! What the program's own lines say of a failure. By itself a line makes a leak likely at most; with readings or a census it is the
//! line that does it.

use super::exhaustion::{duplicate_weights, graph_kept_in_eval};
use super::leak::{
    exception_frames, hooks, kept_graph, kept_objects, kept_outputs, unknown_growth,
};
use super::{Case, Cause, Confidence, Finding, Judged, Verdict};
use crate::evidence::{Clue, ClueKind, Phase};

/// From here on the same work had fitted a few times.
const A_FEW: u64 = 3;
/// From here on a failure is late for work that is the same in every step.
const MANY: u64 = 8;

/// Names the line where one fits what is the case; where nothing shows growth, adds what the lines make likely.
pub(super) fn tell(case: &Case<'_>, judged: &mut Vec<Judged>) {
    let Some(first) = judged.first_mut() else {
        return;
    };
    let best = best(case, first);
    if let Some(clue) = best {
        first.verdict.because = format!("{} {}", first.verdict.because, sentence(clue));
        if first.finding.id == unknown_growth::FINDING.id {
            first.finding = finding(clue.kind);
        }
        return;
    }
    suspect(case, judged);
}

/// The clue that tells how what is the case came about.
fn best<'c>(case: &'c Case<'_>, first: &Judged) -> Option<&'c Clue> {
    let clues = &case.incident.clues;
    let leak = first.finding.cause == Cause::Leak;
    // A census names what keeps it.
    let named = |clue: &&Clue| {
        let name = clue.name.rsplit('.').next().unwrap_or_default();
        let quoted = [format!("`{name}`"), format!(".{name}`")];
        !name.is_empty()
            && quoted
                .iter()
                .any(|q| first.verdict.because.contains(q.as_str()))
    };
    let fits = |clue: &&Clue| finding(clue.kind).id == first.finding.id;
    let any = |clue: &&Clue| leaks(clue) && first.finding.id == unknown_growth::FINDING.id;
    let lasting = |clue: &&Clue| clue.lasting;
    let told = clues.iter().find(|clue| leak && named(clue));
    told.or_else(|| clues.iter().filter(fits).find(lasting))
        .or_else(|| clues.iter().find(fits))
        .or_else(|| clues.iter().filter(any).find(lasting))
        .or_else(|| clues.iter().find(any))
}

/// Without a word of growth: lines that keep something at every step, after a few steps that fitted.
fn suspect(case: &Case<'_>, judged: &mut Vec<Judged>) {
    let steps = case.incident.run.step.unwrap_or(0);
    let elsewhere = matches!(
        case.incident.phase,
        Some(Phase::GraphCapture | Phase::Load | Phase::Optimizer)
    );
    let settled = judged
        .first()
        .is_some_and(|j| j.finding.cause != Cause::Exhaustion && j.finding.cause != Cause::Unknown);
    if elsewhere || settled || steps < A_FEW || case.incident.census.is_some() {
        return;
    }
    let clues = case.incident.clues.iter().filter(|clue| leaks(clue));
    let Some(clue) = clues
        .clone()
        .find(|c| c.lasting)
        .or_else(|| clues.clone().next())
    else {
        return;
    };
    let finding = finding(clue.kind);
    let late = steps >= MANY;
    let because = format!(
        "It failed after {} {steps}, so that the same work had fitted until then. {}",
        if case.incident.run.step_name.is_empty() {
            "step"
        } else {
            &case.incident.run.step_name
        },
        sentence(clue)
    );
    let confidence = if late {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let settle = "print torch.cuda.memory_allocated() at every step: does it rise?";
    let verdict = Verdict::settled_by(confidence, because, settle);
    judged.retain(|j| j.finding.id != finding.id);
    if late {
        for other in judged.iter_mut() {
            other.verdict.confidence = Confidence::Possible;
            other.verdict.measured = None;
        }
        judged.insert(0, Judged { finding, verdict });
    } else {
        judged.push(Judged { finding, verdict });
    }
}

fn leaks(clue: &Clue) -> bool {
    finding(clue.kind).cause == Cause::Leak && clue.kind != ClueKind::RetryInExcept
}

fn finding(kind: ClueKind) -> &'static Finding {
    match kind {
        ClueKind::AddedGraph
        | ClueKind::BackwardAtEnd
        | ClueKind::KeptGraph
        | ClueKind::CarriedState => &kept_graph::FINDING,
        ClueKind::KeptOutputs => &kept_outputs::FINDING,
        ClueKind::KeptObjects => &kept_objects::FINDING,
        ClueKind::StoringHook => &hooks::FINDING,
        ClueKind::RetryInExcept => &exception_frames::FINDING,
        ClueKind::EvalWithGraph => &graph_kept_in_eval::FINDING,
        ClueKind::LoadOnDevice => &duplicate_weights::FINDING,
    }
}

/// "train.py:31 adds up tensors with their graphs: `total += loss`."
fn sentence(clue: &Clue) -> String {
    let does = match clue.kind {
        ClueKind::AddedGraph => "adds up tensors with their graphs",
        ClueKind::BackwardAtEnd => "adds up losses, and backward runs once behind the loop",
        ClueKind::KeptOutputs => "keeps a result of every step",
        ClueKind::KeptGraph => "keeps every loss with its graph",
        ClueKind::KeptObjects => "keeps the models or states of every round",
        ClueKind::StoringHook => "stores what the hook is given",
        ClueKind::CarriedState => "carries a state on with its graph",
        ClueKind::RetryInExcept => "tries again inside of `except`",
        ClueKind::EvalWithGraph => "runs the model with its graph",
        ClueKind::LoadOnDevice => "reads the checkpoint onto the GPU that it was saved from",
    };
    format!("{} {does}: `{}`.", clue.place(), clue.code)
}
