//! What was in use over time, as few points that draw the same picture.

use crate::bytes::Bytes;
use crate::evidence::Point;
use crate::snapshot::{Action, Snapshot};

/// So many points are enough for any picture.
const POINTS: u64 = 512;

/// The course of the memory in use on a device, its highest value in each part of the events: a program that waits for seconds and
/// then fills a GPU in one of them is seen filling it. The end is known (`last`), so that the start follows, even where the record
/// does not reach back to it.
pub(super) fn course(
    snapshot: &Snapshot,
    device: usize,
    until: Option<usize>,
    last: u64,
) -> Vec<Point> {
    let Some(trace) = snapshot.traces.get(device) else {
        return Vec::new();
    };
    let count = until.unwrap_or(trace.len());
    let rows = trace.first(count);
    let changes = || {
        let changes = rows
            .iter()
            .flat_map(|rows| snapshot.events.changes(rows.clone()));
        changes.map(|(action, size, time)| match action {
            Action::Alloc => (time, i128::from(size)),
            Action::FreeCompleted => (time, -i128::from(size)),
            _ => (time, 0),
        })
    };
    let net: i128 = changes().map(|(_, change)| change).sum();
    let start = changes().next().map_or(0, |(time, _)| time);
    let end = changes().next_back().map_or(0, |(time, _)| time);
    let timed = start > 0 && end > start;
    let mut now = i128::from(last) - net;
    let mut points: Vec<Point> = Vec::new();
    // Where the part that is gone through ends, and its highest value so far.
    let (mut until, mut most) = (0, i128::MIN);
    for (position, (time, change)) in (0..).zip(changes()) {
        now += change;
        if position >= until {
            until = part_end(position, as_u64(count));
            most = i128::MIN;
        } else if now <= most {
            continue;
        }
        let point = Point {
            step: if timed {
                time.saturating_sub(start)
            } else {
                position
            },
            bytes: Bytes::exact(u64::try_from(now.max(0)).unwrap_or(u64::MAX)),
            line: 1,
        };
        match points.last_mut().filter(|_| most > i128::MIN) {
            Some(last) => *last = point,
            None => points.push(point),
        }
        most = now.max(0);
    }
    points
}

/// Where the equal part of the record ends in which a position lies.
fn part_end(position: u64, span: u64) -> u64 {
    let (span, points) = (u128::from(span.max(1)), u128::from(POINTS));
    let part = u128::from(position) * points / span;
    u64::try_from(((part + 1) * span).div_ceil(points)).unwrap_or(u64::MAX)
}

fn as_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
