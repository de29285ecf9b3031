//! Names in what `whyoom run` reports and keeps: as they are, or taken out.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::environment::Environment;
use crate::report;
use crate::report::redact::Redactor;
use crate::run::{Keep, Outcome};

/// What it knows, whatever became of another thread: names must not come out for that.
fn lock(redactor: &Mutex<Redactor>) -> MutexGuard<'_, Redactor> {
    redactor.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes names out where that is wished for. The threads of a run share what it knows.
pub(super) struct Names(Option<Arc<Mutex<Redactor>>>);

impl Names {
    pub(super) fn new(redact: bool) -> Self {
        Self(redact.then(|| Arc::new(Mutex::new(Environment::redactor()))))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Redactor) -> T) -> Option<T> {
        Some(work(&mut lock(self.0.as_ref()?)))
    }

    /// Takes them out of what a run left, in place.
    pub(super) fn take_out(&self, outcome: &mut Outcome) {
        self.with(|redactor| {
            let original = outcome.diagnosis.take();
            outcome.diagnosis = original.map(|original| redactor.diagnosis(&original));
            redactor.watched(&mut outcome.watched);
        });
    }

    /// What keeps readings of the GPUs, as lines of JSON; the lines together are a recording.
    pub(super) fn keep(&self, mut file: Box<dyn Write + Send>) -> Keep {
        let redactor = self.0.clone();
        Box::new(move |at_ms, devices| {
            let mut devices = devices.clone();
            if let Some(redactor) = &redactor {
                lock(redactor).devices(&mut devices);
            }
            if let Ok(line) = report::live::sample(at_ms, &devices) {
                // A full disk must not stop the program.
                let _ = file.write_all(&line);
            }
        })
    }

    /// Says something on standard error.
    pub(super) fn say(&self, words: &str) {
        let shown = self.with(|redactor| redactor.words(words));
        super::complain(shown.as_deref().unwrap_or(words));
    }
}
