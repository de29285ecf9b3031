//! A measured failure as the log that its facts were read from: progress, the last frames, the message.

use std::fmt::Write as _;

use super::table::Failure;

const STEP_SIZE: f64 = 1024.0;

/// The log of a failure, as PyTorch and the program print it.
pub(crate) fn of(f: &Failure) -> String {
    let mut log = String::new();
    if let Some(batch) = f.batch {
        writeln!(log, "config: batch_size={batch}").unwrap();
    }
    for step in 0..f.steps.max(f.readings.len()) {
        write!(log, "step {step}: loss 2.3026").unwrap();
        if let Some(reading) = f.readings.get(step) {
            write!(log, " mem {:.3} GiB", reading / STEP_SIZE.powi(3)).unwrap();
        }
        log.push('\n');
    }
    log.push_str("Traceback (most recent call last):\n");
    for frame in frames(f) {
        log.push_str(&frame);
    }
    log.push_str(&message(f));
    log
}

/// The frames that the table keeps, below those that it had to cut and whose phase it still tells.
fn frames(f: &Failure) -> Vec<String> {
    let own = f.frames.iter().rposition(|frame| !frame.contains('/'));
    let mut all = Vec::new();
    if own.is_none() {
        all.push(shown(&format!("{}:<module>", f.program), &f.line));
    }
    let kept = |file: &str| f.frames.iter().any(|frame| frame.contains(file));
    if f.phase == "generate" && !kept("generation/utils.py") {
        all.push(shown("transformers/generation/utils.py:generate", ""));
    }
    if f.phase == "eval" && !kept(":evaluat") && !kept(":valid") && !kept("_step") {
        all.push(shown("transformers/trainer.py:evaluation_loop", ""));
    }
    for (at, frame) in f.frames.iter().enumerate() {
        let code = if own == Some(at) { &*f.line } else { "" };
        all.push(shown(frame, code));
    }
    all
}

fn shown(frame: &str, code: &str) -> String {
    let (file, function) = frame.rsplit_once(':').unwrap_or((frame, "<module>"));
    let folder = match file {
        file if file.starts_with('/') => "",
        file if file.contains('/') => "/home/user/venv/lib/python3.12/site-packages/",
        _ => "/home/user/project/",
    };
    let mut lines = format!("  File \"{folder}{file}\", line 40, in {function}\n");
    if !code.is_empty() {
        writeln!(lines, "    {code}").unwrap();
    }
    lines
}

fn message(f: &Failure) -> String {
    let other = f.other.map_or_else(String::new, |held| {
        format!("Process 90210 has {} memory in use. ", size(held))
    });
    let limit = f
        .limit
        .map_or_else(String::new, |limit| format!("{} allowed; ", size(limit)));
    format!(
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {}. GPU 0 has a total capacity of {} of which {} is free. \
         {other}Including non-PyTorch memory, this process has {} memory in use. {limit}Of the allocated memory {} is allocated by \
         PyTorch, and {} is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting \
         PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.\n",
        size(f.tried),
        size(f.total),
        size(f.free),
        size(f.process),
        size(f.allocated),
        size(f.idle),
    )
}

/// As `c10/core/CachingDeviceAllocator.h` (`format_size`) prints it.
fn size(bytes: f64) -> String {
    let units = [("GiB", 3), ("MiB", 2), ("KiB", 1)];
    let fits = units
        .iter()
        .find(|(_, power)| bytes >= STEP_SIZE.powi(*power));
    fits.map_or_else(
        || format!("{bytes:.0} bytes"),
        |(unit, power)| format!("{:.2} {unit}", bytes / STEP_SIZE.powi(*power)),
    )
}
