//! Pictures in a page: bars of one scale, and a course over steps.

use std::fmt::Write as _;

use super::markup::text;
use crate::bytes::human;
use crate::evidence::Point;

/// A bar of a table: `part` of `whole`, coloured as the problem or not. The figure stands beside it, so it is for the eye
/// only.
pub(super) fn bar(part: u64, whole: u64, problem: bool) -> String {
    let class = if problem { "problem" } else { "part" };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"{class}\" width=\"{}\" height=\"10\"/></svg>",
        thousandths(part, whole)
    )
}

/// Something that is there shows, however small; the whole is never passed.
fn thousandths(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 1000 / u128::from(whole.max(1));
    let share = u64::try_from(share).unwrap_or(1000).min(1000);
    if part > 0 { share.max(4) } else { share }
}

/// The size of a course, and the part of it that is drawn in: the rest is for the figures.
const WIDE: u64 = 760;
const HIGH: u64 = 200;
const LEFT: u64 = 90;
const TOP: u64 = 16;
const BASE: u64 = 172;

/// From readings to the points of a picture.
struct Scale {
    first: u64,
    steps: u64,
    top: u64,
}

impl Scale {
    fn x(&self, step: u64) -> u64 {
        let along = step.saturating_sub(self.first).min(self.steps);
        LEFT + share(along, self.steps, WIDE - LEFT - 12)
    }

    fn y(&self, bytes: u64) -> u64 {
        BASE - share(bytes.min(self.top), self.top, BASE - TOP)
    }
}

fn share(part: u64, whole: u64, of: u64) -> u64 {
    let share = u128::from(part) * u128::from(of) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(of)
}

/// Readings over their steps, with the size of the device as a line where it is known. `along` says what the steps are, and `named`
/// how one of them is written.
pub(super) fn course(
    points: &[Point],
    capacity: Option<u64>,
    along: &str,
    named: impl Fn(u64) -> String,
) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let highest = points.iter().map(|p| p.bytes.mid()).max().unwrap_or(0);
    let scale = Scale {
        first: first.step,
        steps: last.step.saturating_sub(first.step).max(1),
        top: capacity.unwrap_or(0).max(highest).max(1),
    };
    let mut line = String::new();
    for point in points {
        let _ = write!(
            line,
            "{},{} ",
            scale.x(point.step),
            scale.y(point.bytes.mid())
        );
    }
    let (from, to) = (scale.x(first.step), scale.x(last.step));
    let words = format!(
        "{along}: from {} to {}, at most {}",
        human(first.bytes.mid()),
        human(last.bytes.mid()),
        human(highest)
    );
    let mut svg = format!(
        "<svg class=\"course\" viewBox=\"0 0 {WIDE} {HIGH}\" role=\"img\" aria-label=\"{}\">\n\
         <line class=\"axis\" x1=\"{LEFT}\" y1=\"{BASE}\" x2=\"{WIDE}\" y2=\"{BASE}\"/>\n\
         <polygon class=\"under\" points=\"{from},{BASE} {line}{to},{BASE}\"/>\n\
         <polyline class=\"drawn\" points=\"{}\"/>\n",
        text(&words),
        line.trim_end(),
    );
    if let Some(capacity) = capacity {
        let y = scale.y(capacity);
        let _ = writeln!(
            svg,
            "<line class=\"top\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{WIDE}\" y2=\"{y}\"/>"
        );
    }
    svg += &labels(
        &scale,
        capacity.map_or(highest, |c| c.max(highest)),
        [named(first.step), named(last.step)],
    );
    svg + "</svg>\n"
}

/// The figures at the axes: the top and zero, the first and the last step.
fn labels(scale: &Scale, top: u64, [first, last]: [String; 2]) -> String {
    let beside = LEFT - 8;
    let y = scale.y(top) + 4;
    format!(
        "<text x=\"{beside}\" y=\"{y}\" text-anchor=\"end\">{4}</text>\n\
         <text x=\"{beside}\" y=\"{BASE}\" text-anchor=\"end\">0</text>\n\
         <text x=\"{LEFT}\" y=\"{0}\">{1}</text>\n\
         <text x=\"{2}\" y=\"{0}\" text-anchor=\"end\">{3}</text>\n",
        BASE + 18,
        text(&first),
        WIDE - 12,
        text(&last),
        human(top)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Bytes, GIB};
    use proptest::prelude::*;

    #[test]
    fn a_sliver_shows_and_a_whole_ends_at_its_end() {
        assert_eq!(thousandths(0, 100), 0);
        assert_eq!(thousandths(1, u64::MAX), 4);
        assert_eq!(thousandths(u64::MAX, 1), 1000);
    }

    #[test]
    fn a_course_starts_left_and_ends_right_below_the_size_of_the_device() {
        let point = |step, gib| Point {
            step,
            bytes: Bytes::exact(gib * GIB),
            line: step,
        };
        let points = [point(10, 10), point(20, 20), point(30, 40)];
        let drawn = course(&points, Some(80 * GIB), "step 10 to 30", |step| {
            format!("{step} s")
        });
        assert!(
            drawn.contains("points=\"90,153 419,133 748,94\""),
            "{drawn}"
        );
        assert!(
            drawn.contains("class=\"top\" x1=\"90\" y1=\"16\""),
            "{drawn}"
        );
        for label in [">80 GiB</text>", ">10 s</text>", ">30 s</text>"] {
            assert!(drawn.contains(label), "{label}: {drawn}");
        }
    }

    proptest! {
        #[test]
        fn every_point_lies_in_the_picture(
            values in prop::collection::vec((any::<u64>(), any::<u64>()), 1..40), capacity in prop::option::of(any::<u64>()),
        ) {
            let points: Vec<Point> = values.iter().map(|(step, bytes)| Point { step: *step, bytes: Bytes::exact(*bytes), line: 1 }).collect();
            let drawn = course(&points, capacity, "step", |step| step.to_string());
            let line = drawn.split("class=\"drawn\" points=\"").nth(1).unwrap().split('"').next().unwrap();
            for pair in line.split(' ') {
                let (x, y) = pair.split_once(',').unwrap();
                let (x, y): (u64, u64) = (x.parse().unwrap(), y.parse().unwrap());
                prop_assert!((LEFT..=WIDE).contains(&x) && (TOP..=BASE).contains(&y), "{pair}");
            }
        }
    }
}
