//! Periodic memory readings in a log, and what their course says.

mod bars;
mod card;
mod collector;
mod course;
mod dictionary;
mod marks;
mod no_progress;
mod numbers;
mod one_line;
mod pattern;
mod phase;
mod place;
mod programs;
mod reading;
mod robust;
mod shapes;
mod steps;
mod tables;
mod thinning;
mod trend;
mod words;

pub(crate) use collector::Collector;
pub(crate) use course::judge;
pub(crate) use one_line::Alone;
pub use pattern::Pattern;
pub(crate) use place::Places;
pub(crate) use tables::{TABLE_HEADS, heads_own_table};

/// What readings are called: one of these or of [`SIGNATURES`] stands in every line that [`Collector::push`] could read. Most
/// lines with such a word are prose: where no number with or without a unit stands near, see [`names_a_number`], they hold
/// no reading.
pub(crate) const NAMES: &[&str] = &["mem", "alloc", "reserved", "vram"];

/// True where a line can hold a reading of which it says this much before and behind the name.
pub(crate) fn names_a_number(before: &[u8], behind: &[u8]) -> bool {
    behind.iter().any(u8::is_ascii_digit) || numbers::holds_size(before)
}

/// Literals of readings that need no such name, and of the heads of tables.
pub(crate) const SIGNATURES: &[&str] = &[
    "gb_free",
    "max_ma ",
    "[cuda ram ",
    "mib",
    "gib",
    " gb",
    " mb",
    // "3.21GB": two letters alone stand everywhere.
    "0gb",
    "1gb",
    "2gb",
    "3gb",
    "4gb",
    "5gb",
    "6gb",
    "7gb",
    "8gb",
    "9gb",
    "0mb",
    "1mb",
    "2mb",
    "3mb",
    "4mb",
    "5mb",
    "6mb",
    "7mb",
    "8mb",
    "9mb",
    // Rows of tables hold nothing but numbers: Ultralytics' ("3/100      7.45G      1.234") and `nvidia-smi dmon`'s.
    "g     ",
    "gpu_mem ",
    "used     : ",
    // Heads of tables that users write.
    "_gb",
    "_mb",
    "(gb)",
    "(mb)",
    "[gb]",
    "[mb]",
    "memory-usage",
    "# gpu ",
    " gpu  ",
    "    0 ",
    "    1 ",
    "    2 ",
    "    3 ",
    "    4 ",
    "    5 ",
    "    6 ",
    "    7 ",
];
