//! Which measured failures a failure of `PyTorch`'s allocator looks like, and what those turned out to be.
//!
//! Whether a request would have fitted, had all idle pieces been one, follows from the figures; that this is why the program
//! fails does not. Programs of many kinds were run until memory ran out, and again under each fix (`fixtures/fleet`):
//! fragmentation is what growing segments cure, exhaustion what they do not. Two figures tell most: how full the device would
//! be with all pieces joined, and how the request compares with what lies idle. The counts are of those seeds that rules were
//! made from; `cargo run --example calibrate` works them out again.

use crate::bytes::Bytes;
use crate::evidence::{Memory, Phase, Program};
use crate::findings::{Case, Cause, Measured};

/// Failures that look alike, and what they were.
pub(crate) struct Likeness {
    /// What most of them were.
    pub(crate) cause: Cause,
    /// How many of how many.
    pub(crate) measured: Measured,
    holds: fn(&Look) -> bool,
}

/// What is looked at: ratios in thousandths, from the middles of the printed figures.
struct Look {
    phase: Option<Phase>,
    /// (allocated + tried) / (allocated + idle + free): how full the device would be with all pieces joined.
    joined: u64,
    /// The same with the gradients and states that are still to come, where a census counts them.
    to_come: Option<u64>,
    /// tried / idle.
    asked: u64,
    /// idle / (allocated + idle).
    idle: u64,
    /// True where the innermost frame is the user's own: a tensor made by hand, and no layer of a model.
    own: bool,
}

const fn row(cause: Cause, had: u32, of: u32, holds: fn(&Look) -> bool) -> Likeness {
    let measured = Measured { had, of };
    Likeness {
        cause,
        measured,
        holds,
    }
}

/// The first row that holds speaks. Backward has its peak behind it, so that room in pieces would have served; forward and
/// generation will ask for more.
static ROWS: [Likeness; 12] = [
    row(Cause::Fragmentation, 15, 24, |l| {
        backward(l) && l.to_come.is_some_and(|to_come| to_come < 980) && l.asked >= 600
    }),
    row(Cause::Fragmentation, 15, 26, |l| {
        backward(l) && l.joined < 925 && l.asked >= 660 && l.to_come.is_none()
    }),
    row(Cause::Exhaustion, 34, 52, |l| backward(l) && l.joined < 985),
    row(Cause::Exhaustion, 53, 54, backward),
    row(Cause::Exhaustion, 42, 47, |l| {
        l.phase == Some(Phase::Generate)
    }),
    row(Cause::Exhaustion, 24, 24, |l| l.phase == Some(Phase::Load)),
    row(Cause::Exhaustion, 17, 24, |l| {
        l.phase == Some(Phase::Optimizer)
    }),
    row(Cause::Fragmentation, 7, 12, |l| {
        l.own && l.joined < 800 && l.idle >= 300
    }),
    row(Cause::Fragmentation, 9, 12, |l| {
        l.joined < 850 && l.asked >= 1000
    }),
    row(Cause::Exhaustion, 14, 17, |l| l.joined < 800),
    row(Cause::Exhaustion, 65, 86, |l| l.joined < 925),
    row(Cause::Exhaustion, 265, 297, |_| true),
];

fn backward(look: &Look) -> bool {
    look.phase == Some(Phase::Backward)
}

/// What this failure looks like; `None` where the figures that tell are not there, or are not of `PyTorch`'s own allocator.
pub(crate) fn likeness(case: &Case<'_>) -> Option<&'static Likeness> {
    let (incident, balance) = (case.incident, case.balance);
    if incident.memory != Memory::Device || incident.framework != Program::Pytorch || balance.paged
    {
        return None;
    }
    let (tried, allocated) = (balance.tried?.mid(), balance.live?.mid());
    let idle = balance
        .idle?
        .plus(balance.private_pools.unwrap_or(Bytes::ZERO))
        .mid();
    let free = balance.left()?.mid();
    let thousandths = |part: u64, whole: u64| {
        let part = u128::from(part) * 1000;
        u64::try_from(part / u128::from(whole.max(1))).unwrap_or(u64::MAX)
    };
    let whole = allocated.saturating_add(idle).saturating_add(free);
    let to_come = incident.census.as_deref().map(|census| {
        let needed = allocated.saturating_add(tried);
        let to_come = census
            .gradients_to_come()
            .saturating_add(census.states_to_come());
        thousandths(needed.saturating_add(to_come), whole)
    });
    let look = Look {
        phase: incident.phase,
        to_come,
        joined: thousandths(
            allocated.saturating_add(tried),
            allocated.saturating_add(idle).saturating_add(free),
        ),
        asked: thousandths(tried, idle),
        idle: thousandths(idle, allocated.saturating_add(idle)),
        own: incident.traceback.ends_in_own_code(),
    };
    ROWS.iter().find(|row| (row.holds)(&look))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_always_holds() {
        let look = Look {
            phase: None,
            joined: 0,
            to_come: None,
            asked: 0,
            idle: 0,
            own: false,
        };
        assert!((ROWS[ROWS.len() - 1].holds)(&look));
    }

    #[test]
    fn no_row_says_more_than_was_measured() {
        for row in &ROWS {
            assert!(row.measured.had <= row.measured.of && row.measured.had * 2 >= row.measured.of);
        }
    }
}
