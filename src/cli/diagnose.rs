//! The default command: reads everything named, says why memory ran out, and what to change.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};

use super::desk::{Desk, Read, complain, print};
use super::environment::{Environment, LookArgs};
use super::exit::Exit;
#[cfg(unix)]
use super::follow;
use super::gates::GateArgs;
use super::inputs::InputArgs;
use super::interrupt::Interrupt;
use super::job_page;
use super::live::ProbeArgs;
use super::progress::Progress;
use super::records;
use crate::diagnose::{Diagnosis, Gpus};
use crate::error::Error;
use crate::input::{Control, Source};
use crate::log::Log;
use crate::report::redact::Redactor;
use crate::report::{self, Options, Output, Pages, Readings};
use crate::session::{Detail, Input, Session, Task};

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
    /// The repository that the program is in: its lines are looked at, and formats that show a failure at its line of code find
    /// it there [default for its lines: the checkout of the CI system]
    #[arg(long, value_name = "DIR", help_heading = REPORT, value_hint = ValueHint::DirPath)]
    repo_root: Option<PathBuf>,
    /// Where the pages of `whyoom explain --html` are served: causes and fixes then lead there
    #[arg(long, value_name = "URL", help_heading = REPORT)]
    pages: Option<Pages>,
    /// Print the changes of the program's own lines as a patch for `git apply`, and no report
    #[cfg(feature = "source")]
    #[arg(long, help_heading = REPORT, conflicts_with_all = ["format", "quiet", "redact", "records", "follow"])]
    patch: bool,
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
    /// How the report is written.
    fn output(&self) -> Option<&'static Output> {
        #[cfg(feature = "source")]
        if self.patch {
            return report::output("patch");
        }
        report::output(&self.format)
    }

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
        let mut redactor = self
            .redact
            .then(|| Environment::redactor().in_repository(self.repo_root.clone()));
        let interrupt = Interrupt::listen();
        let control = Control {
            stop: interrupt.stop.clone(),
            ..Control::default()
        };
        let readings = self.readings();
        let look = options.look.clone();
        let points = |series: &_, capacity| readings.points(series, &look, capacity);
        let session = Session {
            custom: Arc::clone(&environment.custom),
            detail: match readings {
                Readings::Nothing => Detail::Nothing,
                Readings::Course | Readings::Drawn(_) => Detail::Points(&points),
            },
            threads: self.inputs.jobs,
            task: Arc::new(Task::under(&control)),
        };
        let read = self.read(&found, (&session, environment), &options, &mut redactor)?;
        if let (Some(words), Some(_)) = (read.left(), interrupt.exit()) {
            complain(&words, &mut redactor);
        }
        let exit = read.exit;
        let diagnoses = self.judged(read, &session, environment);
        self.gates.compare(
            &mut options.compared,
            &diagnoses,
            &|path| passing(path, environment, &control),
            &mut |words| {
                if !self.quiet {
                    complain(words, &mut redactor);
                }
            },
        )?;
        let exit = exit.or(self.gates.exit(&diagnoses, &options.compared));
        if !self.streams() {
            self.report(diagnoses, &mut options, &mut redactor, environment)?;
        }
        Ok(interrupt.exit().unwrap_or(exit))
    }

    /// All that was read and is still needed, judged.
    fn judged(
        &self,
        read: Read,
        session: &Session<'_>,
        environment: &Environment,
    ) -> Vec<Diagnosis> {
        if !self.asks_gpus() {
            return read.diagnoses;
        }
        let devices = self.probe.ask();
        let gpus = Gpus::now(&devices, &environment.visible);
        let judge = |log| session.judge(log, Some(&gpus));
        read.logs.into_iter().map(judge).collect()
    }

    /// Writes the one report of all inputs.
    fn report(
        &self,
        mut diagnoses: Vec<Diagnosis>,
        options: &mut Options,
        redactor: &mut Option<Redactor>,
        environment: &Environment,
    ) -> Result<(), Error> {
        if let Some(redactor) = redactor {
            let shown = diagnoses.into_iter().map(|d| redactor.diagnosis(&d));
            diagnoses = shown.collect();
            redactor.compared(&mut options.compared);
        }
        let Some(output) = self.output().filter(|_| !self.quiet) else {
            return Ok(());
        };
        print(output, &diagnoses, options)?;
        if let ("github", Some(path)) = (output.name, &environment.job_page) {
            job_page::append(path, &diagnoses, options);
        }
        Ok(())
    }

    /// What was chosen of the report, and what an earlier run knew.
    fn options(&self, environment: &Environment) -> Result<Options, Error> {
        Ok(Options {
            look: environment.look(&self.look),
            fixes: self.fixes,
            verbose: self.verbose,
            compared: self.gates.known()?,
            repo_root: self.repo_root.clone(),
            pages: self.pages.clone(),
            ..Options::default()
        })
    }

    /// Shows how far the reading is, where somebody may want to know and is not typing the input.
    fn progress(&self, found: &[Input], task: &Arc<Task>, environment: &Environment) -> Progress {
        let inputs: Vec<Source> = found.iter().flatten().cloned().collect();
        let typed = environment.stdin_is_terminal && inputs.contains(&Source::Stdin);
        if self.quiet || self.no_progress || typed || !Environment::stderr_redraws() {
            return Progress::off();
        }
        Progress::show(task, inputs, environment.look(&self.look).unicode)
    }

    /// True where the GPUs have a say in the report: once, when all is read.
    fn asks_gpus(&self) -> bool {
        self.live && !self.quiet
    }

    /// True where the report of each input is written as soon as it is read. What the GPUs say and what an earlier run knew
    /// is asked once, when all is read.
    fn streams(&self) -> bool {
        let waits = self.live || self.gates.marks_failures();
        let output = self.output().filter(|_| !self.quiet);
        output.is_some_and(|output| output.streams) && !waits
    }

    /// True where nothing is asked of an input once its own report is written: only how the run ends is still open.
    fn forgets(&self) -> bool {
        (self.quiet || self.streams()) && !self.gates.compares()
    }

    /// What of the readings is needed once an input is explained.
    fn readings(&self) -> Readings {
        let output = self.output().filter(|_| !self.quiet);
        match output.map_or(Readings::Nothing, |output| output.readings) {
            Readings::Nothing if self.gates.compares() => Readings::Course,
            readings => readings,
        }
    }

    /// Reads everything, says what could not be read, and writes the reports that need not wait for the others.
    fn read(
        &self,
        found: &[Input],
        (session, environment): (&Session<'_>, &Environment),
        options: &Options,
        redactor: &mut Option<Redactor>,
    ) -> Result<Read, Error> {
        let mut desk = Desk {
            session,
            gates: &self.gates,
            root: self
                .repo_root
                .as_deref()
                .or(environment.checkout.as_deref()),
            asks_gpus: self.asks_gpus(),
            forgets: self.forgets(),
            output: self.output().filter(|_| self.streams()),
            options,
            redactor,
            progress: self.progress(found, &session.task, environment),
            read: Read::default(),
        };
        session.read(found, &mut desk)?;
        Ok(desk.read)
    }
}

impl Diagnose {
    /// Reports failures as they come.
    #[cfg(unix)]
    fn follow(
        &self,
        found: &[Input],
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
        records::run(&self.gates, &options, &environment.custom)
    }
}

/// Reads the log of a run that passed.
fn passing(path: &Path, environment: &Environment, control: &Control) -> Result<Diagnosis, Error> {
    let session = Session {
        custom: Arc::clone(&environment.custom),
        task: Arc::new(Task::under(control)),
        ..Session::default()
    };
    let source = Source::File(path.to_owned());
    let name = source.name();
    match session.one(&source, &name) {
        Err(_) if control.stop.asked() => {
            Ok(session.judge(Log::unread(&name, "interrupted"), None))
        }
        read => read,
    }
}
