//! Members of zip archives, read from front to back, so that a pipe, a nested archive and one that was cut off are read like
//! a file. The directory at the end is held against what was read. Sections are those of PKWARE's APPNOTE.TXT 6.3.10.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, ErrorKind, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::descriptor::{self, Until};
use super::{Each, Member};
use crate::input::as_u64;
use crate::input::limits::Budget;
use crate::input::lookahead::Lookahead;
use crate::input::packing::Packing;

/// A size that stands elsewhere (section 4.5.3).
const ELSEWHERE: u64 = 0xffff_ffff;

/// Hands each file over, in order. Folders hold nothing to read.
pub(super) fn each<R: Read>(
    input: &mut Lookahead<R>,
    budget: &Budget,
    each: Each<'_>,
) -> io::Result<()> {
    let mut read = Tally::default();
    let mut listed = Tally::default();
    let mut large = None;
    loop {
        let at = input.at();
        match &input.exactly::<4>()? {
            // 4.3.7: a member.
            b"PK\x03\x04" => {
                let packed = member(input, budget, each)?;
                read.add(at, packed);
            }
            // 8.5.3 and 8.5.4: one piece of several, or what was to be one.
            b"PK\x07\x08" | b"PK00" if at == 0 => {}
            // 4.3.11: what a member adds to all.
            b"PK\x06\x08" => {
                let length = input.exactly::<4>()?;
                input.skip(u32::from_le_bytes(length).into())?;
            }
            // 4.3.12: a member, as the directory knows it.
            b"PK\x01\x02" => {
                let (at, packed) = entry(input)?;
                listed.add(at, packed);
            }
            // 4.3.13: a signature.
            b"PK\x05\x05" => {
                let length = input.exactly::<2>()?;
                input.skip(u16::from_le_bytes(length).into())?;
            }
            // 4.3.14 and 4.3.15: the end of a large archive, and where it is.
            b"PK\x06\x06" => {
                let length = u64::from_le_bytes(input.exactly()?);
                let end = input.exactly::<28>()?;
                large = number(&end, 20, 8);
                input.skip(length.saturating_sub(28))?;
            }
            b"PK\x06\x07" => input.skip(16)?,
            // 4.3.16: the end.
            b"PK\x05\x06" => {
                let end = input.exactly::<18>()?;
                let count = number(&end, 6, 2)
                    .filter(|count| *count != 0xffff)
                    .or(large);
                input.skip(number(&end, 16, 2).unwrap_or_default())?;
                return closed(input, &read, &listed, count);
            }
            _ => {
                return Err(broken(format!(
                    "what stands at byte {at} is no part of an archive"
                )));
            }
        }
    }
}

/// Says whether the end of the archive is one.
fn closed<R: Read>(
    input: &mut Lookahead<R>,
    read: &Tally,
    listed: &Tally,
    count: Option<u64>,
) -> io::Result<()> {
    if !input.fill_buf()?.is_empty() {
        return Err(broken("something follows its end".to_owned()));
    }
    if read != listed || count.is_some_and(|count| count != listed.count) {
        return Err(broken(
            "its directory lists other members than those in it".to_owned(),
        ));
    }
    Ok(())
}

/// Members without their names: how many, and a sum over where they lie and how long they are, in any order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    count: u64,
    sum: u64,
}

impl Tally {
    fn add(&mut self, at: u64, packed: u64) {
        let mut hash = DefaultHasher::new();
        (at, packed).hash(&mut hash);
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash.finish());
    }
}

/// Reads an entry of the directory: where its member lies, and how long it is there.
fn entry<R: Read>(input: &mut Lookahead<R>) -> io::Result<(u64, u64)> {
    let fixed = input.exactly::<42>()?;
    let field = |at, width| number(&fixed, at, width).unwrap_or_default();
    input.skip(field(24, 2))?;
    let extra = bytes(input, field(26, 2))?;
    input.skip(field(28, 2))?;
    let [_, packed, at] = large([field(20, 4), field(16, 4), field(38, 4)], &extra);
    Ok((at, packed))
}

/// What stands before a member.
struct Local {
    name: Vec<u8>,
    flags: u64,
    method: u64,
    crc: u64,
    packed: u64,
    size: u64,
}

impl Local {
    fn read<R: Read>(input: &mut Lookahead<R>) -> io::Result<Self> {
        let fixed = input.exactly::<26>()?;
        let field = |at, width| number(&fixed, at, width).unwrap_or_default();
        let name = bytes(input, field(22, 2))?;
        let extra = bytes(input, field(24, 2))?;
        let [size, packed, _] = large([field(18, 4), field(14, 4), 0], &extra);
        Ok(Self {
            name,
            flags: field(2, 2),
            method: field(4, 2),
            crc: field(10, 4),
            packed,
            size,
        })
    }

    /// True where the sizes stand behind the member (section 4.4.4, bit 3).
    fn described(&self) -> bool {
        self.flags & 8 != 0
    }

    /// How long the member is here, where that is known.
    fn length(&self) -> Option<u64> {
        (!self.described() || self.packed > 0).then_some(self.packed)
    }

    /// Why it cannot be read, if so (sections 4.4.4 and 4.4.5).
    fn unread(&self) -> Option<String> {
        match self.method {
            _ if self.flags & 1 != 0 => Some("it is encrypted".to_owned()),
            0 | 8 => None,
            12 | 93 | 95 if self.length().is_some() => None,
            method => Some(format!("it is packed with method {method} of zip")),
        }
    }
}

/// Reads one member; returns how long it was here.
fn member<R: Read>(input: &mut Lookahead<R>, budget: &Budget, each: Each<'_>) -> io::Result<u64> {
    let local = Local::read(input)?;
    let name = String::from_utf8_lossy(&local.name).into_owned();
    let folder = name.ends_with('/');
    let start = input.at();
    let mut length = local.length();
    if let Some(why) = local.unread() {
        if !folder {
            each(&name, Member::Unread(&why))?;
        }
        if length.is_none() {
            let mut until = Until::new(input, false);
            io::copy(&mut until, &mut io::sink())?;
            return Ok(until.count());
        }
    } else {
        let mut content = Content::new(input, &local, budget);
        if !folder {
            each(&name, Member::Read(&mut content))?;
        }
        // Who took the content may have stopped before its end, which is found only by reading on, or is known.
        let rest = io::copy(&mut content, &mut io::sink());
        if length.is_none() {
            rest?;
            return Ok(content.packed);
        }
    }
    let length = length.take().unwrap_or_default();
    let taken = input.at().saturating_sub(start);
    input.skip(length.saturating_sub(taken))?;
    if local.described() {
        descriptor::pass(input, length)?;
    }
    Ok(length)
}

/// The content of a member. Its checksum is looked at where it ends.
struct Content<'a, R: Read> {
    from: From<'a, R>,
    local: &'a Local,
    budget: &'a Budget,
    sum: Crc,
    size: u64,
    /// How long it was in the archive, once that is known.
    packed: u64,
    ended: bool,
    failed: bool,
}

/// How a member is kept.
enum From<'a, R: Read> {
    Stored(Packed<'a, R>),
    Unmeasured(Until<'a, R>),
    Deflated(DeflateDecoder<Packed<'a, R>>),
    Other(Box<dyn Read + 'a>),
}

impl<'a, R: Read> Content<'a, R> {
    fn new(input: &'a mut Lookahead<R>, local: &'a Local, budget: &'a Budget) -> Self {
        let length = local.length();
        let packed = |input| Packed {
            input,
            left: length.unwrap_or(u64::MAX),
        };
        let from = match local.method {
            0 if length.is_none() => From::Unmeasured(Until::new(input, true)),
            0 => From::Stored(packed(input)),
            12 => From::Other(Packing::Bzip2.unpack(packed(input), budget)),
            93 => From::Other(Packing::Zstd.unpack(packed(input), budget)),
            95 => From::Other(Packing::Xz.unpack(packed(input), budget)),
            _ => From::Deflated(DeflateDecoder::new(packed(input))),
        };
        Self {
            from,
            local,
            budget,
            sum: Crc::new(),
            size: 0,
            packed: length.unwrap_or_default(),
            ended: false,
            failed: false,
        }
    }

    fn next(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.from {
            From::Stored(packed) => packed.read(out)?,
            From::Unmeasured(until) => until.read(out)?,
            From::Other(unpacked) => unpacked.read(out)?,
            From::Deflated(decoder) => {
                let count = decoder.read(out)?;
                self.budget.unpack(count)?;
                count
            }
        };
        if count == 0 && !out.is_empty() {
            self.close()?;
        }
        self.sum.update(out.get(..count).unwrap_or_default());
        self.size = self.size.saturating_add(as_u64(count));
        Ok(count)
    }

    /// Holds what was read against what is told of it.
    fn close(&mut self) -> io::Result<()> {
        self.ended = true;
        let (sum, size) = (self.sum.sum(), self.size);
        let fits = match &mut self.from {
            From::Unmeasured(until) => {
                self.packed = until.count();
                true
            }
            From::Deflated(decoder) if self.local.length().is_none() => {
                self.packed = decoder.total_in();
                descriptor::after(decoder.get_mut().input, sum, self.packed, size)?
            }
            _ => {
                let later = self.local.described() && self.local.crc == 0;
                size == self.local.size && (later || u64::from(sum) == self.local.crc)
            }
        };
        if fits {
            Ok(())
        } else {
            Err(broken("its checksum does not fit".to_owned()))
        }
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(broken("a member of unknown length is damaged".to_owned()));
        }
        if self.ended {
            return Ok(0);
        }
        let read = self.next(out);
        self.failed = read.is_err();
        read
    }
}

/// The bytes of a member as they lie in the archive. That the archive ends before them is an error.
struct Packed<'a, R> {
    input: &'a mut Lookahead<R>,
    left: u64,
}

impl<R: Read> Read for Packed<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Packed<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let ahead = self.input.fill_buf()?;
        if ahead.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(ahead.get(..left.min(ahead.len())).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.input.consume(count);
        self.left = self.left.saturating_sub(as_u64(count));
    }
}

/// The sizes, and the place, of a member that is too large for the fields of its header (section 4.5.3): unpacked size,
/// packed size, place.
fn large(mut fields: [u64; 3], mut extra: &[u8]) -> [u64; 3] {
    while let (Some(id), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let end = 4 + usize::try_from(length).unwrap_or(usize::MAX - 4);
        if id == 1 {
            let mut values = extra.get(4..end).unwrap_or_default().chunks_exact(8);
            for field in fields.iter_mut().filter(|field| **field == ELSEWHERE) {
                let value = values.next().and_then(|value| number(value, 0, 8));
                *field = value.unwrap_or(*field);
            }
            break;
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    fields
}

fn bytes<R: Read>(input: &mut Lookahead<R>, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.by_ref().take(count).read_to_end(&mut bytes)?;
    if as_u64(bytes.len()) < count {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// The number of `width` bytes, the low one first, at a place of a record.
pub(super) fn number(record: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = record.get(at..at.checked_add(width)?)?;
    let number = bytes.iter().rev();
    Some(number.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

pub(super) fn broken(words: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, words)
}
