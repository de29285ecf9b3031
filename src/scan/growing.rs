//! An input that still grows: what stands in it so far comes out without its end, or another chunk, to wait for.

use memchr::memrchr;

use super::{FAILURE, Found, Scanner};

impl Scanner {
    /// Deals with all whole lines that were pushed so far. Returns where in the input the last literal stands that announces
    /// a failure, as long as what follows it may still belong to it; `None` where nothing waits.
    pub(crate) fn look(&mut self, sink: &mut dyn FnMut(Found<'_>)) -> Option<u64> {
        self.scan(self.whole(), sink);
        if self.unfinished_fails() {
            return Some(self.dropped + self.filled as u64);
        }
        let failing = self.windows.failing();
        failing.map(|at| self.dropped + at as u64)
    }

    /// Takes what was pushed so far for all that belongs to its failures, and hands it over. A line without an end is left
    /// for later, unless it announces a failure itself.
    pub(crate) fn settle(&mut self, sink: &mut dyn FnMut(Found<'_>)) {
        let end = if self.unfinished_fails() {
            self.filled
        } else {
            self.whole()
        };
        self.scan(end, sink);
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        self.windows.settle(bytes, end, sink);
    }

    /// Where the last whole line ends, at least where everything before has been dealt with.
    fn whole(&self) -> usize {
        let new = self.held.get(self.scanned..self.filled).unwrap_or(&[]);
        memrchr(b'\n', new).map_or(self.scanned, |at| self.scanned + at + 1)
    }

    fn unfinished_fails(&self) -> bool {
        let bytes = self.held.get(..self.filled).unwrap_or(&[]);
        let mut hits = Vec::new();
        self.literals()
            .find(bytes, self.whole()..self.filled, &mut hits);
        hits.iter().any(|hit| hit.tag == FAILURE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILS: &str = "RuntimeError: CUDA out of memory.";

    /// The windows that come out, as their first lines and their texts.
    fn windows(use_it: impl FnOnce(&mut Scanner, &mut dyn FnMut(Found<'_>))) -> Vec<(u64, String)> {
        let mut out = Vec::new();
        let mut scanner = Scanner::default();
        use_it(&mut scanner, &mut |found| {
            if let Found::Window(line, raw, _) = found {
                out.push((line, String::from_utf8_lossy(raw).into_owned()));
            }
        });
        out
    }

    #[test]
    fn a_failure_waits_until_it_is_settled_and_comes_out_once() {
        let out = windows(|scanner, sink| {
            scanner.push(b"step 1\n", sink);
            assert_eq!(scanner.look(sink), None);
            scanner.push(FAILS.as_bytes(), sink);
            let first = scanner.look(sink);
            assert!(first.is_some());
            scanner.push(b"\nstep 2\n", sink);
            assert!(scanner.look(sink).is_some());
            scanner.settle(sink);
            assert_eq!(scanner.look(sink), None);
            scanner.settle(sink);
            scanner.push(b"step 3\n", sink);
            scanner.settle(sink);
        });
        assert_eq!(out, [(1, format!("step 1\n{FAILS}\nstep 2\n"))]);
    }

    #[test]
    fn a_literal_that_is_cut_by_the_end_so_far_is_found_later() {
        for cut in 1..FAILS.len() {
            let (head, tail) = FAILS.split_at(cut);
            let out = windows(|scanner, sink| {
                scanner.push(format!("step 1\n{head}").as_bytes(), sink);
                scanner.look(sink);
                scanner.settle(sink);
                scanner.push(format!("{tail}\n").as_bytes(), sink);
                scanner.settle(sink);
            });
            let texts: String = out.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(
                texts.matches("CUDA out of memory").count(),
                1,
                "cut at {cut}: {texts}"
            );
        }
    }

    #[test]
    fn lines_keep_their_numbers_over_settled_parts_and_long_stretches() {
        let out = windows(|scanner, sink| {
            for _ in 0..3 {
                scanner.push("step\n".repeat(99_999).as_bytes(), sink);
                scanner.push(format!("{FAILS}\n").as_bytes(), sink);
                scanner.settle(sink);
            }
        });
        let ends: Vec<u64> = out
            .iter()
            .map(|(first, text)| first + text.lines().count() as u64 - 1)
            .collect();
        assert_eq!(ends, [100_000, 200_000, 300_000]);
    }
}
