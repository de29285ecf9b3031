//! A small picture of a series, for the terminal.

use std::collections::BTreeSet;

use crate::bytes::human;
use crate::evidence::Point;

/// The widest that a chart is drawn.
const WIDEST: usize = 72;
/// Its lines.
const ROWS: usize = 5;

/// How readings are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The most columns that the picture takes (never more than 72).
    pub width: usize,
    /// The bytes at its top, where they are known; else the highest reading is.
    pub capacity: Option<u64>,
    /// Plain ASCII instead of dots of braille.
    pub ascii: bool,
    /// The points stand for equal parts, whatever their steps, and a line joins them: between two of them nothing changed.
    pub joined: bool,
}

/// Draws readings over their steps in five lines. The first and the last reading are written beside their dots.
pub(super) fn chart(points: &[Point], frame: Frame) -> Vec<String> {
    let Some(scale) = Scale::of(points, frame) else {
        return Vec::new();
    };
    let plot = scale.plot;
    let mut cells = vec![0u8; plot * ROWS];
    for (x, y) in dots(points, &scale, frame.joined) {
        let (column, row, bit) = if frame.ascii {
            (x, y, 1)
        } else {
            (x / 2, y / 4, braille_bit(x % 2, y % 4))
        };
        if let Some(cell) = cells.get_mut(row * plot + column) {
            *cell |= bit;
        }
    }
    let [left, right] = &scale.labels;
    let row_of = |point: &Point| scale.level(point) * ROWS / scale.levels;
    let rows = cells.chunks(plot).enumerate().map(|(row, cells)| {
        let cells = cells.iter().map(|bits| glyph(*bits, frame.ascii));
        let cells: String = cells.collect();
        let beside = |point: Option<&Point>| point.is_some_and(|point| row == row_of(point));
        let before = if beside(points.first()) { left } else { "" };
        let after = if beside(points.last()) { right } else { "" };
        let line = format!("{before:>width$} {cells} {after}", width = left.len());
        line.trim_end_matches([' ', '\u{2800}']).to_owned()
    });
    rows.collect()
}

/// The dots of all points; joined, also those on the way from one to the next.
fn dots(points: &[Point], scale: &Scale, joined: bool) -> Vec<(usize, usize)> {
    if !joined {
        return points.iter().map(|point| scale.dot(point)).collect();
    }
    let mut dots: Vec<(usize, usize)> = Vec::new();
    let last = points.len().saturating_sub(1).max(1);
    for (index, point) in points.iter().enumerate() {
        let x = index * scale.columns.saturating_sub(1) / last;
        let y = scale.level(point);
        let (from, before) = dots.last().copied().unwrap_or((x, y));
        // What was in use stays so until the next event.
        dots.extend((from + 1..x).map(|column| (column, before)));
        join(&mut dots, x, y);
    }
    dots
}

/// One more dot, and in its column all that lie between it and the last one.
fn join(dots: &mut Vec<(usize, usize)>, x: usize, y: usize) {
    let before = dots.last().map_or(y, |(_, before)| *before);
    let between = before.min(y) + 1..before.max(y);
    dots.extend(between.map(|level| (x, level)));
    dots.push((x, y));
}

/// The places of the points that draw the same picture: the first at each of its dots.
pub(super) fn seen(points: &[Point], frame: Frame) -> impl Iterator<Item = usize> {
    let scale = Scale::of(points, frame);
    let mut dots = BTreeSet::new();
    let new = move |point: &Point| {
        let dot = scale.as_ref().map(|scale| scale.dot(point));
        dot.is_some_and(|dot| dots.insert(dot))
    };
    let places = points.iter().map(new).enumerate();
    places.filter(|(_, new)| *new).map(|(at, _)| at)
}

/// From readings to dots.
struct Scale {
    first: u64,
    last: u64,
    top: u64,
    /// The columns of text between the labels.
    plot: usize,
    columns: usize,
    levels: usize,
    /// The first and the last reading.
    labels: [String; 2],
}

impl Scale {
    /// The scale for these points; `None` where there is nothing to draw or no room.
    fn of(points: &[Point], frame: Frame) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let labels = [first, last].map(|point| human(point.bytes.mid()));
        let beside: usize = labels.iter().map(String::len).sum();
        let plot = frame.width.min(WIDEST).saturating_sub(beside + 2);
        let highest = points.iter().map(|p| p.bytes.mid()).max()?;
        let (columns, levels) = if frame.ascii {
            (plot, ROWS)
        } else {
            (plot * 2, ROWS * 4)
        };
        (plot >= 4).then_some(Self {
            first: first.step,
            last: last.step.max(first.step + 1),
            top: frame.capacity.unwrap_or(0).max(highest).max(1),
            plot,
            columns,
            levels,
            labels,
        })
    }

    /// The column from the left and the level from the top.
    fn dot(&self, point: &Point) -> (usize, usize) {
        let steps = self.last - self.first;
        let x = share(
            point.step.saturating_sub(self.first).min(steps),
            steps,
            self.columns,
        );
        (x, self.level(point))
    }

    /// The level from the top.
    fn level(&self, point: &Point) -> usize {
        let y = share(point.bytes.mid().min(self.top), self.top, self.levels);
        self.levels - 1 - y
    }
}

/// Which of `parts` equal parts of `whole` a value lies in.
fn share(value: u64, whole: u64, parts: usize) -> usize {
    let last = u128::try_from(parts.saturating_sub(1)).unwrap_or(0);
    let part = u128::from(value) * last / u128::from(whole.max(1));
    usize::try_from(part).unwrap_or(0)
}

/// The bit of a dot in a braille cell (Unicode 2800: two columns of four).
fn braille_bit(x: usize, y: usize) -> u8 {
    const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
    BITS.get(y).and_then(|row| row.get(x)).copied().unwrap_or(0)
}

fn glyph(bits: u8, ascii: bool) -> char {
    match (bits, ascii) {
        (0, _) => ' ',
        (_, true) => '*',
        (bits, false) => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Bytes, GIB};
    use proptest::prelude::*;

    fn rising() -> Vec<Point> {
        (0..40)
            .map(|n| Point {
                step: n * 10,
                bytes: Bytes::exact((4 + n * 3) * GIB),
                line: n + 1,
            })
            .collect()
    }

    fn frame(width: usize, capacity: Option<u64>, ascii: bool) -> Frame {
        Frame {
            width,
            capacity,
            ascii,
            joined: false,
        }
    }

    #[test]
    fn a_rising_series_is_drawn_in_braille() {
        insta::assert_debug_snapshot!(chart(&rising(), frame(60, Some(140 * GIB), false)), @r#"
[
    "                                                  ⡀⢀ 121 GiB",
    "                                       ⢀ ⡀⠄⠄⠠⠐⠐ ⠁⠁",
    "                            ⡀⡀⠠⠠⠠ ⠂⠂⠁⠈⠈",
    "                ⢀⢀⠠ ⠄⠄⠂⠐⠈⠈ ⠁",
    "4 GiB ⡀⡀⠄⠠⠐⠐ ⠂⠁⠁",
]
"#);
    }

    #[test]
    fn a_rising_series_is_drawn_in_ascii() {
        insta::assert_debug_snapshot!(chart(&rising(), frame(60, Some(140 * GIB), true)), @r#"
[
    "",
    "                                             ***** * 121 GiB",
    "                               **** ******* *",
    "                  ** ******* **",
    "4 GiB ******* ****",
]
"#);
    }

    #[test]
    fn a_joined_course_has_no_gap_where_it_leaps_and_no_part_for_time_in_which_nothing_changed() {
        let leap = |step, gib| Point {
            step,
            bytes: Bytes::exact(gib * GIB),
            line: 1,
        };
        let points = [
            leap(0, 1),
            leap(1, 1),
            leap(900_000, 100),
            leap(900_001, 40),
        ];
        let joined = Frame {
            joined: true,
            ..frame(40, None, false)
        };
        insta::assert_debug_snapshot!(chart(&points, joined), @r#"
[
    "                       ⢸⠉⠉⠉⠉⠉⠉⠉⠉⢱",
    "                       ⢸        ⢸",
    "                       ⢸        ⢸",
    "                       ⢸        ⠈ 40 GiB",
    "1 GiB ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡸",
]
"#);
    }

    #[test]
    fn nothing_is_drawn_of_nothing_or_without_room() {
        assert!(chart(&[], frame(60, None, false)).is_empty());
        assert!(chart(&rising(), frame(10, None, false)).is_empty());
    }

    proptest! {
        #[test]
        fn no_chart_is_wider_than_its_room_or_panics(
            values in prop::collection::vec((any::<u64>(), any::<u64>()), 0..50),
            width in 0usize..100, capacity in prop::option::of(any::<u64>()), ascii: bool, joined: bool,
        ) {
            let points: Vec<Point> = values.iter().map(|(step, bytes)| Point { step: *step, bytes: Bytes::exact(*bytes), line: 1 }).collect();
            let lines = chart(&points, Frame { joined, ..frame(width, capacity, ascii) });
            prop_assert!(lines.len() == ROWS || lines.is_empty());
            prop_assert!(lines.iter().all(|l| l.chars().count() <= width.min(WIDEST)));
        }
    }
}
