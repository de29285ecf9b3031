//! A finding's word, and how sure it is.

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It may be so.
    Possible,
    /// It holds at the middle of the intervals, or by a rule with rare exceptions.
    Likely,
    /// It holds for every value that the printed digits allow.
    Proven,
}

impl Confidence {
    /// The word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}

/// A finding's word on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How sure it is.
    pub confidence: Confidence,
    /// The arithmetic or the evidence, as a sentence or two.
    pub because: String,
    /// The one reading or command that would settle it, where it is not proven.
    pub settle: Option<String>,
}

impl Verdict {
    /// One without anything left to settle.
    pub(super) fn new(confidence: Confidence, because: String) -> Self {
        Self {
            confidence,
            because,
            settle: None,
        }
    }

    /// The same with the reading that would settle it.
    pub(super) fn settled_by(confidence: Confidence, because: String, settle: &str) -> Self {
        Self {
            confidence,
            because,
            settle: Some(settle.to_owned()),
        }
    }

    /// The same, where what is proven needs no more readings.
    pub(super) fn settled_unless_proven(
        confidence: Confidence,
        because: String,
        settle: &str,
    ) -> Self {
        match confidence {
            Confidence::Proven => Self::new(confidence, because),
            _ => Self::settled_by(confidence, because, settle),
        }
    }
}
