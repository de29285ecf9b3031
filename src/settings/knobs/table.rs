//! All names, for a look-up that costs little where a word is none: most words of a log are none.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::super::names::NAMES;
use super::{KNOBS, Knob};

/// The rows that a name stands in.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) general: Vec<&'static Knob>,
    pub(super) training: Vec<&'static Knob>,
}

/// All rows by their names: a line has many words, and few of them are names.
pub(super) struct Table {
    /// For each first letter, a bit for each length that a name which begins with it has.
    lengths: [u64; 26],
    rows: HashMap<&'static str, Rows>,
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        lengths: [0; 26],
        rows: HashMap::new(),
    };
    for knob in NAMES {
        table.add(knob, |rows| &mut rows.general);
    }
    for knob in KNOBS {
        table.add(knob, |rows| &mut rows.training);
    }
    table
});

/// No name is longer.
const LONGEST: usize = 64;

impl Table {
    fn add(&mut self, knob: &'static Knob, of: impl Fn(&mut Rows) -> &mut Vec<&'static Knob>) {
        for name in knob.names.split_ascii_whitespace() {
            if let Some(lengths) = first_letter(name).and_then(|at| self.lengths.get_mut(at)) {
                *lengths |= 1 << (name.len() % LONGEST);
            }
            of(self.rows.entry(name).or_default()).push(knob);
        }
    }

    /// The rows of a name as it is written.
    pub(super) fn rows(&self, written: &str) -> Option<&Rows> {
        // Names that begin with a sign are few, and so are words that do.
        let lengths = first_letter(written).and_then(|at| self.lengths.get(at));
        if lengths.is_some_and(|lengths| lengths >> (written.len() % LONGEST) & 1 == 0) {
            return None;
        }
        let mut room = [0; LONGEST];
        self.rows.get(as_listed(written, &mut room)?)
    }
}

/// Which letter of the alphabet a word begins with.
fn first_letter(word: &str) -> Option<usize> {
    let first = word.bytes().next()?.to_ascii_lowercase();
    first
        .is_ascii_lowercase()
        .then(|| usize::from(first - b'a'))
}

/// A name as the tables have it: in lower case, with underscores.
fn as_listed<'a>(written: &str, room: &'a mut [u8; LONGEST]) -> Option<&'a str> {
    let listed = room.get_mut(..written.len())?;
    for (to, from) in listed.iter_mut().zip(written.bytes()) {
        *to = if from == b'-' {
            b'_'
        } else {
            from.to_ascii_lowercase()
        };
    }
    std::str::from_utf8(listed).ok()
}
