//! What the program's own source shows: plain data.

use super::{FindingId, FixId, Incident, OwnerKind, Phase, SettingKind};
use crate::sorting;

/// What a line of source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClueKind {
    /// A tensor with its graph is added up in a loop.
    AddedGraph,
    /// The losses of a loop are added up with their graphs, and backward runs once behind it.
    BackwardAtEnd,
    /// Results are put into a container at every step.
    KeptOutputs,
    /// Losses are put into a container with their graphs.
    KeptGraph,
    /// Models, optimizers or their states are put into a container.
    KeptObjects,
    /// A hook stores what it is given.
    StoringHook,
    /// A state goes from step to step with its graph.
    CarriedState,
    /// An object keeps a method of its own, and with it itself.
    OwnMethod,
    /// Exceptions are kept, and with them the frames that they came through.
    KeptException,
    /// A retry runs inside of the handler of the failure.
    RetryInExcept,
    /// An evaluation runs without switching the graph off.
    EvalWithGraph,
    /// A checkpoint is read onto the device that it was saved from.
    LoadOnDevice,
    /// A model is built again while the name of the last one still holds it.
    ModelAgain,
    /// The scores of attention are written out, for all pairs of positions.
    WrittenAttention,
    /// The number of samples of a step.
    Batch,
    /// That of an evaluation.
    EvalBatch,
    /// The length of a sequence.
    Length,
    /// The number of processes that load data.
    Workers,
    /// Half precision is switched off.
    FullPrecision,
    /// An optimizer that keeps two numbers for each weight.
    Adam,
    /// Results are collected for one backward pass, which then lets go of them.
    LearnedFrom,
}

/// A change of one place in a file. Lines stand as they are, with a carriage return where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The line that it replaces, from 1.
    pub line: u64,
    /// Lines that stand before it.
    pub before: Vec<String>,
    /// The line as it is.
    pub old: String,
    /// What stands there then.
    pub new: Vec<String>,
    /// Lines that stand behind it.
    pub after: Vec<String>,
    /// True where the last of these lines is the file's last, and no line break follows.
    pub open_end: bool,
}

impl Patch {
    /// All of its lines.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let all = self.before.iter().chain([&self.old]).chain(&self.new);
        all.chain(&self.after).map(String::as_str)
    }
}

/// One line of the program that can be the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clue {
    /// What it does.
    pub kind: ClueKind,
    /// The file, as the traceback names it.
    pub file: String,
    /// The file below the root of the repository, with forward slashes.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
    /// The line itself, without its indentation.
    pub code: String,
    /// The name that keeps something, where there is one.
    pub name: String,
    /// True where that name lives longer than the function.
    pub lasting: bool,
    /// The first and last line of the loop in which that name grows, in a file that was read.
    pub during: Option<(u64, u64)>,
    /// True where a block or a decorator around it switches the graph off.
    pub no_graph: bool,
    /// True where the program learns from something: what it computes may be needed until then.
    pub learns: bool,
    /// The function that it stands in, as a stack names it.
    pub function: String,
    /// The number that the line gives to a knob.
    pub value: Option<u64>,
    /// What would mend it.
    pub patch: Option<Patch>,
}

impl ClueKind {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddedGraph => "adds-graph",
            Self::BackwardAtEnd => "one-backward",
            Self::KeptOutputs => "keeps-outputs",
            Self::KeptGraph => "keeps-graph",
            Self::KeptObjects => "keeps-objects",
            Self::StoringHook => "hook-stores",
            Self::CarriedState => "carries-state",
            Self::OwnMethod => "keeps-itself",
            Self::KeptException => "keeps-exceptions",
            Self::RetryInExcept => "retries-in-except",
            Self::EvalWithGraph => "evaluates-with-graph",
            Self::LoadOnDevice => "loads-on-device",
            Self::ModelAgain => "builds-model-again",
            Self::WrittenAttention => "writes-attention",
            Self::Batch => "sets-batch",
            Self::EvalBatch => "sets-eval-batch",
            Self::Length => "sets-length",
            Self::Workers => "sets-workers",
            Self::FullPrecision => "sets-full-precision",
            Self::Adam => "makes-adam",
            Self::LearnedFrom => "learns-from",
        }
    }

    /// What is the case where a line does so; `None` for a knob, which is no fault.
    pub const fn finding(self) -> Option<FindingId> {
        Some(match self {
            Self::AddedGraph | Self::BackwardAtEnd | Self::KeptGraph | Self::CarriedState => {
                FindingId::KeptGraph
            }
            Self::KeptOutputs => FindingId::KeptOutputs,
            Self::KeptObjects => FindingId::KeptObjects,
            Self::StoringHook => FindingId::Hooks,
            Self::OwnMethod => FindingId::Cycles,
            Self::KeptException | Self::RetryInExcept => FindingId::ExceptionFrames,
            Self::EvalWithGraph => FindingId::GraphKeptInEval,
            Self::LoadOnDevice => FindingId::DuplicateWeights,
            Self::ModelAgain => FindingId::EarlierModels,
            Self::WrittenAttention => FindingId::AttentionScores,
            Self::Batch
            | Self::EvalBatch
            | Self::Length
            | Self::Workers
            | Self::FullPrecision
            | Self::Adam
            | Self::LearnedFrom => return None,
        })
    }

    /// True for a line that is no fault, but sets how much is needed.
    pub const fn knob(self) -> bool {
        self.finding().is_none()
    }

    /// The setting that it is, in JSON; `None` for a fault.
    pub const fn setting(self) -> Option<&'static str> {
        Some(match self {
            Self::Batch => SettingKind::BatchSize.name(),
            Self::EvalBatch => SettingKind::EvalBatchSize.name(),
            Self::Length => SettingKind::SequenceLength.name(),
            Self::Workers => SettingKind::LoaderWorkers.name(),
            Self::FullPrecision => SettingKind::PrecisionOff.name(),
            Self::Adam => Self::OPTIMIZER,
            _ => return None,
        })
    }

    /// The class of an optimizer, which only source tells.
    pub const OPTIMIZER: &'static str = "optimizer";

    /// True for what mends it.
    pub fn mended_by(self, fix: FixId) -> bool {
        match self {
            Self::AddedGraph | Self::KeptGraph | Self::CarriedState => fix == FixId::ItemOrDetach,
            Self::BackwardAtEnd => fix == FixId::BackwardEachMicroBatch,
            Self::KeptOutputs => [
                FixId::MoveOutputsToCpu,
                FixId::OutputsToCpu,
                FixId::ItemOrDetach,
            ]
            .contains(&fix),
            Self::KeptObjects | Self::KeptException | Self::ModelAgain => {
                fix == FixId::DropReferences
            }
            Self::StoringHook => [FixId::MoveOutputsToCpu, FixId::OutputsToCpu].contains(&fix),
            Self::OwnMethod => fix == FixId::GcCollect,
            Self::RetryInExcept => fix == FixId::RetryOutsideExcept,
            Self::EvalWithGraph => fix == FixId::InferenceMode,
            Self::LoadOnDevice => fix == FixId::LoadCheckpointOnCpu,
            Self::WrittenAttention => fix == FixId::SdpaAttention,
            Self::Batch | Self::EvalBatch => fix == FixId::LowerBatchSize,
            Self::LearnedFrom => false,
            Self::Length => fix == FixId::ShorterSequence,
            Self::Workers => fix == FixId::FewerWorkers,
            Self::FullPrecision => {
                [FixId::MixedPrecision, FixId::LowPrecisionWeights].contains(&fix)
            }
            Self::Adam => fix == FixId::MemoryEfficientOptimizer,
        }
    }

    /// True where the memory of every step stays.
    pub const fn leaks(self) -> bool {
        matches!(
            self,
            Self::AddedGraph
                | Self::BackwardAtEnd
                | Self::KeptOutputs
                | Self::KeptGraph
                | Self::KeptObjects
                | Self::KeptException
                | Self::StoringHook
                | Self::CarriedState
        )
    }
}

impl Incident {
    /// The lines of the program that make this the case, the likeliest first. What a census saw under a name goes before what
    /// only the source shows.
    pub fn lines_of(&self, finding: FindingId) -> Vec<&Clue> {
        let kept = self.kept_names();
        let named = |clue: &Clue| clue.kind.leaks() && kept.contains(&last(&clue.name));
        let grows = finding == FindingId::UnknownGrowth;
        let objects = finding == FindingId::KeptObjects;
        let fits = |clue: &Clue| {
            clue.kind.finding() == Some(finding)
                || grows && clue.kind.leaks()
                || objects && clue.kind == ClueKind::OwnMethod
        };
        let seen = self.clues.iter().any(named);
        let mut lines: Vec<&Clue> = self.clues.iter().collect();
        lines.retain(|clue| self.hooked(clue));
        lines.retain(|clue| {
            if seen && clue.kind.leaks() {
                named(clue) && (fits(clue) || finding.leaks())
            } else {
                fits(clue)
            }
        });
        sorting::by_key(&mut lines, |clue| (!fits(clue), !clue.lasting));
        lines
    }

    /// The line that sets the knob which a fix turns: the only one in the sources, or several that say the same. Of an evaluation
    /// it is that of its own batch.
    pub fn knob_of(&self, fix: FixId) -> Option<&Clue> {
        let evaluates = matches!(self.phase, Some(Phase::Eval | Phase::Generate));
        // A script that learns nothing has one batch.
        let learns = self
            .clues
            .iter()
            .any(|clue| matches!(clue.kind, ClueKind::Adam | ClueKind::EvalBatch));
        let meant = |clue: &&Clue| match clue.kind {
            ClueKind::Batch => !evaluates || !learns,
            ClueKind::EvalBatch => evaluates,
            // The type of the weights, or that of what is computed with them.
            ClueKind::FullPrecision => {
                clue.name.ends_with("dtype") == (fix == FixId::LowPrecisionWeights)
            }
            kind => kind.knob(),
        };
        let lines = self.clues.iter();
        let mut lines = lines.filter(|clue| clue.kind.mended_by(fix)).filter(meant);
        let first = lines.next()?;
        lines
            .all(|other| other.value == first.value)
            .then_some(first)
    }

    /// The line of the stack that runs a model with its graph, where nothing learns from it.
    pub fn runs_with_its_graph(&self) -> Option<&Clue> {
        let learns = [Phase::Backward, Phase::Optimizer, Phase::Load];
        let frames = &self.traceback.frames;
        let seen = |clue: &&Clue| {
            let mut frames = frames.iter();
            frames.any(|f| f.file == clue.file && u64::from(f.line) == clue.line)
        };
        let mut lines = self.clues.iter();
        lines
            .find(|clue| clue.kind == ClueKind::EvalWithGraph && seen(clue))
            .filter(|_| !self.phase.is_some_and(|phase| learns.contains(&phase)))
    }

    /// The line that builds a model again, where the stack goes through it, or through the next lines, which put it on the GPU, and an
    /// earlier round was told.
    pub fn builds_again(&self) -> Option<&Clue> {
        const NEXT: u64 = 3;
        let later = self.run.step.is_some_and(|steps| steps > 0);
        let mut lines = self.clues.iter().filter(|_| later);
        lines.find(|clue| {
            let mut frames = self.traceback.frames.iter();
            let near = clue.line..=clue.line + NEXT;
            clue.kind == ClueKind::ModelAgain
                && frames.any(|f| f.file == clue.file && near.contains(&u64::from(f.line)))
        })
    }

    /// False for a hook's line where a census saw no model that calls it.
    fn hooked(&self, clue: &Clue) -> bool {
        let Some(census) = self
            .census
            .as_ref()
            .filter(|_| clue.kind == ClueKind::StoringHook)
        else {
            return true;
        };
        let mut hooks = census.work.hooks.iter();
        // A function begins at its head, and stores in a line below.
        hooks.any(|hook| (hook.line..=hook.line + 100).contains(&clue.line))
    }

    /// The names under which a census saw most of what is kept, or the graphs of many passes.
    fn kept_names(&self) -> Vec<&str> {
        let Some(census) = &self.census else {
            return Vec::new();
        };
        let names = census.owners.iter().filter(|owner| {
            let keeps = !matches!(
                owner.kind,
                OwnerKind::Parameters | OwnerKind::Gradients | OwnerKind::OptimizerStates
            );
            let passes = owner.graph.map_or(0, |graph| graph.passes);
            keeps && (owner.bytes > census.allocated / 10 || passes > 1)
        });
        let names = names.filter_map(|owner| owner.name.as_deref());
        names.map(last).collect()
    }
}

/// "outputs" of "self.outputs".
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

impl FindingId {
    /// True where every element meets every other, whether the result is larger than the device or not.
    pub(crate) const fn compares_all(self) -> bool {
        matches!(self, Self::Pairwise | Self::AllAgainstAll)
    }

    /// True for what grows from step to step.
    pub(crate) const fn leaks(self) -> bool {
        matches!(
            self,
            Self::KeptGraph
                | Self::KeptOutputs
                | Self::KeptObjects
                | Self::Hooks
                | Self::UnknownGrowth
        )
    }
}
