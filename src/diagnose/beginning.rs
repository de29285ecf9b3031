//! Whether an input is a text or a memory snapshot, by its first bytes.

use crate::snapshot::{self, ENOUGH};

/// What is known of an input's kind.
pub(super) enum Beginning {
    /// Not enough: these are all bytes so far.
    Open(Vec<u8>),
    /// A text.
    Text,
    /// A snapshot, and its reader.
    Snapshot(Box<snapshot::Reader>),
}

impl Default for Beginning {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

impl Beginning {
    /// Takes the next bytes; gives back those that are text.
    pub(super) fn push<'a>(&mut self, chunk: &'a [u8]) -> Vec<std::borrow::Cow<'a, [u8]>> {
        match self {
            Self::Text => vec![chunk.into()],
            Self::Snapshot(reader) => {
                reader.push(chunk);
                Vec::new()
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
                if let Self::Snapshot(reader) = self {
                    reader.push(&first);
                    reader.push(chunk);
                    return Vec::new();
                }
                vec![first.into(), chunk.into()]
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
        if let Self::Snapshot(reader) = self {
            reader.push(&first);
            return None;
        }
        Some(first)
    }

    fn decide(&mut self, head: &[u8]) {
        *self = match snapshot::form(head) {
            Some(form) => Self::Snapshot(Box::new(snapshot::Reader::new(form))),
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
