//! A census as an input, as its chunks come.

use super::{LARGEST, read};
use crate::evidence::Census;

/// The first key of the file, which no log begins with.
const FIRST: &[u8] = b"{\"whyoom_census\":";

/// True for the first bytes of a census.
pub(crate) fn begins(head: &[u8]) -> bool {
    head.starts_with(FIRST)
}

/// The bytes of one census; those behind the largest that there can be are counted and not kept.
#[derive(Default)]
pub(crate) struct Bytes {
    kept: Vec<u8>,
    len: u64,
}

impl Bytes {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.len = self.len.saturating_add(chunk.len() as u64);
        if self.len <= LARGEST {
            self.kept.extend_from_slice(chunk);
        }
    }

    /// How many there were.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The census of each device that failed; why there is none, in words.
    pub(crate) fn read(&self, source: &str) -> Result<Vec<Census>, String> {
        if self.len > LARGEST {
            return Err("no census is so large".to_owned());
        }
        read(source, &self.kept)
    }
}
