//! The size of a card, where a log tells it beside its readings.

use crate::bytes::Bytes;

/// How much memory a device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its index, where the line says.
    pub device: Option<u32>,
    /// All of its memory, as printed.
    pub total: Bytes,
    /// The line of the raw input, from 1.
    pub line: u64,
}
