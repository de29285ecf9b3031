//! What memory a command takes.

use std::error::Error;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::timing::well;

/// The most KiB that a command was seen to hold.
pub(crate) fn highest(mut command: Command) -> Result<u64, Box<dyn Error>> {
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let mut most = 0;
    loop {
        most = resident(&child).unwrap_or(0).max(most);
        if let Some(status) = child.try_wait()? {
            well(&command, status)?;
            return Ok(most);
        }
        sleep(Duration::from_micros(500));
    }
}

/// The most KiB that a process has held so far; nothing where the system does not tell.
fn resident(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
