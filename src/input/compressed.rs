//! Packed streams are unpacked: gzip, zstd, xz and bzip2.

use std::io::{self, BufRead, ErrorKind, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::limits::{Budget, MEMORY};
use super::packing::Packing;

impl Packing {
    /// Unpacks a stream to its end: all members of it, frames and streams that follow one another.
    pub(super) fn unpack<'a>(
        self,
        input: impl BufRead + 'a,
        budget: &'a Budget,
    ) -> Box<dyn Read + 'a> {
        let unpacked: Box<dyn Read + 'a> = match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(input)),
            Self::Zstd => Box::new(Frames::new(input)),
            Self::Xz => {
                // Beside the dictionary it counts what it reads at once, 104 KiB.
                let kibibytes = u32::try_from((MEMORY >> 10) + 104).unwrap_or(u32::MAX);
                Box::new(XzReader::new_mem_limit(input, true, kibibytes))
            }
            Self::Bzip2 => Box::new(MultiBzDecoder::new(input)),
        };
        Box::new(Metered { unpacked, budget })
    }
}

/// Takes all that comes out from the budget.
struct Metered<'a> {
    unpacked: Box<dyn Read + 'a>,
    budget: &'a Budget,
}

impl Read for Metered<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let read = self.unpacked.read(out).map_err(|error| match error.kind() {
            ErrorKind::OutOfMemory => too_much(),
            _ => error,
        });
        let count = read?;
        self.budget.unpack(count)?;
        Ok(count)
    }
}

fn too_much() -> io::Error {
    let most = crate::bytes::human(MEMORY);
    let words = format!("unpacking it takes more memory than {most}, the most that is used for it");
    io::Error::new(ErrorKind::OutOfMemory, words)
}

/// The frames of a zstd stream, one after the other. Those to skip are skipped.
struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    inside: bool,
    /// What is wrong with the frame, to be told when all that was unpacked of it is handed over.
    failed: Option<io::Error>,
}

impl<R: BufRead> Frames<R> {
    fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MEMORY);
        Self {
            input,
            decoder,
            inside: false,
            failed: None,
        }
    }

    /// Begins the next frame, or skips one; false at the end of the input.
    fn begin(&mut self) -> io::Result<bool> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.decoder.reset(&mut self.input) {
            Ok(()) => self.inside = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let length = u64::from(length);
                let mut frame = self.input.by_ref().take(length);
                if io::copy(&mut frame, &mut io::sink())? < length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(too_much()),
            Err(FrameDecoderError::DictNotProvided { .. }) => {
                return Err(io::Error::other(
                    "it was packed with a dictionary of its own",
                ));
            }
            Err(error) => return Err(plain(&error)),
        }
        Ok(true)
    }

    /// Closes a frame that is read.
    fn end(&mut self) -> io::Result<()> {
        self.inside = false;
        match self.decoder.get_checksum_from_data() {
            Some(sum) if self.decoder.get_calculated_checksum() != Some(sum) => {
                Err(io::Error::other("its checksum does not fit"))
            }
            _ => Ok(()),
        }
    }
}

/// An error in the words of the system where it came from there.
fn plain(error: &FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(of_input) = inner.downcast_ref::<io::Error>() {
            return io::Error::new(of_input.kind(), of_input.to_string());
        }
        cause = inner.source();
    }
    io::Error::new(ErrorKind::InvalidData, "it is damaged")
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside && !self.begin()? {
                return Ok(0);
            }
            if !self.inside {
                continue;
            }
            let waits = self.decoder.can_collect() == 0 && !self.decoder.is_finished();
            if waits && self.failed.is_none() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                if let Err(error) = self.decoder.decode_blocks(&mut self.input, one) {
                    self.failed = Some(plain(&error));
                    // The decoder holds back what later blocks may refer to, megabytes of it, until a last block has come:
                    // an empty one (RFC 8878, section 3.1.1.2).
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    let _ = self.decoder.decode_blocks(&[1u8, 0, 0][..], one);
                }
            }
            match self.decoder.read(out)? {
                0 if self.failed.is_some() => return self.failed.take().map_or(Ok(0), Err),
                0 if !self.decoder.is_finished() => {}
                0 => self.end()?,
                count => return Ok(count),
            }
        }
    }
}
