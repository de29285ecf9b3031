//! Lines that a container's log driver or a CI runner wrote in several records, put together again before they are read.
//!
//! Docker's copier hands a line on that has filled its buffer of 16 KiB without an end, and json-file writes it without `\n`
//! (moby, `daemon/logger/copier.go`, `defaultBufSize`). containerd and CRI-O mark such a record with `P`, and the last with
//! `F` (kubernetes, `cri-api/pkg/apis/runtime/v1/constants.go`, `LogTagPartial`). GitLab's runner ends a line that has filled
//! its buffer of 8 KiB, or that a carriage return was written in, and begins the next one with `+` (gitlab-runner,
//! `common/buildlogger/internal/timestamper/timestamper.go`). What belongs together is of one stream; records of others may
//! stand between.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::prefixes;

/// No shorter record of Docker's is one of several.
const DOCKER: usize = 16 << 10;
/// A line that is put together grows no longer: what comes then is a line of its own.
const LONGEST: usize = 1 << 20;

/// A raw line, or several that were one, and the number of the first.
pub(super) type Whole<'a> = (u64, Cow<'a, [u8]>);

/// Raw lines in order, those put together that were cut.
#[derive(Default)]
pub(super) struct Wholes<'a> {
    all: Vec<Whole<'a>>,
    /// Which line goes on: that of standard output, that of standard error.
    open: [Option<usize>; 2],
    /// The last line of each stream of GitLab's runner.
    stamped: BTreeMap<[u8; 3], usize>,
}

impl<'a> Wholes<'a> {
    /// Takes the next raw line.
    pub(super) fn push(&mut self, number: u64, raw: &'a [u8]) {
        if let Some(stamp) = prefixes::stamp(raw) {
            return self.push_stamped(number, raw, &stamp);
        }
        let alone = self.open == [None; 2] && !may_go_on(raw);
        let part = if alone { None } else { prefixes::part(raw) };
        let Some(part) = part else {
            return self.all.push((number, Cow::Borrowed(raw)));
        };
        let [out, error] = &mut self.open;
        let open = if part.error { error } else { out };
        let begun = open.take().and_then(|at| Some((at, self.all.get_mut(at)?)));
        match begun.filter(|(_, (_, before))| before.len() + part.text.len() <= LONGEST) {
            Some((at, (_, before))) => {
                before.to_mut().extend_from_slice(&part.text);
                *open = part.goes_on.then_some(at);
            }
            None if part.goes_on => {
                *open = Some(self.all.len());
                self.all.push((number, part.text));
            }
            None => self.all.push((number, Cow::Borrowed(raw))),
        }
    }

    /// Takes a line of GitLab's runner, which says itself whether it goes on with the one before.
    fn push_stamped(&mut self, number: u64, raw: &'a [u8], stamp: &prefixes::Stamp<'a>) {
        let at = self.stamped.get(&stamp.stream).copied();
        let begun = at.filter(|_| stamp.goes_on);
        let before = begun.and_then(|at| self.all.get_mut(at));
        let room = |before: usize| before + stamp.text.len() <= LONGEST;
        if let Some((_, before)) = before.filter(|(_, before)| room(before.len())) {
            before.to_mut().extend_from_slice(stamp.text);
        } else {
            self.stamped.insert(stamp.stream, self.all.len());
            self.all.push((number, Cow::Borrowed(raw)));
        }
    }

    /// All of them.
    pub(super) fn finish(self) -> Vec<Whole<'a>> {
        self.all
    }
}

/// True where it is worth a closer look whether the next record goes on with the line.
pub(super) fn may_go_on(raw: &[u8]) -> bool {
    match raw.first() {
        Some(b'{') => raw.len() > DOCKER,
        // Behind a time and the name of a stream.
        Some(b'0'..=b'9') => {
            let start = raw.get(..64.min(raw.len())).unwrap_or(raw);
            let tag = |at: usize| start.get(at.wrapping_sub(1)..at + 2) == Some(b" P ");
            memchr::memchr_iter(b'P', start).any(tag)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records as json-file writes them for one line, with the other stream's between them.
    fn docker(line: &str) -> String {
        let record = |log: &str, stream: &str| {
            serde_json::json!({"log": log, "stream": stream, "time": "2026-01-02T03:04:05Z"})
                .to_string()
                + "\n"
        };
        let bytes = format!("{line}\n").into_bytes();
        let parts = bytes.chunks(DOCKER).map(String::from_utf8_lossy);
        parts
            .map(|part| record(&part, "stdout") + &record("of stderr\n", "stderr"))
            .collect()
    }

    /// The same as containerd writes them.
    fn containerd(line: &str) -> String {
        let parts: Vec<_> = line.as_bytes().chunks(DOCKER).collect();
        let last = parts.len() - 1;
        let record = |(at, part): (usize, &&[u8])| {
            let tag = if at == last { "F" } else { "P" };
            let time = "2026-01-02T03:04:05.678901234Z";
            format!(
                "{time} stdout {tag} {}\n{time} stderr F of stderr\n",
                String::from_utf8_lossy(part)
            )
        };
        parts.iter().enumerate().map(record).collect()
    }

    /// The same as GitLab's runner writes them.
    fn gitlab(line: &str) -> String {
        let record = |(at, part): (usize, &[u8])| {
            let flag = if at == 0 { ' ' } else { '+' };
            let time = "2026-01-02T03:04:05.678901Z";
            format!(
                "{time} 01O{flag}{}\n{time} 01E of stderr\n{time} 0aO of stderr\n",
                String::from_utf8_lossy(part)
            )
        };
        line.as_bytes()
            .chunks(DOCKER)
            .enumerate()
            .map(record)
            .collect()
    }

    fn texts(raw: &str) -> Vec<(u64, String)> {
        let lines = crate::text::clean(raw.as_bytes(), 1).into_iter();
        lines.map(|line| (line.number, line.text)).collect()
    }

    #[test]
    fn a_line_in_several_records_is_one_with_the_number_of_the_first() {
        for length in [DOCKER - 1, DOCKER, DOCKER + 9, 3 * DOCKER, 4 * DOCKER + 5] {
            let line: String = (0..)
                .map(|n: u64| n.to_string() + " ")
                .flat_map(|n| n.chars().collect::<Vec<_>>())
                .take(length)
                .collect();
            for raw in [docker(&line), containerd(&line), gitlab(&line)] {
                let lines = texts(&raw);
                assert_eq!(lines[0], (1, line.clone()), "{length}");
                assert!(lines[1..].iter().all(|(_, text)| text == "of stderr"));
                assert_eq!(lines.len() - 1, raw.matches("of stderr").count());
            }
        }
    }

    #[test]
    fn a_failure_that_is_cut_anywhere_is_read_from_its_first_record() {
        let message = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.64 GiB total capacity; \
            21.40 GiB already allocated; 1.00 GiB free; 21.80 GiB reserved in total by PyTorch)";
        for cut in (1..message.len()).step_by(3) {
            // A progress bar that was drawn over and over, and the failure at its end.
            let bar = "\r 10%|# | 1/9".repeat(2000);
            let before = bar.get(..DOCKER - cut - 1).unwrap();
            let line = format!("{before}\r{message}");
            for raw in [docker(&line), containerd(&line), gitlab(&line)] {
                let diagnosis = crate::diagnose("pod.log", raw.as_bytes());
                let incident = &diagnosis.incidents[0].incident;
                assert_eq!((diagnosis.incidents.len(), incident.place.line), (1, 1));
                let facts: Vec<_> = incident
                    .facts
                    .iter()
                    .map(|(_, f)| f.text.as_str())
                    .collect();
                assert_eq!(facts.len(), 5, "cut at {cut}: {facts:?}");
            }
        }
    }

    #[test]
    fn a_failure_of_one_literal_that_is_cut_anywhere_is_found() {
        let message = "RuntimeError: CUDA error: out of memory";
        for cut in 1..message.len() {
            let line = "-".repeat(DOCKER - cut) + message;
            for raw in [docker(&line), containerd(&line), gitlab(&line)] {
                let log = "step 1\n".repeat(9_999) + &raw;
                let diagnosis = crate::diagnose("pod.log", log.as_bytes());
                let found = diagnosis.incidents.iter();
                let lines: Vec<u64> = found.map(|e| e.incident.place.line).collect();
                assert_eq!(lines, [10_000], "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_bar_that_a_runner_ends_at_each_drawing_is_one_line_and_what_follows_it_stands_alone() {
        let at = "2026-01-02T03:04:05.678901Z 01E";
        let raw = format!(
            "{at}  10%|# | 1/9\r\n{at}+ 20%|# | 2/9\r\n{at}+\r 30%|# | 3/9\n{at} Traceback\n{at}+lost\n"
        );
        let [bar, after] = &texts(&raw)[..] else {
            panic!("{:?}", texts(&raw))
        };
        assert_eq!((bar.0, bar.1.trim()), (1, "30%|# | 3/9"));
        assert_eq!(after, &(4, "Tracebacklost".to_owned()));
        let cut = raw.split_once('\n').unwrap().1;
        assert_eq!(texts(cut).len(), 2);
    }

    #[test]
    fn records_of_other_writers_without_an_end_stay_lines_of_their_own() {
        let raw = "{\"log\":\"a\",\"stream\":\"stderr\"}\n{\"log\":\"b\",\"stream\":\"stderr\"}\n";
        assert_eq!(texts(raw), [(1, "a".to_owned()), (2, "b".to_owned())]);
    }

    #[test]
    fn what_never_ends_is_read_and_stays_small() {
        for head in [
            "2026-01-02T03:04:05Z stdout P ",
            "2026-01-02T03:04:05.678901Z 00O+",
        ] {
            let record = format!("{head}{}\n", "x".repeat(DOCKER));
            let lines = texts(&record.repeat(200));
            assert!((3..9).contains(&lines.len()), "{}", lines.len());
            assert!(lines.iter().all(|(_, text)| text.len() <= LONGEST));
            let all: usize = lines.iter().map(|(_, text)| text.len()).sum();
            assert_eq!(all, 200 * DOCKER);
        }
    }

    #[test]
    fn a_character_that_was_cut_in_two_is_whole_again() {
        let mut raw = b"2026-01-02T03:04:05Z stdout P a\xc3\n".to_vec();
        raw.extend(b"2026-01-02T03:04:05Z stdout F \xa4b\n");
        assert_eq!(crate::text::clean(&raw, 1)[0].text, "a\u{e4}b");
    }
}
