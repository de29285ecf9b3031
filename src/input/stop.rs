//! A request to stop reading. It also wakes a read that waits for somebody else's bytes.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What an input that was not read to its end is said to be.
const WORDS: &str = "interrupted";

/// A request to stop, shared by all who read and all who may ask. The default one is never heard by a read that waits.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    bell: Option<Arc<Bell>>,
}

/// A pipe. Once a byte is in it, nobody who watches it waits any more.
#[derive(Debug)]
struct Bell {
    #[cfg_attr(not(unix), expect(dead_code, reason = "held open for those who ask"))]
    heard: PipeReader,
    rung: PipeWriter,
}

impl Stop {
    /// One that wakes reads that wait.
    pub fn waking() -> io::Result<Self> {
        let (heard, rung) = io::pipe()?;
        Ok(Self {
            asked: Arc::default(),
            bell: Some(Arc::new(Bell { heard, rung })),
        })
    }

    /// True once somebody asked.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Asks.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        if let Some(bell) = &self.bell {
            // One byte always fits, unless the pipe is full of earlier ones.
            let _ = (&bell.rung).write(&[0]);
        }
    }

    /// Where a handler of signals asks: the flag to set, and the pipe to write a byte to after that.
    pub fn parts(&self) -> (Arc<AtomicBool>, Option<io::Result<PipeWriter>>) {
        let writer = self.bell.as_ref().map(|bell| bell.rung.try_clone());
        (Arc::clone(&self.asked), writer)
    }

    /// The error of a read that was stopped.
    pub(super) fn error() -> io::Error {
        io::Error::other(WORDS)
    }
}

/// Whether and where it is possible to wait for the bytes of an input.
#[cfg(unix)]
pub(super) trait Waits: std::os::fd::AsFd {}
#[cfg(unix)]
impl<T: std::os::fd::AsFd> Waits for T {}
/// Elsewhere, Ctrl-C ends the program as it does without a handler.
#[cfg(not(unix))]
pub(super) trait Waits {}
#[cfg(not(unix))]
impl<T> Waits for T {}

/// An input that ends with an error once it was asked to stop.
pub(super) struct Stoppable<R> {
    input: R,
    /// True where a read can wait for long: a pipe, a terminal. Of a plain file each read ends soon.
    waits: bool,
    stop: Stop,
}

impl<R> Stoppable<R> {
    pub(super) fn new(input: R, waits: bool, stop: &Stop) -> Self {
        let stop = stop.clone();
        Self { input, waits, stop }
    }
}

impl<R: Read + Waits> Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Asked before the bell was there, it would not be rung.
            if self.waits && !self.stop.asked() {
                self.stop.wait(&self.input);
            }
            if self.stop.asked() {
                return Err(Stop::error());
            }
            match self.input.read(buffer) {
                // Somebody else may have set the pipe to not block.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && self.waits => {}
                other => return other,
            }
        }
    }
}

#[cfg(unix)]
impl Stop {
    /// What can be read once somebody has asked.
    pub(super) fn bell(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        self.bell.as_ref().map(|bell| bell.heard.as_fd())
    }

    /// Waits until there is something to read, or a request to stop. A handler lets a read go on after its signal
    /// (`SA_RESTART`), so the wait is for both.
    fn wait(&self, input: &impl Waits) {
        use rustix::event::{PollFd, PollFlags, poll};
        let Some(bell) = self.bell() else { return };
        let mut watched = [
            PollFd::new(input, PollFlags::IN),
            PollFd::from_borrowed_fd(bell, PollFlags::IN),
        ];
        // Where it is not possible to wait for the input, the read itself waits.
        while poll(&mut watched, None) == Err(rustix::io::Errno::INTR) && !self.asked() {}
    }
}

#[cfg(not(unix))]
impl Stop {
    #[expect(
        clippy::unused_self,
        reason = "the read itself waits; the other systems ask"
    )]
    fn wait(&self, _: &impl Waits) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_waits_ends_when_it_is_asked_to() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"half").unwrap();
        let stop = Stop::waking().unwrap();
        let mut input = Stoppable::new(reader, true, &stop);
        let mut buffer = [0; 9];
        assert_eq!(input.read(&mut buffer).unwrap(), 4);
        let asks = std::thread::spawn(move || stop.ask());
        assert_eq!(input.read(&mut buffer).unwrap_err().to_string(), WORDS);
        asks.join().unwrap();
        drop(writer);
    }
}
