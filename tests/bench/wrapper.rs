//! Programs by themselves and under `whyoom run`, in turns: `cargo bench --bench wrapper` prints the ratio of the median times.
//!
//! The programs are this one, started anew. Their output goes to a file, or through a pipe to somebody who reads it, as to a
//! CI system, or nowhere, which costs a program nothing and so shows most of what the wrapper does. `WHYOOM_BIN` names
//! another build to measure.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that prints a table of what it measures; what it cannot do ends it"
)]

mod timing;

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, LineWriter, Write};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use timing::{built, median, well};

/// How often each is measured.
const RUNS: usize = 5;
/// Says to the program what it is to be.
const CHILD: &str = "WHYOOM_BENCH_CHILD";

/// A program that is measured.
struct Program {
    name: &'static str,
    about: &'static str,
    steps: u32,
    /// True where each line is written by itself, as to a terminal; else they are gathered in a buffer of the usual size.
    by_line: bool,
    step: fn(u32, &mut dyn Write) -> io::Result<()>,
}

const PROGRAMS: [Program; 5] = [
    Program {
        name: "chatty",
        about: "prints a million lines a second, 8 KiB at a time",
        steps: 1_000_000,
        by_line: false,
        step: |n, out| sample(n, out).map(|()| work(Duration::from_micros(1))),
    },
    Program {
        name: "readings",
        about: "prints half a million readings of memory a second, each by itself",
        steps: 500_000,
        by_line: true,
        step: |n, out| reading(n, out).map(|()| work(Duration::from_nanos(1500))),
    },
    Program {
        name: "bar",
        about: "works for 1 ms a step, and draws a bar",
        steps: 1000,
        by_line: true,
        step: bar,
    },
    Program {
        name: "lines",
        about: "prints lines as fast as it can, each by itself",
        steps: 2_000_000,
        by_line: true,
        step: sample,
    },
    Program {
        name: "bytes",
        about: "prints as fast as it can, 8 KiB at a time",
        steps: 10_000_000,
        by_line: false,
        step: sample,
    },
];

/// Where output goes.
const PLACES: [&str; 3] = ["a file", "a pipe", "nowhere"];

fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(name) = std::env::var(CHILD) {
        return child(&name);
    }
    println!(
        "| a program that | its output goes to | steps a second | by itself | under `whyoom run` | ratio |\n|---|---|---|---|---|---|"
    );
    for program in &PROGRAMS {
        for place in PLACES {
            let (mut bare, mut wrapped) = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                let own = std::env::current_exe()?;
                bare.push(measured(Command::new(&own), program, place)?);
                let mut wrapper = Command::new(built());
                wrapper.args(["run", "--"]).arg(&own);
                wrapped.push(measured(wrapper, program, place)?);
            }
            let (bare, wrapped) = (median(bare).as_secs_f64(), median(wrapped).as_secs_f64());
            let speed = f64::from(program.steps) / bare;
            println!(
                "| {} | {place} | {speed:.0} | {bare:.2} s | {wrapped:.2} s | {:.3} |",
                program.about,
                wrapped / bare
            );
        }
    }
    Ok(())
}

/// How long it takes to its end, and that of its output.
fn measured(
    mut command: Command,
    program: &Program,
    place: &str,
) -> Result<Duration, Box<dyn Error>> {
    let file = tempfile::tempfile()?;
    command.env(CHILD, program.name).stdout(match place {
        "a file" => Stdio::from(file),
        "a pipe" => Stdio::piped(),
        _ => Stdio::null(),
    });
    let start = Instant::now();
    let mut child = command.spawn()?;
    if let Some(mut output) = child.stdout.take() {
        io::copy(&mut output, &mut io::sink())?;
    }
    let status = child.wait()?;
    let time = start.elapsed();
    well(&command, status)?;
    Ok(time)
}

/// What is measured.
fn child(name: &str) -> Result<(), Box<dyn Error>> {
    let program = PROGRAMS.iter().find(|program| program.name == name);
    let program = program.ok_or("no such program")?;
    // The handle of the standard library writes line by line; the file behind it does not.
    let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut out: Box<dyn Write> = if program.by_line {
        Box::new(LineWriter::new(file))
    } else {
        Box::new(BufWriter::new(file))
    };
    for n in 0..program.steps {
        (program.step)(n, &mut out)?;
    }
    Ok(out.flush()?)
}

fn sample(n: u32, out: &mut dyn Write) -> io::Result<()> {
    let label = n % 1000;
    writeln!(
        out,
        "loaded sample {n} of the set, label {label}, shape (3, 224, 224)"
    )
}

fn reading(n: u32, out: &mut dyn Write) -> io::Result<()> {
    let (loss, gib, rest) = (n % 9973, 20 + n % 40, n % 100);
    writeln!(
        out,
        "step {n}: loss 1.{loss:04} allocated {gib}.{rest:02} GiB"
    )
}

/// Works so long.
fn work(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn bar(n: u32, out: &mut dyn Write) -> io::Result<()> {
    work(Duration::from_millis(1));
    write!(
        out,
        "\r{:3}%|###  | {n}/1000 [00:01<00:01, 990.11it/s, mem=3.21G]",
        n / 10
    )?;
    out.flush()
}
