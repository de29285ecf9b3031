//! Signals that come to the wrapper go on to the program.

use std::io;
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithRawSiginfo;

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
    let mut signals = SignalsInfo::<WithRawSiginfo>::new([
        SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH,
    ])?;
    let receiver = Arc::clone(receiver);
    std::thread::spawn(move || {
        for origin in signals.forever() {
            let number = origin.si_signo;
            let Ok(receiver) = receiver.lock() else {
                return;
            };
            let (Some(child), Some(signal)) = (receiver.child, Signal::from_named_raw(number))
            else {
                continue;
            };
            let wanted = match number {
                SIGWINCH => receiver.terminal.as_ref().is_some_and(Terminal::resize),
                SIGINT | SIGQUIT => !typed(origin.si_code),
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
///
/// Linux says who sends: what a process sends by `kill` has a code of 0 or less, the terminal's keys that of the kernel
/// (`SI_KERNEL` in `include/uapi/asm-generic/siginfo.h`; `isig` in `drivers/tty/n_tty.c`).
#[cfg(target_os = "linux")]
fn typed(code: i32) -> bool {
    code > 0
}

/// The same where the code does not tell: a signal to the group in front of the terminal is taken to be typed.
#[cfg(not(target_os = "linux"))]
fn typed(_code: i32) -> bool {
    use rustix::{process::getpgrp, termios::tcgetpgrp};
    let terminal = std::fs::File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|front| front == getpgrp()))
}
