//! Runs a program with its output, signals and exit code untouched, and explains why it ran out of memory.

mod kills;
mod listener;
mod recorder;
mod retry;
mod sampler;
mod signals;
mod streams;

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Pid;

pub(crate) use kills::Killed;
pub(crate) use recorder::{Additions, Left, Recorder};
pub(crate) use retry::variable;

use crate::diagnose::{Diagnosis, Gpus, Reader, Rules};
use crate::evidence::{Devices, Visible, Watched};
use crate::log::Log;
use crate::probe::{GpuProbe, NoGpus};
use kills::Kills;
use listener::{Heard, Listener};
use sampler::Sampler;
use streams::Streams;

/// How long the output may be silent, after the program itself has ended, before nobody waits for it any more: a child
/// that it left behind can hold the other end open for ever.
const SILENCE: Duration = Duration::from_secs(1);

/// What to run.
pub(crate) struct Job<'a> {
    /// The program and its arguments.
    pub command: &'a [OsString],
    /// Variables to set for it.
    pub variables: &'a [(OsString, OsString)],
    /// What reads its output.
    pub reader: Reader,
    /// How often the GPUs are asked.
    pub interval: Duration,
    /// Where its output is kept.
    pub log: Option<Box<dyn Write + Send>>,
    /// What keeps the readings of the GPUs.
    pub samples: Option<Keep>,
}

/// Keeps a reading that was taken so many milliseconds after the start of the program.
pub(crate) type Keep = Box<dyn FnMut(u64, &Devices) + Send>;

/// How it went, before anything is judged.
pub(crate) struct Ran {
    /// How the program ended.
    pub status: ExitStatus,
    /// What its output says; `None` where it could not be read along.
    pub log: Option<Log>,
    /// What the GPUs said.
    pub watched: Watched,
    /// That the kernel killed for want of host memory.
    pub killed: Option<Killed>,
}

impl Ran {
    /// Judges what its output says, by what was seen of the GPUs that it sees and by the user's own rules.
    pub(crate) fn judge(self, visible: &Visible, rules: &Rules) -> Outcome {
        let gpus = Gpus::watched(&self.watched, visible);
        let judge = |log| Diagnosis::with(log, gpus.as_ref(), rules);
        let diagnosis = self.log.map(judge);
        Outcome {
            status: self.status,
            diagnosis,
            watched: self.watched,
            killed: self.killed,
        }
    }
}

/// How it went.
pub(crate) struct Outcome {
    /// How the program ended.
    pub status: ExitStatus,
    /// What its output says.
    pub diagnosis: Option<Diagnosis>,
    /// What the GPUs said.
    pub watched: Watched,
    /// That the kernel killed for want of host memory.
    pub killed: Option<Killed>,
}

impl Outcome {
    /// The code that a shell would give: 128 and the signal's number where one ended the program.
    pub(crate) fn code(&self) -> u8 {
        let code = self
            .status
            .code()
            .or_else(|| Some(128 + self.status.signal()?));
        u8::try_from(code.unwrap_or(1) & 0xff).unwrap_or(1)
    }

    /// True where somebody ended it from outside, by the keyboard or a scheduler.
    pub(crate) fn interrupted(&self) -> bool {
        const ENDED: [i32; 4] = [1, 2, 3, 15];
        let by_signal = self.status.signal().is_some_and(|s| ENDED.contains(&s));
        let by_code = self
            .status
            .code()
            .is_some_and(|c| ENDED.contains(&(c - 128)));
        by_signal || by_code
    }
}

/// Runs programs, one after another.
#[derive(Default)]
pub(crate) struct Runner {
    receiver: signals::Shared,
    forwarding: bool,
    /// Processes of earlier runs, which may be there still.
    own: Vec<u32>,
}

impl Runner {
    /// Runs one to its end. An error is that of starting it.
    pub(crate) fn run(
        &mut self,
        job: Job<'_>,
        probe: impl FnOnce() -> Result<Box<dyn GpuProbe>, NoGpus> + Send + 'static,
    ) -> io::Result<Ran> {
        let Some((program, arguments)) = job.command.split_first() else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let mut command = Command::new(program);
        command.args(arguments);
        command.envs(job.variables.iter().map(|(name, value)| (name, value)));
        let streams = streams::connect(&mut command)?;
        let kills = Kills::now(Path::new("/"));
        let mut child = command.spawn()?;
        // The child's ends of the streams must be its alone, or their end would never come.
        drop(command);
        let id = child.id();
        let Streams { all, terminal } = streams;
        self.listen(id, terminal);
        let sampler = Sampler::start(probe, (id, self.own.clone()), job.interval, job.samples);
        let listener = Listener::start(job.reader, all.len(), sampler.bell(), job.log);
        let pumps = Pumps::start(all, &listener);
        let status = child.wait()?;
        if let Ok(mut receiver) = self.receiver.lock() {
            receiver.child = None;
        }
        pumps.wait();
        let log = listener.finish();
        let failed = log.as_ref().is_some_and(|log| !log.incidents.is_empty());
        let watched = sampler.finish(failed);
        let own = watched.visitors.iter().filter(|v| v.own);
        self.own.extend(own.map(|v| v.pid));
        Ok(Ran {
            status,
            log,
            watched,
            killed: kills.since(),
        })
    }

    /// Signals go to this child from now on.
    fn listen(&mut self, id: u32, terminal: Option<streams::Terminal>) {
        if let Ok(mut receiver) = self.receiver.lock() {
            receiver.child = i32::try_from(id).ok().and_then(Pid::from_raw);
            receiver.terminal = terminal;
        }
        if !self.forwarding {
            self.forwarding = signals::forward(&self.receiver).is_ok();
        }
    }
}

/// The threads that pass the output on.
struct Pumps {
    passed: Arc<AtomicU64>,
    flows: Vec<streams::Flow>,
}

impl Pumps {
    fn start(streams: Vec<streams::Stream>, listener: &Listener) -> Self {
        let pumps = Self {
            passed: Arc::default(),
            flows: streams.iter().map(streams::Stream::flow).collect(),
        };
        for (number, stream) in streams.into_iter().enumerate() {
            let passed = Arc::clone(&pumps.passed);
            let queue = listener.queue.clone();
            std::thread::spawn(move || {
                stream.pump(&mut |chunk| {
                    passed.fetch_add(1, Ordering::Relaxed);
                    // Where nobody reads along any more, the output still passes.
                    let _ = queue.send(Heard::Chunk(number, chunk.to_vec()));
                });
            });
        }
        pumps
    }

    /// Waits for the end of the output, or for its silence. It is not silent while somebody has yet to take what there is.
    fn wait(&self) {
        let mut seen = self.passed.load(Ordering::Relaxed);
        let mut since = Instant::now();
        while self.flows.iter().any(streams::Flow::is_open) && since.elapsed() < SILENCE {
            std::thread::sleep(Duration::from_millis(2));
            let now = self.passed.load(Ordering::Relaxed);
            if now != seen || self.flows.iter().any(streams::Flow::holds_some) {
                (seen, since) = (now, Instant::now());
            }
        }
    }
}

/// A file to write to, new or emptied; its folder is made.
pub(crate) fn create(path: &Path) -> io::Result<Box<dyn Write + Send>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(Box::new(io::BufWriter::new(std::fs::File::create(path)?)))
}
