//! `whyoom run`: a program as it is, and an explanation where it runs out of memory.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::after_run::After;
use super::environment::{Environment, LookArgs};
use super::exit::Exit;
use super::live::ProbeArgs;
use super::reports::{self, Chosen, Formats};
use super::retries::{self, Next, Tried};
use super::run_names::Names;
use super::whole_file::WholeFile;
use crate::error::Error;
use crate::evidence::{Incident, Memory};
use crate::input::Source;
use crate::inside;
use crate::jobs;
use crate::log::Log;
use crate::report::Options;
use crate::run::{self, Additions, Job, Left, Outcome, Ran, Recorder, Runner};
use crate::session::{Input, Session};
#[cfg(feature = "source")]
use crate::source;

/// What a shell says where a program is not there, and where it cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;

/// Run a program, and explain it if it runs out of memory
///
/// Input, output, signals and the exit code pass through untouched; the report follows the program's own output, on
/// standard error. Exit codes: the program's own, 128+N if signal N ended it, 127 if it was not found, 126 if it
/// cannot be run.
#[derive(Args)]
#[command(after_help = "Example: whyoom run --save oom -- python train.py --batch-size 32")]
pub(super) struct Run {
    /// Ask the GPUs every so many seconds
    #[arg(long, value_name = "SECS", default_value = "1")]
    interval: f64,
    /// Keep the output, the readings of the GPUs and the report in this folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Record PyTorch's memory history: Python gets a start-up file through PYTHONPATH, which writes a snapshot when
    /// memory runs out; costs some time and host memory
    #[arg(long)]
    record: bool,
    /// Do not look inside of Python programs when GPU memory runs out
    #[arg(long)]
    no_inside: bool,
    /// The folder with the program's own code, whose lines are looked at after a failure [default: the working directory]
    #[arg(long, value_name = "DIR")]
    repo_root: Option<PathBuf>,
    /// After a failure run it again, up to N times, each time with the next fix that is only an environment variable
    #[arg(long, value_name = "N", default_value_t = 0)]
    retry_with_fix: usize,
    /// At most this many fixes for each failure
    #[arg(long, value_name = "N")]
    fixes: Option<usize>,
    /// Placeholders for folders, users, hosts, containers and keys in the report and the readings that are kept; the output
    /// itself is kept as it is
    #[arg(long)]
    redact: bool,
    #[command(flatten)]
    probe: ProbeArgs,
    #[command(flatten)]
    look: LookArgs,
    /// How to write the report, and into which file; several times for several reports of one run, of which one may go to
    /// standard error, if memory ran out
    #[arg(long, short, value_name = "FORMAT[=PATH]", default_value = "terminal", value_parser = Formats)]
    format: Vec<Chosen>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Run {
    pub(super) fn run(&self, environment: &Environment) -> Result<Exit, Error> {
        reports::check(&self.format, "standard error")?;
        // What cannot be written is said before the program runs, and not hours later.
        for path in self.format.iter().filter_map(|chosen| chosen.path.as_ref()) {
            drop(WholeFile::create(path)?);
        }
        let mut runner = Runner::default();
        let mut tried: Vec<Tried> = Vec::new();
        let names = Names::new(self.redact);
        loop {
            let mut outcome = match self.once(&mut runner, &tried, &names, environment)? {
                Ok(outcome) => outcome,
                Err(error) => return Ok(self.not_started(&error)),
            };
            let verdict = tried.last().map(|last| retries::verdict(last, &outcome));
            let again = tried.len() < self.retry_with_fix;
            let next = again.then(|| retries::next(&outcome, &tried));
            names.take_out(&mut outcome);
            self.explain(&outcome, tried.len(), environment)?;
            if let Some(words) = killed(&outcome) {
                names.say(&words);
            }
            if let Some(verdict) = verdict {
                names.say(&verdict);
            }
            match next {
                Some(Next::Try(fix)) => {
                    names.say(&format!(
                        "running it again with {}={} ({})",
                        fix.name, fix.value, fix.fix
                    ));
                    tried.push(fix);
                }
                Some(Next::Stop(Some(why))) => {
                    names.say(&why);
                    return Ok(Exit::program(outcome.code()));
                }
                Some(Next::Stop(None)) | None => return Ok(Exit::program(outcome.code())),
            }
        }
    }

    /// One run. What it leaves goes into a folder of its own.
    fn once(
        &self,
        runner: &mut Runner,
        tried: &[Tried],
        names: &Names,
        environment: &Environment,
    ) -> Result<io::Result<Outcome>, Error> {
        let folder = self.folder(tried.len());
        let log = folder.as_ref().map(|f| f.join("output.log"));
        let name = log
            .as_ref()
            .map_or_else(|| "output".to_owned(), |l| l.display().to_string());
        let recorder = self.recorder(folder.as_deref(), tried.len())?;
        let mut variables: Vec<(OsString, OsString)> = tried
            .iter()
            .map(|t| (OsString::from(&t.name), OsString::from(&t.value)))
            .collect();
        if let Some(recorder) = &recorder {
            variables.extend(recorder.variables(environment.python_path.as_deref()));
        }
        let samples = folder.as_ref().map(|f| {
            let file = run::create(&f.join("samples.jsonl"))?;
            Ok(names.keep(file))
        });
        let job = Job {
            command: &self.command,
            variables: &variables,
            reader: environment.reader(&name),
            interval: Duration::from_secs_f64(self.interval.clamp(0.05, 3600.0)),
            log: log
                .as_deref()
                .map(run::create)
                .transpose()
                .map_err(Error::Write)?,
            samples: samples.transpose().map_err(Error::Write)?,
        };
        let probe = self.probe.clone();
        let mut ran = runner.run(job, move || probe.open());
        let left = recorder.map(|recorder| match folder {
            Some(_) => recorder.finish(),
            None => recorder.finish_and_clear(),
        });
        if let Ok(ran) = &mut ran {
            self.join(&left.unwrap_or_default(), ran, names, environment)?;
        }
        let rules = environment.custom.rules();
        Ok(ran.map(|ran| ran.judge(&environment.visible, rules)))
    }

    /// Gives each failure what its process left, and what its program's lines show.
    fn join(
        &self,
        left: &Left,
        ran: &mut Ran,
        names: &Names,
        environment: &Environment,
    ) -> Result<(), Error> {
        if self.record {
            tell_snapshots(&left.snapshots, ran, names);
        }
        join_left(left, ran, environment)?;
        #[cfg(feature = "source")]
        if let Some(log) = &mut ran.log {
            source::join(
                self.repo_root.as_deref().unwrap_or(Path::new(".")),
                &mut log.incidents,
            );
        }
        Ok(())
    }

    /// What is added to Python programs. A temporary folder that cannot be written is no reason not to run.
    fn recorder(&self, folder: Option<&Path>, tries: usize) -> Result<Option<Recorder>, Error> {
        let additions = Additions {
            history: self.record,
            census: !self.no_inside,
        };
        if additions == Additions::default() {
            return Ok(None);
        }
        let kept = folder.map_or_else(
            || std::env::temp_dir().join(format!("whyoom-{}-{tries}", std::process::id())),
            Path::to_owned,
        );
        match Recorder::new(&kept, additions) {
            Ok(recorder) => Ok(Some(recorder)),
            Err(_) if !self.record && folder.is_none() => Ok(None),
            Err(error) => Err(Error::Write(error)),
        }
    }

    fn folder(&self, tries: usize) -> Option<PathBuf> {
        let folder = self.save.as_ref()?;
        Some(match tries {
            0 => folder.clone(),
            n => folder.join(format!("retry-{n}")),
        })
    }

    /// The reports, after the program's own output.
    fn explain(
        &self,
        outcome: &Outcome,
        tries: usize,
        environment: &Environment,
    ) -> Result<(), Error> {
        let Some(diagnosis) = &outcome.diagnosis else {
            super::complain("the output could not be read along; no report");
            return Ok(());
        };
        let root = self.repo_root.as_ref().or(environment.checkout.as_ref());
        let options = Options {
            look: environment.look_of_stderr(&self.look),
            fixes: self.fixes,
            repo_root: root.cloned(),
            links: environment.links.clone(),
            ..Options::default()
        };
        let after = After {
            watched: &outcome.watched,
            diagnosis,
        };
        after.say(&self.format, &options)?;
        let in_file = Options {
            look: environment.look_in_file(&self.look),
            ..options.clone()
        };
        after.write(&self.format, &in_file);
        match self.folder(tries) {
            Some(folder) => after.keep(&folder, &options),
            None => Ok(()),
        }
    }

    fn not_started(&self, error: &io::Error) -> Exit {
        let program = self
            .command
            .first()
            .map(|c| c.to_string_lossy().into_owned());
        let program = program.unwrap_or_default();
        let (code, words) = match error.kind() {
            ErrorKind::NotFound => (NOT_FOUND, "not found".to_owned()),
            _ => (NOT_RUNNABLE, error.to_string()),
        };
        super::complain(&format!("cannot run `{program}`: {words}"));
        Exit::program(code)
    }
}

/// That the kernel ended a process of the program for want of host memory, which the program itself could not print. Where only
/// the machine's counter tells, it may have been another program's, unless this one was ended just so.
fn killed(outcome: &Outcome) -> Option<String> {
    const BY_SIGKILL: u8 = 128 + 9;
    let killed = outcome.killed.as_ref()?;
    if killed.whole_machine && outcome.code() != BY_SIGKILL {
        return None;
    }
    let whose = if killed.whole_machine {
        "of this machine"
    } else {
        "of this program's control group"
    };
    let processes = match killed.processes {
        1 => "a process",
        _ => "processes",
    };
    Some(format!(
        "the kernel killed {processes} {whose} for want of host memory, not of the GPU's, while the program ran (`oom_kill` in {} \
         rose by {}): see `whyoom explain oom-killer`",
        killed.file.display(),
        killed.processes
    ))
}

/// Gives each failure what the snapshot and the census of the same moment show.
fn join_left(left: &Left, ran: &mut Ran, environment: &Environment) -> Result<(), Error> {
    /// A job writes one a process; more ranks on one machine than this are not read.
    const MOST: usize = 64;
    let failed = |log: &mut Log| !log.incidents.is_empty();
    let Some(output) = ran.log.take_if(failed) else {
        return Ok(());
    };
    let inputs = left.snapshots.iter().take(MOST).cloned();
    let inputs: Vec<Input> = inputs.map(|path| Ok(Source::File(path))).collect();
    let session = Session {
        custom: Arc::clone(&environment.custom),
        ..Session::default()
    };
    let mut all = vec![output];
    all.extend(session.gather(&inputs)?);
    let censuses = left.censuses.iter().cloned();
    all.push(Log {
        incidents: censuses
            .map(|census| inside::incident(census, &[]))
            .collect(),
        ..Log::default()
    });
    jobs::join_snapshots(&mut all);
    let skew = all.iter_mut().find_map(|log| log.skew.take());
    ran.log = all.into_iter().next();
    if let Some(log) = &mut ran.log {
        log.skew = skew;
    }
    Ok(())
}

/// Names the snapshots that were written, or says why there may be none where one was to be expected.
fn tell_snapshots(snapshots: &[PathBuf], ran: &Ran, names: &Names) {
    for snapshot in snapshots {
        names.say(&format!(
            "memory snapshot: {} (`whyoom` reads it)",
            snapshot.display()
        ));
    }
    let of_a_gpu = |incident: &Incident| incident.memory == Memory::Device;
    let failed = ran.log.iter().flat_map(|log| &log.incidents);
    if snapshots.is_empty() && failed.into_iter().any(of_a_gpu) {
        names.say(
            "no memory snapshot was written: PyTorch writes one where its own allocator runs out, and Python does not look at PYTHONPATH \
             with -I or -E",
        );
    }
}
