//! Prints that people write themselves, in whatever words: "step 50: 3.21 GB", "memory allocated: 12.3 GiB".
//!
//! A number is a reading where its unit is one of memory and the words around it say that it is the device's. Words of
//! other memory ("cpu", "free", "weights") take it out again. See [`words`](super::super::words).

use std::cell::LazyCell;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::numbers::{self, Number};
use super::super::steps::{self, Steps};
use super::super::words::{self, Kind};
use super::{Example, Format, Read, Reading, Readings};
use crate::bytes::{Bytes, GIB, MIB};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "handwritten",
    printed_by: "people's own programs; units are powers of 1024 unless the bytes themselves are printed",
    marks: &[
        "mem", "alloc", "reserved", "vram", "gib", "mib", " gb", " mb", "0gb", "1gb", "2gb", "3gb",
        "4gb", "5gb", "6gb", "7gb", "8gb", "9gb", "0mb", "1mb", "2mb", "3mb", "4mb", "5mb", "6mb",
        "7mb", "8mb", "9mb",
    ],
    read: Read::Line(read),
    examples: &[
        Example {
            lines: "step 50: 3.21 GB\n[   1/60] gpu memory: 3743 MiB\nfold 3: loss 10.3, memory 69.6 GiB",
            reads: &[
                (Counter::Other, Some(50), "3.21 GiB"),
                (Counter::Other, Some(1), "3.7 GiB"),
                (Counter::Other, Some(3), "69.6 GiB"),
            ],
        },
        Example {
            lines: "memory allocated: 12.3 GiB\n{'step': 10, 'gpu_mem_allocated_gb': 11.54}\nGPU memory: 5.2/15.8 GB",
            reads: &[
                (Counter::Allocated, None, "12.3 GiB"),
                (Counter::Allocated, Some(10), "11.54 GiB"),
                (Counter::Other, None, "5.2 GiB"),
            ],
        },
        Example {
            lines: "torch.cuda.memory_allocated(): 1234567890\nstep 3 | mem allocated 32.10 GB reserved 65.00 GB | 9000 tok/s",
            reads: &[
                (Counter::Allocated, None, "1.1 GiB"),
                (Counter::Allocated, Some(3), "32.10 GiB"),
                (Counter::Reserved, Some(3), "65.00 GiB"),
            ],
        },
        Example {
            lines: "Memory after step 7: 5.2 GB allocated, 6.1 GB reserved, peak allocated 7.0 GB\nGPU 1: 5200 MB used",
            reads: &[
                (Counter::Allocated, Some(7), "5.2 GiB"),
                (Counter::Reserved, Some(7), "6.1 GiB"),
                (Counter::PeakAllocated, Some(7), "7.0 GiB"),
                (Counter::Other, None, "5.1 GiB"),
            ],
        },
        Example {
            lines: "step 50: 3.21GB\nstep 5 | mem 3.21GB | loss 2.1\nstep 6: mem_alloc=3.21GiB",
            reads: &[
                (Counter::Other, Some(50), "3.21 GiB"),
                (Counter::Other, Some(5), "3.21 GiB"),
                (Counter::Allocated, Some(6), "3.21 GiB"),
            ],
        },
        Example {
            lines: "model-00001-of-00002.safetensors: 4.98GB\nDownloading: 100% 4.98G/4.98G [00:10<00:00, 480MB/s]\nstep 5: file saved 3.21GB\nRAM 12.3GiB used\ndisk usage 812GB / 1.8TB\nepoch 3: uploaded 3.2GB in 4 s",
            reads: &[],
        },
        Example {
            lines: "CPU memory: 5.2 GB\nRAM usage 3 GB, peak 4 GB\nDownloading model (3.2 GB)\ndataset memory map of 5 GB\nfree memory 3 GB\nprocess rss memory: 3.1 GB\nstep 5: saved 3.2 GB\ncaptured a graph of 17.5 GiB\nmemory bandwidth 900 GB/s",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

fn read<'a>(text: &'a str, readings: &mut Readings<'a>) -> bool {
    let mut cut = 0;
    let mut about_memory = is_triple(text);
    let mut from = 0;
    let mut found = Steps::default();
    let unit = LazyCell::new(|| unit_of_line(text));
    while let Some(number) = numbers::next(text, from) {
        from = number.end;
        let Some(size) = Size::of(text, number, || *unit) else {
            if !found.take(text, number) {
                cut = number.end;
            }
            continue;
        };
        let before = text.get(cut..number.start).unwrap_or("");
        let phrase = words::phrase(before, text.get(size.end..).unwrap_or(""), size.named);
        about_memory |= phrase.names_memory;
        (from, cut) = (size.end, size.end);
        let shown = match phrase.kind {
            Kind::Held => Some(phrase.label),
            Kind::Peak if about_memory => Some(phrase.label),
            Kind::Silent if bare(text, number, size.end) => Some(""),
            _ => None,
        };
        if let (Some(label), false) = (shown, size.total) {
            let (counter, running) = phrase.counter();
            readings.push(Reading {
                counter,
                running,
                label,
                bytes: size.bytes,
                device: None,
            });
        }
    }
    readings.steps = Some(found);
    !readings.is_empty()
}

/// What is used, free and in all, of the device, where the line names nothing else.
fn is_triple(text: &str) -> bool {
    const OTHERS: [&str; 7] = ["cpu", "host", "ram", "disk", "swap", "rss", "cache"];
    // Most lines have not even the first letter of "free", and need no copy.
    if memchr::memchr2(b'f', b'F', text.as_bytes()).is_none() {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let named = ["used", "free", "total"]
        .iter()
        .all(|word| lower.contains(word));
    named && !OTHERS.iter().any(|word| lower.contains(word))
}

/// Few lines hold it, and nearly all with a number that has no unit are asked.
static UNIT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("unit"));

/// `'unit': 'GiB'` of a dictionary that prints its numbers without.
fn unit_of_line(text: &str) -> Option<u64> {
    let at = UNIT.find(text.as_bytes())?;
    let after = text.get(at + UNIT.needle().len()..)?;
    let value = after.trim_start_matches(['\'', '"', ':', '=', ' ']);
    match value.get(..3)?.trim_end_matches(['\'', '"', ',', '}']) {
        "GiB" | "GB" => Some(GIB),
        "MiB" | "MB" => Some(MIB),
        _ => None,
    }
}

/// A number of bytes in a line.
struct Size {
    bytes: Bytes,
    /// The byte behind it and its unit.
    end: usize,
    /// True for the whole of which another is a part: "15.8 GB" of "5.2/15.8 GB".
    total: bool,
    /// True where it has no unit of its own: its name must say that it is memory.
    named: bool,
}

/// A number of at least this, without any unit behind words of memory, is a count of bytes: 16 MiB.
const BYTES_FROM: u64 = 1 << 24;

impl Size {
    fn of(text: &str, number: Number, of_line: impl Fn() -> Option<u64>) -> Option<Self> {
        let total = text.get(..number.start)?.trim_end().ends_with('/');
        let with = |unit: u64, end, named| {
            let bytes = number.of(unit)?;
            Some(Self {
                bytes,
                end,
                total,
                named,
            })
        };
        if let Some((unit, end)) = numbers::unit(text, number.end) {
            return with(unit, end, false);
        }
        // "5.2/15.8 GB", "5.2 / 15.8 GB": the unit stands behind the whole.
        let rest = text.get(number.end..)?.trim_start();
        if let Some(rest) = rest.strip_prefix('/') {
            let whole = numbers::at(text, text.len() - rest.len())?;
            let (unit, _) = numbers::unit(text, whole.end)?;
            return with(unit, number.end, false);
        }
        if let Some(unit) = words::unit_of_name(text.get(..number.start)?) {
            return with(unit, number.end, true);
        }
        if let Some(unit) = of_line() {
            return with(unit, number.end, true);
        }
        let bytes = number.whole().is_some_and(|n| n >= BYTES_FROM);
        bytes.then(|| with(1, number.end, true))?
    }
}

/// "step 50: 3.21 GB" and nothing else: a size right behind the step, in a line that begins with it and ends with the size.
fn bare(text: &str, number: Number, end: usize) -> bool {
    let head = text.get(..number.start).unwrap_or("");
    let before = head.trim_end_matches([':', ' ', '-', '|', '=', '>', ',']);
    let digits = before
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_digit() || *b == b'/')
        .count();
    let word = before.get(..before.len() - digits).unwrap_or("");
    let word = word.trim_end_matches([' ', '#', ':', '=', '[']);
    let name = word
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic() || *b == b'_')
        .count();
    let prefix = word.get(..word.len() - name).unwrap_or("").trim_end();
    let first = prefix.is_empty() || !prefix.ends_with(|c: char| c.is_alphanumeric());
    let last = text.get(end..).unwrap_or("").trim().is_empty();
    let counted = steps::find(before).step.is_some();
    digits > 0 && name > 0 && first && last && counted
}
