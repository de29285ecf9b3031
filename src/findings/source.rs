//! What the program's own lines say of a failure. By itself a line makes a leak likely at most; with readings or a census it is the
//! line that does it.

use super::exhaustion::{activations, graph_kept_in_eval, more_than_the_device};
use super::leak::unknown_growth;
use super::measures::growth;
use super::{Case, Cause, Confidence, Finding, Judged, Verdict};
use crate::evidence::{Clue, ClueKind, Phase, RunPlace, SettingKind};
use crate::sorting;

/// From here on a failure is late for work that is the same in every step.
const MANY: u64 = 8;

/// Names the line where one fits what is the case; where nothing shows growth, adds what the lines make likely.
pub(super) fn tell(case: &Case<'_>, judged: &mut Vec<Judged>) {
    let Some(first) = judged.first_mut() else {
        return;
    };
    let whole = [&activations::FINDING, &more_than_the_device::FINDING];
    let learns_nothing = case.incident.runs_with_its_graph();
    if learns_nothing.is_some() && whole.iter().any(|f| f.id == first.finding.id) {
        first.finding = &graph_kept_in_eval::FINDING;
    }
    let lines = case.incident.lines_of(first.finding.id);
    // A graph that a line keeps from batch to batch is more than one that lives too long.
    let clues = &case.incident.clues;
    let piles_up = first.finding.id == graph_kept_in_eval::FINDING.id
        && clues.iter().any(|clue| keeps_graphs(case, clue));
    if let Some((clue, others)) = lines.split_first().filter(|_| !piles_up) {
        let alone = keeps_results_alone(case, clue);
        let because = &mut first.verdict.because;
        let measured = case.incident.census.is_some() || growth::growth(case).is_some();
        *because = if alone && !measured {
            // The log alone could not tell that no graph is made.
            let with = of_its_graph(clue, alone, false);
            format!("The line {}{with}{}", sentence(clue), also(others))
        } else {
            format!("{because} {}{}", sentence(clue), also(others))
        };
        let read = clue.kind.leaks() && !clue.path.is_empty();
        let sure = read && (alone || is_believed(case, clue));
        if sure && first.verdict.confidence == Confidence::Possible {
            first.verdict.confidence = Confidence::Likely;
        }
        if first.finding.id == unknown_growth::FINDING.id {
            first.finding = finding(clue.kind).unwrap_or(first.finding);
        }
        if alone {
            judged.retain(|j| j.finding.id != graph_kept_in_eval::FINDING.id);
        }
        return;
    }
    suspect(case, judged);
}

/// Other lines that may do the same.
fn also(others: &[&Clue]) -> String {
    const MOST: usize = 3;
    if others.is_empty() {
        return String::new();
    }
    let places: Vec<String> = others.iter().take(MOST).map(|clue| clue.place()).collect();
    format!(" {} may do so, too.", places.join(" and "))
}

/// Without a word of growth: lines that keep something at every step, after steps that fitted or where nobody counted them.
fn suspect(case: &Case<'_>, judged: &mut Vec<Judged>) {
    if is_settled(case, judged) {
        return;
    }
    let steps = case.incident.run.step;
    let clues = case.incident.clues.iter().filter(|clue| clue.kind.leaks());
    // What a function keeps for its own time counts while it runs, and where it keeps the graphs, too.
    let mut clues: Vec<&Clue> = clues
        .filter(|clue| clue.lasting || keeps_graphs(case, clue) || under_way(case, clue))
        .filter(|clue| !to_come(case, clue))
        .collect();
    sorting::by_key(&mut clues, |clue| {
        (clue.kind == ClueKind::StoringHook, !clue.lasting)
    });
    let Some((clue, others)) = clues.split_first() else {
        return;
    };
    let Some(finding) = finding(clue.kind) else {
        return;
    };
    let sums = matches!(clue.kind, ClueKind::AddedGraph | ClueKind::KeptGraph);
    let graph = (keeps_graphs(case, clue)
        || sums && under_way(case, clue) && clue.during.is_some())
        && !case.incident.run.first;
    let results = keeps_results_alone(case, clue);
    let whole = clue.kind == ClueKind::KeptObjects && growth::behind_other_trials(case);
    let late = graph || results || whole || is_believed(case, clue);
    if results {
        judged.retain(|j| j.finding.id != graph_kept_in_eval::FINDING.id);
    }
    let with = of_its_graph(clue, results, graph);
    let told = format!("{}{with}{}", sentence(clue), also(others));
    let because = match steps.filter(|steps| *steps >= RunPlace::A_FEW) {
        Some(steps) => format!(
            "It failed after {} {steps}, so that the same work had fitted until then. {told}",
            if case.incident.run.step_name.is_empty() {
                "step"
            } else {
                &case.incident.run.step_name
            },
        ),
        None => format!("The line {told}"),
    };
    let confidence = if late {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let settle = "print torch.cuda.memory_allocated() at every step: does it rise?";
    let verdict = Verdict::settled_by(confidence, because, settle);
    judged.retain(|j| j.finding.id != finding.id);
    if late || fills_in_inference(case, clue) {
        for other in judged.iter_mut() {
            other.verdict.confidence = Confidence::Possible;
            other.verdict.measured = None;
        }
        judged.insert(0, Judged { finding, verdict });
    } else {
        // A line that can be looked at is worth more than what the figures merely allow.
        judged.insert(1, Judged { finding, verdict });
    }
}

/// True where something else than a line of the program settles it, or the failure lies elsewhere.
fn is_settled(case: &Case<'_>, judged: &[Judged]) -> bool {
    let rounds = case.incident.run.step > Some(0);
    let elsewhere = match case.incident.phase {
        Some(Phase::GraphCapture) => true,
        // The next model is loaded where those of earlier rounds are kept.
        Some(Phase::Load) => {
            !((rounds || growth::behind_other_trials(case)) && clue_of_rounds(case))
        }
        _ => false,
    };
    let settled = judged.first().is_some_and(|j| match j.finding.cause {
        Cause::Exhaustion | Cause::Unknown => false,
        Cause::Fragmentation => j.verdict.confidence != Confidence::Possible,
        _ => true,
    });
    elsewhere || settled || case.incident.census.is_some()
}

/// True where models or states of every round are kept.
fn clue_of_rounds(case: &Case<'_>) -> bool {
    let mut clues = case.incident.clues.iter();
    clues.any(|clue| clue.kind == ClueKind::KeptObjects)
}

/// What the graph has to do with it.
fn of_its_graph(clue: &Clue, results: bool, graph: bool) -> &'static str {
    if results && clue.kind == ClueKind::CarriedState {
        " Nothing there learns, so that each step holds all steps before it, and to no use."
    } else if results && !clue.no_graph {
        " Nothing there learns, so that a turn needs no more than the one before but for what is kept."
    } else if results {
        " No graph is made there, so that a turn of the loop needs no more than the one before but for what is kept."
    } else if graph {
        " Nothing around it switches the graph off, so that each result keeps all activations of its step."
    } else {
        ""
    }
}

/// True where the line that failed keeps what a model answers, and nothing is learned: of 10 measured 7 were leaks, and 2 a cap.
fn fills_in_inference(case: &Case<'_>, clue: &Clue) -> bool {
    let answers = [Phase::Eval, Phase::Generate].map(Some);
    clue.kind == ClueKind::KeptOutputs
        && answers.contains(&case.incident.phase)
        && failed(case, clue)
}

/// True for the line that failed.
fn failed(case: &Case<'_>, clue: &Clue) -> bool {
    let own = case.incident.frame.as_ref();
    own.is_some_and(|frame| frame.file == clue.file && u64::from(frame.line) == clue.line)
}

/// True where the line is the likely reason: enough steps were done before, or somebody says so.
fn is_believed(case: &Case<'_>, clue: &Clue) -> bool {
    let incident = case.incident;
    // The line that asked for one more in vain needs fewer rounds to be believed.
    let enough = if failed(case, clue) {
        RunPlace::A_FEW
    } else {
        MANY
    };
    // Who pastes a part of a program pastes the part that fails.
    let pasted = clue.file == incident.place.source && incident.run.step.is_none();
    pasted
        || incident.settings.has(SettingKind::GrowthTold)
        || incident.run.step.is_some_and(|steps| steps >= enough)
}

/// True where the failure came from within the loop in which the line piles something up.
fn under_way(case: &Case<'_>, clue: &Clue) -> bool {
    let mut frames = case.incident.traceback.frames.iter();
    let Some((first, last)) = clue.during else {
        // Without a loop of its own it is called again and again.
        return clue.lasting
            && !clue.path.is_empty()
            && frames.any(|frame| frame.file == clue.file && frame.name() == clue.function);
    };
    frames.any(|frame| {
        frame.steps() && frame.file == clue.file && (first..=last).contains(&u64::from(frame.line))
    })
}

/// True where the failure came from a loop that makes no graph, or from a program that learns nothing, and that keeps what it computes,
/// and nothing counts its turns: without what is kept every turn would need the same.
fn keeps_results_alone(case: &Case<'_>, clue: &Clue) -> bool {
    let run = &case.incident.run;
    matches!(clue.kind, ClueKind::KeptOutputs | ClueKind::CarriedState)
        && (clue.no_graph || !clue.learns)
        && run.step.is_none()
        && !run.first
        && under_way(case, clue)
}

/// True where the loop of a line stands behind the place that its function had come to.
fn to_come(case: &Case<'_>, clue: &Clue) -> bool {
    // What lasts longer than the function was filled by its earlier calls.
    let again = clue.lasting && clue.function != "<module>" && !clue.path.is_empty();
    let Some((first, _)) = clue.during.filter(|_| !again) else {
        return false;
    };
    let mut frames = case.incident.traceback.frames.iter();
    frames.any(|frame| {
        frame.file == clue.file && frame.name() == clue.function && u64::from(frame.line) < first
    })
}

/// True where a result of an evaluation is kept, and nothing switches the graph off: it then keeps all that led to it.
fn keeps_graphs(case: &Case<'_>, clue: &Clue) -> bool {
    let mut clues = case.incident.clues.iter();
    let keeps = [
        ClueKind::KeptOutputs,
        ClueKind::KeptGraph,
        ClueKind::AddedGraph,
    ];
    let graph = matches!(clue.kind, ClueKind::KeptGraph | ClueKind::AddedGraph);
    keeps.contains(&clue.kind)
        && clues.any(|other| {
            let near =
                other.file == clue.file && (other.line..other.line + NEAR).contains(&clue.line);
            let elsewhere = other.file != clue.file && graph && clue.lasting;
            other.kind == ClueKind::EvalWithGraph && (near || elsewhere)
        })
}

/// So many lines behind the call of a model its result is put away.
const NEAR: u64 = 20;

/// The finding of what a line does; `None` for a knob.
fn finding(kind: ClueKind) -> Option<&'static Finding> {
    super::named(kind.finding()?)
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
        ClueKind::OwnMethod => "makes an object keep itself, until the garbage collector runs",
        ClueKind::KeptException => {
            "keeps exceptions, and with them the tensors of the calls that failed"
        }
        ClueKind::RetryInExcept => "tries again inside of `except`",
        ClueKind::EvalWithGraph => "runs the model with its graph",
        ClueKind::LoadOnDevice => "reads the checkpoint onto the GPU that it was saved from",
        ClueKind::ModelAgain => "builds a model while the last one still has its name",
        ClueKind::WrittenAttention => "makes the scores of all pairs of positions",
        ClueKind::Batch
        | ClueKind::EvalBatch
        | ClueKind::Length
        | ClueKind::Workers
        | ClueKind::FullPrecision
        | ClueKind::Adam
        | ClueKind::LearnedFrom => "sets how much is needed",
    };
    format!("{} {does}: `{}`.", clue.place(), clue.code)
}
