//! The time that a raw line carries, in its prefix or as a field.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::evidence::{Clock, Moment, When};

/// How far into a line a time is looked for; a field of JSON may stand anywhere.
const REACH: usize = 160;

/// `2026-01-02 03:04:05,678`, `2026/01/02 03:04:05`, with `T` and a zone as they come.
static DATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(\d{4})[-/](\d\d)[-/](\d\d)[ T_](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d)\b)?").ok()
});
/// `E1120 12:00:01.123456` of glog and c10.
static GLOG: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b[IWEFCDV](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,9})\b").ok());
/// `"timestamp": "1732104001"` of torchrun's error file (`errors/error_handler.py` beside its `api.py`).
static EPOCH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""timestamp": ?"?(\d{10})\b"#).ok());

const SECOND: i64 = 1_000_000;

/// The times of a neighbourhood, by line.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<(u64, Moment)>);

impl Times {
    /// The times of raw lines, the first of which is number `first_line` of the input.
    pub(crate) fn of(raw: &[u8], first_line: u64) -> Self {
        let lines = (first_line..).zip(raw.split(|byte| *byte == b'\n'));
        Self(
            lines
                .filter_map(|(n, line)| Some((n, moment(line)?)))
                .collect(),
        )
    }

    /// Between which of them a line was printed.
    pub(crate) fn around(&self, line: u64) -> When {
        let times = || self.0.iter();
        let after = times().rev().find(|(at, _)| *at <= line);
        let before = times().find(|(at, _)| *at >= line);
        When {
            after: after.map(|(_, moment)| *moment),
            before: before.map(|(_, moment)| *moment),
        }
    }
}

/// The first time in a raw line; `None` where there is none with a day.
fn moment(raw: &[u8]) -> Option<Moment> {
    let text = String::from_utf8_lossy(raw);
    let end = (0..=REACH.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    let head = text.get(..end?)?;
    dated(head).or_else(|| glog(head)).or_else(|| epoch(&text))
}

fn number(found: &Captures<'_>, group: usize) -> Option<i64> {
    found.get(group)?.as_str().parse().ok()
}

fn dated(text: &str) -> Option<Moment> {
    let found = DATED.as_ref()?.captures(text)?;
    let n = |group| number(&found, group);
    let day = days(n(1)?, n(2)?, n(3)?)?;
    let clock = [n(4)?, n(5)?, n(6)?];
    let zone = found.get(8).map(|zone| zone.as_str());
    let minutes = zone.map_or(Some(0), offset)?;
    let kind = zone.map_or(Clock::Local, |_| Clock::Universal);
    let fraction = found.get(7).map_or("", |f| f.as_str());
    Some(rounded(kind, seconds(day, clock) - 60 * minutes, fraction))
}

fn glog(text: &str) -> Option<Moment> {
    let found = GLOG.as_ref()?.captures(text)?;
    let n = |group| number(&found, group);
    // Any leap year will do: only times of this kind are compared.
    let day = days(2000, n(1)?, n(2)?)?;
    let at = seconds(day, [n(3)?, n(4)?, n(5)?]);
    Some(rounded(Clock::Yearless, at, found.get(6)?.as_str()))
}

fn epoch(text: &str) -> Option<Moment> {
    let found = EPOCH.as_ref()?.captures(text)?;
    Some(rounded(Clock::Universal, number(&found, 1)?, ""))
}

/// "+01:30" in minutes.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let sum = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    Some(if zone.starts_with('-') { -sum } else { sum })
}

/// Days from 1970 in the Gregorian calendar; `None` for what is no date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // March is the first month, so that a leap day ends the year.
    let year = if month <= 2 { year - 1 } else { year };
    let shifted = (month + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

fn seconds(day: i64, [hours, minutes, seconds]: [i64; 3]) -> i64 {
    ((day * 24 + hours) * 60 + minutes) * 60 + seconds
}

/// Everything that is printed so: digits behind the point are cut off, not rounded.
fn rounded(clock: Clock, seconds: i64, fraction: &str) -> Moment {
    let digits = fraction.get(..6).unwrap_or(fraction);
    let width = (digits.len()..6).fold(1, |width, _| width * 10);
    let parts = digits.parse::<i64>().unwrap_or(0) * width;
    let low = seconds * SECOND + parts;
    Moment {
        clock,
        low,
        high: low + width - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(text: &str) -> Option<(Clock, i64)> {
        moment(text.as_bytes()).map(|m| (m.clock, m.low))
    }

    #[test]
    fn each_way_to_print_one_instant_gives_the_same() {
        let instant = 1_732_104_001 * SECOND;
        for text in [
            "2024-11-20T12:00:01Z start",
            "[2024-11-20 13:00:01 +0100] x",
            "2024-11-20T06:30:01-05:30 x",
            "{\"message\": \"x\", \"timestamp\": \"1732104001\"}",
        ] {
            assert_eq!(low(text), Some((Clock::Universal, instant)), "{text}");
        }
        assert_eq!(
            low("[rank0]: 2024/11/20 12:00:01 x"),
            Some((Clock::Local, instant))
        );
        assert_eq!(
            low("INFO 2024-11-20 12:00:01,250 x"),
            Some((Clock::Local, instant + 250_000))
        );
        let leap =
            moment(b"[rank3]:[E0229 12:00:01.123456789 ProcessGroupNCCL.cpp:616] x").unwrap();
        assert_eq!((leap.clock, leap.high - leap.low), (Clock::Yearless, 0));
    }

    #[test]
    fn no_day_no_time() {
        for text in [
            "12:00:01 x",
            "version 2024-11-20",
            "2024-13-20 12:00:01",
            "",
            "é",
        ] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
    }
}
