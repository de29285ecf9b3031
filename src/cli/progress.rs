//! How far long reading is: one line on the terminal of standard error, which is taken away before anything else is printed.
//! It is written by hand: a crate for bars would be more than the one line that must be away whenever something is printed.

use std::collections::VecDeque;
use std::io::{Write, stderr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::bytes::human;
use crate::input::Source;
use crate::session::Task;

/// What takes less is over before anybody wonders.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// The rate is that of so many ticks.
const MEMORY: usize = 20;
/// Columns of the bar.
const BAR: u64 = 16;
/// Back to the start of the line; away with what stands there.
const ERASE: &[u8] = b"\r\x1b[K";

/// The line. Nothing is ever drawn by the one that is off.
pub(super) struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    drawn: bool,
    ended: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn erase(&mut self) {
        if self.drawn {
            let _ = stderr().lock().write_all(ERASE);
            self.drawn = false;
        }
    }
}

impl Progress {
    /// One that shows nothing.
    pub(super) fn off() -> Self {
        Self {
            shared: Arc::default(),
            thread: None,
        }
    }

    /// Shows the task from now on, if it takes long.
    pub(super) fn show(task: &Arc<Task>, inputs: Vec<Source>, unicode: bool) -> Self {
        let shared = Arc::<Shared>::default();
        let (task, drawn_by) = (Arc::clone(task), Arc::clone(&shared));
        let thread = std::thread::spawn(move || {
            let mut line = Line {
                began: Instant::now(),
                task,
                inputs,
                total: None,
                unicode,
                past: VecDeque::new(),
            };
            line.keep_drawing(&drawn_by);
        });
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// Prints something else: the line is not there while that happens.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        let mut state = self.shared.lock();
        state.erase();
        print()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.ended.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.shared.lock().erase();
    }
}

/// What the line is made of.
struct Line {
    began: Instant,
    task: Arc<Task>,
    inputs: Vec<Source>,
    /// The bytes of all inputs, where all are plain files.
    total: Option<u64>,
    unicode: bool,
    past: VecDeque<(Instant, u64)>,
}

impl Line {
    /// Draws until the task ends.
    fn keep_drawing(&mut self, shared: &Shared) {
        let mut state = shared.lock();
        let mut pause = PATIENCE;
        loop {
            let waited = shared
                .ended
                .wait_timeout_while(state, pause, |state| !state.ended);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.ended {
                return;
            }
            if pause == PATIENCE {
                drop(state);
                self.total = total(&self.inputs, &|| shared.lock().ended);
                pause = TICK;
                state = shared.lock();
                continue;
            }
            if in_front() {
                let columns = terminal_size::terminal_size_of(stderr());
                let columns = columns.map_or(80, |(width, _)| usize::from(width.0));
                let mut text = ERASE.to_vec();
                // The last column stays free: some terminals wrap when it is written.
                let words = self.words(Instant::now(), columns.saturating_sub(1));
                text.extend_from_slice(words.as_bytes());
                let _ = stderr().lock().write_all(&text);
                state.drawn = true;
            }
        }
    }

    /// The line at this moment, as far as it fits.
    fn words(&mut self, now: Instant, columns: usize) -> String {
        let bytes = self.task.control.bytes.load(Ordering::Relaxed);
        self.past.push_back((now, bytes));
        if self.past.len() > MEMORY {
            self.past.pop_front();
        }
        let mut parts = vec!["reading".to_owned()];
        match self.total {
            Some(total) if total > 0 => {
                let done = bytes.min(total);
                parts.push(bar(done, total, self.unicode));
                let percent = u128::from(done) * 100 / u128::from(total);
                parts.push(format!("{percent:>3} %"));
                parts.push(format!("{} of {}", human(bytes), human(total)));
            }
            _ => parts.push(human(bytes)),
        }
        let (since, before) = match self.past.front() {
            Some(first) if self.past.len() == MEMORY => *first,
            _ => (self.began, 0),
        };
        let micros = now.duration_since(since).as_micros().max(1);
        let rate = u128::from(bytes.saturating_sub(before)) * 1_000_000 / micros;
        parts.push(format!(
            "{}/s",
            human(u64::try_from(rate).unwrap_or(u64::MAX))
        ));
        if self.inputs.len() > 1 {
            let done = self.task.done.load(Ordering::Relaxed);
            parts.push(format!("{done} of {} inputs", self.inputs.len()));
        }
        match self.task.failures.load(Ordering::Relaxed) {
            0 => {}
            1 => parts.push("1 failure".to_owned()),
            n => parts.push(format!("{n} failures")),
        }
        fitting(&parts, columns)
    }
}

/// As many of the parts as fit, from the first on.
fn fitting(parts: &[String], columns: usize) -> String {
    let mut line = String::new();
    for part in parts {
        let gap = if line.is_empty() { "" } else { "  " };
        // Each character of these parts takes one column.
        if line.chars().count() + gap.len() + part.chars().count() > columns {
            break;
        }
        line = line + gap + part;
    }
    line
}

fn bar(done: u64, total: u64, unicode: bool) -> String {
    let cells = u128::from(done) * u128::from(BAR) / u128::from(total.max(1));
    let (full, empty) = if unicode { ("█", "░") } else { ("#", "-") };
    (0..u128::from(BAR))
        .map(|cell| if cell < cells { full } else { empty })
        .collect()
}

/// The bytes of all inputs; `None` where one is no plain file, and so nobody knows, and where it is too late to ask.
fn total(inputs: &[Source], late: &dyn Fn() -> bool) -> Option<u64> {
    let sizes = inputs.iter().map(|input| match input {
        _ if late() => None,
        Source::Stdin => None,
        Source::File(path) => match std::fs::metadata(path) {
            Ok(about) => about.is_file().then_some(about.len()),
            // What is not there is not read either.
            Err(_) => Some(0),
        },
    });
    sizes.sum()
}

/// False where another job has the terminal: its user is typing something else.
#[cfg(unix)]
fn in_front() -> bool {
    let front = rustix::termios::tcgetpgrp(stderr());
    // A terminal that is not the session's own has no jobs.
    !front.is_ok_and(|front| front != rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn in_front() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(total: Option<u64>, inputs: usize) -> Line {
        Line {
            began: Instant::now(),
            task: Arc::default(),
            inputs: vec![Source::Stdin; inputs],
            total,
            unicode: false,
            past: VecDeque::new(),
        }
    }

    #[test]
    fn it_says_how_far_how_fast_and_what_was_found() {
        let mut line = line(Some(2 << 30), 14);
        line.task.control.bytes.store(1 << 30, Ordering::Relaxed);
        line.task.done.store(3, Ordering::Relaxed);
        line.task.failures.store(2, Ordering::Relaxed);
        let then = line.began + Duration::from_secs(2);
        assert_eq!(
            line.words(then, 100),
            "reading  ########--------   50 %  1 GiB of 2 GiB  512 MiB/s  3 of 14 inputs  2 failures"
        );
        assert_eq!(
            line.words(then, 79),
            "reading  ########--------   50 %  1 GiB of 2 GiB  512 MiB/s  3 of 14 inputs"
        );
    }

    #[test]
    fn a_stream_has_no_share_and_the_rate_is_that_of_the_last_moments() {
        let mut line = line(None, 1);
        let began = line.began;
        let mut shown = String::new();
        for tick in 1..100u32 {
            // Fast at first, then at a standstill.
            line.task
                .control
                .bytes
                .store(u64::from(tick.min(50)) << 20, Ordering::Relaxed);
            shown = line.words(began + TICK * tick, 80);
        }
        assert_eq!(shown, "reading  50 MiB  0 bytes/s");
    }
}
