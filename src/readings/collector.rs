//! Readings to series: one for each counter, label, rank and device, cut where the program started anew.

use std::mem;

use super::card::Cards;
use super::marks::Marked;
use super::one_line::{Alone, Said};
use super::pattern::Pattern;
use super::reading::{Reading, Readings};
use super::shapes::Shapes;
use super::steps::Steps;
use super::tables::Tables;
use super::thinning::{Raw, Thinned};
use super::{phase, programs};
use crate::evidence::{Card, Counter, Point, Series, Trend};
use crate::text::{Line, same_name};

/// The most series that are followed at once.
const MOST: usize = 256;
/// The most places that are remembered at which a step went back.
const MOST_BREAKS: usize = 256;

/// Collects readings from the lines of a log, in order, and makes series of them.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    source: String,
    tables: Tables,
    cards: Cards,
    shapes: Shapes,
    groups: Vec<Group>,
    /// The group that took the last reading: the next one's is mostly the next.
    last: usize,
}

/// Whose line it is, and which.
struct Writer<'a> {
    line: u64,
    rank: Option<u32>,
    lane: &'a str,
}

impl<'a> Writer<'a> {
    fn of(line: &'a Line) -> Self {
        Self {
            line: line.number,
            rank: line.rank,
            lane: &line.lane,
        }
    }
}

/// The readings of one series.
#[derive(Debug)]
struct Group {
    counter: Counter,
    label: String,
    evaluation: bool,
    rank: Option<u32>,
    device: Option<u32>,
    lane: String,
    running: bool,
    step_name: &'static str,
    /// False from the first reading on that names no step.
    stepped: bool,
    count: u64,
    most: u64,
    last: Last,
    /// What is added to the printed step so that steps never go back.
    offset: u64,
    breaks: Vec<Break>,
    /// How often the step went back without an epoch that went on.
    back: u64,
    points: Thinned,
}

/// The reading before.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    step: u64,
    outer: Option<u64>,
    level: u64,
    first_step: u64,
}

/// A place at which the printed step went back.
#[derive(Clone, Copy, Debug)]
struct Break {
    ordinal: u64,
    offset: u64,
    before: Last,
    step: u64,
    level: u64,
}

impl Break {
    /// True where the memory went back too: a new process starts low, a new epoch of the same one does not.
    fn fell(&self) -> bool {
        self.level / 4 < self.before.level / 5
    }
}

impl Collector {
    /// A collector for one input.
    pub(crate) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            ..Self::default()
        }
    }

    /// Reads one line, by the user's own patterns first; one without a reading is passed over.
    pub(crate) fn push_with(&mut self, line: &Line, own: &[Pattern]) {
        let mut readings = Readings::default();
        for pattern in own {
            pattern.read(&line.text, &mut readings);
        }
        let marked = Marked::of(&line.text);
        if marked.card() {
            self.cards.read(line);
        }
        programs::read(&line.text, marked, &mut self.tables, &mut readings);
        if let Some((device, total)) = self.tables.card.take() {
            self.cards.add(Card {
                device,
                total,
                line: line.number,
            });
        }
        if readings.is_empty() {
            return;
        }
        let steps = readings.counted(&line.text);
        let evaluation = phase::evaluates(&line.text);
        let writer = Writer::of(line);
        for reading in readings.iter() {
            self.take(&writer, reading, &steps, evaluation);
        }
    }

    /// Reads a raw line that is like earlier ones but for its digits; false for any other, which is not read.
    pub(crate) fn push_known(&mut self, number: u64, raw: &[u8]) -> bool {
        let mut shapes = mem::take(&mut self.shapes);
        let known = shapes.read(raw);
        if let Some((text, reads)) = known {
            let writer = Writer {
                line: number,
                rank: reads.rank,
                lane: &reads.lane,
            };
            for reading in reads.kept.iter(text) {
                self.take(&writer, &reading, &reads.kept.steps, reads.kept.evaluation);
            }
        }
        let known = known.is_some();
        self.shapes = shapes;
        known
    }

    /// Takes a line that was looked at by itself, with the patterns that it was looked at with.
    pub(crate) fn push_alone(&mut self, alone: &Alone, own: &[Pattern]) {
        let line = &alone.line;
        match &alone.said {
            Said::Open => self.push_with(line, own),
            Said::Nothing if !self.tables.are_quiet() => self.push_with(line, own),
            said => {
                if alone.marked.card() {
                    self.cards.read(line);
                }
                if let Said::Readings(kept) = said {
                    let writer = Writer::of(line);
                    for reading in kept.iter(&line.text) {
                        self.take(&writer, &reading, &kept.steps, kept.evaluation);
                    }
                }
            }
        }
    }

    fn take(
        &mut self,
        writer: &Writer<'_>,
        reading: &Reading<'_>,
        steps: &Steps,
        evaluation: bool,
    ) {
        let device = reading.device.or(steps.device);
        if let Some(at) = self.group(writer, reading, device, evaluation) {
            self.last = at;
            if let Some(group) = self.groups.get_mut(at) {
                group.push(reading, steps, writer.line);
            }
        }
    }

    /// The index of the group that a reading belongs to, made where there is none yet.
    fn group(
        &mut self,
        writer: &Writer<'_>,
        reading: &Reading<'_>,
        device: Option<u32>,
        evaluation: bool,
    ) -> Option<usize> {
        let fits = |g: &Group| {
            g.counter == reading.counter
                && g.label == reading.label
                && (g.rank, g.device, g.evaluation) == (writer.rank, device, evaluation)
                && same_name(&g.lane, writer.lane)
        };
        let n = self.groups.len();
        let near = (0..n.min(3)).map(|ahead| (self.last + ahead) % n);
        let found = near
            .chain(0..n)
            .find(|at| self.groups.get(*at).is_some_and(fits));
        if found.is_some() {
            return found;
        }
        if n >= MOST {
            // Chance finds in prose give one reading each; room for a series is worth more.
            self.groups.retain(|g| g.count > 1);
        }
        if self.groups.len() >= MOST {
            return None;
        }
        self.groups.push(Group {
            counter: reading.counter,
            label: reading.label.to_owned(),
            evaluation,
            rank: writer.rank,
            device,
            lane: writer.lane.to_owned(),
            running: reading.running,
            step_name: "reading",
            stepped: true,
            count: 0,
            most: 0,
            last: Last::default(),
            offset: 0,
            breaks: Vec::new(),
            back: 0,
            points: Thinned::default(),
        });
        Some(self.groups.len() - 1)
    }

    /// The series that the readings so far make; their courses are left for [`judge`](super::judge).
    pub(crate) fn series(&self) -> Vec<Series> {
        let groups = self.groups.iter();
        groups.flat_map(|g| g.finish(&self.source)).collect()
    }

    /// The cards whose size the readings so far tell.
    pub(crate) fn cards(&self) -> Vec<Card> {
        self.cards.0.clone()
    }
}

impl Group {
    fn push(&mut self, reading: &Reading<'_>, steps: &Steps, line: u64) {
        let level = reading.bytes.mid();
        let fell = reading.bytes.high() < self.most;
        self.most = self.most.max(reading.bytes.low());
        let back = steps
            .step
            .is_some_and(|s| self.count > 0 && self.stepped && s < self.last.step);
        let mut first_step = self.last.first_step;
        if let Some(step) = steps.step.filter(|_| back) {
            let on = steps
                .total
                .filter(|t| *t > self.last.step)
                .unwrap_or(self.last.step);
            self.offset = self.offset.saturating_add(on);
            if steps.outer <= self.last.outer {
                self.back += 1;
                self.remember(step, level);
                // A new process has a peak of its own.
                self.most = reading.bytes.low();
            } else {
                self.running &= !fell;
            }
            first_step = step;
        } else {
            self.running &= !fell;
        }
        match steps.step {
            Some(_) if self.count == 0 => self.step_name = steps.name,
            None => self.stepped = false,
            _ => {}
        }
        let step = steps.step.unwrap_or(0);
        if self.count == 0 {
            first_step = step;
        }
        self.points.push(Raw {
            step: step.saturating_add(self.offset),
            ordinal: self.count,
            bytes: reading.bytes,
            line,
        });
        self.last = Last {
            step,
            outer: steps.outer,
            level,
            first_step,
        };
        self.count += 1;
    }

    fn remember(&mut self, step: u64, level: u64) {
        if self.breaks.len() < MOST_BREAKS {
            self.breaks.push(Break {
                ordinal: self.count,
                offset: self.offset,
                before: self.last,
                step,
                level,
            });
        }
    }

    /// Where a new process began: at each break at which the memory fell too, unless all of them lie at the same steps, as
    /// those of an epoch do.
    fn restarts(&self) -> Vec<Break> {
        let fallen: Vec<Break> = self.breaks.iter().filter(|b| b.fell()).copied().collect();
        let alike =
            |w: &[Break]| matches!(w, [a, b] if a.before.step == b.before.step && a.step == b.step);
        if fallen.len() > 1 && fallen.windows(2).all(alike) {
            return Vec::new();
        }
        fallen
    }

    fn finish(&self, source: &str) -> Vec<Series> {
        // Steps that go back all the time count something else.
        let wild = self.back > 16.max(self.count / 4);
        let stepped = self.stepped && !wild;
        let restarts = if stepped { self.restarts() } else { Vec::new() };
        let raw = self.points.clone().finish();
        let mut series = Vec::new();
        let mut begin = (0, 0);
        let ends = restarts.iter().map(|b| (b.ordinal, b.offset));
        for (end, offset) in ends.chain([(self.count, 0)]) {
            let part = raw.iter().filter(|r| (begin.0..end).contains(&r.ordinal));
            let ordered = part
                .clone()
                .any(|r| part.clone().next().is_some_and(|f| f.step != r.step));
            let points: Vec<Point> = part
                .map(|r| Point {
                    step: if stepped && ordered {
                        r.step.saturating_sub(begin.1)
                    } else {
                        r.ordinal
                    },
                    bytes: r.bytes,
                    line: r.line,
                })
                .collect();
            if points.len() > 1 {
                let name = if stepped && ordered {
                    self.step_name
                } else {
                    "reading"
                };
                series.push(self.series(source, points, end - begin.0, name));
            }
            begin = (end, offset);
        }
        series
    }

    fn series(&self, source: &str, points: Vec<Point>, count: u64, step_name: &str) -> Series {
        let peak = matches!(self.counter, Counter::PeakAllocated | Counter::PeakReserved);
        let label = if self.evaluation {
            format!("{} (evaluation)", self.label)
        } else {
            self.label.clone()
        };
        Series {
            source: source.to_owned(),
            counter: self.counter,
            running_peak: self.running && peak,
            label,
            step_name: step_name.to_owned(),
            rank: self.rank,
            device: self.device,
            count,
            points,
            trend: Trend::default(),
        }
    }
}
