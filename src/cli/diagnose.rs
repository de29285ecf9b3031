//! The default command: reads everything named, says why memory ran out, and what to change.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};

use super::desk::{Desk, Read, complain};
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
use super::reports::{self, Chosen, Formats, Reports};
use crate::diagnose::{Diagnosis, Gpus};
use crate::error::Error;
use crate::input::{Control, Source};
use crate::log::Log;
use crate::report;
use crate::report::redact::Redactor;
use crate::report::{Look, Options, Pages, Readings};
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
    /// How to write the report, and into which file; several times for several reports of one run, of which one may go to
    /// standard output
    #[arg(long, short, value_name = "FORMAT[=PATH]", help_heading = REPORT, default_value = "terminal", value_parser = Formats)]
    format: Vec<Chosen>,
    /// Wait for what is added to the inputs and report each failure as it comes, over rotation and truncation, until Ctrl-C
    #[cfg(unix)]
    #[arg(long, short = 'F', help_heading = "Follow", conflicts_with_all = ["records", "since"])]
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
    /// it there [default: the checkout of the CI system's job]
    #[arg(long, value_name = "DIR", help_heading = REPORT, value_hint = ValueHint::DirPath)]
    repo_root: Option<PathBuf>,
    /// Where the pages of `whyoom explain --html` are served: causes and fixes then lead there
    #[arg(long, value_name = "URL", help_heading = REPORT)]
    pages: Option<Pages>,
    /// Print the changes of the program's own lines as a patch for `git apply`, and no report
    #[cfg(feature = "source")]
    #[arg(long, help_heading = REPORT, conflicts_with_all = ["format", "folded", "quiet", "redact", "records", "follow"])]
    patch: bool,
    /// Print the call stacks of memory snapshots for a flame graph, as `--format folded` does, and no report
    #[arg(long, help_heading = REPORT, conflicts_with_all = ["format", "quiet", "redact", "records", "follow"])]
    folded: bool,
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

impl Diagnose {
    /// The reports, with their files open.
    fn reports(&self, environment: &Environment) -> Result<Reports, Error> {
        let chosen = self.chosen();
        #[cfg(unix)]
        let growing = self.follow;
        #[cfg(not(unix))]
        let growing = false;
        let looks = [
            environment.look(&self.look),
            environment.look_in_file(&self.look),
        ];
        let reports = Reports::open(&chosen, (self.quiet, growing), looks)?;
        // What the GPUs say and what an earlier run knew is asked once, when all is read.
        Ok(reports.at_once(!self.live && !self.gates.marks_failures()))
    }

    /// The outputs that were asked for.
    fn chosen(&self) -> Vec<Chosen> {
        let only = |name| {
            let output = report::output(name).into_iter();
            let chosen = output.map(|output| Chosen { output, path: None });
            chosen.collect()
        };
        #[cfg(feature = "source")]
        if self.patch {
            return only("patch");
        }
        if self.folded {
            return only("folded");
        }
        self.format.clone()
    }

    /// The paths as they were typed.
    pub(super) fn paths(&self) -> &[OsString] {
        &self.inputs.paths
    }

    /// The inputs. A report of an earlier run that lies among the logs of a folder is none.
    fn found(&self) -> Result<Vec<Input>, Error> {
        let mut found = self.inputs.find()?;
        let named = |path: &Path| self.paths().iter().any(|named| Path::new(named) == path);
        found.retain(|input| match input {
            Ok(Source::File(path)) => named(path) || !reports::is_report(&self.format, path),
            _ => true,
        });
        Ok(found)
    }

    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        if self.records {
            return self.filter(environment);
        }
        let found = self.found()?;
        self.invite(&found, environment);
        let mut options = self.options(environment)?;
        #[cfg(unix)]
        if self.follow {
            return self.follow(&found, options, environment);
        }
        let mut reports = self.reports(environment)?;
        let mut redactor = self
            .redact
            .then(|| Environment::redactor().in_repository(options.repo_root.clone()));
        let interrupt = Interrupt::listen();
        let control = Control {
            stop: interrupt.stop.clone(),
            ..Control::default()
        };
        let needed = self.readings(&reports, &options);
        let points = |series: &_, capacity| Reports::points(&needed, series, capacity);
        let session = Session {
            custom: Arc::clone(&environment.custom),
            detail: if needed.is_empty() {
                Detail::Nothing
            } else {
                Detail::Points(&points)
            },
            threads: self.inputs.jobs,
            task: Arc::new(Task::under(&control)),
        };
        let read = self.read(
            &found,
            (&session, environment),
            (&mut reports, &options),
            &mut redactor,
        )?;
        if let (Some(words), Some(_)) = (read.left(), interrupt.exit()) {
            complain(&words, &mut redactor);
        }
        let exit = read.exit;
        let diagnoses = self.judged(read, &session, (&reports, environment));
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
        Self::report(diagnoses, options, (reports, redactor), environment)?;
        Ok(interrupt.exit().unwrap_or(exit))
    }

    /// All that was read and is still needed, judged.
    fn judged(
        &self,
        read: Read,
        session: &Session<'_>,
        (reports, environment): (&Reports, &Environment),
    ) -> Vec<Diagnosis> {
        if !self.asks_gpus(reports) {
            return read.diagnoses;
        }
        let devices = self.probe.ask();
        let gpus = Gpus::now(&devices, &environment.visible);
        let judge = |log| session.judge(log, Some(&gpus));
        read.logs.into_iter().map(judge).collect()
    }

    /// Says to a person at a terminal what is waited for.
    fn invite(&self, found: &[Input], environment: &Environment) {
        let stdin = |found: &Input| matches!(found, Ok(Source::Stdin));
        if environment.stdin_is_terminal && !self.quiet && found.iter().any(stdin) {
            super::complain("paste the error message or the log, then press Ctrl-D");
        }
    }

    /// Writes the reports of all inputs together, and moves all to their places.
    fn report(
        mut diagnoses: Vec<Diagnosis>,
        mut options: Options,
        (mut reports, redactor): (Reports, Option<Redactor>),
        environment: &Environment,
    ) -> Result<(), Error> {
        if reports.stream() {
            return reports.finish();
        }
        if let Some(mut redactor) = redactor {
            let shown = diagnoses.into_iter().map(|d| redactor.diagnosis(&d));
            diagnoses = shown.collect();
            redactor.compared(&mut options.compared);
        }
        reports.write_rest(&diagnoses, &options)?;
        let page = environment.job_page.as_ref();
        if let Some(path) = page.filter(|_| reports.has("github")) {
            job_page::append(path, &diagnoses, &options);
        }
        reports.finish()
    }

    /// The repository: the one that was named, else the checkout of the job.
    fn root<'a>(&'a self, environment: &'a Environment) -> Option<&'a PathBuf> {
        self.repo_root.as_ref().or(environment.checkout.as_ref())
    }

    /// What was chosen of the report, and what an earlier run knew.
    fn options(&self, environment: &Environment) -> Result<Options, Error> {
        Ok(Options {
            look: environment.look(&self.look),
            fixes: self.fixes,
            verbose: self.verbose,
            compared: self.gates.known()?,
            repo_root: self.root(environment).cloned(),
            pages: self.pages.clone(),
            links: environment.links.clone(),
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
    fn asks_gpus(&self, reports: &Reports) -> bool {
        self.live && !reports.is_empty()
    }

    /// What of the readings is needed once an input is explained.
    fn readings(&self, reports: &Reports, options: &Options) -> Vec<(Readings, Look)> {
        let mut needed = reports.readings();
        if self.gates.compares() {
            needed.push((Readings::Course, options.look.clone()));
        }
        needed
    }

    /// Reads everything, says what could not be read, and writes the reports that need not wait for the others.
    fn read(
        &self,
        found: &[Input],
        (session, environment): (&Session<'_>, &Environment),
        (reports, options): (&mut Reports, &Options),
        redactor: &mut Option<Redactor>,
    ) -> Result<Read, Error> {
        let mut desk = Desk {
            session,
            gates: &self.gates,
            root: options.repo_root.as_deref(),
            asks_gpus: self.asks_gpus(reports),
            // Where nothing is asked of an input once its own reports are written: only how the run ends is still open.
            forgets: reports.stream() && !self.gates.compares(),
            reports,
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
        follow::check(&self.format)?;
        let reports = self.reports(environment)?;
        options.growing = true;
        let wish = follow::Wish {
            reports,
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
