//! Where a child's output goes: through pipes, or through a pseudo-terminal where ours is a terminal, so that progress
//! bars stay. Nothing of it is changed on the way.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, OutputModes, Winsize, isatty, tcgetwinsize, tcsetwinsize};

/// What is asked of a pipe's size: fewer turns between the two processes. A smaller one only costs time.
#[cfg(target_os = "linux")]
const PIPE: usize = 1 << 20;

/// Many small writes are passed on together: the first at once, those that follow within `NEAR` after a `PAUSE`, so that a
/// program that prints line by line does not wake another process with each. Nobody sees two milliseconds.
const NEAR: Duration = Duration::from_millis(1);
const PAUSE: Duration = Duration::from_millis(2);
/// A read of more than this says that the program is faster: no pause, or its buffer would be full and hold it up.
const SMALL_FROM_PIPE: usize = 1 << 16;
/// The same of a pseudo-terminal, whose buffer is 4 KiB on Linux.
const SMALL_FROM_TERMINAL: usize = 1 << 9;

/// One stream of the child: what it writes comes out of `from`, and goes to `to`.
pub(super) struct Stream {
    from: Arc<File>,
    to: File,
    /// True while something is on its way out.
    passing: Arc<AtomicBool>,
    /// A read of at most this many bytes is a small one.
    small: usize,
}

/// The streams of one child, and the pseudo-terminal among them.
pub(super) struct Streams {
    pub(super) all: Vec<Stream>,
    pub(super) terminal: Option<Terminal>,
}

/// A pseudo-terminal that has the size of the real one.
pub(super) struct Terminal {
    inner: OwnedFd,
    outer: OwnedFd,
}

impl Terminal {
    /// Gives it the size of the real one; true where that is new.
    pub(super) fn resize(&self) -> bool {
        let Ok(size) = tcgetwinsize(&self.outer) else {
            return false;
        };
        let same = |old: Winsize| old.ws_row == size.ws_row && old.ws_col == size.ws_col;
        if tcgetwinsize(&self.inner).is_ok_and(same) {
            return false;
        }
        tcsetwinsize(&self.inner, size).is_ok()
    }
}

/// Connects the output of a command that is about to start.
///
/// Where standard output and error are one and the same file or terminal, they stay one stream, in their order.
pub(super) fn connect(command: &mut Command) -> io::Result<Streams> {
    let out = io::stdout().as_fd().try_clone_to_owned()?;
    let err = io::stderr().as_fd().try_clone_to_owned()?;
    let mut streams = Streams {
        all: Vec::new(),
        terminal: None,
    };
    if same_file(&out, &err) {
        let end = streams.add(out)?;
        command.stdout(Stdio::from(end.try_clone()?));
        command.stderr(Stdio::from(end));
    } else {
        command.stdout(Stdio::from(streams.add(out)?));
        command.stderr(Stdio::from(streams.add(err)?));
    }
    Ok(streams)
}

impl Streams {
    /// A way to this destination; the child's end of it.
    fn add(&mut self, to: OwnedFd) -> io::Result<OwnedFd> {
        let terminal = isatty(&to);
        let (from, end) = if terminal {
            let (master, slave) = pseudo_terminal(&to)?;
            self.terminal = Some(Terminal {
                inner: master.try_clone()?,
                outer: to.try_clone()?,
            });
            (master, slave)
        } else {
            let (reader, writer) = io::pipe()?;
            #[cfg(target_os = "linux")]
            let _ = rustix::pipe::fcntl_setpipe_size(&reader, PIPE);
            (OwnedFd::from(reader), OwnedFd::from(writer))
        };
        self.all.push(Stream {
            from: Arc::new(File::from(from)),
            to: File::from(to),
            passing: Arc::default(),
            small: if terminal {
                SMALL_FROM_TERMINAL
            } else {
                SMALL_FROM_PIPE
            },
        });
        Ok(end)
    }
}

fn same_file(a: &OwnedFd, b: &OwnedFd) -> bool {
    let id = |fd| rustix::fs::fstat(fd).map(|s| (s.st_dev, s.st_ino, s.st_rdev));
    matches!((id(a), id(b)), (Ok(a), Ok(b)) if a == b)
}

/// A pseudo-terminal set up like this terminal, but for output: the real terminal turns line ends, once.
fn pseudo_terminal(like: &OwnedFd) -> io::Result<(OwnedFd, OwnedFd)> {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    // Not a controlling terminal: the child keeps the real one, with its keys for interrupting and stopping.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = rustix::fs::open(name, flags, Mode::empty())?;
    rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
    if let Ok(mut modes) = rustix::termios::tcgetattr(like) {
        modes.output_modes.remove(OutputModes::OPOST);
        rustix::termios::tcsetattr(&slave, OptionalActions::Now, &modes)?;
    }
    if let Ok(size) = tcgetwinsize(like) {
        tcsetwinsize(&slave, size)?;
    }
    Ok((master, slave))
}

/// Whether a stream is still passed on, and holds something that was not.
pub(super) struct Flow {
    /// Gone with the stream, whose end must close where nobody reads on.
    from: Weak<File>,
    passing: Arc<AtomicBool>,
}

impl Flow {
    /// False once its end was passed on.
    pub(super) fn is_open(&self) -> bool {
        self.from.strong_count() > 0
    }

    /// True where something is on its way out, to a reader that may take its time, or can be read.
    pub(super) fn holds_some(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let Some(from) = self.from.upgrade() else {
            return false;
        };
        let mut watched = [PollFd::new(&*from, PollFlags::IN)];
        let ready = poll(&mut watched, Some(&Timespec::default()));
        self.passing.load(Ordering::Acquire) || ready.is_ok_and(|ready| ready > 0)
    }
}

impl Stream {
    /// What tells of it while it is passed on.
    pub(super) fn flow(&self) -> Flow {
        Flow {
            from: Arc::downgrade(&self.from),
            passing: Arc::clone(&self.passing),
        }
    }

    /// Passes everything on, in chunks that are also shown to `see`. Ends at the end of the stream, or where nobody
    /// reads any more: the child's end is closed with this one, so that the child learns it as it would by itself.
    pub(super) fn pump(mut self, see: &mut dyn FnMut(&[u8])) {
        let mut buffer = vec![0; 1 << 18];
        let mut pace = Pace::new(self.small);
        loop {
            let read = match (&*self.from).read(&mut buffer) {
                // A pseudo-terminal without its other end says EIO (Linux) or nothing.
                Ok(0) => return,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let chunk = buffer.get(..read).unwrap_or_default();
            self.passing.store(true, Ordering::Release);
            let passed = pass(&mut self.to, chunk);
            see(chunk);
            self.passing.store(false, Ordering::Release);
            if passed.is_err() {
                return;
            }
            if pace.may_pause(read, Instant::now()) {
                std::thread::sleep(PAUSE);
            }
            pace.last = Some(Instant::now());
        }
    }
}

/// When a stream was read, and how much came in the last while.
struct Pace {
    /// A read of at most so many bytes is a small one.
    small: usize,
    last: Option<Instant>,
    since: Instant,
    bytes: usize,
    fast: bool,
}

impl Pace {
    fn new(small: usize) -> Self {
        Self {
            small,
            last: None,
            since: Instant::now(),
            bytes: 0,
            fast: false,
        }
    }

    /// Counts a read. True where small ones follow one another, and what comes during a pause leaves the buffer between the
    /// two processes, which holds some sixteen small ones, far from full.
    fn may_pause(&mut self, read: usize, now: Instant) -> bool {
        self.bytes += read;
        if now.duration_since(self.since) >= PAUSE {
            self.fast = self.bytes > self.small * 4;
            (self.since, self.bytes) = (now, 0);
        }
        let near = self
            .last
            .is_some_and(|last| now.duration_since(last) < NEAR);
        near && read <= self.small && !self.fast
    }
}

/// Writes it all, also to a descriptor that somebody set to not block.
fn pass(to: &mut File, mut chunk: &[u8]) -> io::Result<()> {
    while !chunk.is_empty() {
        match to.write(chunk) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => chunk = chunk.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_until_writable(to)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_until_writable(to: &File) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    match poll(&mut [PollFd::new(to, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_writes_are_gathered_until_they_come_too_fast() {
        let start = Instant::now();
        let after = |micros| start + Duration::from_micros(micros);
        let mut pace = Pace::new(100);
        pace.since = start;
        let mut read = |bytes, micros| {
            let pause = pace.may_pause(bytes, after(micros));
            pace.last = Some(after(micros));
            pause
        };
        assert!(!read(50, 0), "the first is passed on at once");
        assert!(read(50, 10));
        assert!(!read(150, 20), "much is waiting, more may be");
        assert!(!read(50, 1500), "they do not follow one another");
        assert!(read(50, 1900));
        // 450 bytes in two milliseconds would fill a buffer soon.
        assert!(!read(100, 2000));
        assert!(!read(50, 3900));
        assert!(read(50, 4100), "slower again");
    }
}
