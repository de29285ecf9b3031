//! Signals that come to the wrapper go on to the program.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::Signals;

use super::streams::Terminal;

/// Who gets the signals now.
#[derive(Default)]
pub(super) struct Receiver {
    pub(super) child: Option<Pid>,
    pub(super) terminal: Option<Terminal>,
}

/// The receiver, shared between the thread that hears signals and the one that starts programs.
pub(super) type Shared = Arc<Mutex<Receiver>>;

/// Starts to pass signals on, for as long as the wrapper runs.
///
/// The program must have been started before: what its parent ignores (`nohup`) it shall ignore too, and a handler here
/// would take that away.
pub(super) fn forward(receiver: &Shared) -> io::Result<()> {
    let mut signals = Signals::new([
        SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH,
    ])?;
    let receiver = Arc::clone(receiver);
    std::thread::spawn(move || {
        for number in signals.forever() {
            let Ok(receiver) = receiver.lock() else {
                return;
            };
            let (Some(child), Some(signal)) = (receiver.child, Signal::from_named_raw(number))
            else {
                continue;
            };
            let wanted = match number {
                SIGWINCH => receiver.terminal.as_ref().is_some_and(Terminal::resize),
                SIGINT | SIGQUIT => !typed(),
                _ => true,
            };
            if wanted {
                // A program that has just ended needs no signal.
                let _ = kill_process(child, signal);
            }
        }
    });
    Ok(())
}

/// True where such a signal comes from the keyboard: then the terminal has sent it to the program as well, which is in
/// the same process group, and a second one would mean "at once" to many launchers.
fn typed() -> bool {
    let terminal = File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|front| front == getpgrp()))
}
