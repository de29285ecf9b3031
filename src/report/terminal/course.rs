//! Readings over time: what grew, and its picture.

use super::Paper;
use crate::bytes::human;
use crate::evidence::{Counter, Series, TrendVerdict};
use crate::report::Look;
use crate::report::chart::{Frame, chart};
use crate::report::wrap::{plain, styled};

/// What is counted, in the log's own words where no counter is known by them.
fn counted(series: &Series) -> String {
    match series.counter {
        Counter::Other if !series.label.is_empty() => format!("\"{}\"", series.label),
        counter => counter.name().to_owned(),
    }
}

impl Paper<'_> {
    /// A counter that grows: one sentence, and its course as a picture.
    pub(super) fn series(&mut self, series: &Series, capacity: Option<u64>) {
        self.rise(series);
        self.picture(series, capacity);
    }

    /// How a counter grows, in one sentence.
    pub(super) fn rise(&mut self, series: &Series) {
        if !is_told(series) {
            return;
        }
        let styles = &self.look.styles;
        let mut words = vec![format!(
            " {} rose by {} over {} readings",
            counted(series),
            human(series.trend.grown),
            series.count
        )];
        let step = &series.step_name;
        if let Some((slope, _)) = series.trend.per_step {
            words.push(format!("{} each {step}", human(slope.unsigned_abs())));
        }
        if let Some(since) = series.trend.since {
            words.push(format!("since {step} {since}"));
        }
        if let Some(rank) = series.rank {
            words.push(format!("on rank {rank}"));
        }
        let mut words = words.join(", ") + ".";
        if let Some(counted) = series.trend.by_design {
            words = format!("{words} It counts by {counted}, so that alone is no fault.");
        }
        if let Some(caution) = series.trend.caution {
            words = format!("{words} But {caution}.");
        }
        self.sheet.blank();
        let head = styled("Memory grows:", styles.verdict);
        self.sheet.flow(0, 2, &[head, plain(words)]);
    }

    /// Its course as a picture.
    pub(super) fn picture(&mut self, series: &Series, capacity: Option<u64>) {
        let Some(frame) = frame(series, self.look, capacity) else {
            return;
        };
        let lines = chart(&series.points, frame);
        for line in &lines {
            if line.is_empty() {
                self.sheet.blank();
            } else {
                self.sheet
                    .fixed(2, &[styled(line.as_str(), self.look.styles.aside)]);
            }
        }
        let step = &series.step_name;
        if let (Some(first), Some(last), false) = (
            series.points.first(),
            series.points.last(),
            lines.is_empty(),
        ) {
            let top = frame.capacity.map_or_else(String::new, |total| {
                format!("; the top is the GPU, {}", human(total))
            });
            let caption = format!("{step} {} to {}{top}", first.step, last.step);
            self.sheet
                .flow(2, 2, &[styled(caption, self.look.styles.aside)]);
        }
    }
}

/// What does not grow is not told.
fn is_told(series: &Series) -> bool {
    series.trend.verdict == TrendVerdict::Grows
}

/// How the course of a series is drawn; `None` where it is not told, since nothing grows.
pub(super) fn frame(series: &Series, look: &Look, capacity: Option<u64>) -> Option<Frame> {
    is_told(series).then_some(Frame {
        width: look.width.saturating_sub(4),
        capacity,
        ascii: !look.unicode,
        joined: false,
    })
}
