//! What the head of a table said about the rows below it.

/// The heads that were seen last.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// How many rows of an `nvidia-smi` table have been read since its head.
    pub(super) smi_rows: u32,
    /// The columns of an `nvidia-smi --query-gpu` head that hold the index and the memory in use.
    pub(super) csv: Csv,
    /// The column of `nvidia-smi dmon` that holds the memory in use.
    pub(super) dmon: Option<usize>,
    /// The device of the `memory_summary()` that is being read.
    pub(super) summary_device: Option<u32>,
    /// True below the head of an Ultralytics table.
    pub(super) ultralytics: bool,
    /// The memory of the device in bytes, as fairseq prints it at its start; else what was free at its first print.
    pub(super) fairseq_total: Option<crate::bytes::Bytes>,
    /// True where that was only what was free.
    pub(super) fairseq_guessed: bool,
}

/// Columns of a CSV table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Csv {
    /// The column of the device's index.
    pub(super) index: Option<usize>,
    /// The column of the memory in use.
    pub(super) used: Option<usize>,
}
