//! A small picture of a series, for the terminal.

use crate::bytes::human;
use crate::evidence::Point;

/// The widest that a chart is drawn.
const WIDEST: usize = 72;
/// Its lines.
const ROWS: usize = 5;

/// Draws readings over their steps in five lines of at most `width` columns (never more than 72): dots of braille, or plain
/// ASCII. The first and the last reading are written beside their dots; `capacity` is the top, where it is known.
pub(super) fn chart(
    points: &[Point],
    width: usize,
    capacity: Option<u64>,
    ascii: bool,
) -> Vec<String> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let (left, right) = (human(first.bytes.mid()), human(last.bytes.mid()));
    let room = width.min(WIDEST);
    let plot = room.saturating_sub(left.len() + right.len() + 2);
    if plot < 4 {
        return Vec::new();
    }
    let highest = points.iter().map(|p| p.bytes.mid()).max().unwrap_or(0);
    let scale = Scale {
        first: first.step,
        last: last.step.max(first.step + 1),
        top: capacity.unwrap_or(0).max(highest).max(1),
        columns: if ascii { plot } else { plot * 2 },
        levels: if ascii { ROWS } else { ROWS * 4 },
    };
    let mut cells = vec![0u8; plot * ROWS];
    for point in points {
        let (x, y) = scale.dot(point);
        let (column, row, bit) = if ascii {
            (x, y, 1)
        } else {
            (x / 2, y / 4, braille_bit(x % 2, y % 4))
        };
        if let Some(cell) = cells.get_mut(row * plot + column) {
            *cell |= bit;
        }
    }
    let row_of = |point: &Point| scale.dot(point).1 * ROWS / scale.levels;
    let rows = cells.chunks(plot).enumerate().map(|(row, cells)| {
        let cells = cells.iter().map(|bits| glyph(*bits, ascii));
        let cells: String = cells.collect();
        let before = if row == row_of(first) {
            left.as_str()
        } else {
            ""
        };
        let after = if row == row_of(last) {
            right.as_str()
        } else {
            ""
        };
        let line = format!("{before:>width$} {cells} {after}", width = left.len());
        line.trim_end_matches([' ', '\u{2800}']).to_owned()
    });
    rows.collect()
}

/// From readings to dots.
struct Scale {
    first: u64,
    last: u64,
    top: u64,
    columns: usize,
    levels: usize,
}

impl Scale {
    /// The column from the left and the level from the top.
    fn dot(&self, point: &Point) -> (usize, usize) {
        let steps = self.last - self.first;
        let x = share(
            point.step.saturating_sub(self.first).min(steps),
            steps,
            self.columns,
        );
        let y = share(point.bytes.mid().min(self.top), self.top, self.levels);
        (x, self.levels - 1 - y)
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

    #[test]
    fn a_rising_series_is_drawn_in_braille() {
        insta::assert_debug_snapshot!(chart(&rising(), 60, Some(140 * GIB), false), @r#"
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
        insta::assert_debug_snapshot!(chart(&rising(), 60, Some(140 * GIB), true), @r#"
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
    fn nothing_is_drawn_of_nothing_or_without_room() {
        assert!(chart(&[], 60, None, false).is_empty());
        assert!(chart(&rising(), 10, None, false).is_empty());
    }

    proptest! {
        #[test]
        fn no_chart_is_wider_than_its_room_or_panics(
            values in prop::collection::vec((any::<u64>(), any::<u64>()), 0..50),
            width in 0usize..100, capacity in prop::option::of(any::<u64>()), ascii: bool,
        ) {
            let points: Vec<Point> = values.iter().map(|(step, bytes)| Point { step: *step, bytes: Bytes::exact(*bytes), line: 1 }).collect();
            let lines = chart(&points, width, capacity, ascii);
            prop_assert!(lines.len() == ROWS || lines.is_empty());
            prop_assert!(lines.iter().all(|l| l.chars().count() <= width.min(WIDEST)));
        }
    }
}
