//! `--retry-with-fix`: which fix comes next, and what became of the last.

use crate::diagnose::Explained;
use crate::evidence::FixId;
use crate::findings::Cause;
use crate::fixes::Ranked;
use crate::run::{self, Outcome};

/// A fix that was tried.
pub(super) struct Tried {
    /// Its id.
    pub(super) fix: &'static str,
    /// The variable that it sets.
    pub(super) name: String,
    /// The variable's value.
    pub(super) value: String,
}

/// What comes after a run.
pub(super) enum Next {
    /// Another one with this fix.
    Try(Tried),
    /// None; why, where memory ran out.
    Stop(Option<String>),
}

/// The first fix that is only a variable and was not tried, where the run failed for lack of memory.
pub(super) fn next(outcome: &Outcome, tried: &[Tried]) -> Next {
    if outcome.code() == 0 || outcome.interrupted() {
        return Next::Stop(None);
    }
    let incidents = outcome.diagnosis.iter().flat_map(|d| &d.incidents);
    let known = || incidents.clone().flat_map(|e| &e.fixes);
    let fix = incidents
        .clone()
        .flat_map(|e| e.fixes.iter().filter(|ranked| ours(e, ranked)))
        .filter_map(|ranked| {
            let (name, value) = run::variable(&ranked.offer.how)?;
            let fix = ranked.fix.id.name();
            Some(Tried { fix, name, value })
        })
        .find(|next| !tried.iter().any(|t| t.fix == next.fix));
    if let Some(fix) = fix {
        return Next::Try(fix);
    }
    let first = known().find(|ranked| run::variable(&ranked.offer.how).is_none());
    let change = first.map(|ranked| {
        let line = ranked.offer.how.lines().next().unwrap_or_default().trim();
        format!("; change this by hand first ({}): {line}", ranked.fix.id)
    });
    let why = match (incidents.clone().next(), tried.is_empty()) {
        (None, _) => return Next::Stop(None),
        (Some(_), true) => "not run again, since no environment variable cures this",
        (Some(_), false) => "not run again, since no other environment variable may cure this",
    };
    Next::Stop(Some(why.to_owned() + &change.unwrap_or_default()))
}

/// False for a device that the program was not given: it is somebody else's until a person says otherwise.
fn ours(explained: &Explained, ranked: &Ranked) -> bool {
    let room = explained.now.as_ref().and_then(|now| now.room.first());
    ranked.fix.id != FixId::ChooseAnotherGpu || !room.is_some_and(|room| room.unshown)
}

/// What became of a run with a fix.
pub(super) fn verdict(last: &Tried, outcome: &Outcome) -> String {
    let setting = format!("{}={}", last.name, last.value);
    let failed = outcome.diagnosis.as_ref().and_then(|d| d.incidents.first());
    match (outcome.code(), failed) {
        (0, None) => format!("with {setting} it ended well"),
        (0, Some(_)) => {
            format!("with {setting} memory ran out once more, but the program ended well")
        }
        (code, None) => {
            format!("with {setting} memory did not run out; the program ended with {code}")
        }
        (code, Some(explained)) => {
            let cause = explained
                .causes
                .first()
                .map_or(Cause::Unknown, |c| c.finding.cause);
            format!(
                "with {setting} memory ran out again ({}); the program ended with {code}",
                cause.name()
            )
        }
    }
}
