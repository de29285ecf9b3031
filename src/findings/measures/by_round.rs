//! Trainings of their own, one behind the other in one process: folds, seeds, trials of a search.

use crate::evidence::{Phase, SettingKind};
use crate::findings::{Case, Confidence, Verdict};

/// A trial of a search that puts its model beside what earlier trials made.
pub(super) fn earlier_trials(case: &Case<'_>) -> Option<Verdict> {
    let because = format!(
        "A trial of a search was putting its model on the GPU, and {} was held already: what earlier trials made is still there.",
        case.balance.live?
    );
    let settle = "print torch.cuda.memory_allocated() at the start of each trial: does it rise?";
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}

/// A round that trains a model of its own, as earlier ones of the same size did.
pub(super) fn earlier_rounds(case: &Case<'_>) -> Option<Verdict> {
    let run = &case.incident.run;
    let held = case.balance.live;
    let alone = case.incident.settings.get(SettingKind::PassesAlone);
    if let Some(tests) = alone.filter(|alone| alone.name == "tests") {
        let because = format!(
            "{} tests of one process failed at requests as small as this one, while the process held {}: no test needs that, so it is what \
             tests before them made.",
            tests.value, held?
        );
        let settle = "the test by itself (pytest PATH::TEST): does it pass? Then print torch.cuda.memory_allocated() at the start of each";
        return Some(Verdict::settled_by(Confidence::Likely, because, settle));
    }
    if alone.is_some() {
        let because = format!(
            "The test passes by itself, as is said beside it, and {} is held: what tests before it made is still there.",
            held?
        );
        let settle = "print torch.cuda.memory_allocated() at the start of each test: does it rise?";
        return Some(Verdict::settled_by(Confidence::Likely, because, settle));
    }
    let settle = "print torch.cuda.memory_allocated() at the start of each round: does it rise?";
    let round = format!("{} {} (line {})", run.step_name, run.step?, run.line);
    let Some(held) = held else {
        let because = format!(
            "It failed in or after {round}: the same work had fitted in the rounds before, whose models can still be there. The \
             text does not say how much is held."
        );
        let settle = "one round alone, in a process of its own: does it pass?";
        return Some(Verdict::settled_by(Confidence::Possible, because, settle));
    };
    // Each trial of a search has a size of its own; a model that finds no room at its start stands beside others.
    if run.is_a_trial() && case.incident.phase != Some(Phase::Load) {
        let because = format!(
            "It failed in {round}: either this one is larger than those before, or what they made is still there."
        );
        return Some(Verdict::settled_by(Confidence::Possible, because, settle));
    }
    let because = format!(
        "It failed after {round}, and {held} is held: the same work had fitted in the rounds before, whose models are still there."
    );
    Some(Verdict::settled_by(Confidence::Likely, because, settle))
}
