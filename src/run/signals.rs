//! Signals that come to the wrapper go on to the program.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};
use signal_hook::consts::{
    SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithRawSiginfo;

use super::streams::Terminal;
use crate::probe;

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
        SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT,
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
                SIGINT | SIGQUIT | SIGTSTP => !typed(origin.si_code),
                _ => true,
            };
            if wanted {
                // A program that has just ended needs no signal.
                let _ = kill_process(child, signal);
            }
            drop(receiver);
            if number == SIGTSTP && stops(child) {
                // Whoever asked for it, a shell or a scheduler, waits for this process to stop.
                let _ = kill_process(getpid(), Signal::STOP);
            }
        }
    });
    Ok(())
}

/// Waits until a program that was asked to stop has done so; false where it goes on, as it may.
fn stops(child: Pid) -> bool {
    /// How often it is looked at, and the pause between.
    const LOOKS: usize = 100;
    const PAUSE: Duration = Duration::from_millis(2);
    let file = format!("/proc/{}/stat", child.as_raw_nonzero());
    let stopped = || probe::state(Path::new(&file)) == Some('T');
    // Without `/proc` nobody tells: it is taken to have stopped.
    if probe::state(Path::new(&file)).is_none() {
        return true;
    }
    (0..LOOKS).any(|_| {
        let now = stopped();
        if !now {
            std::thread::sleep(PAUSE);
        }
        now
    })
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
