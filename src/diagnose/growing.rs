//! An input that still grows: its failures as they come, before its end is known.

use super::Reader;
use crate::log::{Log, Outcome};

/// What an input has told since it was last asked.
pub struct News {
    /// The failures that are new, with all readings and settings so far.
    pub log: Log,
    /// Failures told before that were seen again.
    pub again: Vec<Repeat>,
}

/// A failure that was seen again after it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The line of the raw input where it was first seen, from 1.
    pub first: u64,
    /// The line where it was last seen.
    pub last: u64,
    /// How often it was seen by now.
    pub times: u64,
}

impl Reader {
    /// Reads all whole lines that were pushed so far. Returns where in the input a failure stands that may not be complete
    /// yet: what belongs to it stands behind it, a table or another rank's message. [`Reader::settle`] ends the wait.
    pub fn look(&mut self) -> Option<u64> {
        self.begin();
        self.alone();
        self.scanner.look(&mut |found| self.gathered.take(&found))
    }

    /// Takes the failures that were pushed so far for complete. What still comes can only repeat them.
    pub fn settle(&mut self) {
        self.begin();
        self.alone();
        self.scanner.settle(&mut |found| self.gathered.take(&found));
    }

    /// All that was pushed so far: the failures that are complete, and the readings.
    pub fn so_far(&mut self) -> Log {
        self.alone();
        let all = self.gathered.incidents.so_far().to_vec();
        self.gathered.log(all, Outcome::default())
    }

    /// What complete failures have come since the last call; `None` where there are none.
    ///
    /// ```
    /// let mut reader = whyoom::Reader::new("train.log");
    /// reader.push(b"RuntimeError: CUDA error: out of memory\n");
    /// assert!(reader.news().is_none());
    /// reader.settle();
    /// assert_eq!(reader.news().unwrap().log.incidents.len(), 1);
    /// assert!(reader.news().is_none());
    /// ```
    pub fn news(&mut self) -> Option<News> {
        self.alone();
        let all = self.gathered.incidents.so_far();
        let mut again = Vec::new();
        for (incident, told) in all.iter().zip(&mut self.told) {
            if incident.repeats > *told {
                *told = incident.repeats;
                again.push(Repeat {
                    first: incident.place.line,
                    last: incident.echoes.last().copied().unwrap_or_default(),
                    times: incident.repeats,
                });
            }
        }
        let new = all.get(self.told.len()..).unwrap_or_default();
        if new.is_empty() && again.is_empty() {
            return None;
        }
        self.told
            .extend(new.iter().map(|incident| incident.repeats));
        let new = new.to_vec();
        let log = self.gathered.log(new, Outcome::default());
        Some(News { log, again })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(tried: &str) -> String {
        format!(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried}. GPU 0 has a total capacity of \
             79.15 GiB of which 1.20 GiB is free. Of the allocated memory 70.40 GiB is allocated by PyTorch, and \
             100.00 MiB is reserved by PyTorch but unallocated.\n"
        )
    }

    fn feed(reader: &mut Reader, text: &str) -> Option<News> {
        reader.push(text.as_bytes());
        reader.settle();
        reader.news()
    }

    #[test]
    fn a_failure_is_new_once_and_told_again_where_it_repeats() {
        let mut reader = Reader::new("t");
        let first = feed(&mut reader, &format!("step 1\n{}", message("2.00 GiB")));
        assert_eq!(first.unwrap().log.incidents.len(), 1);
        assert!(feed(&mut reader, "step 2\n").is_none());
        let second = feed(&mut reader, &message("2.00 GiB")).unwrap();
        assert!(second.log.incidents.is_empty());
        let repeat = Repeat {
            first: 2,
            last: 4,
            times: 2,
        };
        assert_eq!(second.again, [repeat]);
        let other = feed(&mut reader, &message("3.00 GiB")).unwrap();
        assert_eq!(other.log.incidents[0].place.line, 5);
        assert_eq!(reader.whole().incidents.len(), 2);
    }

    #[test]
    fn readings_so_far_come_with_a_failure() {
        let mut reader = Reader::new("t");
        let step = |n: u64| format!("step {n}: allocated {n}.00 GiB\n");
        let steps: String = (1..40).map(step).collect();
        let news = feed(&mut reader, &(steps + &message("2.00 GiB"))).unwrap();
        assert_eq!(news.log.series.len(), 1);
        let count = news.log.series[0].count;
        let more: String = (40..60).map(step).collect();
        let news = feed(&mut reader, &(more + &message("3.00 GiB"))).unwrap();
        assert_eq!(news.log.series[0].count, count + 20);
    }
}
