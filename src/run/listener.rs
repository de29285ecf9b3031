//! Reads along what a program prints, and hands it over at the end. It never holds up more than a bounded queue.

use std::io::Write;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use memchr::memmem::Finder;

use super::sampler::Bell;
use crate::diagnose::Reader;
use crate::log::Log;

/// Chunks that may wait to be read: sixteen MiB at the most.
const WAITING: usize = 64;
/// A line of one stream is kept whole before another stream's up to this length.
const LONGEST_LINE: usize = 1 << 16;
/// Lines with readings that are read in a second, which takes a hundredth of a core's time. A program that prints more than that
/// does not wait for its GPU; its readings are thinned, so that reading along does not hold it up.
const READINGS: u32 = 10_000;
/// As many may come at once: a program whose output is gathered before it is written has printed them over a longer time.
const READINGS_AT_ONCE: u64 = 20_000;
/// What every message of exhausted memory says in one way or another.
const SIGNS: [&str; 4] = [
    "ut of memory",
    "OutOfMemory",
    "OUT_OF_MEMORY",
    "ALLOC_FAILED",
];

/// XLA looks for a size that the driver has, with a line for each that it has not, and mostly goes on
/// (`xla/stream_executor/cuda/cuda_executor.cc`).
const SEARCH: &[u8] = b"Failed to allocate device memory of ";

/// What comes from a stream.
pub(super) enum Heard {
    /// Bytes of the stream of this number.
    Chunk(usize, Vec<u8>),
    /// Nothing more will come that matters.
    End,
}

/// A thread that reads along.
pub(super) struct Listener {
    pub(super) queue: SyncSender<Heard>,
    thread: JoinHandle<Log>,
}

impl Listener {
    /// Starts to read `streams` streams as one input. What is read also goes to `save`.
    pub(super) fn start(
        reader: Reader,
        streams: usize,
        bell: Bell,
        save: Option<Box<dyn Write + Send>>,
    ) -> Self {
        let (queue, heard) = sync_channel(WAITING);
        let mut ear = Ear {
            reader,
            allowance: Allowance {
                since: Instant::now(),
            },
            open: vec![Vec::new(); streams],
            signs: SIGNS.iter().map(|sign| Finder::new(*sign)).collect(),
            bell: Some(bell),
            save,
        };
        let thread = std::thread::spawn(move || {
            while let Ok(Heard::Chunk(stream, bytes)) = heard.recv() {
                ear.allow();
                ear.hear(stream, &bytes);
            }
            ear.finish()
        });
        Self { queue, thread }
    }

    /// Takes the end of all streams. `None` where reading along failed, which the program must not feel.
    pub(super) fn finish(self) -> Option<Log> {
        let _ = self.queue.send(Heard::End);
        self.thread.join().ok()
    }
}

struct Ear {
    reader: Reader,
    allowance: Allowance,
    /// The unfinished line of each stream: lines of two streams do not run into one another.
    open: Vec<Vec<u8>>,
    signs: Vec<Finder<'static>>,
    bell: Option<Bell>,
    save: Option<Box<dyn Write + Send>>,
}

/// How many lines with readings may be read: the more, the more time has gone by.
struct Allowance {
    /// What has gone by before is counted.
    since: Instant,
}

impl Allowance {
    /// What may be read at `now`, where so many lines that might be read before were not.
    fn grown(&mut self, left: u64, now: Instant) -> u64 {
        let each = Duration::from_secs(1) / READINGS;
        let passed = now.saturating_duration_since(self.since).as_nanos() / each.as_nanos();
        let new = u32::try_from(passed).unwrap_or(u32::MAX);
        // What is left of the time counts when the next chunk comes.
        self.since = self.since.checked_add(each * new).unwrap_or(now);
        left.saturating_add(u64::from(new)).min(READINGS_AT_ONCE)
    }
}

/// True where a line says that memory ran out.
fn fails(signs: &[Finder<'_>], bytes: &[u8]) -> bool {
    let signed = |text: &[u8]| signs.iter().any(|sign| sign.find(text).is_some());
    let searches = |line: &[u8]| memchr::memmem::find(line, SEARCH).is_some();
    signed(bytes)
        && bytes
            .split(|byte| *byte == b'\n')
            .any(|line| signed(line) && !searches(line))
}

impl Ear {
    /// Lets the reader read what may be read by now.
    fn allow(&mut self) {
        let left = self.reader.readings_allowed().unwrap_or(READINGS_AT_ONCE);
        let allowed = self.allowance.grown(left, Instant::now());
        self.reader.allow_readings(allowed);
    }

    fn hear(&mut self, stream: usize, bytes: &[u8]) {
        if self.bell.is_some() && fails(&self.signs, bytes) {
            // Once: the first failure is the one whose moment counts.
            if let Some(bell) = self.bell.take() {
                bell.ring();
            }
        }
        let Some(open) = self.open.get_mut(stream) else {
            return;
        };
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (lines, rest) = bytes.split_at(whole);
        if !lines.is_empty() {
            let before = std::mem::take(open);
            take(&mut self.reader, &mut self.save, &before);
            take(&mut self.reader, &mut self.save, lines);
        }
        if let Some(open) = self.open.get_mut(stream) {
            open.extend_from_slice(rest);
            if open.len() > LONGEST_LINE {
                let before = std::mem::take(open);
                take(&mut self.reader, &mut self.save, &before);
            }
        }
    }

    fn finish(mut self) -> Log {
        for rest in std::mem::take(&mut self.open) {
            take(&mut self.reader, &mut self.save, &rest);
        }
        if let Some(file) = &mut self.save {
            let _ = file.flush();
        }
        self.reader.whole()
    }
}

fn take(reader: &mut Reader, save: &mut Option<Box<dyn Write + Send>>, bytes: &[u8]) {
    reader.push(bytes);
    if let Some(file) = save {
        // A full disk must not stop the program.
        let _ = file.write_all(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_a_size_is_no_failure_yet() {
        let signs: Vec<_> = SIGNS.iter().map(|sign| Finder::new(*sign)).collect();
        let search = "E cuda_executor.cc:1365] [0] Failed to allocate device memory of 94.37GiB (101325152256 bytes): \
                      RESOURCE_EXHAUSTED: : CUDA_ERROR_OUT_OF_MEMORY: out of memory\n";
        let failure = "W bfc_allocator.cc:598] Allocator (GPU_0_bfc) ran out of memory trying to allocate 4.00GiB\n";
        assert!(!fails(&signs, search.as_bytes()));
        assert!(fails(&signs, format!("{search}{failure}").as_bytes()));
        assert!(!fails(&signs, b"step 3\n"));
    }

    #[test]
    fn what_may_be_read_grows_with_the_time_and_not_without_end() {
        let start = Instant::now();
        let mut allowance = Allowance { since: start };
        let after = |micros| start + Duration::from_micros(micros);
        assert_eq!(allowance.grown(0, start), 0);
        assert_eq!(allowance.grown(7, after(150)), 8);
        // The half of a reading that was over counts now.
        assert_eq!(allowance.grown(0, after(250)), 1);
        assert_eq!(allowance.grown(0, after(1_000_200)), 10_000);
        assert_eq!(allowance.grown(5, after(1 << 40)), READINGS_AT_ONCE);
    }
}
