//! Programs by themselves and under `whyoom run`, in turns: `cargo bench --bench wrapper` prints the ratio of the median times.
//!
//! The programs are this one, started anew: one that prints as fast as it can, one that prints a reading of memory in every
//! line, and one that works for a millisecond a step and draws a bar. `WHYOOM_BIN` names another build to measure.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that prints a table of what it measures; what it cannot do ends it"
)]

mod timing;

use std::error::Error;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use timing::{built, median, time};

/// How often each is measured.
const RUNS: usize = 7;
/// Says to the program what it is to be.
const CHILD: &str = "WHYOOM_BENCH_CHILD";
/// A step's work.
const WORK: Duration = Duration::from_millis(1);

/// A program that is measured.
struct Program {
    name: &'static str,
    about: &'static str,
    steps: u32,
    step: fn(u32, &mut dyn Write) -> io::Result<()>,
}

const PROGRAMS: [Program; 3] = [
    Program {
        name: "lines",
        about: "prints lines",
        steps: 4_000_000,
        step: |n, out| {
            writeln!(
                out,
                "loaded sample {n} of the set, label {}, shape (3, 224, 224)",
                n % 1000
            )
        },
    },
    Program {
        name: "readings",
        about: "prints a reading of memory in every line",
        steps: 3_000_000,
        step: |n, out| {
            writeln!(
                out,
                "step {n}: loss 1.{:04} allocated {}.{:02} GiB",
                n % 9973,
                20 + n % 40,
                n % 100
            )
        },
    },
    Program {
        name: "bar",
        about: "works for 1 ms a step, and draws a bar",
        steps: 2000,
        step: |n, out| {
            let start = Instant::now();
            while start.elapsed() < WORK {
                std::hint::spin_loop();
            }
            write!(
                out,
                "\r{:3}%|###  | {n}/2000 [00:01<00:01, 990.11it/s, mem=3.21G]",
                n / 20
            )?;
            out.flush()
        },
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(name) = std::env::var(CHILD) {
        let program = PROGRAMS
            .iter()
            .find(|p| p.name == name)
            .ok_or("no such program")?;
        // Each line by itself, as a program's lines go to a terminal.
        let mut out = io::LineWriter::new(io::stdout().lock());
        return (0..program.steps)
            .try_for_each(|n| (program.step)(n, &mut out))
            .map_err(Into::into);
    }
    println!(
        "| a program that | steps a second | by itself | under `whyoom run` | ratio |\n|---|---|---|---|---|"
    );
    for program in &PROGRAMS {
        let (mut bare, mut wrapped) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let own = std::env::current_exe()?;
            bare.push(measured(Command::new(&own), program)?);
            let mut wrapper = Command::new(built());
            wrapper.args(["run", "--"]).arg(&own);
            wrapped.push(measured(wrapper, program)?);
        }
        let (bare, wrapped) = (median(bare).as_secs_f64(), median(wrapped).as_secs_f64());
        let speed = f64::from(program.steps) / bare;
        println!(
            "| {} | {speed:.0} | {bare:.2} s | {wrapped:.2} s | {:.3} |",
            program.about,
            wrapped / bare
        );
    }
    Ok(())
}

/// How long it takes where nothing is done with its output, which favours the program by itself.
fn measured(mut command: Command, program: &Program) -> Result<Duration, Box<dyn Error>> {
    command.env(CHILD, program.name);
    time(command)
}
