//! How inputs are packed: known by their first bytes and not by a name.

/// How a stream is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// tukaani.org, "The .xz File Format", version 1.2.1.
    Xz,
    /// As `bzip2` writes it.
    Bzip2,
}

impl Packing {
    /// What the first bytes of a stream say.
    pub(super) fn of(first: &[u8]) -> Option<Self> {
        match first {
            // Two bytes of mark, and the only method that there is (RFC 1952, section 2.3.1).
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A frame, or one to skip (RFC 8878, sections 3.1.1 and 3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // The size of the blocks, then the mark of a block or of the end (bzip2 1.0.8, compress.c).
            [b'B', b'Z', b'h', b'1'..=b'9', mark @ ..]
                if mark.starts_with(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
                    || mark.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90]) =>
            {
                Some(Self::Bzip2)
            }
            _ => None,
        }
    }

    /// What it is, where nothing can unpack it.
    #[cfg(not(feature = "archives"))]
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Gzip => "packed with gzip",
            Self::Zstd => "packed with zstd",
            Self::Xz => "packed with xz",
            Self::Bzip2 => "packed with bzip2",
        }
    }
}
