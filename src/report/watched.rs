//! The memory before a failure, as it was seen from outside, and which processes came and went.

use super::Look;
use super::live::{level, span};
use super::sanitize::visible;
use super::wrap::{Sheet, cut, plain, styled};
use crate::bytes::human;
use crate::evidence::{AtFailure, Visitor, Watched};
use crate::sorting;

/// So many other processes are named.
const NAMED: usize = 4;
/// What a first or last reading may be off by and still be the start or the end.
const SLACK: u64 = 1500;

/// What was seen of the GPU that a program used; nothing where nothing was. `at` is what was told of the failure before.
pub fn watched(
    watched: &Watched,
    device: Option<u32>,
    at: Option<&AtFailure>,
    look: &Look,
) -> String {
    let at_failure = at.map(|at| at.gpu);
    let gpu = at_failure.or(watched.own_gpu()).or(device).unwrap_or(0);
    let until = watched.failed_at.unwrap_or(u64::MAX);
    let course: Vec<(u64, u64, u64)> = watched
        .samples
        .iter()
        .filter(|s| s.at <= until.saturating_add(SLACK))
        .filter_map(|s| {
            let moment = s.gpus.iter().find(|g| g.index == gpu)?;
            Some((s.at, moment.used, moment.total))
        })
        .collect();
    let (Some(&(start, first, _)), Some(&(end, last, total))) = (course.first(), course.last())
    else {
        return String::new();
    };
    let mut sheet = Sheet::new(look);
    let head = format!("GPU {gpu} while it ran");
    sheet.flow(0, 2, &[styled(head, look.styles.heading)]);
    let cells = look.width.saturating_sub(4).clamp(8, 60);
    let line: String = spread(&course, cells)
        .into_iter()
        .map(|used| level(used, total, look.unicode))
        .collect();
    sheet.fixed(2, &[plain(line)]);
    let peak = course
        .iter()
        .map(|(_, used, _)| *used)
        .max()
        .unwrap_or(last);
    let words = format!(
        "In use: {} at first, {} at the most, of {}; {} readings in {}.",
        human(first),
        human(peak),
        human(total),
        course.len(),
        seconds(end.saturating_sub(start))
    );
    sheet.flow(2, 4, &[plain(words)]);
    let over = watched.samples.last().map_or(end, |s| s.at);
    let told = |pid: u32| at.is_some_and(|at| at.holders.iter().any(|h| h.pid == pid));
    for words in visitors(watched, gpu, (start, over), &told) {
        let words = cut(&visible(&words), 2 * look.width - 8, look.unicode);
        sheet.flow(2, 4, &[plain(words)]);
    }
    sheet.finish().replace('\u{a0}', " ")
}

/// That nothing was seen, and why.
pub fn unwatched(problem: &str, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let words = format!("The GPUs could not be watched: {problem}.");
    sheet.flow(0, 2, &[plain(words)]);
    sheet.finish()
}

/// The course in so many cells of the same time each: the highest reading of each, or the one before it.
fn spread(course: &[(u64, u64, u64)], cells: usize) -> Vec<u64> {
    let (Some(&(start, _, _)), Some(&(end, _, _))) = (course.first(), course.last()) else {
        return Vec::new();
    };
    let cells = u64::try_from(cells.min(course.len())).unwrap_or(1).max(1);
    let span = (end - start).max(1);
    let mut last = 0;
    let cell = |number: u64| {
        let inside = |at: u64| (at - start).saturating_mul(cells) / (span + 1) == number;
        let own = course.iter().filter(|(at, _, _)| inside(*at));
        last = own.map(|(_, used, _)| *used).max().unwrap_or(last);
        last
    };
    (0..cells).map(cell).collect()
}

/// The program's own processes, then the others with when they came and went, the largest first.
fn visitors(
    watched: &Watched,
    gpu: u32,
    (start, over): (u64, u64),
    told: &dyn Fn(u32) -> bool,
) -> Vec<String> {
    let here = watched.visitors.iter().filter(|v| v.gpu == gpu);
    let (mut own, mut others): (Vec<&Visitor>, Vec<&Visitor>) = here.partition(|v| v.own);
    sorting::by_key(&mut own, |v| std::cmp::Reverse(v.peak));
    sorting::by_key(&mut others, |v| std::cmp::Reverse(v.peak));
    let mut lines = Vec::new();
    if !own.is_empty() {
        let held: Vec<String> = own
            .iter()
            .take(NAMED)
            .map(|v| format!("{} in process {}", human(v.peak), v.pid))
            .collect();
        lines.push(format!(
            "This program held at the most {}.",
            held.join(", ")
        ));
    }
    for visitor in others.iter().take(NAMED) {
        let came = if visitor.first <= start + SLACK {
            "was there before".to_owned()
        } else {
            format!("came after {}", seconds(visitor.first - start))
        };
        let went = if visitor.last + SLACK >= over {
            String::new()
        } else {
            format!(
                ", went after {}",
                seconds(visitor.last.saturating_sub(start))
            )
        };
        let command = match &visitor.command {
            _ if told(visitor.pid) => String::new(),
            Some(command) => format!(": {command}"),
            None => ": command not visible".to_owned(),
        };
        lines.push(format!(
            "Process {} ({}) {came}{went}{command}",
            visitor.pid,
            human(visitor.peak)
        ));
    }
    lines
}

/// Milliseconds for people: "3.4 s" below a minute.
fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..60_000 => format!(
            "{}.{}\u{a0}s",
            milliseconds / 1000,
            milliseconds % 1000 / 100
        ),
        longer => span(longer / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::{GpuMoment, Sample};

    fn visitor(pid: u32, own: bool, first: u64, last: u64, gib: u64) -> Visitor {
        Visitor {
            pid,
            own,
            first,
            last,
            peak: gib * GIB,
            command: Some("python serve.py".to_owned()),
            ..Visitor::default()
        }
    }

    #[test]
    fn the_curve_ends_at_the_failure_and_others_are_told_from_the_program() {
        let sample = |second: u64| Sample {
            at: second * 1000,
            gpus: vec![GpuMoment {
                index: 0,
                used: second * 8 * GIB,
                total: 80 * GIB,
            }],
        };
        let seen = Watched {
            samples: (0..=12).map(sample).collect(),
            visitors: vec![
                visitor(7, true, 1000, 12_000, 60),
                visitor(8, false, 0, 5000, 10),
                visitor(9, false, 4000, 12_000, 20),
            ],
            failed_at: Some(9000),
            ..Watched::default()
        };
        insta::assert_snapshot!(watched(&seen, None, None, &Look::default()), @r"
        GPU 0 while it ran
          ▁▁▂▃▄▅▅▆▇██
          In use: 0 bytes at first, 80 GiB at the most, of 80 GiB; 11 readings in
            10.0 s.
          This program held at the most 60 GiB in process 7.
          Process 9 (20 GiB) came after 4.0 s: python serve.py
          Process 8 (10 GiB) was there before, went after 5.0 s: python serve.py
        ");
    }

    #[test]
    fn a_run_without_readings_has_nothing_to_show() {
        assert_eq!(
            watched(&Watched::default(), None, None, &Look::default()),
            ""
        );
    }
}
