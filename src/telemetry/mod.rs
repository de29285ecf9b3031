//! Periodic memory readings in a log, and what their course says.

use crate::evidence::{Point, RunPlace, Series, Trend};
use crate::text::Line;

/// Literals, one of which stands in every line that [`Collector::push`] could read.
pub const SIGNATURES: &[&str] = &[];

/// Collects readings from the lines of a log, in order, and makes series of them.
#[derive(Debug, Default)]
pub struct Collector {
    source: String,
}

impl Collector {
    /// A collector for one input.
    pub fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
        }
    }

    /// Reads one line; one without a reading is passed over.
    pub fn push(&mut self, _line: &Line) {}

    /// The series that the readings make.
    pub fn finish(self) -> Vec<Series> {
        let _ = self.source;
        Vec::new()
    }
}

/// The course of a series.
pub fn trend(_points: &[Point]) -> Trend {
    Trend::default()
}

/// Where in the run the last of these lines stands: its step bars, epochs and iterations.
pub fn place(_lines: &[Line]) -> RunPlace {
    RunPlace::default()
}
