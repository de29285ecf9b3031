//! One failure: its message, figures, processes, stack and surroundings.

use std::sync::Arc;

use super::{
    Accelerator, AtFailure, Census, Clue, Fact, FactSource, Facts, FindingId, Flag, Flags, Frame,
    GpuUse, Holdings, Key, Kill, MessageId, Pasted, Phase, Program, SettingKind, Settings, Shares,
    Traceback, When, Who, Witness, named,
};
use crate::bytes::{Bytes, human};
use crate::place::Place;

/// Which memory ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Memory {
    /// The accelerator's.
    Device,
    /// The host's: RAM, pinned, /dev/shm, cgroup.
    Host,
}

/// A process that the message lists on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id as printed; of the host, even in a container. `None` for "this process".
    pub pid: Option<u32>,
    /// Its memory.
    pub bytes: Bytes,
    /// Its memory as printed.
    pub text: String,
    /// The device that holds it, where a table says; `None` in the failure's own message.
    pub gpu: Option<u32>,
    /// True where it is the failing process itself, by its own word or by the space test.
    pub own: bool,
    /// True where the log names it as a process of the same job: a rank, a worker, a child that the launcher ends.
    pub same_job: bool,
    /// True where it only draws, by the table: the desktop and its windows, which nobody ends for the sake of a job.
    pub draws: bool,
    /// The line of the raw input, from 1.
    pub line: u64,
}

impl Process {
    /// True for process 1 where it is not the failing one: it is what the container runs, and so of the same program.
    pub(crate) fn runs_the_container(&self) -> bool {
        self.pid == Some(1) && !self.own
    }
}

/// Where in the run the failure stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunPlace {
    /// The last step printed before the failure.
    pub step: Option<u64>,
    /// What the step counts ("step", "epoch", "fold").
    pub step_name: String,
    /// The most steps of one epoch that were done before, and the line that told it, where that is more.
    pub most: Option<(u64, u64)>,
    /// True where an earlier one of the same count stands before it.
    pub behind: bool,
    /// True where the log shows no step done before the failure though it shows the run's start.
    pub first: bool,
    /// The line of the raw input that told it, from 1.
    pub line: u64,
}

impl RunPlace {
    /// From here on the same work had fitted a few times.
    pub(crate) const A_FEW: u64 = 3;
    /// From so many steps on, a failure is late: warm-up, the first evaluation and the first checkpoint are usually over.
    pub const MANY: u64 = 50;

    /// What is counted, where that is a training of its own: a fold, a seed, a trial.
    pub(crate) fn round(&self) -> Option<&'static str> {
        const ROUNDS: [&str; 7] = [
            "fold",
            "trial",
            "seed",
            "run",
            "subject",
            "experiment",
            "candidate",
        ];
        let mut rounds = ROUNDS.into_iter();
        rounds.find(|name| self.step_name.eq_ignore_ascii_case(name))
    }

    /// True for a trial of a search: each has a size of its own.
    pub(crate) fn is_a_trial(&self) -> bool {
        matches!(self.round(), Some("trial" | "candidate"))
    }

    /// The most steps that were done, and the line that tells it.
    pub fn reached(&self) -> Option<(u64, u64)> {
        self.most.max(self.step.map(|step| (step, self.line)))
    }
}

/// A later failure of the same kind: what was allocated by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// The line of the raw input, from 1.
    pub line: u64,
    /// Handed out to tensors at that moment.
    pub allocated: Bytes,
}

/// One rank's share of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The rank.
    pub rank: u32,
    /// Its device, as its message numbers it.
    pub device: Option<u32>,
    /// What the driver books to its process.
    pub own: Option<Bytes>,
    /// Handed out to its tensors.
    pub allocated: Option<Bytes>,
    /// The line of the raw input, from 1.
    pub line: u64,
}

named! {
    /// What another input of the same job says of a failure.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Tells {
        /// Another rank, or another attempt, failed in the same way.
        Again => "again",
        /// The same failure of the same rank, in another of its files.
        Twice => "twice",
        /// Only what followed from it.
        Follows => "follows",
    }
}

/// A place in another input of the same job that belongs to a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Where it stands.
    pub place: Place,
    /// The rank that says it.
    pub rank: Option<u32>,
    /// What it says.
    pub tells: Tells,
}

/// What shows which of several ranks failed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The order of the lines of one input.
    #[default]
    Lines,
    /// The times in the inputs.
    Times,
    /// Only one failed at the first attempt.
    Attempts,
    /// Nothing.
    Unknown,
}

/// Two ranks on one device: the message of one lists a process that is just as large as the other is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneDevice {
    /// The two.
    pub ranks: (u32, u32),
    /// Their device, as both number it.
    pub device: u32,
    /// The memory of the listed process.
    pub held: Bytes,
}

/// A rank of the same job whose own message speaks for another cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differs {
    /// The rank.
    pub rank: Option<u32>,
    /// What its own message says.
    pub finding: FindingId,
}

/// Another failure of the same job that stands before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its rank.
    pub rank: Option<u32>,
    /// Where it is told.
    pub place: Place,
    /// What shows that it came first.
    pub order: Order,
}

/// One failure, with its repeats and echoes folded in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The first line of the message.
    pub place: Place,
    /// Which memory ran out.
    pub memory: Memory,
    /// Who said so.
    pub framework: Program,
    /// The id of the format that recognized it.
    pub format: MessageId,
    /// What the device is, as far as the message tells.
    pub accelerator: Accelerator,
    /// The device's index, as printed or as the wording tells.
    pub device: Option<u32>,
    /// The rank, from prefixes or the launcher.
    pub rank: Option<u32>,
    /// What the program was doing.
    pub phase: Option<Phase>,
    /// The innermost frame of the user's own code.
    pub frame: Option<Frame>,
    /// The whole stack.
    pub traceback: Traceback,
    /// How many times the same failure was seen, the first included.
    pub repeats: u64,
    /// True where the program handled it and went on.
    pub caught: bool,
    /// The words before the message in its line, digits blanked: "OOM with batch size #:". Empty where there are none.
    pub lead: String,
    /// What the program said that it does, by the nearest heading above, without what differs between runs. Empty where none is
    /// near.
    pub heading: String,
    /// The lines of the other times and of the echoes, from 1.
    pub echoes: Vec<u64>,
    /// Lines that tell what followed from it elsewhere: ranks that waited in vain or were ended, the launcher's summary.
    pub consequences: Vec<u64>,
    /// The later times with other figures, of the same rank.
    pub again: Vec<Again>,
    /// The ranks that failed alike, in order, the first included; empty where one failed alone.
    pub shares: Shares,
    /// What shows that the first of them was the first.
    pub order: Order,
    /// Two of them that sit on one device, where their files show it.
    pub one_device: Option<OneDevice>,
    /// What other inputs of the same job say of it.
    pub elsewhere: Vec<Elsewhere>,
    /// Ranks that failed alike and whose own message speaks for another cause.
    pub differs: Vec<Differs>,
    /// The first failure of the job, if it failed in several ways and this was not the first.
    pub earlier: Option<Earlier>,
    /// When it happened, where the input is one of a job's and carries times.
    pub when: When,
    /// The figures.
    pub facts: Facts,
    /// The processes that the message lists.
    pub processes: Vec<Process>,
    /// Code that somebody pasted beside it.
    pub pasted: Vec<Pasted>,
    /// How full each GPU is, where a table of `nvidia-smi` beside it tells.
    pub gpus: Vec<GpuUse>,
    /// What the log shows to be set.
    pub settings: Settings,
    /// Where in the run it failed.
    pub run: RunPlace,
    /// How often the allocator flushed its cache and tried again, where a table says.
    pub retries: Option<u64>,
    /// How often memory ran out before, where a table says.
    pub ooms: Option<u64>,
    /// Words of the message that change its meaning ("`pin_memory`", "`cublasCreate`"), as the format found them.
    pub flags: Flags,
    /// Who held the device, where the program was watched while it ran.
    pub at_failure: Option<AtFailure>,
    /// Where its line begins in the input as it was read, in bytes.
    pub offset: Option<u64>,
    /// Who failed, by the platform's names.
    pub who: Who,
    /// A process that was killed for want of host memory, where that is what failed.
    pub kill: Option<Kill>,
    /// True where its line only stands in a test runner's summary.
    pub summary: bool,
    /// Who held it, where a memory snapshot tells.
    pub holdings: Option<Box<Holdings>>,
    /// Who held its memory, where the process was looked into.
    pub census: Option<Arc<Census>>,
    /// What lines of the program's own source show, where they were looked at.
    pub clues: Vec<Clue>,
}

impl Incident {
    /// What the device is: as the message tells, or as other lines of the log do.
    pub(crate) fn accelerator_told(&self) -> Accelerator {
        match self.accelerator {
            Accelerator::Cuda if self.settings.has(SettingKind::Rocm) => Accelerator::Rocm,
            accelerator => accelerator,
        }
    }

    /// True where a program in C++, R or Rust calls `PyTorch`'s libraries: nobody types Python there.
    pub(crate) fn outside_python(&self) -> bool {
        let python = !self.traceback.frames.is_empty();
        let told = self.settings.has(SettingKind::LibTorch) || self.settings.has(SettingKind::InR);
        let mut own = self.frame.iter();
        told && !python || own.any(|frame| frame.path().ends_with(".rs"))
    }

    /// A failure of `PyTorch`'s allocator that a file tells as a whole, with figures in bytes and not as a message prints them.
    pub fn counted(
        source: &str,
        format: MessageId,
        figures: impl IntoIterator<Item = (Key, u64)>,
    ) -> Self {
        let place = Place {
            source: source.to_owned(),
            line: 0,
        };
        let mut incident = Self::new(place, Memory::Device, Program::Pytorch, format);
        for (key, bytes) in figures {
            let fact = Fact {
                bytes: Bytes::exact(bytes),
                text: human(bytes),
                line: 0,
                source: FactSource::Message,
            };
            incident.facts.insert(key, fact);
        }
        incident
    }

    /// An incident of which nothing is known yet but its place and format.
    pub fn new(place: Place, memory: Memory, framework: Program, format: MessageId) -> Self {
        Self {
            place,
            memory,
            framework,
            format,
            accelerator: Accelerator::default(),
            device: None,
            rank: None,
            phase: None,
            frame: None,
            traceback: Traceback::default(),
            repeats: 1,
            caught: false,
            lead: String::new(),
            heading: String::new(),
            echoes: Vec::new(),
            consequences: Vec::new(),
            again: Vec::new(),
            shares: Shares::default(),
            order: Order::default(),
            one_device: None,
            elsewhere: Vec::new(),
            differs: Vec::new(),
            earlier: None,
            when: When::default(),
            facts: Facts::default(),
            processes: Vec::new(),
            pasted: Vec::new(),
            gpus: Vec::new(),
            settings: Settings::default(),
            run: RunPlace::default(),
            retries: None,
            ooms: None,
            flags: Flags::default(),
            at_failure: None,
            offset: None,
            who: Who::default(),
            kill: None,
            summary: false,
            holdings: None,
            census: None,
            clues: Vec::new(),
        }
    }

    /// The ranks that failed alike, in the order of the input; empty where one failed alone.
    pub fn ranks(&self) -> Vec<u32> {
        self.shares.iter().map(|share| share.rank).collect()
    }

    /// The program whose settings count: the one that stands around what printed the message, where the log shows one.
    pub fn program(&self) -> Program {
        let named = self.settings.get(SettingKind::Program);
        named
            .and_then(|setting| Program::named(&setting.value))
            .filter(|program| program.stands_around(self.framework))
            .unwrap_or(self.framework)
    }

    /// True where all that is known is that a process got SIGKILL: anybody may have sent it.
    pub fn only_signal(&self) -> bool {
        let kill = self.kill.as_ref();
        kill.is_some_and(|kill| kill.witness == Witness::Signal)
    }

    /// True where it fails a run: neither caught nor only guessed from a signal.
    pub fn counts(&self) -> bool {
        !self.caught && !self.only_signal()
    }

    /// True where the message left this flag.
    pub fn flagged(&self, flag: Flag) -> bool {
        self.flags.has(flag)
    }
}
