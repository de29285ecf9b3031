//! Why memory ran out: one file a finding, with the facts it needs, its decision and its page.
//!
//! Every finding decides for itself and says how sure it is. The surest stands first; among equals the order of [`ALL`]
//! decides, which is the order in which the allocator's rules exclude one another.

use crate::evidence::{Balance, Incident, Series};
use crate::fixes::Fix;

/// All findings, in the order of decision.
pub static ALL: &[&Finding] = &[];

/// The eight causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Enough is there, in pieces that cannot be joined.
    Fragmentation,
    /// The work needs more than the device has.
    Exhaustion,
    /// Live memory grows with time and should not.
    Leak,
    /// Somebody else holds the memory.
    Contention,
    /// A limit below the device stopped it.
    Cap,
    /// One request exceeds the device or the limit.
    Oversized,
    /// The host's memory ran out.
    HostMemory,
    /// The evidence does not settle it.
    Unknown,
}

impl Cause {
    /// Every cause, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Fragmentation,
        Self::Exhaustion,
        Self::Leak,
        Self::Contention,
        Self::Cap,
        Self::Oversized,
        Self::HostMemory,
        Self::Unknown,
    ];

    /// The cause in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fragmentation => "fragmentation",
            Self::Exhaustion => "exhaustion",
            Self::Leak => "leak",
            Self::Contention => "contention",
            Self::Cap => "cap",
            Self::Oversized => "oversized",
            Self::HostMemory => "host-memory",
            Self::Unknown => "unknown",
        }
    }
}

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

/// What a finding looks at.
pub struct Case<'a> {
    /// The failure.
    pub incident: &'a Incident,
    /// Its arithmetic.
    pub balance: &'a Balance,
    /// The telemetry of its source, its own rank's series first.
    pub series: &'a [Series],
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

/// One thing that can be the case.
pub struct Finding {
    /// Its name: kebab-case, equal to its file's name.
    pub id: &'static str,
    /// The cause that it belongs to.
    pub cause: Cause,
    /// What is the case, as half a sentence.
    pub title: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// What helps, best first among equals.
    pub fixes: &'static [&'static Fix],
    /// The decision; `None` where it is not the case or cannot be told.
    pub decide: fn(&Case<'_>) -> Option<Verdict>,
}

/// A finding that holds.
pub struct Judged {
    /// The finding.
    pub finding: &'static Finding,
    /// Its word.
    pub verdict: Verdict,
}

/// All findings that hold, surest first.
pub fn judge(case: &Case<'_>) -> Vec<Judged> {
    let decided = ALL
        .iter()
        .filter_map(|finding| (finding.decide)(case).map(|verdict| Judged { finding, verdict }));
    let mut judged: Vec<Judged> = decided.collect();
    judged.sort_by_key(|j| std::cmp::Reverse(j.verdict.confidence));
    judged
}
