//! Remedies: one file each. A fix says what to type for what was seen, what it wins here, and what it costs.

mod ranking;

pub use ranking::{Ranked, rank};

use crate::bytes::Bytes;
use crate::evidence::{Balance, Incident};

/// All fixes, by id.
pub static ALL: &[&Fix] = &[];

/// Whether a fix wins enough for the request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enough {
    /// It does, for every value that the printed digits allow.
    Yes,
    /// The log does not tell.
    Unknown,
    /// It helps, and is too little by itself.
    No,
}

impl Enough {
    /// The word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }
}

/// What a fix looks at.
pub struct Situation<'a> {
    /// The failure, with all that the log shows to be set.
    pub incident: &'a Incident,
    /// Its arithmetic.
    pub balance: &'a Balance,
    /// The id of the finding that asks.
    pub finding: &'static str,
}

/// A fix for one situation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The exact thing to type, for the framework and version seen. The first line stands alone.
    pub how: String,
    /// The bytes that it wins here; `None` where the log does not tell.
    pub gain: Option<Bytes>,
    /// Whether that is enough for the shortfall.
    pub enough: Enough,
}

/// One remedy.
pub struct Fix {
    /// Its name: kebab-case, equal to its file's name.
    pub id: &'static str,
    /// What it does, as an imperative.
    pub title: &'static str,
    /// What it costs: speed, accuracy, work.
    pub cost: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// The offer here; `None` where it is on already, or the version or platform cannot do it, or it cannot help.
    pub offer: fn(&Situation<'_>) -> Option<Offer>,
}

/// Whether a gain covers the shortfall: by the intervals, or not known.
pub fn covers(gain: Option<Bytes>, shortfall: Option<Bytes>) -> Enough {
    match (gain, shortfall) {
        (Some(gain), Some(short)) if gain.surely_at_least(short) => Enough::Yes,
        (Some(gain), Some(short)) if short.surely_over(gain) => Enough::No,
        _ => Enough::Unknown,
    }
}
