//! Ctrl-C, and a scheduler's SIGTERM: reading ends, and what was found so far is reported. A second one ends the program
//! at once. Where there are no such signals, Ctrl-C does what it always does.

use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::exit::Exit;
use crate::input::Stop;

/// Whether somebody wants the program to end.
#[derive(Default)]
pub(super) struct Interrupt {
    /// The request that a signal makes.
    pub(super) stop: Stop,
    /// The number of the signal that came, else 0.
    signal: Arc<AtomicUsize>,
    /// True once the next one ends the program.
    #[cfg(unix)]
    again: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on. Where that is not possible, signals do what they always do.
    #[cfg(unix)]
    pub(super) fn listen() -> Self {
        let interrupt = Self {
            stop: Stop::waking().unwrap_or_default(),
            ..Self::default()
        };
        let ignored = ignored();
        for number in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            if ignored >> (number - 1) & 1 == 0 {
                let _ = interrupt.hear(number);
            }
        }
        // One that came between the first of its actions and the last has not asked yet.
        if interrupt.exit().is_some() {
            interrupt.stop.ask();
        }
        interrupt
    }

    /// Listens to nothing.
    #[cfg(not(unix))]
    pub(super) fn listen() -> Self {
        Self::default()
    }

    /// What a signal does, in this order: it is kept, it asks to stop, and if it is the second one it ends the program.
    #[cfg(unix)]
    fn hear(&self, number: i32) -> std::io::Result<()> {
        use signal_hook::{flag, low_level::pipe};
        let (asked, bell) = self.stop.parts();
        let signal = usize::try_from(number).unwrap_or_default();
        flag::register_usize(number, Arc::clone(&self.signal), signal)?;
        flag::register(number, asked)?;
        if let Some(bell) = bell {
            pipe::register(number, bell?)?;
        }
        flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&self.again))?;
        flag::register(number, Arc::clone(&self.again))?;
        Ok(())
    }

    /// How a run ends that a signal stopped; `None` where none came.
    pub(super) fn exit(&self) -> Option<Exit> {
        let signal = self.signal.load(Ordering::SeqCst);
        (signal > 0).then(|| Exit::signal(signal))
    }
}

/// The signals that whoever started the program has it ignore (`nohup`, jobs in the background of a script), a bit for each:
/// a handler would take that away. Linux tells them (proc(5), `SigIgn`); elsewhere none is known to be ignored.
#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    reason = "what the kernel tells of this process, and no input of the user's"
)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}
