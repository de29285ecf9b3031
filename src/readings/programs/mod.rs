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
    pub(super) read: Option<for<'a> fn(&'a str, &mut Tables, &mut Readings<'a>) -> bool>,
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

impl Format {
    /// A format without anything, to fill in.
    pub(super) const EMPTY: Self = Self {
        id: "",
        printed_by: "",
        marks: &[],
        needs: &[],
        fields: &[],
        read: None,
        examples: &[],
    };

    fn claims<'a>(&self, text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
        if !self.needs.iter().all(|need| text.contains(need)) {
            return false;
        }
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
        match self.read {
            Some(read) => read(text, tables, readings),
            None => !readings.is_empty() || self.fields.is_empty(),
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
mod tests {
    use super::*;
    use crate::readings::{NAMES, SIGNATURES, names_a_number, steps};
    use proptest::prelude::*;

    fn readings(lines: &str) -> Vec<(Counter, Option<u64>, String)> {
        let mut tables = Tables::default();
        let mut found = Vec::new();
        for line in lines.lines() {
            let mut readings = Readings::default();
            read(line, Marked::of(line), &mut tables, &mut readings);
            let step = readings
                .step
                .map_or_else(|| steps::find(line).step, |s| Some(s.0));
            found.extend(
                readings
                    .iter()
                    .map(|r| (r.counter, step, r.bytes.to_string())),
            );
        }
        found
    }

    #[test]
    fn every_format_reads_its_own_examples() {
        for format in ALL {
            assert!(
                !format.examples.is_empty() && !format.printed_by.is_empty(),
                "{}",
                format.id
            );
            for example in format.examples {
                let expected: Vec<_> = example
                    .reads
                    .iter()
                    .map(|(c, s, b)| (*c, *s, (*b).to_owned()))
                    .collect();
                assert_eq!(
                    readings(example.lines),
                    expected,
                    "{}: {}",
                    format.id,
                    example.lines
                );
            }
        }
    }

    /// True where the pass over a log hands the line over.
    fn announced(lower: &str) -> bool {
        let named = |name: &&str| {
            let mut places = lower.match_indices(*name);
            places.any(|(at, _)| names_a_number(&lower.as_bytes()[..at], &lower.as_bytes()[at..]))
        };
        SIGNATURES.iter().any(|s| lower.contains(s)) || NAMES.iter().any(named)
    }

    #[test]
    fn every_example_that_reads_something_passes_the_prefilter() {
        for format in ALL {
            let id = format.id;
            for line in format
                .examples
                .iter()
                .filter(|e| !e.reads.is_empty())
                // A row of a table is known by the head above it.
                .flat_map(|e| {
                    e.lines
                        .lines()
                        .take(if id == "own-csv" { 1 } else { usize::MAX })
                })
            {
                let lower = line.to_ascii_lowercase();
                assert!(announced(&lower), "{id}: {line}");
                assert!(
                    format.marks.iter().any(|mark| lower.contains(mark)),
                    "{id}: {line}"
                );
            }
        }
    }

    #[test]
    fn every_mark_passes_the_prefilter_too() {
        for format in ALL.iter().filter(|f| f.id != "not-device-memory") {
            let id = format.id;
            for mark in format.marks {
                let mut all = SIGNATURES.iter().chain(NAMES);
                assert!(all.any(|s| mark.contains(s)), "{id}: {mark}");
                assert_eq!(*mark, mark.to_ascii_lowercase(), "{id}");
            }
        }
        assert!(ALL.len() < 64, "a line's marks are kept in 64 bits");
    }

    #[test]
    fn a_prefix_before_a_line_changes_nothing() {
        for format in ALL
            .iter()
            .filter(|f| !f.id.starts_with("nvidia") && !matches!(f.id, "ultralytics" | "own-csv"))
        {
            for example in format.examples {
                let prefixed: Vec<String> = example
                    .lines
                    .lines()
                    .map(|l| format!("2026-11-20T12:00:01.123Z [worker] {l}"))
                    .collect();
                assert_eq!(
                    readings(&prefixed.join("\n")),
                    readings(example.lines),
                    "{}",
                    format.id
                );
            }
        }
    }

    fn names(of: Vec<&'static str>) -> impl Strategy<Value = String> {
        prop::sample::select(of).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn no_line_panics(parts in prop::collection::vec(prop_oneof![
            "\\PC{0,12}", "[0-9]{1,22}(\\.[0-9]{0,20})?",
            names(ALL.iter().flat_map(|f| f.marks.iter().copied().chain(f.fields.iter().map(|x| x.after))).collect::<Vec<_>>()),
            names(vec![" GB", "MiB", "/", "| ", "[", "step ", "G ", "memory ", ","]),
        ], 0..12)) {
            let mut tables = Tables { ultralytics: true, dmon: super::super::tables::Dmon { used: Some(1), ..Default::default() }, csv: super::super::tables::Csv { index: Some(0), used: Some(1), total: Some(2), columns: 3, ..Default::default() }, ..Tables::default() };
            let line = parts.concat();
            read(&line, Marked::of(&line), &mut tables, &mut Readings::default());
        }
    }
}
