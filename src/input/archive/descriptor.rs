//! The end of a member of a zip archive that was written as a stream: its sizes stand behind it (APPNOTE.TXT 6.3.10,
//! section 4.3.9).

use std::io::{self, ErrorKind, Read};

use flate2::Crc;
use memchr::memmem;

use super::zip::{broken, number};
use crate::input::as_u64;
use crate::input::lookahead::Lookahead;

/// What nearly all writers put in front of it.
const MARK: &[u8] = b"PK\x07\x08";
/// The longest form, with the mark of what follows it: a member or the directory.
const LONGEST: usize = 26;

/// What stands behind a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Descriptor {
    crc: u64,
    packed: u64,
    size: u64,
    /// How many bytes it takes.
    length: usize,
}

/// All that the next bytes can be read as: with the mark and without, with sizes of four bytes and of eight.
fn readings(ahead: &[u8]) -> impl Iterator<Item = Descriptor> + '_ {
    let marked = if ahead.starts_with(MARK) { 4 } else { 0 };
    let forms = [(marked, 4), (marked, 8), (0, 4), (0, 8)];
    forms.into_iter().filter_map(|(from, width)| {
        let length = from + 4 + 2 * width;
        // At least the directory follows, whatever was the last member.
        let follows = ahead.get(length..length + 2)? == b"PK";
        follows.then_some(Descriptor {
            crc: number(ahead, from, 4)?,
            packed: number(ahead, from + 4, width)?,
            size: number(ahead, from + 4 + width, width)?,
            length,
        })
    })
}

/// Takes what stands behind a member that was read, and says whether its checksum fits.
pub(super) fn after<R: Read>(
    input: &mut Lookahead<R>,
    crc: u32,
    packed: u64,
    size: u64,
) -> io::Result<bool> {
    let ahead = input.ahead(LONGEST);
    let whole = ahead.len() >= LONGEST;
    let found = readings(ahead).find(|d| (d.packed, d.size) == (packed, size));
    match found {
        Some(descriptor) => {
            input.skip(as_u64(descriptor.length))?;
            Ok(descriptor.crc == u64::from(crc))
        }
        None if whole => Err(broken("a member and its size do not fit".to_owned())),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}

/// Takes what stands behind a member that was passed over, of which only the length here is known.
pub(super) fn pass<R: Read>(input: &mut Lookahead<R>, packed: u64) -> io::Result<()> {
    let ahead = input.ahead(LONGEST);
    let whole = ahead.len() >= LONGEST;
    let found = readings(ahead).find(|d| d.packed == packed);
    match found {
        Some(descriptor) => input.skip(as_u64(descriptor.length)),
        None if whole => Err(broken("a member and its size do not fit".to_owned())),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}

/// A member whose size nobody tells before its end: it ends where what stands behind it would fit what was read.
pub(super) struct Until<'a, R> {
    input: &'a mut Lookahead<R>,
    /// Of a member that is stored as it is, the sum over what was read.
    sum: Option<Crc>,
    read: u64,
    ended: bool,
}

impl<'a, R: Read> Until<'a, R> {
    /// One that is stored `plain`, or that is only to be passed over.
    pub(super) fn new(input: &'a mut Lookahead<R>, plain: bool) -> Self {
        Self {
            input,
            sum: plain.then(Crc::new),
            read: 0,
            ended: false,
        }
    }

    /// How many bytes were read.
    pub(super) fn count(&self) -> u64 {
        self.read
    }

    /// What follows, if it is the end.
    fn end(&mut self) -> Option<Descriptor> {
        let ahead = self.input.ahead(LONGEST);
        if !ahead.starts_with(MARK) {
            return None;
        }
        let (read, sum) = (self.read, self.sum.as_ref().map(Crc::sum));
        readings(ahead).find(|d| {
            let plain = sum.is_none_or(|sum| d.size == read && d.crc == u64::from(sum));
            d.packed == read && plain
        })
    }
}

impl<R: Read> Read for Until<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        if let Some(descriptor) = self.end() {
            self.input.skip(as_u64(descriptor.length))?;
            self.ended = true;
            return Ok(0);
        }
        let ahead = self.input.ahead(LONGEST);
        // The mark is no end here: it is data, or it would have been found.
        let next = ahead.get(1..).and_then(|rest| memmem::find(rest, MARK));
        let certain = match next {
            Some(at) => at + 1,
            // Half a mark may stand at the end of what is seen.
            None => ahead.len().saturating_sub(MARK.len() - 1),
        };
        let data = ahead.get(..certain.min(out.len())).unwrap_or_default();
        if data.is_empty() {
            self.input.skip(as_u64(LONGEST))?;
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let count = data.len();
        if let Some(sum) = &mut self.sum {
            sum.update(data);
        }
        for (to, from) in out.iter_mut().zip(data) {
            *to = *from;
        }
        self.input.skip(as_u64(count))?;
        self.read += as_u64(count);
        Ok(count)
    }
}
