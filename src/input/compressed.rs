//! Gzip streams, known by their first bytes and not by a name, with a limit on what they may expand to.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// What a gzip stream begins with: two bytes of mark, and the only method that there is (RFC 1952, section 2.3.1).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
/// Text up to this size is read whatever it was packed from.
const HARMLESS: u64 = 1 << 30;
/// Beyond [`HARMLESS`], a byte may stand for this many: logs seldom reach 50, and what is made to harm about 1000.
const RATIO: u64 = 200;

/// An input, unpacked if it was packed.
pub(super) struct Opened<'a> {
    /// Its text.
    pub(super) text: Box<dyn Read + 'a>,
    /// True where it was packed.
    pub(super) packed: bool,
}

/// Looks at the first bytes, and unpacks what follows if they say so. An error among them comes after them.
pub(super) fn open<'a>(mut input: impl Read + 'a) -> Opened<'a> {
    let mut first = Vec::new();
    let peek = input
        .by_ref()
        .take(GZIP.len() as u64)
        .read_to_end(&mut first);
    let failed = Failed(peek.err());
    let packed = first == GZIP;
    let whole = io::Cursor::new(first).chain(failed).chain(input);
    let text: Box<dyn Read + 'a> = if packed {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    };
    Opened { text, packed }
}

/// Gives the error once, then nothing.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// What is wrong with `text` bytes that came out of `raw` ones, if it is too much.
pub(super) fn excess(raw: u64, text: u64) -> Option<String> {
    (text > HARMLESS && text / RATIO > raw).then(|| {
        format!("reading stopped: it unpacks to more than {RATIO} times its size, as only files that are made to harm do")
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pack(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(raw: &[u8]) -> (bool, io::Result<Vec<u8>>) {
        let mut opened = open(raw);
        let mut text = Vec::new();
        let read = opened.text.read_to_end(&mut text).map(|_| text);
        (opened.packed, read)
    }

    #[test]
    fn every_member_of_a_file_is_read() {
        let (packed, text) = unpack(&[pack(b"one "), pack(b"two")].concat());
        assert_eq!((packed, text.unwrap()), (true, b"one two".to_vec()));
    }

    #[test]
    fn what_is_not_packed_comes_out_as_it_is() {
        for raw in [&b""[..], b"a", b"\x1f\x8b", b"an ordinary log"] {
            let (packed, text) = unpack(raw);
            assert_eq!((packed, text.unwrap()), (false, raw.to_vec()));
        }
    }

    #[test]
    fn a_stream_that_is_cut_is_an_error_and_not_a_clean_end() {
        let raw = pack(&b"a log that is long enough to be cut ".repeat(99));
        for end in 3..raw.len() {
            assert!(unpack(&raw[..end]).1.is_err(), "cut at {end}");
        }
    }

    #[test]
    fn only_a_large_text_from_few_bytes_is_too_much() {
        assert!(excess(1 << 20, 1 << 30).is_none());
        assert!(excess(1 << 20, (1 << 30) + 1).is_some());
        assert!(excess(1 << 30, 100 << 30).is_none());
    }
}
