//! `whyoom` beside Python's `pickle.load` on the same memory snapshots: `cargo bench --bench snapshot -- 0.1 1 3` makes snapshots of so
//! many million events and prints the table of the README. Python takes 6 GB of memory to load 10.
//!
//! `whyoom` is timed as a whole, with its report; Python only while it loads, without its start. Both run in turns, once untimed, so
//! that the files are in the file cache. Times are medians of the processor's, so that what else runs on the machine counts little: both
//! work on one core and wait for nothing. The memory is the highest of the process: of `whyoom` as the kernel counts it
//! (`VmHWM`), read until the end of the untimed run; of Python by its own word. `WHYOOM_BIN` names another build to measure.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that prints a table of what it measures; what it cannot do ends it"
)]

mod spent;
mod timing;

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use spent::highest;
use timing::{built, median};

/// How often each is measured; files of more than [`LARGE`] events less often.
const RUNS: usize = 9;
const RUNS_OF_LARGE: usize = 5;
const LARGE: f64 = 2.0;

/// Runs a command whose output nobody reads; prints the seconds of the processor that it took, and its exit code. What `python3` itself
/// started before, as a shim does, is not the command's.
const RUN: &str = "import resource, subprocess, sys\n\
    def used():\n    \
    of = resource.getrusage(resource.RUSAGE_CHILDREN)\n    \
    return of.ru_utime + of.ru_stime\n\
    before = used()\n\
    code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n\
    print(used() - before, code)\n";

/// Loads a pickle; prints the seconds that took, and the most KiB that the process held.
const LOAD: &str = "import pickle, resource, sys, time\n\
    with open(sys.argv[1], 'rb') as file:\n    \
    start = time.process_time()\n    \
    kept = pickle.load(file)\n    \
    print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)\n\
    import os\nos._exit(0)\n";

fn main() -> Result<(), Box<dyn Error>> {
    let sizes: Vec<f64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() {
        vec![0.1, 1.0]
    } else {
        sizes
    };
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: Python is not here (`python3`)");
        return Ok(());
    }
    println!(
        "| events | file | whyoom | from a pipe | `pickle.load` | times as fast | whyoom's memory | Python's | part |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    for millions in sizes {
        row(millions)?;
    }
    Ok(())
}

/// Makes a snapshot, measures both and prints a line.
fn row(millions: f64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("snapshot.pickle");
    let maker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/snapshot.py");
    let events = format!("{:.0}", millions * 1e6);
    let made = Command::new("python3")
        .args([maker, path.clone()])
        .arg(&events)
        .status()?;
    if !made.success() {
        return Err(format!("the snapshot of {events} events was not made: {made}").into());
    }
    let own = || {
        let mut command = Command::new(built());
        command.arg("--no-config").arg(&path);
        command
    };
    let piped = || -> Result<Command, Box<dyn Error>> {
        let mut command = measured(Path::new("-"));
        let mut cat = Command::new("cat")
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = cat.stdout.take().ok_or("`cat` has no output")?;
        std::thread::spawn(move || cat.wait());
        command.stdin(out);
        Ok(command)
    };
    let memory = highest(own())?;
    let (_, others) = load(&path)?;
    let runs = if millions > LARGE {
        RUNS_OF_LARGE
    } else {
        RUNS
    };
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..runs {
        times[0].push(worked(measured(&path))?);
        times[1].push(load(&path)?.0);
        times[2].push(worked(piped()?)?);
    }
    let [own, python, pipe] = times.map(|times| median(times).as_secs_f64());
    let size = File::open(&path)?.metadata()?.len();
    println!(
        "| {millions} million | {} MiB | {own:.3} s | {pipe:.3} s | {python:.2} s | {:.1} | {} MiB | {} MiB | {:.2} |",
        size >> 20,
        python / own,
        memory >> 10,
        others >> 10,
        ratio(memory, others)
    );
    fs::remove_file(&path)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio with two digits")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// What runs `whyoom` on an input, and counts.
fn measured(input: &Path) -> Command {
    let mut command = Command::new("python3");
    let command_line = command.args(["-c", RUN]).arg(built());
    command_line.arg("--no-config").arg(input);
    command
}

/// How long the processor worked for a command that [`RUN`] runs.
fn worked(mut command: Command) -> Result<Duration, Box<dyn Error>> {
    let output = command.output()?;
    let said = String::from_utf8(output.stdout)?;
    let (seconds, code) = said
        .trim()
        .split_once(' ')
        .ok_or("the command was not run")?;
    if !["0", "1"].contains(&code) {
        return Err(format!("{command:?} ended with {code}").into());
    }
    Ok(Duration::try_from_secs_f64(seconds.parse()?)?)
}

/// How long Python loads a file, and the most KiB that it held.
fn load(path: &Path) -> Result<(Duration, u64), Box<dyn Error>> {
    let output = Command::new("python3")
        .args(["-c", LOAD])
        .arg(path)
        .output()?;
    let said = String::from_utf8(output.stdout)?;
    let (seconds, memory) = said
        .trim()
        .split_once(' ')
        .ok_or("Python did not load it")?;
    Ok((
        Duration::try_from_secs_f64(seconds.parse()?)?,
        memory.parse()?,
    ))
}
