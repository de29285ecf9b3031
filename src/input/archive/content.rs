//! What the bytes of an input are: text, packed or not; an archive; something that is not read.

use std::io::Read;

#[cfg(feature = "archives")]
use super::tar;
use crate::input::limits::Budget;
use crate::input::lookahead::Lookahead;
use crate::input::packing::Packing;

/// So many first bytes tell what an input is: a header of tar (POSIX.1-1988, "ustar").
pub(in crate::input) const BLOCK: usize = 512;

/// How often one inside the other streams are unpacked: an archive of `.gz` files within `.tar.gz` needs one at a time.
#[cfg(feature = "archives")]
const MOST_LAYERS: usize = 3;

/// An input, unpacked.
pub(super) enum Content<'a> {
    /// Text, or what is read as if it were.
    Text(Input<'a>),
    /// An archive.
    Archive(Kind, Input<'a>),
    /// Neither, and what it is.
    Unread(&'static str),
}

/// The kinds of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// See [`super::zip`].
    Zip,
    /// See [`super::tar`].
    Tar,
}

/// Looks at the first bytes, and unpacks as often as they say that something is packed.
pub(super) fn of<'a>(input: impl Read + 'a, budget: &'a Budget) -> Content<'a> {
    let input = Lookahead::new(Box::new(input) as Box<dyn Read + 'a>);
    let mut input = match unpacked(input, budget) {
        Ok(input) => input,
        Err(what) => return Content::Unread(what),
    };
    let first = input.ahead(BLOCK);
    if let Some(kind) = Kind::of(first) {
        return Content::Archive(kind, input);
    }
    match unread(first) {
        Some(what) => Content::Unread(what),
        None => Content::Text(input),
    }
}

/// An input, with its first bytes at hand.
pub(super) type Input<'a> = Lookahead<Box<dyn Read + 'a>>;

/// What lies within all that is packed; or what that is, if it cannot be unpacked.
#[cfg(feature = "archives")]
fn unpacked<'a>(mut input: Input<'a>, budget: &'a Budget) -> Result<Input<'a>, &'static str> {
    for _ in 0..=MOST_LAYERS {
        let Some(packing) = Packing::of(input.ahead(BLOCK)) else {
            return Ok(input);
        };
        input = Lookahead::new(packing.unpack(input, budget));
    }
    Err("packed over and over")
}

/// The same in a build that unpacks nothing.
#[cfg(not(feature = "archives"))]
fn unpacked<'a>(mut input: Input<'a>, _: &'a Budget) -> Result<Input<'a>, &'static str> {
    match Packing::of(input.ahead(BLOCK)) {
        Some(packing) => Err(packing.what()),
        None => Ok(input),
    }
}

/// True where something begins so that it is packed, or an archive, in whatever way.
#[cfg(unix)]
pub(super) fn is_packed(first: &[u8]) -> bool {
    Packing::of(first).is_some() || Kind::of(first).is_some() || unread(first).is_some()
}

impl Kind {
    fn of(first: &[u8]) -> Option<Self> {
        // A member; no member at all, in the old and in the large form; one piece of several, and one that was to be
        // (PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.16, 4.3.14, 8.5.3 and 8.5.4).
        const ZIP: [&[u8]; 5] = [
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"PK\x06\x06",
            b"PK\x07\x08PK",
            b"PK00PK",
        ];
        if ZIP.iter().any(|mark| first.starts_with(mark)) {
            return Some(Self::Zip);
        }
        #[cfg(feature = "archives")]
        let tar = tar::is_header(first);
        #[cfg(not(feature = "archives"))]
        let tar = first.get(257..262) == Some(b"ustar");
        tar.then_some(Self::Tar)
    }
}

/// What logs are packed with now and then, and is not read: better to say so than to find nothing in it.
fn unread(first: &[u8]) -> Option<&'static str> {
    match first {
        // 7zFormat.txt of the LZMA SDK, "SignatureHeader".
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some("a 7-Zip archive"),
        // rarlab.com, "RAR 5.0 archive format"; the versions before share the first six bytes.
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some("a RAR archive"),
        // lz4_Frame_format.md 1.6.4.
        [0x04, 0x22, 0x4d, 0x18, ..] => Some("packed with lz4"),
        // lzip's manual, "File format".
        [b'L', b'Z', b'I', b'P', 1, ..] => Some("packed with lzip"),
        // ncompress 5.0, compress.c: the mark, then the width of the codes.
        [0x1f, 0x9d, 0x80..=0xff, ..] => Some("packed with compress"),
        _ => None,
    }
}
