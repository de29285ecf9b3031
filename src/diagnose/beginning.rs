//! Whether an input is a text, a memory snapshot or a census, by its first bytes.

use std::borrow::Cow;

use crate::inside;
use crate::snapshot::{self, ENOUGH};

/// What is known of an input's kind.
pub(super) enum Beginning {
    /// Not enough: these are all bytes so far.
    Open(Vec<u8>),
    /// A text.
    Text,
    /// A snapshot, and its reader.
    Snapshot(Box<snapshot::Reader>),
    /// A census, and its bytes so far.
    Census(inside::Bytes),
}

impl Default for Beginning {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

impl Beginning {
    /// Takes the next bytes; gives back those that are text.
    pub(super) fn push<'a>(&mut self, chunk: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
        match self {
            Self::Text | Self::Snapshot(_) | Self::Census(_) => {
                self.take(chunk.into()).into_iter().collect()
            }
            Self::Open(first) => {
                let may = first
                    .first()
                    .or(chunk.first())
                    .copied()
                    .is_none_or(may_begin);
                if may && first.len() + chunk.len() < ENOUGH {
                    first.extend_from_slice(chunk);
                    return Vec::new();
                }
                let first = std::mem::take(first);
                // All of the first bytes decide, however they are cut.
                let missing = ENOUGH.saturating_sub(first.len());
                let some = chunk.get(..missing).unwrap_or(chunk);
                let head = [first.as_slice(), some].concat();
                self.decide(&head);
                let mut texts = Vec::new();
                for bytes in [first.into(), chunk.into()] {
                    texts.extend(self.take(bytes));
                }
                texts
            }
        }
    }

    /// Decides by what there is, since no more is to be waited for; gives back what is text.
    pub(super) fn settle(&mut self) -> Option<Vec<u8>> {
        let Self::Open(first) = self else { return None };
        if first.is_empty() {
            return None;
        }
        let first = std::mem::take(first);
        self.decide(&first);
        self.take(first.into()).map(Cow::into_owned)
    }

    /// Takes bytes of an input whose kind is known; gives them back where they are text.
    fn take<'a>(&mut self, bytes: Cow<'a, [u8]>) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Snapshot(reader) => reader.push(&bytes),
            Self::Census(known) => known.push(&bytes),
            Self::Text | Self::Open(_) => return Some(bytes),
        }
        None
    }

    fn decide(&mut self, head: &[u8]) {
        *self = match snapshot::form(head) {
            Some(form) => Self::Snapshot(Box::new(snapshot::Reader::new(form))),
            None if inside::begins(head) => Self::Census(inside::Bytes::default()),
            None => Self::Text,
        };
    }
}

/// True for the first bytes of pickles, and for those of JSON and blanks before it.
fn may_begin(byte: u8) -> bool {
    matches!(
        byte,
        0x80 | b'c' | b'(' | b'}' | b']' | b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t'
    )
}
