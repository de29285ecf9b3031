//! What counts as a failure of the run, for the exit code and for what each output calls an error.

use crate::diagnose::Explained;
use crate::evidence::Memory;
use crate::findings::Cause;

/// One kind of failure that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each that is neither caught nor only guessed from a signal.
    Any,
    /// Those of GPU memory.
    Device,
    /// Those that the program caught.
    Caught,
    /// A process that got SIGKILL, and nobody says why.
    Killed,
    /// Readings that came too close to the size of the card.
    Margin,
    /// Those of a cause.
    Cause(Cause),
}

impl Kind {
    /// Those that are no cause.
    pub const OWN: [Self; 5] = [
        Self::Any,
        Self::Device,
        Self::Caught,
        Self::Killed,
        Self::Margin,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Device => "device",
            Self::Caught => "caught",
            Self::Killed => "killed",
            Self::Margin => "margin",
            Self::Cause(cause) => cause.name(),
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        let causes = Cause::ALL.into_iter().map(Self::Cause);
        Self::OWN
            .into_iter()
            .chain(causes)
            .find(|kind| kind.name() == name)
    }
}

/// All kinds that count; each, where none is named.
#[derive(Clone, Debug, Default)]
pub struct Gate(pub Vec<Kind>);

impl Gate {
    /// True where a failure counts, unless an earlier run had it.
    pub fn counts(&self, explained: &Explained) -> bool {
        let incident = &explained.incident;
        let cause = explained.causes.first().map(|judged| judged.finding.cause);
        let named = |kind| self.0.contains(&kind);
        if incident.caught {
            return named(Kind::Caught);
        }
        if incident.only_signal() {
            return named(Kind::Killed);
        }
        self.0.is_empty()
            || named(Kind::Any)
            || named(Kind::Device) && incident.memory == Memory::Device
            || cause.is_some_and(|cause| named(Kind::Cause(cause)))
    }

    /// True where a cause decides whether a failure counts.
    pub fn asks_for_causes(&self) -> bool {
        let cause = |kind: &Kind| matches!(kind, Kind::Cause(_));
        self.0.iter().any(cause)
    }

    /// True where readings that came too close to the size of the card fail the run.
    pub fn counts_margin(&self) -> bool {
        self.0.contains(&Kind::Margin)
    }
}
