//! The table of measured failures: `fixtures/fleet/table.tsv`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// One failure: what its log shows, and what the card did with each fix.
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) program: String,
    pub(crate) held_out: bool,
    pub(crate) label: String,
    pub(crate) kind: String,
    pub(crate) phase: String,
    /// The innermost frame, `file:function`.
    pub(crate) inner: String,
    /// The last frames, outermost first, each `file:function`.
    pub(crate) frames: Vec<String>,
    /// The code of the user's innermost frame.
    pub(crate) line: String,
    /// The failing call is the user's own, not a library's.
    pub(crate) own: bool,
    pub(crate) steps: usize,
    /// The batch size, where the log prints one.
    pub(crate) batch: Option<u64>,
    pub(crate) tried: f64,
    pub(crate) total: f64,
    pub(crate) free: f64,
    pub(crate) allocated: f64,
    pub(crate) idle: f64,
    /// What the process holds, in all.
    pub(crate) process: f64,
    pub(crate) other: Option<f64>,
    /// A limit below the device.
    pub(crate) limit: Option<f64>,
    /// Live memory as the program printed it, in bytes.
    pub(crate) readings: Vec<f64>,
    /// Each measured fix, and whether the program then passed.
    pub(crate) fixes: BTreeMap<String, bool>,
}

impl Failure {
    /// How full the card would be if all pieces of memory were one.
    pub(crate) fn joined(&self) -> f64 {
        (self.allocated + self.tried) / (self.allocated + self.idle + self.free)
    }

    /// The request against all that lies idle.
    pub(crate) fn asked(&self) -> f64 {
        self.tried / self.idle.max(1.0)
    }

    /// The part of the cache that lies idle.
    pub(crate) fn share(&self) -> f64 {
        self.idle / (self.allocated + self.idle).max(1.0)
    }

    pub(crate) fn missing(&self) -> f64 {
        self.tried - self.free
    }

    /// How much live memory grew, if at least three readings show it and none is lower than the one before.
    pub(crate) fn grown(&self) -> Option<f64> {
        let falls = self
            .readings
            .iter()
            .zip(self.readings.iter().skip(1))
            .any(|(a, b)| b < a);
        match (self.readings.as_slice(), falls) {
            ([first, _, .., last], false) => Some(last - first),
            _ => None,
        }
    }

    pub(crate) fn mended(&self) -> bool {
        self.fixes.values().any(|&passed| passed)
    }
}

/// Reads the table, in its own order.
pub(crate) fn read() -> io::Result<Vec<Failure>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fleet/table.tsv");
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    Ok(lines
        .map(|line| failure(&names.iter().copied().zip(line.split('\t')).collect()))
        .collect())
}

fn failure(cells: &BTreeMap<&str, &str>) -> Failure {
    let text = |name: &str| cells.get(name).copied().unwrap_or_default();
    let number = |name: &str| text(name).parse().unwrap_or(0.0);
    let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
    Failure {
        seed: digits(text("id")).parse().unwrap_or(0),
        program: text("program").to_owned(),
        held_out: text("set") == "holdout",
        label: text("label").to_owned(),
        kind: text("kind").to_owned(),
        phase: text("phase").to_owned(),
        inner: text("inner").to_owned(),
        frames: text("frames").split(" > ").map(str::to_owned).collect(),
        line: text("line").to_owned(),
        own: text("own") == "1",
        steps: text("steps").parse().unwrap_or(0),
        batch: text("batch").parse().ok(),
        tried: number("tried"),
        total: number("total"),
        free: number("free"),
        allocated: number("allocated"),
        idle: number("idle"),
        process: number("process"),
        other: text("other").parse().ok(),
        limit: text("allowed").parse().ok(),
        readings: text("readings")
            .split(' ')
            .filter_map(|mib| mib.parse::<f64>().ok())
            .map(|mib| mib * 1_048_576.0)
            .collect(),
        fixes: text("fixes")
            .split(' ')
            .filter_map(|fix| fix.split_once('='))
            .map(|(id, result)| (id.to_owned(), result == "pass"))
            .collect(),
    }
}
