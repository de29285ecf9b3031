//! What one input says, read and not judged yet. Logs of one job are joined, and the GPUs are asked, before any failure in them
//! is judged.

use std::collections::BTreeSet;

use crate::evidence::{Card, Holdings, Incident, Series, Settings, Skew};
use crate::place::Place;

/// How reading an input went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many raw bytes were read.
    pub bytes: u64,
    /// What kept the input from being read to its end.
    pub problem: Option<String>,
    /// What the bytes are, where they are no plain text.
    pub remark: Option<&'static str>,
}

/// All that was read in one input.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The input as the user named it.
    pub source: String,
    /// How reading it went.
    pub outcome: Outcome,
    /// The failures, in the order of the input, each with the settings that the log shows.
    pub incidents: Vec<Incident>,
    /// The memory readings.
    pub series: Vec<Series>,
    /// What the log shows to be set.
    pub settings: Settings,
    /// The cards whose size the log tells beside its readings, each once.
    pub cards: Vec<Card>,
    /// The ranks that its lines name.
    pub ranks: BTreeSet<u32>,
    /// The first line that only tells what followed from a failure; of other ranks, where nothing failed here.
    pub followed: Option<u64>,
    /// Where failures of this input are told, since other inputs of its job hold them too.
    pub joined: Vec<Place>,
    /// Who held the GPUs on which nothing failed, where the input is a memory snapshot.
    pub holdings: Vec<Holdings>,
    /// The ranks of its job beside each other, where each left a memory snapshot and this is the first of them.
    pub skew: Option<Skew>,
}

impl Log {
    /// An input of which nothing was read, and why.
    pub fn unread(source: &str, problem: impl Into<String>) -> Self {
        Self {
            source: source.to_owned(),
            outcome: Outcome {
                problem: Some(problem.into()),
                ..Outcome::default()
            },
            ..Self::default()
        }
    }
}
