//! Readings in lines of the user's own programs, by patterns of the user's own.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::reading::{Reading, Readings};
use crate::bytes::{self, MIB};
use crate::evidence::Counter;

/// A pattern whose named groups are the reading (`value`), its unit (`unit`) and the step that it stands at (`step`).
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    counter: Counter,
    /// The unit where no group tells it.
    unit: u64,
    /// Texts, in any letter case, one of which stands in every line that fits.
    literals: Vec<String>,
}

/// Shorter texts stand in every other line: looking for them would make every log slow.
const SHORTEST: usize = 3;

impl Pattern {
    /// A pattern. An error names the key that is wrong, and why.
    pub fn new(
        regex: Regex,
        counter: &str,
        unit: Option<&str>,
    ) -> Result<Self, (&'static str, String)> {
        let counter = Counter::ALL
            .into_iter()
            .find(|known| known.name() == counter)
            .ok_or_else(|| {
                let known = Counter::ALL.map(Counter::name);
                let hint = match crate::spelling::nearest(counter, known) {
                    Some(meant) => format!("is none; did you mean `{meant}`?"),
                    None => format!("is none of {}", known.join(", ")),
                };
                ("counter", format!("`{counter}` {hint}"))
            })?;
        let unit = match unit {
            None => MIB,
            Some(label) => bytes::unit(label)
                .ok_or_else(|| ("unit", format!("`{label}` is no unit of memory")))?,
        };
        let wrong = |reason: &str| ("pattern", reason.to_owned());
        if !regex.capture_names().flatten().any(|n| n == "value") {
            return Err(wrong("it needs a group (?<value>…)"));
        }
        let hir = regex_syntax::parse(regex.as_str()).map_err(|e| wrong(&e.to_string()))?;
        let literals = literals(&hir)
            .filter(|texts| texts.iter().all(|text| text.len() >= SHORTEST))
            .ok_or_else(|| wrong("it needs a fixed word of three letters or more to look for"))?;
        Ok(Self {
            regex,
            counter,
            unit,
            literals,
        })
    }

    /// Texts, one of which stands in every line that fits.
    pub fn literals(&self) -> &[String] {
        &self.literals
    }

    /// Reads a line.
    pub(super) fn read<'a>(&self, text: &'a str, readings: &mut Readings<'a>) {
        let Some(found) = self.regex.captures(text) else {
            return;
        };
        let group = |name| found.name(name).map(|m: regex::Match<'a>| m.as_str());
        let unit = match group("unit") {
            Some(label) => bytes::unit(label.trim()),
            None => Some(self.unit),
        };
        let size = group("value").and_then(bytes::digits);
        let Some(bytes) = size
            .zip(unit)
            .and_then(|((digits, decimals), unit)| bytes::Bytes::rounded(digits, decimals, unit))
        else {
            return;
        };
        if let Some(step) = group("step").and_then(|step| step.parse().ok()) {
            readings.step = Some((step, "step"));
        }
        readings.push(Reading {
            counter: self.counter,
            running: false,
            label: "own pattern",
            bytes,
            device: None,
        });
    }
}

/// Texts, one of which every match holds; `None` where there are none.
fn literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => Some(vec![fixed(hir)?]),
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => literals(&repetition.sub),
        HirKind::Alternation(branches) => {
            let each: Option<Vec<_>> = branches.iter().map(literals).collect();
            each.map(|texts| texts.concat())
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut run = String::new();
            let mut offer = |texts: Vec<String>| {
                let shortest = |t: &[String]| t.iter().map(String::len).min().unwrap_or(0);
                if best
                    .as_deref()
                    .is_none_or(|b| shortest(b) < shortest(&texts))
                {
                    best = Some(texts);
                }
            };
            for part in parts {
                if let Some(text) = fixed(part) {
                    run.push_str(&text);
                    continue;
                }
                offer(vec![std::mem::take(&mut run)]);
                if let Some(texts) = literals(part) {
                    offer(texts);
                }
            }
            offer(vec![run]);
            best
        }
        _ => None,
    }
}

/// The one text that this matches, letter case aside.
fn fixed(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(std::str::from_utf8(&literal.0).ok()?.to_owned()),
        HirKind::Class(Class::Bytes(class)) => {
            let mut letters = class
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .take(3)
                .map(char::from);
            let (upper, lower) = (letters.next()?, letters.next()?);
            let pair = letters.next().is_none() && upper.eq_ignore_ascii_case(&lower);
            pair.then(|| lower.to_string())
        }
        HirKind::Class(Class::Unicode(class)) => {
            // "[Mm]", as a pattern that ignores letter case has them.
            let mut letters = class
                .iter()
                .filter(|range| range.start().is_ascii())
                .flat_map(|range| range.start()..=range.end())
                .take(3);
            let (upper, lower) = (letters.next()?, letters.next()?);
            let ascii = class.iter().all(|range| range.end().is_ascii());
            let pair = ascii && letters.next().is_none() && upper.eq_ignore_ascii_case(&lower);
            pair.then(|| lower.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::GIB;

    fn pattern(text: &str) -> Result<Pattern, (&'static str, String)> {
        Pattern::new(Regex::new(text).unwrap(), "allocated", Some("GiB"))
    }

    #[test]
    fn the_longest_fixed_word_is_what_is_looked_for() {
        for (text, literals) in [
            (r"tensors hold (?<value>[\d.]+)", vec!["tensors hold "]),
            (r"(?<value>\d+) (?:used|taken) on", vec!["used", "taken"]),
            (r"(?i-u)held: (?<value>\d+)", vec!["held: "]),
        ] {
            assert_eq!(pattern(text).unwrap().literals(), literals, "{text}");
        }
    }

    #[test]
    fn a_pattern_without_a_word_a_value_or_a_counter_is_refused() {
        assert_eq!(pattern(r"(?<value>\d+) B").unwrap_err().0, "pattern");
        assert_eq!(pattern(r"tensors hold \d+").unwrap_err().0, "pattern");
        let regex = Regex::new(r"tensors hold (?<value>\d+)").unwrap();
        let counter = Pattern::new(regex.clone(), "allocation", None);
        assert_eq!(counter.unwrap_err().0, "counter");
        assert_eq!(
            Pattern::new(regex, "allocated", Some("km")).unwrap_err().0,
            "unit"
        );
    }

    #[test]
    fn value_unit_and_step_are_read() {
        let own = pattern(r"it (?<step>\d+) tensors hold (?<value>[\d.]+) ?(?<unit>\w+)?").unwrap();
        let mut readings = Readings::default();
        own.read("it 7 tensors hold 2048 MiB", &mut readings);
        assert_eq!(readings.step, Some((7, "step")));
        let read = readings.iter().next().unwrap();
        assert!(read.bytes.low() <= 2 * GIB && 2 * GIB <= read.bytes.high());
    }
}
