//! The default command: reads everything named, says why memory ran out, and what to change.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};

use super::environment::{Environment, LookArgs};
use super::exit::Exit;
#[cfg(unix)]
use super::follow;
use super::gates::GateArgs;
use super::inputs::{Found, InputArgs, Way};
use super::interrupt::Interrupt;
use super::job_page;
use super::live::ProbeArgs;
use super::progress::{Progress, Task};
use super::reading::{self, Told};
use super::records;
use crate::diagnose::{Diagnosis, Reader};
use crate::error::Error;
use crate::input::{Control, Source};
use crate::jobs::{self, Jobs};
use crate::report::redact::Redactor;
use crate::report::{self, Options, Output, Readings};

/// The group of what shapes the report.
const REPORT: &str = "Report";

/// What to read and how to report it.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(super) struct Diagnose {
    #[command(flatten)]
    inputs: InputArgs,
    /// How to write the report
    #[arg(long, short, help_heading = REPORT, default_value = "terminal", value_parser = formats())]
    format: String,
    /// Wait for what is added to the inputs and report each failure as it comes, over rotation and truncation, until Ctrl-C
    #[cfg(unix)]
    #[arg(long, short = 'F', help_heading = "Follow", conflicts_with_all = ["records", "since", "margin"])]
    follow: bool,
    /// Show all fixes with their costs, all evidence and where it was read
    #[arg(long, short, help_heading = REPORT)]
    verbose: bool,
    /// At most this many fixes for each failure [default: 3 on the terminal, else all]
    #[arg(long, value_name = "N", help_heading = REPORT)]
    fixes: Option<usize>,
    /// No report: the exit code is the answer
    #[arg(long, short, help_heading = REPORT)]
    quiet: bool,
    /// Do not show on the terminal how far long reading is
    #[arg(long, help_heading = REPORT)]
    no_progress: bool,
    /// Placeholders for folders, users, hosts, addresses and keys in the report; every figure stays
    #[arg(long, help_heading = REPORT)]
    redact: bool,
    /// The repository that the program is in, for formats that show a failure at its line of code
    #[arg(long, value_name = "DIR", help_heading = REPORT, value_hint = ValueHint::DirPath)]
    repo_root: Option<PathBuf>,
    /// Ask the GPUs of this machine: would it fit now, who is in the way, which other GPU has room
    #[arg(long, help_heading = REPORT)]
    live: bool,
    #[command(flatten)]
    probe: ProbeArgs,
    /// Be a filter: each line in is a JSON object with a log as `text` or its `path`, each line out what it says
    #[arg(long, help_heading = "Input", conflicts_with_all = ["paths", "files_from", "format", "quiet", "live", "since", "margin", "redact"])]
    records: bool,
    #[command(flatten)]
    gates: GateArgs,
    #[command(flatten)]
    look: LookArgs,
}

fn formats() -> PossibleValuesParser {
    let formats = report::ALL.iter();
    PossibleValuesParser::new(formats.map(|f| PossibleValue::new(f.name).help(f.about)))
}

impl Diagnose {
    /// The paths as they were typed.
    pub(super) fn paths(&self) -> &[OsString] {
        &self.inputs.paths
    }

    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        if self.records {
            return self.filter(environment);
        }
        let found = self.inputs.find()?;
        let stdin = |found: &Result<Source, Error>| matches!(found, Ok(Source::Stdin));
        if environment.stdin_is_terminal && !self.quiet && found.iter().any(stdin) {
            super::complain("paste the error message or the log, then press Ctrl-D");
        }
        let mut options = self.options(environment)?;
        #[cfg(unix)]
        if self.follow {
            return self.follow(&found, options, environment);
        }
        let output = report::output(&self.format).filter(|_| !self.quiet);
        let mut redactor = self
            .redact
            .then(|| Environment::redactor().in_repository(self.repo_root.clone()));
        let interrupt = Interrupt::listen();
        let control = Control {
            stop: interrupt.stop.clone(),
            ..Control::default()
        };
        let (mut diagnoses, exit) =
            self.read(&found, (environment, &control), &options, &mut redactor)?;
        let streams = self.streams();
        jobs::join_snapshots(&mut diagnoses);
        if let (Some(words), Some(_)) = (left(&diagnoses), interrupt.exit()) {
            // What was reported already has its placeholders.
            let redactor = redactor.as_mut().filter(|_| !streams);
            let shown = redactor.map(|r| r.words(&words));
            super::complain(&shown.unwrap_or(words));
        }
        if self.live && !self.quiet {
            self.probe.join(&mut diagnoses, environment);
        }
        self.gates.compare(
            &mut options.compared,
            &diagnoses,
            &|path| passing(path, environment, &control),
            &|words| {
                if !self.quiet {
                    super::complain(words);
                }
            },
        )?;
        if let (Some(redactor), false) = (&mut redactor, streams) {
            // A comparison sets what was read against what was read.
            for diagnosis in &mut diagnoses {
                redactor.diagnosis(diagnosis);
            }
            redactor.compared(&mut options.compared);
        }
        if let (Some(output), false) = (output, streams) {
            print(output, &diagnoses, &options)?;
        }
        if let (Some("github"), Some(path)) = (output.map(|o| o.name), &environment.job_page) {
            job_page::append(path, &diagnoses, &options);
        }
        let exit = exit.or(self.gates.exit(&diagnoses, &options.compared));
        Ok(interrupt.exit().unwrap_or(exit))
    }

    /// What was chosen of the report, and what an earlier run knew.
    fn options(&self, environment: &Environment) -> Result<Options, Error> {
        Ok(Options {
            look: environment.look(&self.look),
            fixes: self.fixes,
            verbose: self.verbose,
            compared: self.gates.known()?,
            repo_root: self.repo_root.clone(),
            ..Options::default()
        })
    }

    /// Shows how far the reading is, where somebody may want to know and is not typing the input.
    fn progress(&self, found: &[Found], task: &Arc<Task>, environment: &Environment) -> Progress {
        let inputs: Vec<Source> = found.iter().flatten().cloned().collect();
        let typed = environment.stdin_is_terminal && inputs.contains(&Source::Stdin);
        if self.quiet || self.no_progress || typed || !Environment::stderr_redraws() {
            return Progress::off();
        }
        Progress::show(task, inputs, environment.look(&self.look).unicode)
    }

    /// True where the report of each input is written as soon as it is read. What the GPUs say and what an earlier run knew
    /// is asked once, when all is read.
    fn streams(&self) -> bool {
        let waits = self.live || self.gates.marks_failures();
        let output = report::output(&self.format).filter(|_| !self.quiet);
        output.is_some_and(|output| output.streams) && !waits
    }

    /// True where nothing is asked of an input once its own report is written: only how the run ends is still open.
    fn forgets(&self) -> bool {
        (self.quiet || self.streams()) && !self.gates.compares()
    }

    /// What of the readings is needed once an input is explained.
    fn readings(&self) -> Readings {
        let output = report::output(&self.format).filter(|_| !self.quiet);
        match output.map_or(Readings::Nothing, |output| output.readings) {
            Readings::Nothing if self.gates.compares() => Readings::Course,
            readings => readings,
        }
    }

    /// Reads everything, says what could not be read, and writes the reports that need not wait for the others. Returns what
    /// is still needed, and how the run ends by what is not.
    fn read(
        &self,
        found: &[Found],
        (environment, control): (&Environment, &Control),
        options: &Options,
        redactor: &mut Option<Redactor>,
    ) -> Result<(Vec<Diagnosis>, Exit), Error> {
        let output = report::output(&self.format).filter(|_| self.streams());
        let task = Arc::new(Task::under(control));
        let progress = self.progress(found, &task, environment);
        let jobs = jobs(found);
        let readings = self.readings();
        let way = Way {
            reader: &|name| match readings {
                Readings::Nothing => environment.reader(name).for_failures(),
                _ => environment.reader(name),
            },
            // A failure is explained anew where other inputs of its job tell it too, by the readings of its own.
            thin: &|diagnosis| {
                if diagnosis.incidents.is_empty() {
                    readings.thin(diagnosis, &options.look);
                }
            },
        };
        let mut somebody_reads = true;
        let mut written = 0;
        let mut diagnoses = Vec::new();
        let mut places = Vec::new();
        let mut exit = Exit::CLEAN;
        let mut take = |logs: Vec<Told>| {
            places.push(diagnoses.len());
            for (diagnosis, problem) in logs {
                if let Some(problem) = problem {
                    let shown = redactor.as_mut().map(|r| r.words(&problem));
                    progress.aside(|| super::complain(&shown.unwrap_or(problem)));
                }
                diagnoses.push(diagnosis);
            }
            jobs.join_ended(&mut diagnoses, &places);
            let ready = places.get(jobs.ready(places.len()));
            let ready = ready.copied().unwrap_or(diagnoses.len());
            let fresh = diagnoses.get_mut(written..ready).unwrap_or_default();
            written = written.max(ready);
            for diagnosis in fresh {
                readings.thin(diagnosis, &options.look);
                if let Some(output) = output.filter(|_| somebody_reads) {
                    if let Some(redactor) = redactor {
                        redactor.diagnosis(diagnosis);
                    }
                    let one = slice::from_ref(diagnosis);
                    somebody_reads = progress.aside(|| print(output, one, options))?;
                    if !somebody_reads {
                        control.stop.ask();
                    }
                }
                if self.forgets() {
                    exit = exit.or(self
                        .gates
                        .exit(slice::from_ref(diagnosis), &options.compared));
                    diagnosis.forget();
                }
            }
            Ok(())
        };
        self.inputs.read(found, &way, &task, &mut take)?;
        Ok((diagnoses, exit))
    }
}

/// Which inputs are of one job, by what the user named them.
fn jobs(found: &[Found]) -> Jobs {
    let names = found.iter().map(|found| match found {
        Ok(source) => source.name(),
        Err(_) => String::new(),
    });
    let names: Vec<String> = names.collect();
    Jobs::of(names.iter().map(String::as_str))
}

/// What is left unread, in words; `None` where all was read.
fn left(diagnoses: &[Diagnosis]) -> Option<String> {
    const NAMED: usize = 3;
    let left: Vec<&Diagnosis> = diagnoses.iter().filter(|d| !d.complete).collect();
    let names = left.iter().take(NAMED).map(|d| format!("`{}`", d.source));
    let mut names = names.collect::<Vec<_>>().join(", ");
    if left.len() > NAMED {
        names = format!("{names} and {} more", left.len() - NAMED);
    }
    match (left.len(), diagnoses.len()) {
        (0, _) => None,
        (1, 1) => Some(format!("interrupted: {names} was not read to its end")),
        (some, all) => Some(format!(
            "interrupted: {some} of {all} inputs were not read to their end: {names}"
        )),
    }
}

/// Prints the report of these inputs; false where nobody reads it any more.
fn print(output: &Output, diagnoses: &[Diagnosis], options: &Options) -> Result<bool, Error> {
    super::write(|out| (output.write)(diagnoses, options, out))
}

impl Diagnose {
    /// Reports failures as they come.
    #[cfg(unix)]
    fn follow(
        &self,
        found: &[Found],
        mut options: Options,
        environment: &Environment,
    ) -> Result<Exit, Error> {
        let output = follow::output(&self.format)?;
        options.growing = true;
        let wish = follow::Wish {
            output: Some(output).filter(|_| !self.quiet),
            options,
            redactor: self.redact.then(Environment::redactor),
            gates: &self.gates,
            probe: Some(&self.probe).filter(|_| self.live),
            environment,
        };
        follow::follow(found, wish)
    }

    /// Answers records.
    fn filter(&self, environment: &Environment) -> Result<Exit, Error> {
        let options = self.options(environment)?;
        records::run(&self.gates, &options, &|source| {
            environment.reader(source).for_failures()
        })
    }
}

/// Reads the log of a run that passed.
fn passing(path: &Path, environment: &Environment, control: &Control) -> Result<Diagnosis, Error> {
    let source = Source::File(path.to_owned());
    let name = source.name();
    match reading::joined(&name, &source, control, &|name| environment.reader(name)) {
        Err(_) if control.stop.asked() => {
            let mut nothing = Reader::new(&name).finish();
            nothing.complete = false;
            nothing.problem = Some("interrupted".to_owned());
            Ok(nothing)
        }
        read => read,
    }
}
