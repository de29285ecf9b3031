//! How full the host was, as programs print it beside their steps.

use crate::bytes;
use crate::evidence::{Fact, FactSource};
use crate::text::Line;

/// Behind so many hundredths stands what the next step takes.
const NEARLY_ALL: u32 = 80;

/// One reading of the host's memory.
pub(super) struct HostReading {
    /// What was in use.
    pub(super) used: Option<Fact>,
    /// All that there is.
    pub(super) total: Option<Fact>,
    /// True where that is nearly all.
    pub(super) nearly_full: bool,
}

/// The reading of a line, if it is one.
pub(super) fn of(line: &Line) -> Option<HostReading> {
    by_deepspeed(line).or_else(|| of_ram(line))
}

/// "CPU Virtual Memory:  used = 211.40 GB, percent = 84.1%": `DeepSpeed`'s `see_memory_usage` (deepspeed/runtime/utils.py).
fn by_deepspeed(line: &Line) -> Option<HostReading> {
    let (_, after) = line.text.split_once("CPU Virtual Memory:")?;
    let (_, used) = after.split_once("used = ")?;
    let mut words = used.split([' ', ',']);
    let (number, unit) = (words.next()?, words.next()?);
    let (_, share) = used.split_once("percent = ")?;
    let share: f64 = share.trim_end().trim_end_matches('%').parse().ok()?;
    Some(HostReading {
        used: Some(fact(line, number, unit)?),
        total: None,
        nearly_full: share >= f64::from(NEARLY_ALL),
    })
}

/// "RAM 56.2/62.7 GB", "RAM: 56.2 GiB / 62.7 GiB", "CPU RAM usage 97.6%", as loops print them of psutil.
fn of_ram(line: &Line) -> Option<HostReading> {
    let text = line.text.as_str();
    let (at, word) = text.match_indices("RAM").find(|(at, word)| {
        let before = text.get(..*at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        let apart = |c: char| c.is_alphanumeric() || c == '_';
        !before.ends_with(apart) && !after.starts_with(apart) && !before.trim_end().ends_with("GPU")
    })?;
    let rest = text.get(at + word.len()..)?;
    let rest = ["usage", "used", "Used", "Usage", "in use"]
        .iter()
        .fold(signs_off(rest), |rest, word| {
            signs_off(rest.strip_prefix(word).unwrap_or(rest))
        });
    let (used, rest) = number(rest)?;
    if rest.starts_with('%') {
        let share: f64 = used.parse().ok()?;
        return Some(HostReading {
            used: None,
            total: None,
            nearly_full: (f64::from(NEARLY_ALL)..=100.0).contains(&share),
        });
    }
    let (own, rest) = unit(rest);
    let rest = rest.trim_start();
    let (total, rest) = number(
        rest.strip_prefix('/')
            .or_else(|| rest.strip_prefix("of "))?
            .trim_start(),
    )?;
    let (all, _) = unit(rest);
    let all = if all.is_empty() { own } else { all };
    let used = fact(line, used, if own.is_empty() { all } else { own })?;
    let total = fact(line, total, all)?;
    let share = used.bytes.mid() / (total.bytes.mid() / 100).max(1);
    let sane = used.bytes.mid() <= total.bytes.mid();
    sane.then_some(HostReading {
        nearly_full: share >= u64::from(NEARLY_ALL),
        used: Some(used),
        total: Some(total),
    })
}

/// What stands between a word and its value, taken off.
fn signs_off(text: &str) -> &str {
    text.trim_start_matches([' ', ':', '=', '(', '[', '|'])
}

/// The number that a text begins with, and the rest.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    (!number.is_empty()).then_some((number, rest))
}

/// The unit that a text begins with, or nothing, and the rest.
fn unit(text: &str) -> (&str, &str) {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (unit, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if bytes::unit(unit).is_some() {
        (unit, rest)
    } else {
        ("", text)
    }
}

fn fact(line: &Line, number: &str, unit: &str) -> Option<Fact> {
    Some(Fact {
        bytes: bytes::parse(number, unit)?,
        text: format!("{number} {unit}"),
        line: line.number,
        source: FactSource::Message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_the_host_are_told_from_those_of_a_gpu() {
        for (text, told) in [
            (
                "Epoch 6: loss 0.89 | RAM 56.2/62.7 GB | VRAM 9.8/24.0 GB",
                Some((Some("56.2 GB"), true)),
            ),
            ("RAM: 10.1 GiB / 62.7 GiB", Some((Some("10.1 GiB"), false))),
            ("RAM used 61.2 of 62.7 GB", Some((Some("61.2 GB"), true))),
            ("Step 350: CPU RAM usage 97.6%", Some((None, true))),
            (
                "CPU Virtual Memory:  used = 211.40 GB, percent = 84.1%",
                Some((Some("211.40 GB"), true)),
            ),
            ("VRAM 23.1/24.0 GB", None),
            ("GPU RAM 23.1/24.0 GB", None),
            ("needs 32 GB of RAM", None),
            ("RAM 900/62.7 GB", None),
        ] {
            let line = crate::text::clean(text.as_bytes(), 1).remove(0);
            let read = of(&line);
            let read = read
                .as_ref()
                .map(|r| (r.used.as_ref().map(|f| f.text.as_str()), r.nearly_full));
            assert_eq!(read, told, "{text}");
        }
    }
}
