//! Bytes in: standard input, files and folders, packed logs and the members of archives, in chunks, with a word on what
//! could not be read.
//!
//! Memory does not grow with the input, and one input that cannot be read never keeps the others from being read.

mod archive;
#[cfg(feature = "archives")]
mod compressed;
mod decode;
mod file;
mod folder;
#[cfg_attr(
    not(feature = "archives"),
    expect(dead_code, reason = "what is not unpacked needs no limits")
)]
mod limits;
mod listed;
#[cfg_attr(
    not(feature = "archives"),
    expect(dead_code, reason = "what is not unpacked is looked at once")
)]
mod lookahead;
mod packing;
mod stdin;
mod stop;
#[cfg(unix)]
mod tail;
mod wildcards;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
pub use crate::log::Outcome;
use decode::Decoder;

pub use listed::listed;
pub use stop::Stop;
#[cfg(unix)]
pub use tail::{Seen, Tail, await_growth};

/// How much of an input is looked at to tell text from other bytes.
const PEEK: usize = 8 * 1024;

/// One input that can be opened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file, a device or a named pipe.
    File(PathBuf),
}

/// What goes along with reading: how to end it early, and how far it is.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// The request to end it.
    pub stop: Stop,
    /// How many raw bytes were read so far, of all inputs together.
    pub bytes: Arc<AtomicU64>,
}

impl Outcome {
    /// Nothing, or nothing more, could be read.
    fn failed(bytes: u64, problem: String) -> Self {
        Self {
            bytes,
            problem: Some(problem),
            remark: None,
        }
    }
}

impl Source {
    /// The input as the user named it. Bytes of a path that are no UTF-8 show as replacement characters.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }
}

/// The inputs behind one entry of a list: those that fit it where it is a pattern and no path, else as [`find`] says.
pub fn find_listed(entry: &OsStr, hidden: bool) -> Vec<Result<Source, Error>> {
    let path = Path::new(entry);
    let fitting = if path.exists() {
        Vec::new()
    } else {
        wildcards::expand(path, hidden)
    };
    if fitting.is_empty() {
        return find(entry, hidden);
    }
    let found = fitting
        .iter()
        .flat_map(|path| find(path.as_os_str(), hidden));
    found.collect()
}

/// The inputs behind one argument: standard input for `-`, every file below a folder in the order of their names (the
/// hidden ones only if wished), else the path itself. Parts of a folder that cannot be listed come as errors, in their place.
pub fn find(argument: &OsStr, hidden: bool) -> Vec<Result<Source, Error>> {
    if argument == "-" {
        return vec![Ok(Source::Stdin)];
    }
    let path = Path::new(argument);
    if path.is_dir() {
        folder::walk(path, hidden)
    } else {
        vec![Ok(Source::File(path.to_owned()))]
    }
}

/// What comes out of an input, in order: a log begins, has text, and ends. An archive is a log for each of its members, and
/// one without text where it could not be read to its end.
pub enum Part<'a> {
    /// A log with this name.
    Begins(&'a str),
    /// More of its text.
    Text(&'a [u8]),
    /// Its end, and how reading it went.
    Ends(Outcome),
}

/// Reads an input to its end and hands its logs over, their text in chunks, UTF-16 turned to UTF-8 and all else as it is.
///
/// An error in the middle is no `Err`: what was read stays read, and [`Outcome::problem`] says what happened.
pub fn read(
    source: &Source,
    control: &Control,
    take: &mut dyn FnMut(Part<'_>),
) -> Result<(), Error> {
    let name = source.name();
    match source {
        Source::Stdin => {
            let input = stdin::open(&control.stop).map_err(|reason| Error::Read {
                source: name.clone(),
                reason,
            })?;
            archive::read(&name, &mut counted(input, control), None, take);
        }
        Source::File(path) => {
            let (file, size) = file::open(path, &control.stop)?;
            archive::read(&name, &mut counted(file, control), size, take);
        }
    }
    Ok(())
}

/// Standard input as it is, for who reads it line by line.
pub fn lines(stop: &Stop) -> Result<impl BufRead, Error> {
    let input = stdin::open(stop).map_err(|reason| Error::Read {
        source: Source::Stdin.name(),
        reason,
    });
    input.map(BufReader::new)
}

/// Counts what is read, for all inputs together.
fn counted<'a>(input: impl Read + 'a, control: &'a Control) -> impl Read + 'a {
    let count = |count| {
        control.bytes.fetch_add(count, Ordering::Relaxed);
    };
    Counted { input, count }
}

/// An input that tells how many bytes each read gave.
struct Counted<R, F> {
    input: R,
    count: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        (self.count)(as_u64(count));
        Ok(count)
    }
}

/// Reads a text to its end.
fn text(input: &mut dyn BufRead, sink: &mut dyn FnMut(&[u8])) -> Outcome {
    let mut outcome = Outcome::default();
    let mut decoder = Decoder::default();
    let mut first = true;
    while outcome.problem.is_none() {
        let count = match input.fill_buf() {
            Ok([]) => break,
            Ok(text) => {
                if std::mem::take(&mut first) {
                    outcome.remark = remark(text);
                }
                decoder.push(text, sink);
                text.len()
            }
            Err(error) => {
                outcome.problem = Some(archive::stopped(&error));
                0
            }
        };
        input.consume(count);
    }
    if decoder.finish(sink) {
        outcome.remark = Some("UTF-16 text");
    }
    outcome
}

/// What the first bytes say of the whole, where it is no plain text.
fn remark(first: &[u8]) -> Option<&'static str> {
    let peek = first.get(..PEEK.min(first.len())).unwrap_or_default();
    peek.contains(&0)
        .then_some("binary data; only the text in it was looked at")
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(input: &mut dyn Read, promised: Option<u64>) -> (Outcome, Vec<u8>) {
        let mut text = Vec::new();
        let mut outcome = None;
        archive::read("log", input, promised, &mut |part| match part {
            Part::Begins(name) => assert_eq!(name, "log"),
            Part::Text(chunk) => text.extend_from_slice(chunk),
            Part::Ends(ended) => outcome = Some(ended),
        });
        (outcome.unwrap(), text)
    }

    /// Gives some bytes, then the error.
    struct Breaks(&'static [u8]);

    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("the disk is gone"));
            }
            self.0.read(buffer)
        }
    }

    #[test]
    fn what_was_read_before_an_error_is_kept_and_the_error_is_told() {
        let (outcome, text) = gather(&mut Breaks(b"half a log"), None);
        assert_eq!(text, b"half a log");
        assert_eq!(outcome.bytes, 10);
        assert_eq!(
            outcome.problem.unwrap(),
            "reading stopped: the disk is gone"
        );
    }

    #[test]
    fn an_error_right_after_the_first_byte_takes_nothing_away() {
        let (outcome, text) = gather(&mut Breaks(b"h"), None);
        assert_eq!((text.as_slice(), outcome.bytes), (&b"h"[..], 1));
        assert!(outcome.problem.is_some());
    }

    #[test]
    fn a_packed_log_is_read_and_its_size_is_that_of_the_file() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &b"a line of a log\n".repeat(99)).unwrap();
        let raw = encoder.finish().unwrap();
        let (outcome, text) = gather(&mut raw.as_slice(), Some(as_u64(raw.len())));
        assert_eq!(text, b"a line of a log\n".repeat(99));
        assert_eq!((outcome.bytes, outcome.problem), (as_u64(raw.len()), None));
        let (outcome, _) = gather(&mut &raw[..raw.len() / 2], None);
        assert!(outcome.problem.is_some());
    }

    #[test]
    fn a_file_that_shrank_is_not_complete() {
        let (outcome, _) = gather(&mut &b"short"[..], Some(6));
        assert_eq!(
            outcome.problem.unwrap(),
            "it became shorter while it was read"
        );
    }

    #[test]
    fn a_file_that_grew_is_complete() {
        assert_eq!(gather(&mut &b"longer"[..], Some(2)).0.problem, None);
    }

    #[test]
    fn bytes_are_counted_raw_and_binary_data_is_named() {
        let (outcome, text) = gather(&mut &b"\xff\xfea\0"[..], None);
        assert_eq!((outcome.bytes, text.as_slice()), (4, &b"a"[..]));
        assert_eq!(outcome.remark, Some("UTF-16 text"));
        assert!(gather(&mut &b"a\0b"[..], None).0.remark.is_some());
        assert!(gather(&mut &b"a\xffb"[..], None).0.remark.is_none());
    }
}
