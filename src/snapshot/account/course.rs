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
    let span = as_u64(count);
    let mut now = i128::from(last) - net;
    let mut points: Vec<Point> = Vec::new();
    let mut last = None;
    for (position, (time, change)) in changes().enumerate() {
        now += change;
        let at = if timed {
            time.saturating_sub(start)
        } else {
            as_u64(position)
        };
        let bytes = u64::try_from(now.max(0)).unwrap_or(u64::MAX);
        let part = part(as_u64(position), span);
        let bytes = Bytes::exact(bytes);
        match points.last_mut() {
            Some(point) if last == Some(part) => {
                if bytes.low() > point.bytes.low() {
                    *point = Point {
                        step: at,
                        bytes,
                        line: 1,
                    };
                }
            }
            _ => {
                last = Some(part);
                points.push(Point {
                    step: at,
                    bytes,
                    line: 1,
                });
            }
        }
    }
    points
}

/// Which of the equal parts of the time a moment lies in.
fn part(at: u64, span: u64) -> u64 {
    let span = span.max(1);
    // Numbers of 128 bits are divided slowly, and no honest record needs them.
    if let Some(parts) = at.checked_mul(POINTS) {
        return parts / span;
    }
    let part = u128::from(at) * u128::from(POINTS) / u128::from(span);
    u64::try_from(part).unwrap_or(POINTS)
}

fn as_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
