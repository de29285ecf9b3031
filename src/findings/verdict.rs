//! A finding's word, and how sure it is.

use crate::evidence::named;

named! {
    /// How sure a verdict is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Confidence {
        /// It may be so.
        Possible => "possible",
        /// At least three of four failures that look like this had it, or a rule with rare exceptions says so.
        Likely => "likely",
        /// A logical necessity for every value that the printed digits allow, or at least 99 of 100 measured failures like this.
        Proven => "proven",
    }
}

/// How often failures that look like this one had the cause, on programs that were run again under each fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// So many had it.
    pub had: u32,
    /// Of so many that look like this one.
    pub of: u32,
}

impl Measured {
    /// The hundredths, rounded.
    pub const fn percent(self) -> u32 {
        if self.of == 0 {
            return 0;
        }
        (self.had * 200 + self.of) / (self.of * 2)
    }

    /// The word for it. Of a handful even all say little: a row that 13 of 16 had was right in 6 of the 12 held out.
    pub const fn confidence(self) -> Confidence {
        if self.of >= 100 && self.had * 100 >= self.of * 99 {
            Confidence::Proven
        } else if (self.of >= 20 || self.of >= 16 && self.had == self.of)
            && self.had * 4 >= self.of * 3
        {
            Confidence::Likely
        } else {
            Confidence::Possible
        }
    }
}

/// A finding's word on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How sure the cause is.
    pub confidence: Confidence,
    /// How sure the finding within the cause is; `None` where it is as sure as the cause.
    pub finding_confidence: Option<Confidence>,
    /// What the confidence was measured on, where it was.
    pub measured: Option<Measured>,
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
            finding_confidence: None,
            measured: None,
            because,
            settle: None,
        }
    }

    /// What the order of causes goes by: how sure, then how often it was so. What is sure without a measurement follows from
    /// the figures and comes first; what is only possible without one comes last.
    pub(super) const fn weight(&self) -> (Confidence, u32) {
        let often = match (self.measured, self.confidence) {
            (Some(measured), _) => {
                measured.had * 1000 / if measured.of == 0 { 1 } else { measured.of }
            }
            (None, Confidence::Possible) => 0,
            (None, _) => 1001,
        };
        (self.confidence, often)
    }

    /// The same with the frequency that was measured.
    pub(super) fn measured(mut self, measured: Option<Measured>) -> Self {
        self.measured = measured;
        self
    }

    /// The same where the finding is less sure than the cause.
    pub(super) fn finding(mut self, confidence: Confidence) -> Self {
        self.finding_confidence = Some(confidence);
        self
    }

    /// The same with the reading that would settle it.
    pub(super) fn settled_by(confidence: Confidence, because: String, settle: &str) -> Self {
        Self {
            confidence,
            finding_confidence: None,
            measured: None,
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
