//! Where logs arrive as they were read: each is judged and reported at once where it need not wait, and kept where it is needed
//! later.

use std::path::Path;
use std::slice;

use super::exit::Exit;
use super::gates::GateArgs;
use super::progress::Progress;
use super::reports::Reports;
use crate::diagnose::Diagnosis;
use crate::error::Error;
use crate::log::Log;
use crate::report::Options;
use crate::report::redact::Redactor;
use crate::session::{Audience, Session};
#[cfg(feature = "source")]
use crate::source;

/// What was read, as far as it is still needed.
#[derive(Default)]
pub(super) struct Read {
    /// The logs that are not judged before the GPUs are asked.
    pub(super) logs: Vec<Log>,
    /// What was judged.
    pub(super) diagnoses: Vec<Diagnosis>,
    /// How the run ends by what is not needed any more.
    pub(super) exit: Exit,
    /// How many logs there are.
    all: usize,
    /// How many of them were not read to their end.
    cut: usize,
    /// The first of those, by name.
    named: Vec<String>,
}

impl Read {
    fn count(&mut self, log: &Log) {
        const NAMED: usize = 3;
        self.all += 1;
        if log.outcome.problem.is_some() {
            self.cut += 1;
            if self.named.len() < NAMED {
                self.named.push(format!("`{}`", log.source));
            }
        }
    }

    /// What is left unread, in words; `None` where all was read.
    pub(super) fn left(&self) -> Option<String> {
        let mut names = self.named.join(", ");
        if self.cut > self.named.len() {
            names = format!("{names} and {} more", self.cut - self.named.len());
        }
        match (self.cut, self.all) {
            (0, _) => None,
            (1, 1) => Some(format!("interrupted: {names} was not read to its end")),
            (some, all) => Some(format!(
                "interrupted: {some} of {all} inputs were not read to their end: {names}"
            )),
        }
    }
}

/// Takes the logs as they come.
pub(super) struct Desk<'a> {
    pub(super) session: &'a Session<'a>,
    /// How the run ends.
    pub(super) gates: &'a GateArgs,
    /// Where the program's own lines are.
    #[cfg_attr(
        not(feature = "source"),
        expect(dead_code, reason = "its lines are not looked at")
    )]
    pub(super) root: Option<&'a Path>,
    /// True where the GPUs are asked before anything is judged.
    pub(super) asks_gpus: bool,
    /// True where nothing is asked of an input once its own report is written.
    pub(super) forgets: bool,
    /// The reports, of which some are written at once.
    pub(super) reports: &'a mut Reports,
    pub(super) options: &'a Options,
    pub(super) redactor: &'a mut Option<Redactor>,
    pub(super) progress: Progress,
    pub(super) read: Read,
}

impl Audience for Desk<'_> {
    fn problem(&mut self, words: &str) {
        self.progress.aside(|| complain(words, self.redactor));
    }

    #[cfg_attr(
        not(feature = "source"),
        expect(unused_mut, reason = "its lines are not looked at")
    )]
    fn log(&mut self, mut log: Log) -> Result<(), Error> {
        self.read.count(&log);
        #[cfg(feature = "source")]
        if let Some(root) = self.root {
            source::join(root, &mut log.incidents);
        }
        if self.asks_gpus {
            self.read.logs.push(log);
            return Ok(());
        }
        let compared = &self.options.compared;
        let counted = self.forgets && self.reports.is_empty() && compared.known.is_none();
        if counted && !compared.gate.asks_for_causes() {
            // Nobody asks why: that there are failures is the answer.
            let diagnosis = [Diagnosis::unexplained(log)];
            self.read.exit = self.read.exit.or(self.gates.exit(&diagnosis, compared));
            return Ok(());
        }
        let diagnosis = self.session.judge(log, None);
        if self.reports.some_stream() && self.reports.heard() {
            let shown = self.redactor.as_mut().map(|r| r.diagnosis(&diagnosis));
            let one = slice::from_ref(shown.as_ref().unwrap_or(&diagnosis));
            let write = || self.reports.write_at_once(one, self.options);
            self.progress.aside(write)?;
            if !self.reports.heard() {
                self.session.task.control.stop.ask();
            }
        }
        if self.forgets {
            let exit = self
                .gates
                .exit(slice::from_ref(&diagnosis), &self.options.compared);
            self.read.exit = self.read.exit.or(exit);
        } else {
            self.read.diagnoses.push(diagnosis);
        }
        Ok(())
    }
}

/// Says something on standard error, without names where they are taken out.
pub(super) fn complain(words: &str, redactor: &mut Option<Redactor>) {
    let shown = redactor.as_mut().map(|r| r.words(words));
    super::complain(shown.as_deref().unwrap_or(words));
}
