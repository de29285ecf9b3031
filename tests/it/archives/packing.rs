//! Packs what the tests read.

use std::io::Write;

/// Packs a text.
type Pack = fn(&[u8]) -> Vec<u8>;

/// Every way to pack one stream, by the end of the name that it usually has.
pub(crate) const STREAMS: [(&str, Pack); 4] =
    [("gz", gzip), ("zst", zstd), ("xz", xz), ("bz2", bzip2)];

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn xz(text: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive of these files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *text).unwrap();
    }
    builder.into_inner().unwrap()
}

/// How a zip archive is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zip {
    /// Deflated, or stored as it is.
    pub(crate) deflated: bool,
    /// With the sizes behind each member.
    pub(crate) streamed: bool,
    /// With sizes of eight bytes.
    pub(crate) large: bool,
}

impl Zip {
    /// All ways.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            deflated: bits & 1 != 0,
            streamed: bits & 2 != 0,
            large: bits & 4 != 0,
        })
    }

    /// A zip archive of these files (APPNOTE.TXT 6.3.10, section 4.3).
    pub(crate) fn pack(self, files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut directory = Vec::new();
        for (name, text) in files {
            let at = u32::try_from(out.len()).unwrap();
            let mut sum = flate2::Crc::new();
            sum.update(text);
            let packed = self.body(text);
            let sizes = [packed.len() as u64, text.len() as u64];
            let told = if self.streamed { [0, 0] } else { sizes };
            out.extend(b"PK\x03\x04");
            out.extend(self.fields(if self.streamed { 0 } else { sum.sum() }, told, name));
            out.extend(self.extra(told));
            out.extend(packed);
            if self.streamed {
                out.extend(b"PK\x07\x08");
                out.extend(sum.sum().to_le_bytes());
                out.extend(sizes.iter().flat_map(|size| self.number(*size)));
            }
            directory.extend(b"PK\x01\x02\x14\0");
            let fields = self.fields(sum.sum(), sizes, "");
            directory.extend(&fields[..22]);
            directory.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            let extra = self.extra(sizes);
            directory.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
            directory.extend([0; 10]);
            directory.extend(at.to_le_bytes());
            directory.extend(name.bytes());
            directory.extend(extra);
        }
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        let start = u32::try_from(out.len()).unwrap();
        let length = u32::try_from(directory.len()).unwrap();
        out.extend(directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([count, count].concat());
        out.extend(length.to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0, 0]);
        out
    }

    fn body(self, text: &[u8]) -> Vec<u8> {
        if !self.deflated {
            return text.to_vec();
        }
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// What a member and its entry share, and the name.
    fn fields(self, sum: u32, sizes: [u64; 2], name: &str) -> Vec<u8> {
        let mut fields = vec![45, 0];
        fields.extend(if self.streamed { [8, 0] } else { [0, 0] });
        fields.extend(if self.deflated { [8, 0] } else { [0, 0] });
        fields.extend([0; 4]);
        fields.extend(sum.to_le_bytes());
        for size in sizes {
            let size = u32::try_from(size).unwrap();
            let shown = if self.large { u32::MAX } else { size };
            fields.extend(shown.to_le_bytes());
        }
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([if self.large { 20 } else { 0 }, 0]);
        fields.extend(name.bytes());
        fields
    }

    fn extra(self, [packed, size]: [u64; 2]) -> Vec<u8> {
        let mut extra = vec![1, 0, 16, 0];
        extra.extend(size.to_le_bytes());
        extra.extend(packed.to_le_bytes());
        if self.large { extra } else { Vec::new() }
    }

    fn number(self, size: u64) -> Vec<u8> {
        let width = if self.large { 8 } else { 4 };
        size.to_le_bytes()[..width].to_vec()
    }
}
