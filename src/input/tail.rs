//! Inputs that grow: files that are appended to, cut or replaced, and streams.
//!
//! Files are asked for their size a few times a second. That works everywhere, on network file systems too, where the
//! kernel tells nobody of other machines' writes, and costs next to nothing.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use super::decode::Decoder;
use super::{Source, Stop, archive, as_u64};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;
/// So many chunks are read of one input before the others have their turn.
const TURN: usize = 16;

/// What is seen of an input that grows.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The next text.
    Text(&'a [u8]),
    /// What comes now is another text, from its first line on, for this reason.
    Anew(&'static str),
    /// There is nothing to read, for this reason. The wait goes on.
    Away(String),
    /// Nothing more will come; with a reason where that is not its end.
    Ended(Option<String>),
}

/// One input that grows.
pub struct Tail {
    source: Source,
    open: Option<Open>,
    decoder: Decoder,
    /// True once it was open: what is found under its name then is another one.
    known: bool,
    /// True while there is nothing under its name.
    away: bool,
    ended: bool,
}

/// The file or stream that is read.
struct Open {
    file: File,
    /// The device and the number of the file; a name can come to mean another one.
    id: (u64, u64),
    /// A plain file, which has a size and no end.
    plain: bool,
    /// How many bytes were read of it.
    at: u64,
    /// Its first bytes, as far as they were needed to tell what it is.
    start: Vec<u8>,
}

impl Open {
    fn new(file: File) -> io::Result<Self> {
        let about = file.metadata()?;
        Ok(Self {
            file,
            id: id(&about),
            plain: about.is_file(),
            at: 0,
            start: Vec::new(),
        })
    }

    /// True where what has come so far begins as no text does.
    fn packed(&mut self, more: &[u8]) -> bool {
        let wanted = archive::BLOCK.saturating_sub(self.start.len());
        let more = more.get(..wanted.min(more.len())).unwrap_or_default();
        self.start.extend_from_slice(more);
        !more.is_empty() && archive::is_packed(&self.start)
    }
}

fn id(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

impl Tail {
    /// An input that is read from its beginning.
    pub fn new(source: &Source) -> Self {
        Self {
            source: source.clone(),
            open: None,
            decoder: Decoder::default(),
            known: false,
            away: false,
            ended: false,
        }
    }

    /// True where nothing more will come.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// True once something could be read of it, be it that there was nothing yet.
    pub fn known(&self) -> bool {
        self.known
    }

    /// Reads what there is now, without waiting, and at most one turn's worth; true where there may be more.
    pub fn advance(&mut self, sink: &mut dyn FnMut(Seen<'_>)) -> bool {
        if self.ended || !self.reopened(sink) {
            return false;
        }
        // Asked before reading: what was written to the old file before the name changed is then read.
        let replaced = self.replaced(sink);
        if let Err(error) = self.rewound(sink) {
            self.end(Some(format!("reading stopped: {error}")), sink);
            return false;
        }
        for _ in 0..TURN {
            match self.read(sink) {
                Ok(true) => {}
                Ok(false) => {
                    if replaced {
                        self.open = None;
                    }
                    return replaced;
                }
                Err(error) => {
                    self.end(Some(format!("reading stopped: {error}")), sink);
                    return false;
                }
            }
        }
        true
    }

    /// Opens it if it is not open; false where there is nothing to open.
    fn reopened(&mut self, sink: &mut dyn FnMut(Seen<'_>)) -> bool {
        if self.open.is_some() {
            return true;
        }
        match open(&self.source).and_then(Open::new) {
            Ok(open) if open.file.metadata().is_ok_and(|about| about.is_dir()) => {
                self.end(Some("it is a folder".to_owned()), sink);
                false
            }
            Ok(open) => {
                if self.known {
                    self.anew("another file has its name now", sink);
                }
                (self.open, self.known, self.away) = (Some(open), true, false);
                true
            }
            Err(error) => {
                self.gone(&error, sink);
                false
            }
        }
    }

    /// True where its name means another file now.
    fn replaced(&mut self, sink: &mut dyn FnMut(Seen<'_>)) -> bool {
        let (Some(open), Source::File(path)) = (&self.open, &self.source) else {
            return false;
        };
        match fs::metadata(path) {
            Ok(about) => {
                self.away = false;
                open.plain && id(&about) != open.id
            }
            // What is open is still read: a program goes on writing to a file that was renamed.
            Err(error) => {
                self.gone(&error, sink);
                false
            }
        }
    }

    /// Goes back to the beginning where a file is shorter than what was read of it. One that was cut and has grown beyond
    /// that since it was last looked at cannot be told from one that has only grown.
    fn rewound(&mut self, sink: &mut dyn FnMut(Seen<'_>)) -> io::Result<()> {
        let Some(open) = self.open.as_mut().filter(|open| open.plain) else {
            return Ok(());
        };
        if open.file.metadata()?.len() < open.at {
            open.file.rewind()?;
            open.at = 0;
            open.start.clear();
            self.anew("it was cut to nothing or less than before", sink);
        }
        Ok(())
    }

    /// Reads one chunk; false where there is none now.
    fn read(&mut self, sink: &mut dyn FnMut(Seen<'_>)) -> io::Result<bool> {
        let Some(open) = self.open.as_mut() else {
            return Ok(false);
        };
        if !open.plain && !ready(open.file.as_fd()) {
            return Ok(false);
        }
        let mut chunk = vec![0; CHUNK];
        let count = match open.file.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            other => other?,
        };
        let text = chunk.get(..count).unwrap_or_default();
        if text.is_empty() {
            if !open.plain {
                self.end(None, sink);
            }
            return Ok(false);
        }
        if open.packed(text) {
            let problem = "it is packed, and what is packed cannot be followed".to_owned();
            self.end(Some(problem), sink);
            return Ok(false);
        }
        open.at = open.at.saturating_add(as_u64(count));
        self.decoder.push(text, &mut |text| sink(Seen::Text(text)));
        Ok(true)
    }

    fn anew(&mut self, reason: &'static str, sink: &mut dyn FnMut(Seen<'_>)) {
        std::mem::take(&mut self.decoder).finish(&mut |text| sink(Seen::Text(text)));
        sink(Seen::Anew(reason));
    }

    fn gone(&mut self, error: &io::Error, sink: &mut dyn FnMut(Seen<'_>)) {
        if !self.away {
            sink(Seen::Away(error.to_string()));
        }
        self.away = true;
    }

    fn end(&mut self, problem: Option<String>, sink: &mut dyn FnMut(Seen<'_>)) {
        std::mem::take(&mut self.decoder).finish(&mut |text| sink(Seen::Text(text)));
        self.open = None;
        self.ended = true;
        sink(Seen::Ended(problem));
    }
}

/// Opens an input without waiting for anybody: a named pipe would wait for a writer.
fn open(source: &Source) -> io::Result<File> {
    match source {
        Source::Stdin => Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?)),
        Source::File(path) => {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = rustix::fs::open::<&Path>(path, flags, Mode::empty())?;
            Ok(File::from(file))
        }
    }
}

/// True where a read of a stream gives something at once: bytes or the end.
fn ready(stream: BorrowedFd<'_>) -> bool {
    let mut watched = [PollFd::from_borrowed_fd(stream, PollFlags::IN)];
    poll(&mut watched, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Waits so long, or until a stream has something, or somebody asks to stop. False where nobody reads `out` any more.
pub fn await_growth(
    tails: &[&Tail],
    out: BorrowedFd<'_>,
    stop: &Stop,
    longest: Duration,
) -> io::Result<bool> {
    // No event is asked of it: that its reader is gone is told anyway (poll(2), POLLERR).
    let mut watched = vec![PollFd::from_borrowed_fd(out, PollFlags::empty())];
    if let Some(bell) = stop.bell() {
        watched.push(PollFd::from_borrowed_fd(bell, PollFlags::IN));
    }
    let open = tails.iter().filter_map(|tail| tail.open.as_ref());
    let streams = open.filter(|open| !open.plain);
    watched.extend(streams.map(|open| PollFd::new(&open.file, PollFlags::IN)));
    let longest = Timespec::try_from(longest).unwrap_or_default();
    match poll(&mut watched, Some(&longest)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let gone = |out: &PollFd<'_>| out.revents().contains(PollFlags::ERR);
    Ok(!watched.first().is_some_and(gone))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// All that is seen at once, as words.
    fn see(tail: &mut Tail) -> Vec<String> {
        let mut all = Vec::new();
        let mut sink = |seen: Seen<'_>| {
            all.push(match seen {
                Seen::Text(b"") => return,
                Seen::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Seen::Anew(_) => "ANEW".to_owned(),
                Seen::Away(_) => "AWAY".to_owned(),
                Seen::Ended(problem) => format!("ENDED {problem:?}"),
            });
        };
        while tail.advance(&mut sink) {}
        all
    }

    fn append(path: &Path, text: &str) {
        let mut options = fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_file_is_followed_from_before_it_is_there_over_rotation_and_truncation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut tail = Tail::new(&Source::File(path.clone()));
        assert_eq!(see(&mut tail), ["AWAY"]);
        assert!(see(&mut tail).is_empty() && !tail.known());
        append(&path, "one\n");
        assert_eq!(see(&mut tail), ["one\n"]);
        append(&path, "two\n");
        assert_eq!(see(&mut tail), ["two\n"]);
        assert!(see(&mut tail).is_empty());
        // Written after the last look, and before the name changed.
        append(&path, "last\n");
        fs::rename(&path, folder.path().join("a.log.1")).unwrap();
        append(&path, "new\n");
        assert_eq!(see(&mut tail), ["last\n", "ANEW", "new\n"]);
        fs::rename(&path, folder.path().join("a.log.1")).unwrap();
        append(&folder.path().join("a.log.1"), "still\n");
        assert_eq!(see(&mut tail), ["AWAY", "still\n"]);
        append(&path, "newer\n");
        assert_eq!(see(&mut tail), ["ANEW", "newer\n"]);
        fs::write(&path, "x\n").unwrap();
        assert_eq!(see(&mut tail), ["ANEW", "x\n"]);
    }

    #[test]
    fn what_is_packed_or_a_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let mut tail = Tail::new(&Source::File(folder.path().to_owned()));
        assert_eq!(see(&mut tail), ["ENDED Some(\"it is a folder\")"]);
        let path = folder.path().join("a.log");
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_path("Cargo.toml").unwrap();
        let starts: [&[u8]; 4] = [
            b"\x1f\x8b\x08...",
            b"BZh91AY&SY...",
            b"7z\xbc\xaf\x27\x1c",
            archive.get_ref(),
        ];
        for start in starts {
            fs::write(&path, start).unwrap();
            let mut tail = Tail::new(&Source::File(path.clone()));
            assert!(see(&mut tail)[0].contains("packed"), "{start:?}");
            assert!(tail.ended());
            // However slowly it is written.
            fs::write(&path, &start[..1]).unwrap();
            let mut tail = Tail::new(&Source::File(path.clone()));
            see(&mut tail);
            fs::write(&path, start).unwrap();
            assert!(see(&mut tail).concat().contains("packed"), "{start:?}");
        }
    }

    #[test]
    fn text_of_two_bytes_a_unit_is_followed_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(&path, b"\xff\xfea\0b").unwrap();
        let mut tail = Tail::new(&Source::File(path.clone()));
        assert_eq!(see(&mut tail).concat(), "a");
        fs::write(&path, b"\xff\xfea\0b\0c\0").unwrap();
        assert_eq!(see(&mut tail).concat(), "bc");
    }
}
