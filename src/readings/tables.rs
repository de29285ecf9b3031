//! What the head of a table said about the rows below it.

/// What stands in the head of a CSV table whose rows may be numbers and nothing else.
pub(crate) const TABLE_HEADS: [&str; 2] = ["memory.used [MiB]", "used_gpu_memory [MiB]"];

/// The heads that were seen last.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// How many rows of an `nvidia-smi` table have been read since its head.
    pub(super) smi_rows: u32,
    /// The columns of an `nvidia-smi --query-gpu` head that hold the index and the memory in use.
    pub(super) csv: Csv,
    /// The card of the row that was read last, where the table has its memory, until somebody takes it.
    pub(super) card: Option<(Option<u32>, crate::bytes::Bytes)>,
    /// A table of the user's own.
    pub(super) own: Option<OwnCsv>,
    /// The columns of `nvidia-smi dmon` or `pmon`.
    pub(super) dmon: Dmon,
    /// The device of the `memory_summary()` that is being read.
    pub(super) summary_device: Option<u32>,
    /// True below the head of an Ultralytics table.
    pub(super) ultralytics: bool,
    /// The memory of the device in bytes, as fairseq prints it at its start; else what was free at its first print.
    pub(super) fairseq_total: Option<crate::bytes::Bytes>,
    /// True where that was only what was free.
    pub(super) fairseq_guessed: bool,
}

impl Tables {
    /// True where no head was seen that makes readings of rows without a mark.
    pub(super) fn are_quiet(&self) -> bool {
        self.csv.used.is_none() && self.own.is_none()
    }
}

/// Columns of a CSV table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Csv {
    /// The column of the device's index.
    pub(super) index: Option<usize>,
    /// The column of the memory in use.
    pub(super) used: Option<usize>,
    /// The column of the memory of the card.
    pub(super) total: Option<usize>,
    /// How many columns there are.
    pub(super) columns: usize,
    /// True where each row is a process, and the index its id.
    pub(super) process: bool,
    /// Whether numbers have their unit; `None` until the first row.
    pub(super) units: Option<bool>,
}

/// A table of the user's own, by its head.
#[derive(Clone, Debug)]
pub(crate) struct OwnCsv {
    /// Its columns of memory.
    pub(super) columns: Vec<OwnColumn>,
    /// The column of the step.
    pub(super) step: Option<usize>,
    /// How many columns there are.
    pub(super) cells: usize,
}

/// A column of memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnColumn {
    /// Its index.
    pub(super) at: usize,
    /// What it counts.
    pub(super) counter: crate::evidence::Counter,
    /// The bytes in its unit.
    pub(super) unit: u64,
}

/// True where a line is the head of a table of the user's own that has a column of memory.
pub(crate) fn heads_own_table(line: &[u8]) -> bool {
    line.len() < 1024
        && std::str::from_utf8(line)
            .is_ok_and(|text| super::programs::own_csv::head(text.trim_end()).is_some())
}

/// Columns of a table of `nvidia-smi dmon` or `pmon`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dmon {
    /// The column of the device's index.
    pub(super) gpu: usize,
    /// The column of the memory in use.
    pub(super) used: Option<usize>,
    /// The column of the process's id, where each row is a process.
    pub(super) pid: Option<usize>,
}
