//! Whether the same command, run again without a change, may pass: what a scheduler has to know before it retries.

use super::{Case, Cause, Confidence, Judged};
use crate::evidence::{FindingId, Phase, named};

named! {
    /// What the same command does if it is run again unchanged.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Rerun {
        /// It fails again: nothing that made it fail goes away by itself.
        Useless => "useless",
        /// It may pass, or come further.
        Maybe => "maybe",
        /// It passes as soon as others have left the GPU.
        OnceFree => "once-free",
    }
}

impl Rerun {
    /// The answer as a sentence for a person; `None` if it would say nothing.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Useless => Some("Run unchanged, it fails again."),
            Self::Maybe => None,
            Self::OnceFree => Some("Run unchanged, it passes once the GPU is free."),
        }
    }

    /// The answer for a case by what it was judged to be.
    pub(crate) fn of(case: &Case<'_>, best: &Judged) -> Self {
        let sure = best.verdict.confidence >= Confidence::Likely;
        if !sure || case.incident.caught {
            return Self::Maybe;
        }
        match best.finding.cause {
            Cause::Cap | Cause::Oversized => Self::Useless,
            Cause::Exhaustion if at_the_start(case, best.finding.id) => Self::Useless,
            // Of the host's limits only the size of shared memory is the same for every run.
            Cause::HostMemory if best.finding.id == FindingId::Shm => Self::Useless,
            Cause::Contention => by_who_holds_it(case, best.finding.id),
            _ => Self::Maybe,
        }
    }
}

/// True if it failed while the program started, or before its first step was done: later steps may be larger than those before
/// them, and differ from run to run.
fn at_the_start(case: &Case<'_>, finding: FindingId) -> bool {
    let starts = matches!(
        finding,
        FindingId::Weights
            | FindingId::DuplicateWeights
            | FindingId::TrialRun
            | FindingId::LongestContext
            | FindingId::ComputeBuffer
            | FindingId::MoreThanTheDevice
    );
    starts || case.incident.run.first || case.incident.phase == Some(Phase::Load)
}

fn by_who_holds_it(case: &Case<'_>, finding: FindingId) -> Rerun {
    let own = case
        .incident
        .processes
        .iter()
        .any(|p| p.same_job || p.runs_the_container());
    match finding {
        FindingId::OtherProcess | FindingId::StaleProcess | FindingId::NoRoomForContext if !own => {
            Rerun::OnceFree
        }
        // Who shares the GPU belongs to this very job, and comes again with it.
        FindingId::RanksOnOneGpu | FindingId::OtherLibrary | FindingId::PreallocatingFramework => {
            Rerun::Useless
        }
        _ => Rerun::Maybe,
    }
}
