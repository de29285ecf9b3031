//! A line that was looked at by itself, before the lines above it are known: what it says, as far as they have no say in it.

use std::cell::RefCell;
use std::ops::Range;

use memchr::memmem;

use super::marks::Marked;
use super::pattern::Pattern;
use super::reading::{Reading, Readings};
use super::shapes::Shapes;
use super::steps::Steps;
use super::{phase, programs};
use crate::text::Line;

/// A line and what it says by itself.
#[derive(Debug)]
pub(crate) struct Alone {
    pub(super) line: Line,
    pub(super) marked: Marked,
    pub(super) said: Said,
}

/// What a line says by itself.
#[derive(Debug)]
pub(super) enum Said {
    /// Nothing, as long as no table is being read.
    Nothing,
    /// These readings.
    Readings(Box<Kept>),
    /// That depends on the lines above it.
    Open,
}

/// What introduces a reading.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Label {
    /// This part of the line.
    Part(Range<usize>),
    /// Words of its format's own.
    Own(Box<str>),
}

/// What a line says of its readings, kept without the line's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) list: Vec<(Reading<'static>, Label)>,
    pub(super) steps: Steps,
    pub(super) evaluation: bool,
}

impl Alone {
    /// Looks at a line, by the user's own patterns first.
    pub(crate) fn of(line: Line, own: &[Pattern]) -> Self {
        let mut readings = Readings::default();
        for pattern in own {
            pattern.read(&line.text, &mut readings);
        }
        let marked = Marked::of(&line.text);
        let said = match programs::read_alone(&line.text, marked, &mut readings) {
            None => Said::Open,
            Some(_) if readings.is_empty() => Said::Nothing,
            Some(_) => Said::Readings(Box::new(Kept {
                list: readings
                    .iter()
                    .map(|reading| (reading.unlabelled(), Label::of(reading.label, &line.text)))
                    .collect(),
                steps: readings.counted(&line.text),
                evaluation: phase::evaluates(&line.text),
            })),
        };
        Self { line, marked, said }
    }
}

thread_local! {
    /// The shapes of the lines that this thread looked at.
    static SHAPES: RefCell<Shapes> = RefCell::default();
}

impl Alone {
    /// What a raw line says that is like earlier ones but for its digits; `None` for any other.
    pub(crate) fn known(number: u64, raw: &[u8]) -> Option<Self> {
        SHAPES.with_borrow_mut(|shapes| {
            let (text, reads) = shapes.read(raw)?;
            let line = Line {
                number,
                text: text.to_owned(),
                rank: reads.rank,
                lane: reads.lane.clone(),
                ..Line::default()
            };
            Some(Self {
                line,
                marked: Marked::default(),
                said: Said::Readings(Box::new(reads.kept.clone())),
            })
        })
    }
}

impl Label {
    fn of(label: &str, text: &str) -> Self {
        match memmem::find(text.as_bytes(), label.as_bytes()) {
            Some(at) => Self::Part(at..at + label.len()),
            None => Self::Own(label.into()),
        }
    }
}

impl Kept {
    /// The readings, in the order of the line, of which this is the text.
    pub(super) fn iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Reading<'a>> {
        self.list.iter().map(|(reading, label)| Reading {
            label: match label {
                Label::Part(range) => text.get(range.clone()).unwrap_or(""),
                Label::Own(words) => words,
            },
            ..*reading
        })
    }
}
