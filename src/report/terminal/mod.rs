//! The report that people read: the answer, the sum, what to do, where it was read.

mod failure;
mod foot;
mod now;
#[cfg(test)]
mod pictures;

use std::io::Write;

use super::wrap::{Sheet, plain, styled};
use super::{Look, Options, Output};
use crate::bytes::human;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::evidence::{Series, TrendVerdict};

pub(super) static OUTPUT: Output = Output {
    name: "terminal",
    about: "For people to read",
    write,
};

/// So many fixes fit on a screen together with their failure.
const FIXES: usize = 4;

/// Writes the report.
pub fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut paper = Paper {
        sheet: Sheet::new(&options.look),
        look: &options.look,
        fixes: options.fixes.unwrap_or(FIXES),
    };
    for diagnosis in diagnoses {
        for explained in &diagnosis.incidents {
            paper.failure(explained);
        }
        for series in &diagnosis.series {
            paper.series(series);
        }
    }
    paper.foot(diagnoses);
    out.write_all(paper.sheet.finish().as_bytes())
        .map_err(Error::Write)
}

/// The report under construction.
struct Paper<'a> {
    sheet: Sheet<'a>,
    look: &'a Look,
    fixes: usize,
}

impl Paper<'_> {
    fn heading(&mut self, words: &str) {
        self.sheet
            .flow(0, 0, &[styled(words, self.look.styles.heading)]);
    }

    /// A counter that grows, in one sentence.
    fn series(&mut self, series: &Series) {
        if series.trend.verdict != TrendVerdict::Grows {
            return;
        }
        let styles = &self.look.styles;
        let mut words = vec![format!(
            " {} rose by {} over {} readings",
            series.counter.name(),
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
}
