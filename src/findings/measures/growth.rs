//! Whether memory grew until the failure.

use crate::bytes::Bytes;
use crate::evidence::{
    Counter, KnownWork, Part, Phase, RunPlace, Series, SettingKind, TrendVerdict,
};
use crate::findings::measures::by_append;
use crate::findings::{Case, Measured};

/// Measured: readings that only rise, by at least what was missing and this many hundredths of what is live, were a leak in
/// every case (`fixtures/fleet`).
const GROWN_SHARE: u64 = 8;
/// Without a graph the second batch of an evaluation needs what any later one does: after so many, something is kept. All of 7
/// failures of programs of libraries behind 25 to 44 batches did (`fixtures/fleet/library`).
const EQUAL_BATCHES: u64 = 12;
pub(crate) const MEASURED: Measured = Measured { had: 109, of: 109 };

/// The series of readings that grew until the failure, where there is one that explains it.
pub(crate) fn growth<'a>(case: &Case<'a>) -> Option<&'a Series> {
    let incident = case.incident;
    let grows = |series: &&Series| {
        let same_rank =
            series.rank.is_none() || incident.rank.is_none() || series.rank == incident.rank;
        let before = series
            .points
            .first()
            .is_some_and(|p| p.line < incident.place.line);
        let meant = series.trend.by_design.is_some();
        same_rank && before && !meant && !only_the_cache(case, series) && explains(case, series)
    };
    case.series
        .iter()
        .filter(grows)
        .min_by_key(|series| (series.running_peak, weight(series.counter)))
}

/// True where the allocator took more and more, and what tensors hold stayed level beside it: its cache grew, and nothing is kept.
fn only_the_cache(case: &Case<'_>, series: &Series) -> bool {
    let of_cache = matches!(
        series.counter,
        Counter::Reserved | Counter::PeakReserved | Counter::Process
    );
    let level = |other: &Series| {
        other.counter == Counter::Allocated
            && other.trend.verdict == TrendVerdict::Plateaus
            && (other.rank.is_none() || other.rank == series.rank)
            && other.points.len() >= 3
    };
    of_cache && case.series.iter().any(level)
}

/// The readings of the allocator's cache that grew by all that was missing, while what tensors hold stayed level: pieces pile up
/// that fit nothing.
pub(crate) fn of_the_cache_alone<'a>(case: &Case<'a>) -> Option<&'a Series> {
    let missing = case.balance.shortfall?.high();
    let grew = |series: &&Series| {
        series.counter == Counter::Reserved
            && series.trend.verdict == TrendVerdict::Grows
            && series.trend.grown >= missing
            && only_the_cache(case, series)
    };
    case.series.iter().find(grew)
}

/// True where without this growth the request would have fitted; or, where what was missing is not known, a fifth of the
/// device.
fn explains(case: &Case<'_>, series: &Series) -> bool {
    let total = case.balance.total.map_or(0, Bytes::mid);
    let last = series.points.last().map_or(0, |p| p.bytes.mid());
    let grown = series.trend.grown.max(risen(series).unwrap_or(0));
    let steady = series.trend.verdict == TrendVerdict::Grows || risen(series).is_some();
    // A reserve that grows while little is live is a cache in pieces, and nothing that somebody keeps.
    let of_live =
        series.counter.is_live() || case.balance.live.is_none_or(|live| live.high() >= grown);
    let large = grown >= total.max(last) / 5;
    let missing = case.balance.shortfall.filter(|short| short.high() > 0);
    let live = case.balance.live.map_or(last, Bytes::mid);
    let enough = missing.is_some_and(|short| grown >= short.high())
        && grown >= live / 100 * GROWN_SHARE
        && gauge(series);
    steady && of_live && (large || enough)
}

/// By how much readings rose that never fell; `None` where they fell, are too few, or rose at once: a jump after a level is
/// other work, and no growth; nor is a level after a rise.
fn risen(series: &Series) -> Option<u64> {
    let mids = || series.points.iter().map(|p| p.bytes.mid());
    let (first, last) = (mids().next()?, mids().next_back()?);
    let rises = series.points.len() >= 3 && gauge(series) && mids().is_sorted();
    let grown = last
        .checked_sub(first)
        .filter(|grown| rises && *grown > 0)?;
    let steps = mids().zip(mids().skip(1));
    let jump = steps.map(|(a, b)| b.saturating_sub(a)).max()?;
    // What filled up at the start and stayed level since is a cache, or the first steps of a training.
    let half = mids().nth(series.points.len().saturating_sub(1) / 2)?;
    let goes_on = last.saturating_sub(half) >= grown / 5;
    (goes_on && jump / 4 <= grown / 5).then_some(grown)
}

/// True where a reading says what is live at that moment, and no peak or cache.
fn gauge(series: &Series) -> bool {
    let live = [
        Counter::Allocated,
        Counter::Other,
        Counter::Process,
        Counter::DeviceUsed,
    ];
    !series.running_peak && live.contains(&series.counter)
}

/// True where the line that failed keeps the graph of a backward pass on purpose.
pub(crate) fn graph_retained(case: &Case<'_>) -> bool {
    let frame = case.incident.frame.as_ref();
    frame.is_some_and(|frame| {
        frame.code.contains("retain_graph")
            && !frame.code.contains("retain_graph=False")
            // The norm of a gradient is learned from, as a penalty: its graph is wanted, and goes with the step.
            && !frame.code.contains("create_graph=True")
    })
}

/// True where the line that failed joins what was kept: outputs of an evaluation, most often. Inside of a model a
/// concatenation joins features and keeps nothing.
pub(crate) fn collects(case: &Case<'_>) -> bool {
    // A cache of keys and values that grows by concatenation is wanted.
    const CACHES: [&str; 5] = ["kv", "past", "cache", "key", "value"];
    const BY_TRAINER: [&str; 2] = ["nested_concat", "torch_pad_and_concatenate"];
    let frames = &case.incident.traceback.frames;
    let inner = frames
        .last()
        .is_some_and(|f| BY_TRAINER.contains(&f.function.as_str()));
    let model = frames
        .iter()
        .any(|f| f.function == "forward" || f.function.ends_with("_call_impl"));
    let cache = |code: &str| {
        CACHES
            .iter()
            .any(|word| code.to_ascii_lowercase().contains(word))
    };
    let own = case.incident.frame.as_ref();
    // A state that gets longer by new parts, as an optimizer's when parameters are added, is no list of outputs.
    let parts = |code: &str| {
        ["state[", "_like(", "new_"]
            .iter()
            .any(|w| code.contains(w))
    };
    let grows_on_purpose = case.incident.traceback.known_work() == Some(KnownWork::GrowsGaussians);
    let by_hand = own.is_some_and(|f| {
        f.joins()
            && !cache(joined_to(&f.code).unwrap_or(&f.code))
            && !parts(&f.code)
            && !lengthens(&f.code)
    });
    inner || by_hand && !model && !grows_on_purpose || keeps_in_evaluation(case)
}

/// The name that a line makes longer by itself: `bank` of `bank = torch.cat([bank, keys])`.
fn joined_to(code: &str) -> Option<&str> {
    let (name, joined) = code.split_once('=')?;
    let name = name.trim();
    let (_, parts) = joined.split_once('(')?;
    let rest = parts
        .trim_start_matches(['[', '(', ' '])
        .strip_prefix(name)?;
    (!name.is_empty() && rest.trim_start().starts_with(',')).then_some(name)
}

/// True where parts are joined along another dimension than the first: what grows so is one long thing, such as a cache of the
/// tokens by now, and no collection of results.
fn lengthens(code: &str) -> bool {
    let dimension = ["dim=", "axis="]
        .iter()
        .find_map(|word| code.split_once(word))
        .map(|(_, rest)| rest.trim_start());
    dimension.is_some_and(|rest| !rest.starts_with('0'))
}

/// True where something shows that memory grew, so that neither size nor pieces alone are an answer.
pub(crate) fn suspected(case: &Case<'_>) -> bool {
    growth(case).is_some()
        || rising(case)
        || retried_inside_except(case)
        || between_backwards(case)
        || graph_retained(case)
        || collects(case)
        || computes_a_metric(case)
        || behind_other_trials(case)
        || behind_other_rounds(case)
        || evaluated_for_long(case)
        || after_whole_epochs(case)
        || outputs_of_every_layer(case).is_some()
        || by_append::list(case).is_some()
}

/// True where whole epochs had fitted, all of the data in each, and then a step of the same kind did not. An evaluation between
/// them is other work.
pub(crate) fn after_whole_epochs(case: &Case<'_>) -> bool {
    let run = &case.incident.run;
    let level = |series: &Series| series.trend.verdict == TrendVerdict::Plateaus;
    run.step_name == "epoch"
        && run.step >= Some(RunPlace::A_FEW)
        && matches!(
            case.incident.phase,
            Some(Phase::Forward | Phase::Backward | Phase::Optimizer)
        )
        && !case.series.iter().any(level)
}

/// The word with which a call asks for what every layer computed, where some batches had fitted: it is asked for to be kept
/// (transformers: `output_attentions`, `output_hidden_states`).
pub(crate) fn outputs_of_every_layer(case: &Case<'_>) -> Option<&'static str> {
    const ASKS: [&str; 2] = ["output_attentions=True", "output_hidden_states=True"];
    let frame = case.incident.frame.as_ref()?;
    let later = case.incident.run.step >= Some(RunPlace::A_FEW);
    ASKS.into_iter()
        .find(|word| later && frame.code.contains(word))
}

/// True where a trial of a search puts its model beside those of earlier trials.
pub(crate) fn behind_other_trials(case: &Case<'_>) -> bool {
    case.incident.traceback.known_work() == Some(KnownWork::Trial)
        && case.incident.phase == Some(Phase::Load)
}

/// True where a training of its own failed behind others of the same program: a fold, a seed, a candidate.
pub(crate) fn behind_other_rounds(case: &Case<'_>) -> bool {
    let run = &case.incident.run;
    // Each trial of a search has a size of its own: one that fails in its own training may be the largest so far.
    let trains = [Phase::Forward, Phase::Backward, Phase::Optimizer].map(Some);
    if run.is_a_trial() && trains.contains(&case.incident.phase) {
        return false;
    }
    // Without an earlier one in sight, the second may be the first, counted from 1, and no round is over yet.
    let later = run.step >= Some(2) || run.behind;
    let counted = run.round().is_some() && later;
    // A framework that tells nothing of what it holds is believed where the search itself stands around the failure.
    let search = case.incident.traceback.known_work() == Some(KnownWork::Trial);
    counted && (case.balance.live.is_some() || search)
        || case.incident.settings.has(SettingKind::PassesAlone)
            && case.incident.who.get(Part::Test).is_some()
            && case.balance.live.is_some()
}

/// True where a metric works on all values that it was given since it began: they were kept on the GPU.
pub(crate) fn computes_a_metric(case: &Case<'_>) -> bool {
    match case.incident.traceback.known_work() {
        Some(KnownWork::ComputesMetric) => true,
        // A first batch that does not fit was kept by nobody.
        Some(KnownWork::UpdatesMetric) => case.incident.run.step >= Some(RunPlace::A_FEW),
        _ => false,
    }
}

/// True where a trainer that switches the graph off had evaluated many batches, and then one did not fit: without a graph only
/// what is kept from batch to batch grows.
pub(crate) fn evaluated_for_long(case: &Case<'_>) -> bool {
    // The last bar is the evaluation's own: it starts again at 0.
    let batches = case.incident.run.step.unwrap_or(0);
    case.incident.loops_over_an_evaluation() && batches >= EQUAL_BATCHES
}

/// The counters that speak best of live memory come first.
fn weight(counter: Counter) -> u8 {
    match counter {
        Counter::Allocated => 0,
        Counter::Other => 1,
        Counter::PeakAllocated => 2,
        Counter::Process => 3,
        Counter::DeviceUsed => 4,
        Counter::Reserved => 5,
        Counter::PeakReserved => 6,
    }
}

/// True where the same line failed three times or more, with ever more allocated.
pub(crate) fn rising(case: &Case<'_>) -> bool {
    let first = case.balance.live.into_iter();
    let course: Vec<Bytes> = first
        .chain(case.incident.again.iter().map(|a| a.allocated))
        .collect();
    course.len() >= 3 && course.is_sorted_by(|a, b| b.surely_over(*a))
}

/// True where memory ran out again while the first failure was being handled.
pub(crate) fn retried_inside_except(case: &Case<'_>) -> bool {
    case.incident.traceback.chained && !case.incident.again.is_empty()
}

/// True where some micro-batches of one step went through and a later forward pass did not fit.
pub(crate) fn between_backwards(case: &Case<'_>) -> bool {
    let run = &case.incident.run;
    run.step_name == "micro-batch"
        && run.step > Some(1)
        && case.incident.phase == Some(Phase::Forward)
}

/// True where an evaluation that keeps what it computes failed while it added to that.
fn keeps_in_evaluation(case: &Case<'_>) -> bool {
    const KEEPS: [&str; 6] = [
        "nested_concat",
        "torch_pad_and_concatenate",
        "preds_host",
        "all_preds",
        "preds.append(",
        "outputs.append(",
    ];
    let stack = &case.incident.traceback;
    let mut frames = stack.frames.iter().rev().take(3);
    // Above a line that failed, outputs were joined already. A model joins its features, along their channels.
    let joined = frames.clone().next().is_some_and(|f| {
        let in_model = stack.frames.iter().any(|f| f.function == "forward");
        f.code.contains("torch.cat(") && !in_model && !lengthens(&f.code)
    });
    let keeps = frames.any(|f| {
        KEEPS
            .iter()
            .any(|word| f.code.contains(word) || f.function == *word)
    });
    case.incident.phase == Some(Phase::Eval) && (joined || keeps)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_that_is_made_longer_by_itself_is_told() {
        for (code, name) in [
            ("bank = torch.cat([bank, keys])", Some("bank")),
            (
                "index = v if index is None else torch.vstack([index, v])",
                Some("index"),
            ),
            ("k = torch.cat([past_k, k], dim=2)", None),
            ("everything = torch.cat(predictions)", None),
        ] {
            assert_eq!(super::joined_to(code), name, "{code}");
        }
    }

    #[test]
    fn joined_along_another_dimension_than_the_first_is_one_long_thing() {
        for longer in ["torch.cat([old, new], dim=3)", "torch.cat((a, b), dim=-2)"] {
            assert!(super::lengthens(longer), "{longer}");
        }
        for rows in ["torch.cat([kept, out], dim=0)", "torch.cat(outputs)"] {
            assert!(!super::lengthens(rows), "{rows}");
        }
    }
}
