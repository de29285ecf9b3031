//! Prints of memory readings: one file a program.
//!
//! A format is data where it can be: literals that announce it, what else must stand in the line, and the words before each
//! number. What cannot be said so is a function. To add one: write its file, add its two lines below.

mod axolotl;
mod composer;
mod cuda_jl;
mod deepspeed;
mod detectron2;
mod espnet;
mod fairseq;
mod gpustat;
mod handwritten;
mod icefall;
mod lightning;
mod llama_factory;
mod megatron;
mod memory_stats;
mod memory_summary;
mod metric_logger;
mod mmengine;
mod ms_swift;
mod nemo;
mod nemo_profile;
mod not_device_memory;
mod nvidia_smi;
mod nvidia_smi_csv;
mod nvidia_smi_dmon;
mod nvml;
pub(super) mod own_csv;
mod paddle;
mod peft;
mod returnn;
mod rocm_smi;
mod tensorrt;
mod tinygrad;
mod torchtitan;
mod torchtune;
mod ultralytics;
mod verl;
mod yolox;

use super::marks::Marked;
use super::numbers::{self, Number};
use super::reading::{Reading, Readings};
use super::tables::Tables;
use crate::bytes::Bytes;
use crate::evidence::Counter;

/// All formats, in the order in which they may claim a line. Hand-written prints come last: they match most.
pub(super) static ALL: &[&Format] = &[
    &not_device_memory::FORMAT,
    &deepspeed::FORMAT,
    &megatron::FORMAT,
    &torchtitan::FORMAT,
    &torchtune::FORMAT,
    &nemo::FORMAT,
    &nemo_profile::FORMAT,
    &ultralytics::FORMAT,
    &mmengine::FORMAT,
    &detectron2::FORMAT,
    &fairseq::FORMAT,
    &verl::FORMAT,
    &axolotl::FORMAT,
    &ms_swift::FORMAT,
    &llama_factory::FORMAT,
    &lightning::FORMAT,
    &memory_summary::FORMAT,
    &memory_stats::FORMAT,
    &nvml::FORMAT,
    &peft::FORMAT,
    &own_csv::FORMAT,
    &nvidia_smi::FORMAT,
    &nvidia_smi_csv::FORMAT,
    &nvidia_smi_dmon::FORMAT,
    &gpustat::FORMAT,
    &rocm_smi::FORMAT,
    &tensorrt::FORMAT,
    &cuda_jl::FORMAT,
    &tinygrad::FORMAT,
    &returnn::FORMAT,
    &composer::FORMAT,
    &metric_logger::FORMAT,
    &yolox::FORMAT,
    &paddle::FORMAT,
    &icefall::FORMAT,
    &espnet::FORMAT,
    &handwritten::FORMAT,
];

/// One program's print.
pub(super) struct Format {
    /// Its name, equal to its file's name with hyphens.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the catalogue's documentation, which its tests hold to the code"
        )
    )]
    pub(super) id: &'static str,
    /// The upstream file that prints it.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the catalogue's documentation, which its tests hold to the code"
        )
    )]
    pub(super) printed_by: &'static str,
    /// Literals, in lower case, one of which stands in every line of it.
    pub(super) marks: &'static [&'static str],
    /// What must stand in the line besides, in its own case.
    pub(super) needs: &'static [&'static str],
    /// Its numbers.
    pub(super) fields: &'static [Field],
    /// What reads it where fields cannot; true where the line is its own.
    pub(super) read: Read,
    /// Lines that it prints, one below the other, and all that is read from them.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the catalogue's documentation, which its tests hold to the code"
        )
    )]
    pub(super) examples: &'static [Example],
}

/// What reads a line where fields cannot.
pub(super) enum Read {
    /// Fields can.
    Fields,
    /// This does, and the line is all that it looks at.
    Line(for<'a> fn(&'a str, &mut Readings<'a>) -> bool),
    /// This does, by what the heads of tables above the line said, or it keeps what a head says.
    Below(for<'a> fn(&'a str, &mut Tables, &mut Readings<'a>) -> bool),
}

/// One number of a format.
pub(super) struct Field {
    /// The text before it, which also names the series.
    pub(super) after: &'static str,
    /// What it counts.
    pub(super) counter: Counter,
    /// For a peak: true where the program never resets it.
    pub(super) running: bool,
    /// The bytes in its unit, where the print has none behind the number or one with another meaning.
    pub(super) unit: Option<u64>,
}

/// Lines and what they say.
pub(super) struct Example {
    /// The lines.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the catalogue's documentation, which its tests hold to the code"
        )
    )]
    pub(super) lines: &'static str,
    /// Counter, step and size of each reading, in order; the size as people read it.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "the catalogue's documentation, which its tests hold to the code"
        )
    )]
    pub(super) reads: &'static [(Counter, Option<u64>, &'static str)],
}

/// A number that counts what is held now.
pub(super) const fn gauge(after: &'static str, counter: Counter, unit: Option<u64>) -> Field {
    Field {
        after,
        counter,
        running: false,
        unit,
    }
}

/// A peak that the program never resets.
pub(super) const fn running(after: &'static str, counter: Counter, unit: Option<u64>) -> Field {
    Field {
        after,
        counter,
        running: true,
        unit,
    }
}

/// Reads a line with the first format that claims it.
pub(super) fn read<'a>(
    text: &'a str,
    marked: Marked,
    tables: &mut Tables,
    readings: &mut Readings<'a>,
) {
    for format in marked.formats() {
        if format.claims(text, tables, readings) {
            return;
        }
    }
    nvidia_smi_csv::bare_row(text, tables, readings);
    if readings.is_empty() {
        own_csv::row(text, tables, readings);
    }
}

/// Reads a line that is all that has a say in it: with the first format that claims it. True where one does, false where none
/// does; `None` where what stands above the line matters, and for what only [`read`] can settle.
pub(super) fn read_alone<'a>(
    text: &'a str,
    marked: Marked,
    readings: &mut Readings<'a>,
) -> Option<bool> {
    for format in marked.formats() {
        if format.claims_alone(text, readings)? {
            return Some(true);
        }
    }
    readings.is_empty().then_some(false)
}

impl Format {
    /// A format without anything, to fill in.
    pub(super) const EMPTY: Self = Self {
        id: "",
        printed_by: "",
        marks: &[],
        needs: &[],
        fields: &[],
        read: Read::Fields,
        examples: &[],
    };

    fn claims<'a>(&self, text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
        match (self.claims_alone(text, readings), &self.read) {
            (None, Read::Below(read)) => {
                self.take_fields(text, readings);
                read(text, tables, readings)
            }
            (claimed, _) => claimed == Some(true),
        }
    }

    /// Whether it claims the line, which it then reads; `None` where what stands above the line has a say in that.
    fn claims_alone<'a>(&self, text: &'a str, readings: &mut Readings<'a>) -> Option<bool> {
        if !self.needs.iter().all(|need| text.contains(need)) {
            return Some(false);
        }
        if matches!(self.read, Read::Below(_)) {
            return None;
        }
        self.take_fields(text, readings);
        Some(match self.read {
            Read::Line(read) => read(text, readings),
            Read::Fields | Read::Below(_) => !readings.is_empty() || self.fields.is_empty(),
        })
    }

    fn take_fields<'a>(&self, text: &'a str, readings: &mut Readings<'a>) {
        for field in self.fields {
            if let Some(bytes) = field.read(text) {
                readings.push(Reading {
                    counter: field.counter,
                    running: field.running,
                    label: field.after.trim_matches([' ', ':', '=', '"', '\'', '|']),
                    bytes,
                    device: None,
                });
            }
        }
    }
}

impl Field {
    fn read(&self, text: &str) -> Option<Bytes> {
        let start = find_word(text, self.after)? + self.after.len();
        let number = numbers::at(text, start)?;
        sized(text, number, self.unit)
    }
}

/// Where the words stand, not as the end of a longer word ("max allocated" holds "allocated").
fn find_word(text: &str, words: &str) -> Option<usize> {
    let (at, _) = text.match_indices(words).find(|(at, _)| {
        let before = text.as_bytes().get(at.wrapping_sub(1));
        !words.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    })?;
    Some(at)
}

/// The number in its own unit, or in the given one.
fn sized(text: &str, number: Number, unit: Option<u64>) -> Option<Bytes> {
    let unit = match unit {
        Some(unit) => unit,
        None => numbers::unit(text, number.end)?.0,
    };
    number.of(unit)
}

#[cfg(test)]
mod tests;
