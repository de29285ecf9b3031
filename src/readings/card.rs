//! The size of the card, as programs and tools print it beside their readings.

use super::numbers::{at, unit};
use crate::bytes::{Bytes, GIB};
use crate::evidence::Card;
use crate::text::Line;

/// Literals, in lower case, one of which stands in every line that tells the size of a card.
pub(super) const MARKS: &[&str] = &[
    "mib / ",
    "cuda capacity: ",
    "cuda:",
    "; total memory = ",
    "total_memory=",
    "device memory used/total (gb): ",
];

/// The size of a card that this line tells.
fn card(line: &Line) -> Option<Card> {
    let text = line.text.as_str();
    let (device, total) = cell(text)
        .or_else(|| torchtitan(text))
        .or_else(|| ultralytics(text))
        .or_else(|| Some((None, sized(behind(text, "; total memory = ")?)?)))
        .or_else(|| Some((None, sized(behind(text, "total_memory=")?)?)))
        .or_else(|| verl(text))?;
    (total.low() > 0 && !total.is_sentinel()).then_some(Card {
        device,
        total,
        line: line.number,
    })
}

/// No host has more cards of different sizes.
const MOST: usize = 64;

/// The cards whose size a log tells, each once: a table that is printed again and again tells nothing new.
#[derive(Debug, Default)]
pub(super) struct Cards(pub(super) Vec<Card>);

impl Cards {
    /// Reads a line in which one of [`MARKS`] stands.
    pub(super) fn read(&mut self, line: &Line) {
        if let Some(card) = card(line) {
            self.add(card);
        }
    }

    /// Adds a card that is told otherwise.
    pub(super) fn add(&mut self, card: Card) {
        let same = |known: &Card| (known.device, known.total) == (card.device, card.total);
        if self.0.len() < MOST && !self.0.iter().any(same) {
            self.0.push(card);
        }
    }
}

type Size = Option<(Option<u32>, Bytes)>;

fn behind<'a>(text: &'a str, literal: &str) -> Option<&'a str> {
    let at = memchr::memmem::find(text.as_bytes(), literal.as_bytes())?;
    text.get(at + literal.len()..)
}

/// The number with a unit at the very start.
fn sized(text: &str) -> Option<Bytes> {
    let number = at(text, 0)?;
    let (size, _) = unit(text, number.end)?;
    number.of(size)
}

/// `nvidia-smi`, all layouts: the cell `22345MiB / 24576MiB` of a card's row.
fn cell(text: &str) -> Size {
    text.trim_start().strip_prefix('|')?;
    Some((None, sized(behind(text, "MiB / ")?)?))
}

/// torchtitan/components/metrics.py: "CUDA capacity: NVIDIA H100 80GB HBM3 with 79.10GiB memory".
fn torchtitan(text: &str) -> Size {
    let after = behind(text, "CUDA capacity: ")?;
    Some((None, sized(behind(after, " with ")?)?))
}

/// `ultralytics/utils/torch_utils.py`, `select_device`: "CUDA:0 (NVIDIA A100-SXM4-40GB, 40370MiB)".
fn ultralytics(text: &str) -> Size {
    let after = behind(text, "CUDA:")?;
    let index = at(after, 0)?;
    let name = after.get(index.end..)?.strip_prefix(" (")?;
    let (name, _) = name.split_once(')')?;
    let (_, size) = name.rsplit_once(", ")?;
    let device = index.whole().and_then(|i| u32::try_from(i).ok());
    Some((device, sized(size)?))
}

/// verl/utils/debug/performance.py: "device memory used/total (GB): 23.89/39.91", in powers of 1024.
fn verl(text: &str) -> Size {
    let after = behind(text, "device memory used/total (GB): ")?;
    Some((None, at(behind(after, "/")?, 0)?.of(GIB)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::human;

    fn read(text: &str) -> Option<(Option<u32>, String)> {
        let line = Line {
            number: 7,
            text: text.to_owned(),
            ..Line::default()
        };
        card(&line).map(|card| (card.device, human(card.total.mid())))
    }

    #[test]
    fn programs_and_tools_tell_the_size_of_the_card() {
        for (text, device, size) in [
            (
                "| 30%   45C    P2             120W /  350W |   22345MiB /  24576MiB |     98%      Default |",
                None,
                "24 GiB",
            ),
            (
                "[rank0]:CUDA capacity: NVIDIA H100 80GB HBM3 with 79.10GiB memory",
                None,
                "79.1 GiB",
            ),
            (
                "Ultralytics 8.3.0 torch-2.4.1 CUDA:1 (NVIDIA A100-SXM4-40GB, 40370MiB)",
                Some(1),
                "39.4 GiB",
            ),
            (
                "rank   0: capabilities =  8.0  ; total memory = 39.587 GB ; name = A100",
                None,
                "39.6 GiB",
            ),
            (
                "_CudaDeviceProperties(name='A100', major=8, minor=0, total_memory=40354MB)",
                None,
                "39.4 GiB",
            ),
            (
                "After FSDP, device memory used/total (GB): 23.89/39.91",
                None,
                "39.9 GiB",
            ),
        ] {
            assert_eq!(read(text), Some((device, size.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_process_a_model_and_a_disk_are_no_cards() {
        for text in [
            "|    0   N/A  N/A      4242      C   python          1234MiB |",
            "CUDA:0 is the device",
            "disk: 100MiB / 200MiB",
            "total_memory= unknown",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
