//! What ends the reading of a snapshot before its end.

use std::fmt;

/// Why a snapshot was not read to its end. What stood before it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The file asks to load or call something, which whyoom never does.
    Refused {
        /// The instruction, as Python's `pickletools` names it.
        instruction: &'static str,
        /// What it names, where it does.
        target: String,
        /// Where it stands, in bytes from the start.
        offset: u64,
    },
    /// The bytes are not what they should be.
    Damaged {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// More than a snapshot can sensibly hold.
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// Where it was noticed, in bytes from the start.
        offset: u64,
    },
    /// It ends in the middle.
    CutOff,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused {
                instruction,
                target,
                offset,
            } => {
                write!(f, "the pickle wants to run code: {instruction}")?;
                if !target.is_empty() {
                    write!(f, " `{target}`")?;
                }
                write!(
                    f,
                    " at byte {offset}. A memory snapshot never does that, and nothing was run"
                )
            }
            Self::Damaged { what, offset } => write!(f, "it is damaged at byte {offset}: {what}"),
            Self::TooLarge { what, offset } => {
                write!(f, "it has too many {what} (noticed at byte {offset})")
            }
            Self::CutOff => f.write_str("it is cut off"),
        }
    }
}
