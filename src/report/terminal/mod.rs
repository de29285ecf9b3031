//! The report that people read: the answer, the sum, what to do, where it was read.

mod compared;
mod course;
mod failure;
mod foot;
mod holdings;
mod memories;
mod now;
#[cfg(test)]
mod pictures;
mod skew;

use std::io::Write;

use super::shown_readings::capacity;
use super::wrap::{Sheet, styled};
use super::{Look, Options, Output, Pages, Readings, Styles};
use crate::diagnose::{Diagnosis, Explained};
use crate::error::Error;

pub(super) static OUTPUT: Output = Output {
    name: "terminal",
    about: "For people to read",
    write,
    streams: false,
    follows: true,
    readings: Readings::Drawn(course::frame),
};

/// So many fixes fit on a screen together with their failure.
const FIXES: usize = 3;

/// Writes the report.
pub fn write(diagnoses: &[Diagnosis], options: &Options, out: &mut dyn Write) -> Result<(), Error> {
    let mut paper = Paper {
        sheet: Sheet::new(&options.look),
        look: &options.look,
        fixes: shown(options),
        verbose: options.verbose,
        pages: options.pages.as_ref(),
    };
    for diagnosis in diagnoses {
        let capacity = capacity(diagnosis);
        // The one failure of a log shares its screen with the readings.
        let alone = diagnosis.incidents.len() == 1;
        let beside = if alone { &*diagnosis.series } else { &[] };
        for explained in &diagnosis.incidents {
            paper.failure(explained, beside, capacity);
            paper.known(explained, options);
            paper.hand_over(out)?;
        }
        for held in &diagnosis.holdings {
            paper.snapshot(held);
            paper.hand_over(out)?;
        }
        if let Some(skew) = &diagnosis.skew {
            paper.skew(skew);
        }
        for series in diagnosis.series.iter().filter(|_| !alone) {
            paper.series(series, capacity);
        }
    }
    paper.compared(&options.compared);
    paper.foot(diagnoses);
    paper.hand_over(out)
}

/// The report of one failure, without colour.
pub fn failure(explained: &Explained, options: &Options) -> String {
    let look = Look {
        styles: Styles::default(),
        ..options.look.clone()
    };
    let mut paper = Paper {
        sheet: Sheet::new(&look),
        look: &look,
        fixes: shown(options),
        verbose: options.verbose,
        pages: None,
    };
    paper.failure(explained, &[], None);
    paper.sheet.finish()
}

/// How many fixes are shown.
fn shown(options: &Options) -> usize {
    let all = if options.verbose { usize::MAX } else { FIXES };
    options.fixes.unwrap_or(all)
}

/// The report under construction.
struct Paper<'a> {
    sheet: Sheet<'a>,
    look: &'a Look,
    fixes: usize,
    verbose: bool,
    pages: Option<&'a Pages>,
}

impl Paper<'_> {
    /// Writes what is done: the reports of ten thousand failures are not to be held at once.
    fn hand_over(&mut self, out: &mut dyn Write) -> Result<(), Error> {
        out.write_all(self.sheet.take().as_bytes())
            .map_err(Error::Write)
    }

    fn heading(&mut self, words: &str) {
        self.sheet
            .flow(0, 0, &[styled(words, self.look.styles.heading)]);
    }
}
