//! `whyoom` beside ripgrep on the same logs: `cargo bench --bench ripgrep -- 200 2048` makes logs of 200 MiB and 2 GiB and
//! prints the tables of the README. ripgrep counts the lines with one of the literals that `whyoom` looks for; in the second
//! table, with one of nine words in their own letter case, and `whyoom` runs with one thread and with two.
//!
//! Both run in turns, once untimed, so that the logs are in the file cache. Times are medians. The memory is the highest that
//! the kernel has counted for the process (`VmHWM`), read until the end of the untimed run: looking slows what is looked at. `WHYOOM_BIN` names another build to measure.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that prints a table of what it measures; what it cannot do ends it"
)]

mod made;
mod spent;
mod timing;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use spent::highest;
use timing::{built, median, well};

/// Failures in a log.
const FAILURES: [usize; 3] = [0, 3, 10_000];
/// What people look for who know a few of the messages.
const WORDS: [&str; 9] = [
    "out of memory",
    "OutOfMemory",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "RESOURCE_EXHAUSTED",
    "oom-kill",
    "Tried to allocate",
    "hipErrorOutOfMemory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "std::bad_alloc",
];
/// Files that a log is cut into.
const FILES: usize = 1000;
/// How often each command is measured; on logs of more than [`LARGE`] bytes less often.
const RUNS: usize = 5;
const RUNS_OF_LARGE: usize = 3;
const LARGE: usize = 1 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    let sizes: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![200] } else { sizes };
    if Command::new("rg").arg("--version").output().is_err() {
        println!("skipped: ripgrep is not here (`rg`)");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let literals = folder.path().join("literals");
    fs::write(
        &literals,
        whyoom::catalogue::literals().collect::<Vec<_>>().join("\n"),
    )?;
    let all = available_parallelism()?.get();
    println!(
        "| input | failures | threads | whyoom | ripgrep | ratio | whyoom's memory |\n|---|---|---|---|---|---|---|"
    );
    for size in &sizes {
        for failures in FAILURES {
            let text = made::log(*size << 20, failures);
            let one = folder.path().join("one.log");
            fs::write(&one, &text)?;
            let runs = runs(text.len());
            let name = format!("{size} MiB | {failures}");
            row(&name, (1, runs), &one, &literals)?;
            fs::remove_file(&one)?;
            let many = folder.path().join("many");
            cut(&text, &many)?;
            drop(text);
            let name = format!("{size} MiB in {FILES} files | {failures}");
            for threads in [1, all] {
                row(&name, (threads, runs), &many, &literals)?;
            }
            fs::remove_dir_all(&many)?;
        }
    }
    println!(
        "\n| input | failures | ripgrep, nine words | whyoom, one thread | ratio | two threads | of one | memory of two |\n\
         |---|---|---|---|---|---|---|---|"
    );
    for size in sizes {
        for failures in FAILURES {
            let one = folder.path().join("one.log");
            fs::write(&one, made::log(size << 20, failures))?;
            few(&format!("{size} MiB | {failures}"), runs(size << 20), &one)?;
            fs::remove_file(&one)?;
        }
    }
    Ok(())
}

/// How often a log of this size is measured.
fn runs(bytes: usize) -> usize {
    if bytes > LARGE { RUNS_OF_LARGE } else { RUNS }
}

/// Measures ripgrep with a few words and `whyoom` with one thread and with two, in turns, and prints a line.
fn few(name: &str, runs: usize, path: &Path) -> Result<(), Box<dyn Error>> {
    let words = || {
        let mut command = Command::new("rg");
        command.args(["--no-config", "-j1", "-c", "-F"]);
        for word in WORDS {
            command.args(["-e", word]);
        }
        command.arg(path);
        command
    };
    highest(words())?;
    highest(own("1", path))?;
    let most = highest(own("2", path))?;
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..runs {
        times[0].push(time(words())?);
        times[1].push(time(own("1", path))?);
        times[2].push(time(own("2", path))?);
    }
    let [beside, one, two] = times.map(|times| median(times).as_secs_f64());
    println!(
        "| {name} | {beside:.2} s | {one:.2} s | {:.2} | {two:.2} s | {:.2} | {} MiB |",
        one / beside,
        two / one,
        most >> 10
    );
    Ok(())
}

/// `whyoom` with so many threads and all that it says, a line a failure: what it takes without a word is less.
fn own(threads: &str, path: &Path) -> Command {
    let mut command = Command::new(built());
    command
        .args(["--format", "ndjson", "--no-config", "--jobs", threads])
        .arg(path);
    command
}

/// Cuts a log into files, between lines.
fn cut(text: &[u8], folder: &Path) -> std::io::Result<()> {
    fs::create_dir(folder)?;
    let mut rest = text;
    for number in 0..FILES {
        let most = rest.len().min(text.len() / FILES + 1);
        let line = rest[most..].iter().position(|byte| *byte == b'\n');
        let (part, behind) = rest.split_at(line.map_or(rest.len(), |at| most + at + 1));
        fs::write(folder.join(format!("{number:04}.log")), part)?;
        rest = behind;
    }
    Ok(())
}

/// Measures both and prints a line.
fn row(
    name: &str,
    (threads, runs): (usize, usize),
    path: &Path,
    literals: &Path,
) -> Result<(), Box<dyn Error>> {
    let threads = threads.to_string();
    let other = || {
        let mut command = Command::new("rg");
        command.args(["--no-config", "-j", &threads, "-c", "-i", "-F", "-f"]);
        command.args([&PathBuf::from(literals), path]);
        command
    };
    let (mut times, mut others) = (Vec::new(), Vec::new());
    let most = highest(own(&threads, path))?;
    highest(other())?;
    for _ in 0..runs {
        times.push(time(own(&threads, path))?);
        others.push(time(other())?);
    }
    let (own, beside) = (median(times), median(others));
    println!(
        "| {name} | {threads} | {:.2} s | {:.2} s | {:.2} | {} MiB |",
        own.as_secs_f64(),
        beside.as_secs_f64(),
        own.as_secs_f64() / beside.as_secs_f64(),
        most >> 10
    );
    Ok(())
}

/// How long a command takes whose output nobody reads.
fn time(mut command: Command) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    let time = start.elapsed();
    well(&command, status)?;
    Ok(time)
}
