//! What a fix looks at, and the questions that many fixes ask of it.

use std::ops::Deref;

use crate::bytes::Bytes;
use crate::evidence::{
    Accelerator, AtFailure, Case, Family, FindingId, Flag, Frame, Holdings, Keeper, KnownWork,
    MemoryKind, MessageId, Now, Phase, Program, SettingKind, Version,
};
use crate::fixes::Offer;
use crate::fixes::trainers::{self, Switches};

/// What a fix looks at: the case, and the finding that holds.
pub struct Situation<'a> {
    /// The case that was judged.
    pub case: Case<'a>,
    /// The id of the finding that asks.
    pub finding: FindingId,
}

impl<'a> Deref for Situation<'a> {
    type Target = Case<'a>;

    fn deref(&self) -> &Self::Target {
        &self.case
    }
}

/// Who runs the training loop, which decides where a switch is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fixes) enum Trainer {
    /// The user's own loop.
    Plain,
    /// Hugging Face Trainer or Accelerate.
    HuggingFace,
    /// Lightning.
    Lightning,
    /// `DeepSpeed` by itself.
    DeepSpeed,
}

/// What the program that runs the training loop has for a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fixes) enum Own {
    /// No word of its own: the general advice holds.
    General,
    /// Nothing: its users do not change its code.
    Missing,
    /// A switch.
    Switch(&'static str),
}

impl Own {
    /// The offer of the switch.
    pub(in crate::fixes) fn offer(self) -> Option<Offer> {
        match self {
            Self::Switch(text) => Some(Offer::unmeasured(text)),
            Self::General | Self::Missing => None,
        }
    }
}

impl Situation<'_> {
    /// The GPUs as they are now, if they tell of the device of this failure.
    pub(in crate::fixes) fn gpus(&self) -> Option<&Now> {
        let told = |now: &&Now| now.free.is_some() || own_in_the_way(now).is_some();
        self.now.filter(told)
    }

    /// True where the log shows this to be set.
    pub(in crate::fixes) fn has(&self, kind: SettingKind) -> bool {
        self.incident.settings.has(kind)
    }

    /// True where this one shows around a killed process, as keeper of its limit or as what started it.
    pub(in crate::fixes) fn kept_by(&self, keeper: Keeper) -> bool {
        let kill = self.incident.kill.as_ref();
        kill.is_some_and(|kill| kill.keepers.contains(&keeper))
    }

    /// Half as many as this one was told to run side by side, and how many that were.
    pub(in crate::fixes) fn half_of(&self, keeper: Keeper) -> Option<(u64, u64)> {
        let kill = self.incident.kill.as_ref()?;
        let count = kill.side_by_side.get(&keeper)?;
        Some((count / 2, *count))
    }

    /// Who runs the loop. Trainer and Lightning come before `DeepSpeed`, since they hand its switches on.
    pub(in crate::fixes) fn trainer(&self) -> Trainer {
        if self.has(SettingKind::HuggingFace) {
            Trainer::HuggingFace
        } else if self.has(SettingKind::Lightning) {
            Trainer::Lightning
        } else if self.has(SettingKind::DeepSpeed) {
            Trainer::DeepSpeed
        } else {
            Trainer::Plain
        }
    }

    /// True where a writer tells of an evaluation, in which samples go through whole.
    pub(in crate::fixes) fn told_in_evaluation(&self) -> bool {
        let served = self.incident.flagged(Flag::Infers);
        self.incident.evaluates_by_word_alone() && !served && self.in_phase(&[Phase::Eval])
    }

    /// True where a training draws samples when memory runs out: by the stack, or by the last thing that its log says it does.
    pub(in crate::fixes) fn draws_samples(&self) -> bool {
        let said = self.incident.settings.get(SettingKind::DrawsSamples);
        let no_step_since = said.is_some_and(|said| said.line >= self.incident.run.line);
        let trains = self.in_phase(&[Phase::Backward, Phase::Optimizer]);
        self.torch()
            && (self.incident.traceback.known_work() == Some(KnownWork::DrawsSamples)
                || no_step_since && !trains)
    }

    /// True where steps of training had fitted, and the first one behind an evaluation did not.
    pub(in crate::fixes) fn after_an_evaluation(&self) -> bool {
        let told = self.incident.settings.get(SettingKind::Evaluates);
        let told = told.is_some_and(|told| told.value == "after");
        let trains =
            self.incident.phase.is_none() || self.in_phase(&[Phase::Forward, Phase::Backward]);
        self.torch() && trains && (told || self.incident.flagged(Flag::AfterEvaluation))
    }

    /// What the program that runs the training loop calls a switch.
    pub(in crate::fixes) fn own_switch(&self, pick: fn(&Switches) -> Option<&'static str>) -> Own {
        if !self.torch() || self.program().family() != self.incident.framework.family() {
            return Own::General;
        }
        match self.switches().and_then(pick) {
            None => Own::General,
            Some("") => Own::Missing,
            Some(text) => Own::Switch(text),
        }
    }

    /// The switch that the log shows to be off, turned on under its own name.
    pub(in crate::fixes) fn turned_on(&self, kind: SettingKind) -> Option<Offer> {
        let off = self.incident.settings.get(kind).filter(|_| self.torch())?;
        Some(Offer::unmeasured(off.with(&off.value)))
    }

    /// True where an engine found most of the device free at its start, and wants more: the desktop and the driver hold that much.
    pub(in crate::fixes) fn little_is_taken(&self) -> bool {
        let taken = self.balance.total.zip(self.balance.free);
        self.incident.format == MessageId::VllmStartup
            && self.incident.processes.is_empty()
            && taken.is_some_and(|(total, free)| free.surely_at_least(total.percent(75)))
    }

    /// True where no figure tells who holds the memory: then only a program's own words are worth a line.
    pub(in crate::fixes) fn blind(&self) -> bool {
        // A message that ends behind its free figure still tells that the card was full.
        let full = self.balance.shortfall.is_some_and(|s| s.low() > 0);
        let trains = self.in_phase(&[Phase::Forward, Phase::Backward]);
        let told = full && trains && self.incident.processes.is_empty();
        self.finding == FindingId::NoFigures || self.finding == FindingId::Unexplained && !told
    }

    /// The row of the program that runs the training loop.
    pub(in crate::fixes) fn switches(&self) -> Option<&'static Switches> {
        let named = self.incident.settings.get(SettingKind::Trainer)?;
        trainers::of(&named.value)
    }

    /// True where the program that runs the loop is one of these.
    pub(in crate::fixes) fn trained_by(&self, names: &[&str]) -> bool {
        let named = self.incident.settings.get(SettingKind::Trainer);
        named.is_some_and(|named| names.contains(&named.value.as_str()))
    }

    /// How many processes the job has on this machine, as far as the log shows.
    pub(in crate::fixes) fn processes(&self) -> u32 {
        let ranks = self.incident.shares.iter().map(|share| share.rank);
        let last = ranks.chain(self.incident.rank).max().unwrap_or(0);
        last.saturating_add(1).clamp(2, 8)
    }

    /// The program whose switches count: the one that stands around what printed the message, where the log shows one.
    pub(in crate::fixes) fn program(&self) -> Program {
        self.incident.program()
    }

    /// True where Python code of `PyTorch` can be changed: its own messages, and those of libraries below it.
    pub(in crate::fixes) fn torch(&self) -> bool {
        self.program().family() == Family::Torch
    }

    /// A number that the log shows to be set; nothing where it is none.
    pub(in crate::fixes) fn number(&self, kind: SettingKind) -> Option<u64> {
        let value = &self.incident.settings.get(kind)?.value;
        value.parse().ok().filter(|n| *n > 0)
    }

    /// What the device is: as the message tells, or as other lines of the log do.
    pub(in crate::fixes) fn accelerator(&self) -> Accelerator {
        self.incident.accelerator_told()
    }

    /// True where `PyTorch`'s own caching allocator on CUDA or ROCm served the request.
    pub(in crate::fixes) fn native_allocator(&self) -> bool {
        let incident = self.incident;
        incident.framework == Program::Pytorch
            && incident.accelerator.native()
            && incident.format != MessageId::PytorchMallocAsync
            && !self.has(SettingKind::MallocAsync)
            && incident.settings.allocator().get("backend") != Some("cudaMallocAsync")
    }

    /// The device as Python names it in `torch.<device>` and in `autocast`; ROCm goes by CUDA's name.
    pub(in crate::fixes) fn device(&self) -> &'static str {
        self.incident.accelerator.python()
    }

    /// True where more than one process of this job runs, as far as the log shows.
    pub(in crate::fixes) fn distributed(&self) -> bool {
        self.incident.rank.is_some()
            || self.has(SettingKind::Siblings)
            || !self.incident.shares.is_empty()
            || self.has(SettingKind::Fsdp)
            || self.incident.traceback.mentions("torch/distributed/")
            || self
                .incident
                .traceback
                .mentions("torch/nn/parallel/distributed")
    }

    /// True where the phase is known and one of these.
    pub(in crate::fixes) fn in_phase(&self, phases: &[Phase]) -> bool {
        self.incident.phase.is_some_and(|p| phases.contains(&p))
    }

    /// True where the message has the form of `PyTorch` before 1.10, which has neither the hint nor the option.
    pub(in crate::fixes) fn before_its_hint(&self) -> bool {
        let settings = &self.incident.settings;
        let (oldest, newest) = settings.torch_range();
        let old = oldest
            < Some(Version {
                major: 1,
                minor: 10,
            });
        let brackets = newest.is_some_and(|v| v <= Version { major: 2, minor: 0 });
        old && brackets && settings.torch().is_none() && !self.incident.flagged(Flag::Hint)
    }

    /// True where every version that it can be is older.
    pub(in crate::fixes) fn surely_before(&self, major: u32, minor: u32) -> bool {
        let (_, newest) = self.incident.settings.torch_range();
        newest.is_some_and(|v| v < Version { major, minor })
    }

    /// True where every version that it can be is as new.
    pub(in crate::fixes) fn surely_since(&self, major: u32, minor: u32) -> bool {
        let (oldest, _) = self.incident.settings.torch_range();
        oldest.is_some_and(|v| v >= Version { major, minor })
    }

    /// The number behind one of these flags in the command line of the process that failed, where it was watched.
    pub(in crate::fixes) fn typed_number(&self, flags: &[&str]) -> Option<u64> {
        let at = self.incident.at_failure.as_ref()?;
        let own = at.holders.iter().find(|holder| holder.own)?;
        let mut words = own.command.as_deref()?.split_whitespace();
        words.find(|word| flags.contains(word))?;
        words.next()?.parse().ok()
    }

    /// The user's own line, "train.py:87", to name in a comment.
    pub(in crate::fixes) fn here(&self) -> Option<String> {
        named(self.incident.frame.as_ref()?)
    }

    /// "  # in the loop around train.py:87", for code that stands somewhere in it; or nothing. Where a record shows that the program's
    /// own line makes what stays, that is the place: "  # from train.py:72".
    pub(in crate::fixes) fn in_its_loop(&self) -> String {
        let own = self.incident.frame.as_ref();
        let known = |frame: &&Frame| own.is_some_and(|own| own.file == frame.file);
        let steps = || {
            let frames = self.incident.traceback.frames.iter().rev();
            frames.filter(|frame| frame.steps())
        };
        // A model stands in a file of its own, and its loop in another.
        let around = steps().find(known).or_else(|| steps().next()).or(own);
        let held = self.incident.holdings.as_deref();
        let maker = held.and_then(Holdings::accumulating);
        let made = maker.and_then(|owner| owner.frame.as_ref());
        // What a model computes is kept by who calls it.
        let computed = maker.is_some_and(|owner| owner.kind == MemoryKind::Activations);
        let elsewhere = computed && made.map(|f| &f.file) != around.map(|f| &f.file);
        let place = match (made.and_then(named), around.and_then(named)) {
            (Some(made), around) if !elsewhere || around.is_none() => format!("from {made}"),
            (_, Some(around)) => format!("in the loop around {around}"),
            _ => return String::new(),
        };
        format!("  # {place}\n# the names are examples")
    }

    /// "  # eval.py:31", the line that calls the model: what is put around it is put around all of the model.
    pub(in crate::fixes) fn at_the_call(&self) -> String {
        let mut frames = self.incident.traceback.frames.iter().rev();
        let call = frames.find(|frame| frame.steps());
        in_a_comment(call.or(self.incident.frame.as_ref()).and_then(named), 36)
    }

    /// "  # train.py:87", on a line of its own where the name is long; or nothing.
    pub(in crate::fixes) fn at_here(&self) -> String {
        in_a_comment(self.here(), 16)
    }

    /// What stands before a variable of the environment that is set.
    pub(in crate::fixes) fn set_word(&self) -> &'static str {
        if self.has(SettingKind::Windows) {
            "set "
        } else {
            ""
        }
    }

    /// The line that sets an allocator option, with all other options kept but those to drop.
    pub(in crate::fixes) fn allocator_line(&self, key: &str, value: &str, drop: &[&str]) -> String {
        let set = self.incident.settings.allocator().typeable();
        let kept = drop.iter().fold(set, |config, key| config.without(key));
        let text = kept.with(key, value).text();
        // ROCm builds before 2.8 read only this name, later ones either (pytorch-formats: hipified sources).
        let name = if self.has(SettingKind::Rocm) {
            "PYTORCH_HIP_ALLOC_CONF"
        } else {
            "PYTORCH_CUDA_ALLOC_CONF"
        };
        if self.has(SettingKind::Windows) {
            format!("set {name}={text}")
        } else if text.contains(['[', '>', '<']) {
            format!("{name}='{text}'")
        } else {
            format!("{name}={text}")
        }
    }

    /// True where the log shows `expandable_segments` on, under a name that this version reads.
    ///
    /// Up to 2.9 the CUDA allocator ignores `PYTORCH_ALLOC_CONF` (pytorch/pytorch#183387).
    pub(in crate::fixes) fn expandable(&self) -> bool {
        let settings = &self.incident.settings;
        settings.expandable() && !self.generic_name_ignored()
    }

    /// True where the options stand under the generic name and this version does not read it.
    pub(in crate::fixes) fn generic_name_ignored(&self) -> bool {
        let setting = self.incident.settings.get(SettingKind::AllocatorConfig);
        setting.is_some_and(|s| s.name == "PYTORCH_ALLOC_CONF") && self.surely_before(2, 10)
    }

    /// All that lies idle in the allocator, as what a better layout could win at the most.
    pub(in crate::fixes) fn idle_gain(&self) -> Option<Bytes> {
        self.balance.idle.map(|idle| Bytes::between(0, idle.high()))
    }
}

/// Who held the device when memory ran out, if it was mostly the program itself: its processes come back with the next run.
pub(in crate::fixes) fn own_in_the_way(now: &Now) -> Option<&AtFailure> {
    let at = now.at_failure.as_ref();
    at.filter(|at| at.own_in_the_way())
}

/// Such a line as a comment, on a line of its own where the name is long.
fn in_a_comment(here: Option<String>, most: usize) -> String {
    match here {
        Some(here) if here.len() <= most => format!("  # {here}"),
        Some(here) => format!("\n# {here}"),
        None => String::new(),
    }
}

/// A line of the program: "train.py:87", or "cell 14, line 3".
fn named(frame: &Frame) -> Option<String> {
    let file = frame.file.rsplit(['/', '\\']).next()?;
    // IPython's name of a cell: "Cell In[14]".
    let cell = file
        .strip_prefix("Cell In[")
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(cell) = cell.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        return Some(format!("cell {cell}, line {}", frame.line));
    }
    let file = word(file);
    (!file.is_empty() && frame.line > 0).then(|| format!("{file}:{}", frame.line))
}

/// What of a text is safe to type: letters, digits and `_ . / -`.
pub(in crate::fixes) fn word(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "_./-".contains(*c))
        .collect()
}
