//! Members of tar archives: POSIX `ustar` and `pax` (IEEE Std 1003.1, "pax"), GNU's long names, and the format before them.

use std::io::{self, BufRead, ErrorKind, Read};

use tar::{EntryType, Header};

use super::content::BLOCK;
use super::zip::broken;
use super::{Each, Member};
use crate::input::as_u64;
use crate::input::lookahead::Lookahead;

/// The longest name, or list of `pax` records, that is read: beyond what any system takes for a path.
const LONGEST: u64 = 1 << 20;

/// True where a block is a header: the sum over its bytes fits, with spaces in the place of the sum itself. A block that
/// was cut short counts if it begins as a header does.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(whole) = block.get(..BLOCK) else {
        return begins_header(block);
    };
    let sum = |(at, byte): (usize, &u8)| match at {
        148..156 => u32::from(b' '),
        _ => u32::from(*byte),
    };
    let header = Header::from_byte_slice(whole);
    let sum = whole.iter().enumerate().map(sum).sum::<u32>();
    whole.first() != Some(&0) && header.cksum().is_ok_and(|told| told == sum)
}

/// True where there is a name, zeros to the end of its field, and then at least the file's mode, as octal digits with a zero
/// or a space behind them; and where owner and group stand there too, numbers in their places, or nothing.
fn begins_header(block: &[u8]) -> bool {
    let (Some(name), Some(mode)) = (block.get(..100), block.get(100..108)) else {
        return false;
    };
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(100);
    let padded = name.iter().skip(end).all(|byte| *byte == 0);
    let octal = |field: &[u8]| {
        let only = |byte: &u8| matches!(byte, b'0'..=b'7' | b' ' | 0);
        field.iter().all(only)
            && field.iter().any(u8::is_ascii_digit)
            && matches!(field.last(), Some(0 | b' '))
    };
    // What has no room as digits stands as bytes, with the first bit set (GNU tar 1.35, create.c, `to_base256`).
    let number = |field: &[u8]| {
        let first = field.first().is_some_and(|byte| *byte >= 0x80);
        octal(field) || first || field.iter().all(|byte| *byte == 0)
    };
    let mut others = [108..116, 116..124]
        .into_iter()
        .filter_map(|at| block.get(at));
    end > 0 && padded && octal(mode) && others.all(number)
}

/// What the headers before a member's own say of it.
#[derive(Default)]
struct Told {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

/// Hands each file over, in order. Folders, links and devices hold nothing to read.
pub(super) fn each<R: Read>(input: &mut Lookahead<R>, each: Each<'_>) -> io::Result<()> {
    let mut told = Told::default();
    let mut closed = false;
    loop {
        let block = input.ahead(BLOCK);
        if block.is_empty() {
            // Asks again: it may be an error and no end.
            input.fill_buf()?;
            return if closed { Ok(()) } else { Err(cut()) };
        }
        let block = input.exactly::<BLOCK>()?;
        if block.iter().all(|byte| *byte == 0) {
            closed = true;
            continue;
        }
        if !is_header(&block) {
            let at = input.at().saturating_sub(as_u64(BLOCK));
            return Err(broken(format!("what stands at byte {at} is no header")));
        }
        closed = false;
        member(input, Header::from_byte_slice(&block), &mut told, each)?;
    }
}

/// Reads what one header announces.
fn member<R: Read>(
    input: &mut Lookahead<R>,
    header: &Header,
    told: &mut Told,
    each: Each<'_>,
) -> io::Result<()> {
    let kind = header.entry_type();
    let damaged = |_| broken("a size in it is damaged".to_owned());
    let mut size = header.entry_size().map_err(damaged)?;
    match kind {
        EntryType::GNULongName => told.name = Some(until_nul(&meta(input, size)?).to_vec()),
        EntryType::XHeader => records(&meta(input, size)?, told)?,
        EntryType::XGlobalHeader | EntryType::GNULongLink => {
            meta(input, size)?;
        }
        _ => {
            let told = std::mem::take(told);
            size = told.size.unwrap_or(size);
            if matches!(kind, EntryType::Link | EntryType::Symlink) {
                // GNU tar 1.35, list.c: a size that stands with a link is none on the tape.
                size = 0;
            }
            let name = told
                .name
                .unwrap_or_else(|| header.path_bytes().into_owned());
            let name = String::from_utf8_lossy(&name);
            let name = name.strip_prefix("./").unwrap_or(&name);
            let sparse = told.sparse || kind == EntryType::GNUSparse;
            if sparse {
                holes(input, header)?;
            }
            let mut left = input.by_ref().take(size);
            match kind {
                _ if sparse => each(
                    name,
                    Member::Unread("it is stored without its holes, as a sparse file"),
                )?,
                // Before POSIX, folders were files whose name ends so.
                EntryType::Regular if name.ends_with('/') => {}
                EntryType::Regular | EntryType::Continuous => {
                    let mut whole = Whole { left: &mut left };
                    each(name, Member::Read(&mut whole))?;
                }
                EntryType::Link
                | EntryType::Symlink
                | EntryType::Char
                | EntryType::Block
                | EntryType::Directory
                | EntryType::Fifo => {}
                // GNU tar 1.35, tar.h: the names in a folder, of an archive of changes; the name of the volume.
                kind if matches!(kind.as_byte(), b'D' | b'V') => {}
                _ => each(name, Member::Unread("it is of a kind that is not known"))?,
            }
            let left = left.limit();
            input.skip(left)?;
        }
    }
    let over = size % as_u64(BLOCK);
    if over > 0 {
        input.skip(as_u64(BLOCK) - over)?;
    }
    Ok(())
}

/// The content of a member, which ends with an error where the archive ends before it.
struct Whole<'a, R> {
    left: &'a mut io::Take<R>,
}

impl<R: Read> Read for Whole<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.left.read(out)? {
            0 if self.left.limit() > 0 && !out.is_empty() => Err(cut()),
            count => Ok(count),
        }
    }
}

/// Takes the blocks that list where the pieces of a sparse file lie, behind a header of GNU's own format.
fn holes<R: Read>(input: &mut Lookahead<R>, header: &Header) -> io::Result<()> {
    let mut more = header.entry_type() == EntryType::GNUSparse
        && header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
    while more {
        // 21 pieces of 24 bytes, then the flag (GNU tar 1.35, tar.h, `struct sparse_header`).
        more = input.exactly::<BLOCK>()?.get(504) == Some(&1);
    }
    Ok(())
}

/// What stands behind a header that speaks of the next one.
fn meta<R: Read>(input: &mut Lookahead<R>, size: u64) -> io::Result<Vec<u8>> {
    if size > LONGEST {
        return Err(broken("a name in it is longer than any path".to_owned()));
    }
    let mut bytes = Vec::new();
    input.by_ref().take(size).read_to_end(&mut bytes)?;
    if as_u64(bytes.len()) < size {
        return Err(cut());
    }
    Ok(bytes)
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Takes what matters of `pax` records, "LENGTH KEY=VALUE\n" with the length of all of it.
fn records(mut list: &[u8], told: &mut Told) -> io::Result<()> {
    while !list.is_empty() {
        let record =
            record(list).ok_or_else(|| broken("its `pax` records are damaged".to_owned()))?;
        let (length, key, value) = record;
        match key {
            b"path" => told.name = Some(value.to_vec()),
            b"size" => told.size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()),
            _ if key.starts_with(b"GNU.sparse.") => {
                told.sparse = true;
                if key == b"GNU.sparse.name" {
                    told.name = Some(value.to_vec());
                }
            }
            _ => {}
        }
        list = list.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The first record: its length, its key and its value.
fn record(list: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let space = list.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(list.get(..space)?).ok()?.parse().ok()?;
    let text = list.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some((length, text.get(..equals)?, text.get(equals + 1..)?))
}

fn cut() -> io::Error {
    ErrorKind::UnexpectedEof.into()
}
