//! Exit codes: a contract, the same for every output format.

use std::process::ExitCode;

use crate::diagnose::Diagnosis;

/// All was read, and nothing in it says that memory ran out.
pub(crate) const CLEAN: u8 = 0;
/// Memory ran out in at least one of the inputs, in a way that counts.
pub(crate) const FOUND: u8 = 1;
/// Wrong use, or an error inside the program.
pub(crate) const WRONG: u8 = 2;
/// Not all could be read. It wins over [`FOUND`], so that a gate never takes part of a log for the whole.
pub(crate) const PARTIAL: u8 = 3;

/// What `--help` says of them.
pub(super) const HELP: &str = "\
Exit codes, the same for every format:
  0  all was read and no out-of-memory failure was found
  1  an out-of-memory failure was found that counts, or a margin was not kept that does (--fail-on,
     --baseline, --exit-zero)
  2  wrong use or internal error
  3  not all could be read, or the size of the card is unknown to a margin that counts; wins over 1
  130, 143  ended by Ctrl-C or SIGTERM; what was found by then is reported; wins over all
            (the normal end of --follow gives 0, 1 or 3)";

/// How a run ends.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exit(u8);

impl Exit {
    /// All went well.
    pub(super) const CLEAN: Self = Self(CLEAN);
    /// Not all could be read.
    pub(super) const PARTIAL: Self = Self(PARTIAL);
    /// It did not.
    pub(super) const WRONG: Self = Self(WRONG);

    /// The weightier of two: what was not read, then what was found.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// As the program ended that was run.
    #[cfg(unix)]
    pub(super) const fn program(code: u8) -> Self {
        Self(code)
    }

    /// As a shell says it of a program that this signal ended.
    pub(super) fn signal(number: usize) -> Self {
        Self(u8::try_from(number).map_or(WRONG, |number| number.saturating_add(128)))
    }

    /// How a run ends that read these inputs and `found` what counts. Nothing forgives what was not read.
    pub(super) fn of(diagnoses: &[Diagnosis], found: bool) -> Self {
        if diagnoses.iter().any(|d| !d.complete) {
            Self(PARTIAL)
        } else if found {
            Self(FOUND)
        } else {
            Self::CLEAN
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}
