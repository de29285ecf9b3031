//! Literals that a container's log driver or a CI runner cut in two: one part ends a record, the other begins the next one of
//! its stream.
//!
//! Docker and containerd cut a line that has filled their buffer of 16 KiB (moby, `daemon/logger/copier.go`,
//! `defaultBufSize`; containerd, `max_container_log_line_size`), and GitLab's runner one of 8 KiB (gitlab-runner,
//! `timestamper.go`, `bufSize`). So only the ends of lines that are longer are looked at, which few
//! logs have. What belongs together is put together when the neighbourhood is cleaned; here it is only found.

use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use super::FAILURE;
use crate::text::literals::{Hit, Literals};

/// No record that was cut is shorter.
const SHORTEST: usize = 8 << 10;
/// How much before a place must be known to tell whether a line that ends there is long.
pub(super) const BEFORE: usize = SHORTEST;
/// How far behind a record the next one of its stream may begin: short ones of the other may stand between.
const REACH: usize = 2 << 10;
/// What stands behind the text of a Docker record, and how much of the record's end holds that.
const BEHIND: (&[u8], usize) = (b"\",\"stream\":\"", 1 << 10);
/// What stands before the text of a Docker record.
const DOCKER: &[u8] = b"{\"log\":\"";
/// What ends the prefix of a CRI record, and how far into the record it can stand.
const CRI: ([&[u8]; 2], usize) = ([b" F ", b" P "], 64);
/// What ends the prefix of a line of GitLab's runner that goes on with the one before, and where it stands.
const GITLAB: ([&[u8]; 2], usize) = ([b"O+", b"E+"], 30);

/// Appends, in order, a hit at the end of each long line in the range that ends in the first part of a literal which
/// announces a failure, where one of the next lines begins with the rest.
pub(super) fn find(bytes: &[u8], ends: Range<usize>, literals: &Literals, hits: &mut Vec<Hit>) {
    // A long line has one of these places in it, and ends less than their distance behind it.
    let places = (ends.start.saturating_sub(SHORTEST)..ends.end).step_by(SHORTEST);
    let lines = places.filter_map(|place| long_line(bytes, place));
    for end in lines.filter(|end| ends.contains(end)) {
        if is_cut(bytes, end, literals) {
            hits.push(Hit {
                start: end,
                end,
                tag: FAILURE,
            });
        }
    }
}

/// Where the line of a place ends, if that is near and the line is long.
fn long_line(bytes: &[u8], place: usize) -> Option<usize> {
    let near = bytes.len().min(place + SHORTEST);
    let end = place + memchr(b'\n', bytes.get(place..near)?)?;
    let before = bytes.get(end.checked_sub(SHORTEST)?..place)?;
    memrchr(b'\n', before).is_none().then_some(end)
}

/// True where a literal begins in the line that ends at `end` and goes on in one of the next.
fn is_cut(bytes: &[u8], end: usize, literals: &Literals) -> bool {
    let longest = literals.longest();
    let (mark, within) = BEHIND;
    let line = bytes.get(end.saturating_sub(within)..end).unwrap_or(&[]);
    let text = memmem::rfind(line, mark).and_then(|at| line.get(..at));
    let tail = text.unwrap_or(line);
    let tail = tail
        .get(tail.len().saturating_sub(longest)..)
        .unwrap_or(tail);
    let high = bytes.len().min(end + 1 + REACH);
    let mut next = bytes
        .get(end + 1..high)
        .unwrap_or(&[])
        .split(|b| *b == b'\n');
    next.any(|line| {
        let head = text_of(line);
        let head = head.get(..longest.min(head.len())).unwrap_or(head);
        let mut found = false;
        literals.each(&[tail, head].concat(), 0..tail.len(), &mut |hit| {
            found |= hit.tag == FAILURE && hit.end > tail.len();
        });
        found
    })
}

/// What a record holds from the start of its text on; nothing where the line is none.
fn text_of(line: &[u8]) -> &[u8] {
    if let Some(text) = line.strip_prefix(DOCKER) {
        return text;
    }
    let (flags, at) = GITLAB;
    let stamped = line.split_at_checked(at).map(|(_, behind)| behind);
    if let Some(text) = stamped.and_then(|s| flags.iter().find_map(|flag| s.strip_prefix(*flag))) {
        return text;
    }
    let (tags, within) = CRI;
    let start = line.get(..within.min(line.len())).unwrap_or(line);
    let tag = tags.iter().find_map(|tag| memmem::find(start, tag));
    tag.and_then(|at| line.get(at + 3..)).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Vec<usize> {
        let literals = Literals::new([("out of memory", FAILURE), ("allocated", FAILURE + 1)]);
        let mut hits = Vec::new();
        find(text.as_bytes(), 0..text.len(), &literals, &mut hits);
        hits.into_iter().map(|hit| hit.start).collect()
    }

    fn long(end: &str) -> String {
        "x".repeat(SHORTEST) + end
    }

    #[test]
    fn a_literal_in_two_records_is_found_at_the_end_of_the_first() {
        let docker = long("CUDA Out of\",\"stream\":\"stderr\",\"time\":\"t\"}");
        let cri = long("CUDA Out of");
        for (first, next) in [
            (&docker, "{\"log\":\" memory\\n\",\"stream\":\"stderr\"}\n"),
            (&cri, "2026-01-02T03:04:05Z stderr F  memory\n"),
            (&cri, "2026-01-02T03:04:05Z stderr P  memory and more"),
            (&cri, "2026-01-02T03:04:05.123456Z 01E+ memory\n"),
        ] {
            for between in ["", "{\"log\":\"of stdout\\n\",\"stream\":\"stdout\"}\n"] {
                let text = format!("a\n{first}\n{between}{next}");
                assert_eq!(ends(&text), [2 + first.len()], "{between}{next}");
            }
        }
    }

    #[test]
    fn what_is_no_literal_in_two_records_is_not() {
        for text in [
            "Out of\n{\"log\":\" memory\"}".to_owned(),
            long("Out of\n memory"),
            long("Out of memory\n{\"log\":\" memory\"}"),
            long("allo\n{\"log\":\"cated\"}"),
            long("Out of\n") + &"a line\n".repeat(500) + "{\"log\":\" memory\"}",
        ] {
            assert!(ends(&text).is_empty());
        }
    }
}
