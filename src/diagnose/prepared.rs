//! What a find says by itself: the larger part of reading it, which needs nothing of what stands before it and can be done by
//! any thread.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::Custom;
use super::window::Window;
use crate::buffers::Buffer;
use crate::evidence::{Incident, Setting};
use crate::incidents::Run;
use crate::readings::Alone;
use crate::scan::Found;
use crate::settings::Seen;
use crate::text::{Line, Quiet};
use crate::{messages, settings, text};

thread_local! {
    /// The last line that showed nothing but settings, and those: a failure that repeats prints the same line each time.
    static LAST: RefCell<(Vec<u8>, Vec<Setting>)> = const { RefCell::new((Vec::new(), Vec::new())) };
    /// Lines that show nothing but what their prefix may tell.
    static NOTHING: RefCell<Quiet> = RefCell::default();
}

/// What is known of an input before it is read.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) source: String,
    pub(super) custom: Arc<Custom>,
    /// True where it matters when a failure happened: the input's path tells that others are of the same job.
    pub(super) timed: bool,
}

/// What a find says by itself.
pub(super) enum Prepared {
    /// A neighbourhood of failures.
    Window {
        signs: Vec<Seen>,
        ranks: BTreeSet<u32>,
        runs: Vec<Run>,
        accounts: Vec<Incident>,
    },
    /// A line that may show telemetry, or one drawing of it.
    Reading(Alone),
    /// A line that may show a setting.
    Setting(Box<InLine>),
    /// A line that names its program.
    Signs(Vec<Seen>),
}

/// What is set in a line, and what else such lines tell.
#[derive(Default)]
pub(super) struct InLine {
    pub(super) settings: Vec<Setting>,
    pub(super) buffers: Vec<Buffer>,
    /// The line, and its rank, where it only tells what followed from a failure.
    pub(super) followed: Option<(u64, Option<u32>)>,
}

/// True for a line that is known to show nothing, whatever its sizes are.
fn is_quiet(line: &Line) -> bool {
    let shows = |text: &[u8]| {
        let line = Line {
            text: String::from_utf8_lossy(text).into_owned(),
            ..Line::default()
        };
        let mut told = InLine::default();
        told.take(&line, false);
        !told.is_empty()
    };
    NOTHING.with_borrow_mut(|known| known.holds(line.text.as_bytes(), shows))
}

impl InLine {
    /// Adds what a clean line shows; `named` where its program is known.
    fn take(&mut self, line: &Line, named: bool) {
        settings::each(line, named, &mut |setting| self.settings.push(setting));
        self.buffers.extend(Buffer::of(line));
        if self.followed.is_none() && messages::only_follows(&line.text) {
            self.followed = Some((line.number, line.rank));
        }
    }

    fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.buffers.is_empty() && self.followed.is_none()
    }
}

impl Known {
    /// Reads a find; appends what it says.
    pub(super) fn prepare(&self, found: &Found<'_>, into: &mut Vec<Prepared>) {
        match found {
            Found::Window(first_line, raw, offset) => {
                into.push(self.window(*first_line, raw, *offset));
            }
            Found::Telemetry(number, raw) => {
                let plain = self.custom.reads_plainly();
                if let Some(known) = plain.then(|| Alone::known(*number, raw)).flatten() {
                    into.push(Prepared::Reading(known));
                    return;
                }
                let lines = text::drawings(raw, *number, &self.custom.prefixes).into_iter();
                let own = &self.custom.telemetry;
                into.extend(lines.map(|line| Prepared::Reading(Alone::of(line, own))));
            }
            Found::Setting(number, raw) => {
                let told = self.again(*number, raw);
                let told = told.unwrap_or_else(|| self.setting(*number, raw));
                if !told.is_empty() {
                    into.push(Prepared::Setting(Box::new(told)));
                }
            }
            Found::Sign(number, raw) => into.push(Prepared::Signs(Seen::in_line(*number, raw))),
        }
    }

    /// What a line shows that is the same as the last one.
    fn again(&self, number: u64, raw: &[u8]) -> Option<InLine> {
        LAST.with_borrow(|(last, settings)| {
            let same = self.custom.prefixes.is_empty() && !raw.is_empty() && last == raw;
            same.then(|| {
                let mut settings = settings.clone();
                for setting in &mut settings {
                    setting.line = number;
                }
                InLine {
                    settings,
                    ..InLine::default()
                }
            })
        })
    }

    fn setting(&self, number: u64, raw: &[u8]) -> InLine {
        let mut told = InLine::default();
        settings::of_logger(raw, number, &mut |setting| told.settings.push(setting));
        for line in text::clean_with(raw, number, &self.custom.prefixes) {
            let named = settings::is_known_to_logger(raw, &line);
            if !is_quiet(&line) {
                told.take(&line, named);
            }
        }
        let plain = self.custom.prefixes.is_empty();
        if plain && told.buffers.is_empty() && told.followed.is_none() {
            LAST.with_borrow_mut(|(last, settings)| {
                last.clear();
                last.extend_from_slice(raw);
                settings.clone_from(&told.settings);
            });
        }
        told
    }

    /// Reads the failures of one neighbourhood, each writer's lines by themselves.
    fn window(&self, first_line: u64, raw: &[u8], offset: u64) -> Prepared {
        let lanes = text::lanes(text::clean_with(raw, first_line, &self.custom.prefixes));
        let window = Window::new(first_line, raw, offset, &lanes);
        let (incidents, accounts) = window.read(&self.source, &self.custom, self.timed);
        Prepared::Window {
            signs: Seen::in_window(first_line, raw),
            ranks: lanes.iter().filter_map(|lane| lane.rank).collect(),
            runs: Run::of(incidents),
            accounts,
        }
    }
}
