//! What a fix wins by the census: bytes that were counted inside of the process.

use crate::bytes::{Bytes, human};
use crate::evidence::{Census, FindingId, FixId, OwnerHeld, OwnerKind, Phase};
use crate::fixes::{Enough, Offer, Situation, batches, covers};

/// The same offer with what it wins, where the census counts it.
pub(in crate::fixes) fn sized(fix: FixId, s: &Situation<'_>, offer: Offer) -> Offer {
    let Some(census) = s.incident.census.as_deref() else {
        return offer;
    };
    if offer.gain.is_some() {
        return offer;
    }
    if fix == FixId::LowerBatchSize {
        return batch(s, census, offer);
    }
    let Some(gain) = gain(fix, s.finding, census).filter(|gain| gain.high() > 0) else {
        return offer;
    };
    // While a model or its states are still being made, more is to come than failed.
    let to_come = s.in_phase(&[Phase::Load])
        || making_states(census)
        || fix == FixId::GradientCheckpointing && !fits_recomputed(s, census, gain);
    let shortfall = s.balance.shortfall.filter(|short| short.high() > 0);
    let enough = match covers(Some(gain), shortfall) {
        Enough::Yes if to_come => Enough::Unknown,
        enough => enough,
    };
    Offer {
        gain: Some(gain),
        at_least: to_come || grows(fix, s),
        enough,
        ..offer
    }
}

/// True where what a fix frees is only what had come by the failure: things pile up until the end, a checkpoint is being read, and
/// what a model in half the bytes works on has half the bytes, too.
const fn grows(fix: FixId, s: &Situation<'_>) -> bool {
    match fix {
        // The rest of a forward pass would have kept more.
        FixId::LowPrecisionWeights | FixId::LoadCheckpointOnCpu | FixId::InferenceMode => true,
        FixId::OutputsToCpu
        | FixId::MoveOutputsToCpu
        | FixId::DropReferences
        | FixId::RemoveHooks
        | FixId::ItemOrDetach
        | FixId::BackwardEachMicroBatch => s.finding.leaks(),
        _ => false,
    }
}

/// The bytes that a fix frees of what was counted.
fn gain(fix: FixId, finding: FindingId, census: &Census) -> Option<Bytes> {
    let kept = [
        FindingId::KeptOutputs,
        FindingId::KeptObjects,
        FindingId::Hooks,
        FindingId::DuplicateWeights,
    ];
    match fix {
        FixId::LowPrecisionWeights => Some(Bytes::exact(float32(census) / 2)),
        FixId::MemoryEfficientOptimizer => {
            let history = history(census);
            if history > 0 {
                return Some(Bytes::exact(history / 2));
            }
            // bitsandbytes keeps a byte where AdamW keeps four, and a few for each block of 2048.
            let states = wide(census, OwnerKind::OptimizerStates);
            Some(Bytes::between(states / 10 * 7, states / 4 * 3))
        }
        FixId::LoadCheckpointOnCpu if finding == FindingId::DuplicateWeights => named(census)
            .filter(|row| of_checkpoint(row))
            .map(|row| Bytes::exact(row.bytes)),
        FixId::OutputsToCpu
        | FixId::MoveOutputsToCpu
        | FixId::DropReferences
        | FixId::RemoveHooks
            if kept.contains(&finding) =>
        {
            Some(Bytes::exact(named(census)?.bytes))
        }
        FixId::BackwardEachMicroBatch if finding == FindingId::KeptGraph => graphs(census),
        FixId::ItemOrDetach if finding == FindingId::KeptGraph && !untrained(census) => {
            graphs(census)
        }
        FixId::GcCollect if finding == FindingId::Cycles => {
            Some(Bytes::exact(census.sum(OwnerKind::Unreachable)))
        }
        FixId::RetryOutsideExcept if finding == FindingId::ExceptionFrames => {
            let frames = census.sum(OwnerKind::Exception);
            Some(Bytes::between(
                frames,
                frames.saturating_add(census.activations()),
            ))
        }
        FixId::InferenceMode if finding == FindingId::GraphKeptInEval => {
            // What one layer works on stays.
            let saved = census.activations();
            Some(Bytes::between(saved / 2, saved))
        }
        FixId::GradientCheckpointing if finding == FindingId::Activations => recomputed(census),
        _ => None,
    }
}

/// What L-BFGS has of earlier steps (torch/optim/lbfgs.py).
fn history(census: &Census) -> u64 {
    let rows = census.of(OwnerKind::Library).filter(|row| {
        let name = row.name.as_deref();
        name == Some("old_dirs") || name == Some("old_stps")
    });
    rows.map(|row| row.bytes).sum()
}

/// Bytes of a kind in types of four bytes.
fn wide(census: &Census, kind: OwnerKind) -> u64 {
    let types = census.of(kind).flat_map(|owner| &owner.dtypes);
    let wide = types.filter(|(name, _)| name == "float32");
    wide.map(|(_, bytes)| *bytes).sum()
}

fn float32(census: &Census) -> u64 {
    const WITH_WEIGHTS: [OwnerKind; 3] = [
        OwnerKind::Parameters,
        OwnerKind::Gradients,
        OwnerKind::OptimizerStates,
    ];
    WITH_WEIGHTS
        .into_iter()
        .map(|kind| wide(census, kind))
        .sum()
}

/// The name of the program that holds most of what piles up; any name, where none of many things does.
pub(in crate::fixes) fn named(census: &Census) -> Option<&OwnerHeld> {
    const MANY: [OwnerKind; 4] = [
        OwnerKind::Container,
        OwnerKind::Object,
        OwnerKind::Copies,
        OwnerKind::Library,
    ];
    const ANY: [OwnerKind; 3] = [OwnerKind::Attribute, OwnerKind::Closure, OwnerKind::Global];
    let most = |kinds: &[OwnerKind]| {
        let rows = census.owners.iter();
        rows.filter(|row| kinds.contains(&row.kind))
            .max_by_key(|row| row.bytes)
    };
    let piled = most(&MANY).filter(|row| row.bytes > census.allocated / 10);
    piled.or_else(|| most(&ANY)).or_else(|| most(&MANY))
}

/// True for a dict that a name of the program holds, as `torch.load` gives it.
pub(in crate::fixes) fn of_checkpoint(row: &OwnerHeld) -> bool {
    let dict = row.container.as_deref().is_some_and(|c| c.contains("ict"));
    dict && row.kind == OwnerKind::Container
}

/// True where a training has not yet run a backward pass: what is kept with its graph may be what it is to learn from.
fn untrained(census: &Census) -> bool {
    let work = &census.work;
    // Without momentum SGD never has states.
    let none = census
        .optimizers
        .iter()
        .all(|o| o.with_states == 0 && (o.momentum || o.class != "SGD"));
    let trains = work.training && work.grad && !census.optimizers.is_empty();
    trains && none && census.sum(OwnerKind::Gradients) == 0
}

/// True where the census found no optimizer: nothing is trained, so that nothing needs a graph.
pub(in crate::fixes) fn nothing_trains(s: &Situation<'_>) -> bool {
    let census = s.incident.census.as_deref();
    census.is_some_and(|census| census.optimizers.is_empty() && !census.work.backward)
}

/// The same of a failure.
pub(in crate::fixes) fn no_backward_yet(s: &Situation<'_>) -> bool {
    s.incident.census.as_deref().is_some_and(untrained)
}

/// The line with a number of the program's own that says how much goes through at once.
fn by_its_name(census: &Census, offer: Offer) -> Offer {
    const WORDS: [&str; 3] = ["batch", "envs", "rows"];
    let mut sizes = census.work.sizes.iter();
    let size = sizes.find(|(name, size)| {
        *size > 1 && WORDS.iter().any(|w| name.to_ascii_lowercase().contains(w))
    });
    let (Some((name, size)), Some(rest)) = (
        size,
        offer.how.strip_prefix("batch_size=N  # half of what it is"),
    ) else {
        return offer;
    };
    let how = format!("{name} = {}  # half of {size}{rest}", size / 2);
    Offer { how, ..offer }
}

/// What the graphs of all passes but the last keep.
fn graphs(census: &Census) -> Option<Bytes> {
    let passes = census.owners.iter().filter_map(|row| row.graph);
    let passes = passes.map(|graph| graph.passes).max().filter(|n| *n > 1)?;
    let saved = census.activations();
    Some(Bytes::between(
        saved / passes * (passes - 1) / 10 * 9,
        saved,
    ))
}

/// What a pass needs of each kind, where each block keeps only its input: what is left out of all that it would have needed.
fn recomputed(census: &Census) -> Option<Bytes> {
    // Blocks that work on smaller and smaller images save as unevenly as they keep.
    let done = census.blocks().filter(|_| !census.shrinks())?;
    let (saved, whole) = (census.now()?, census.whole_pass(false)?);
    let block = saved / done.index.max(1);
    let input = census.work.frames.iter().find(|frame| {
        frame.module.as_deref() == Some(done.class.as_str()) && !frame.tensors.is_empty()
    });
    let input = input?.tensors.iter().map(|tensor| tensor.bytes).max()?;
    let stays = block.saturating_add(input.saturating_mul(done.count));
    let most = whole.high().saturating_sub(stays);
    let least = whole.low().saturating_sub(stays) / 10 * 9;
    (most > 0).then(|| Bytes::between(least.min(most), most))
}

/// True where all of a pass fits that keeps so much less.
fn fits_recomputed(s: &Situation<'_>, census: &Census, gain: Bytes) -> bool {
    let whole = census.whole_pass(false).map(Bytes::high);
    let left = whole.map(|whole| whole.saturating_sub(gain.low()));
    let needed = left.map(|left| left.saturating_add(census.fixed()));
    needed
        .zip(room(s, census))
        .is_some_and(|(needed, room)| needed <= room / 50 * 49)
}

/// All that the process can have.
fn room(s: &Situation<'_>, census: &Census) -> Option<u64> {
    let idle = census.reserved.saturating_sub(census.allocated);
    let headroom = s.balance.headroom?.low();
    Some(
        census
            .allocated
            .saturating_add(idle)
            .saturating_add(headroom),
    )
}

/// True where hardly more fits than what stays of a model when the copy of it that is being read is gone: of 8 measured that had
/// read less than a quarter of the copy, reading it on the CPU mended 2, and half as large weights 7; of 13 that had read more, 12 and 13.
pub(in crate::fixes) fn no_room_beside_weights(s: &Situation<'_>) -> bool {
    let census = s.incident.census.as_deref();
    census.is_some_and(|census| {
        let stays = [
            OwnerKind::Parameters,
            OwnerKind::Buffers,
            OwnerKind::Gradients,
            OwnerKind::OptimizerStates,
        ];
        let stays: u64 = stays.into_iter().map(|kind| census.sum(kind)).sum();
        room(s, census).is_some_and(|room| room <= stays.saturating_add(stays / 4))
    })
}

fn making_states(census: &Census) -> bool {
    let mut optimizers = census.optimizers.iter();
    optimizers.any(|o| o.with_states > 0 && o.with_states < o.parameters)
}

/// More rows than a batch has: points, edges or tokens, which nobody sets.
const MOST_ROWS: u64 = 1 << 16;

/// How much work fits, and how much of it is there.
struct Work {
    /// The rows of a batch.
    rows: u64,
    /// What does not know the batch.
    fixed: u64,
    /// Gradients that are not there yet: no batch makes them smaller. At worst all of them come while the activations are still
    /// there, as where the last layers have most of the weights.
    gradients: u64,
    /// What all of the pass needs at this batch, the least and the most.
    needs: Bytes,
    /// All that the process can have.
    room: u64,
}

impl Work {
    fn of(s: &Situation<'_>, census: &Census) -> Option<Self> {
        Some(Self {
            rows: census.rows().filter(|rows| *rows <= MOST_ROWS)?,
            fixed: census.fixed(),
            gradients: census.gradients_to_come(),
            needs: whole_pass(s, census)?,
            room: room(s, census)?,
        })
    }

    /// The most rows that fit by the most and by the least that the pass can need, with a fiftieth left over for pieces that no
    /// request fits into.
    fn fits(&self) -> (u64, u64) {
        let left = (self.room / 50 * 49).saturating_sub(self.fixed);
        let fits =
            |left: u64, needs: u64| part(left, self.rows, needs).min(self.rows.saturating_sub(1));
        let beside = left.saturating_sub(self.gradients);
        let surely = fits(left, self.needs.high()).min(fits(beside, self.needs.low()));
        (surely, fits(left, self.needs.low()))
    }

    fn told(&self, fits: u64) -> String {
        format!(
            "a sample of this step needs about {}; {} are there for all: up to {fits} such samples",
            human(self.needs.mid() / self.rows),
            human(self.room.saturating_sub(self.fixed)),
        )
    }
}

/// What all of a pass needs. In the loss of a language model, its backward pass asks for as much again.
fn whole_pass(s: &Situation<'_>, census: &Census) -> Option<Bytes> {
    let whole = census.whole_pass(s.in_phase(&[Phase::Backward]));
    whole.or_else(|| {
        let now = census.now().filter(|_| s.finding == FindingId::Logits)?;
        let most = now.saturating_add(census.requested?);
        census.work.grad.then(|| Bytes::between(now, most))
    })
}

/// True where a line of the source, a container or a graph of more than one pass may keep what earlier steps made.
fn may_grow(s: &Situation<'_>, census: &Census) -> bool {
    let keeps = |row: &OwnerHeld| {
        let some = row.items.is_some_and(|items| items > 1);
        let passes = row.graph.map_or(0, |graph| graph.passes);
        row.user && (some && row.bytes > census.allocated / 50 || passes > 1)
    };
    let clues = s.incident.clues.iter();
    clues
        .filter(|clue| clue.lasting)
        .any(|clue| clue.kind.leaks())
        || census.owners.iter().any(keeps)
}

/// Half the batch where half of it fits: what is counted is one step's, and the next may be longer. Else what fits.
fn batch(s: &Situation<'_>, census: &Census, offer: Offer) -> Offer {
    let of_work = [
        FindingId::Activations,
        FindingId::Logits,
        FindingId::AttentionScores,
    ];
    let work = Work::of(s, census).filter(|_| of_work.contains(&s.finding));
    // Where something may grow from step to step, no batch is small enough for long.
    let Some(work) = work.filter(|_| !may_grow(s, census)) else {
        return by_its_name(census, offer);
    };
    let (surely, perhaps) = work.fits();
    if perhaps == 0 {
        return Offer {
            enough: Enough::No,
            ..offer
        };
    }
    let half = work.rows / 2;
    let rows = if perhaps >= half { half } else { surely };
    if rows == 0 {
        return offer;
    }
    let how = offer.how.lines().next().unwrap_or_default();
    // The number is known: no letter stands for it.
    let how = how.replace("=N  # half of what it is", &format!("={rows}"));
    let printed = rows == half && batches::halved(s).is_some();
    let samples = if rows == 1 { "sample" } else { "samples" };
    let title = format!("Put {rows} {samples} through at once, not {}", work.rows);
    Offer {
        title: if printed { offer.title } else { Some(title) },
        how: format!("{how}\n# {}", work.told(surely)),
        // What had not been made yet could not be freed by then.
        at_least: part(work.needs.low(), work.rows - rows, work.rows) > census.allocated,
        gain: Some(Bytes::between(
            part(work.needs.low(), work.rows - rows, work.rows).min(census.allocated),
            part(work.needs.high(), work.rows - rows, work.rows).min(census.allocated),
        )),
        // Less than half was not measured.
        enough: if surely >= rows && rows >= half {
            Enough::Yes
        } else {
            Enough::Unknown
        },
        cost: offer.cost,
    }
}

fn part(bytes: u64, of: u64, all: u64) -> u64 {
    let part = u128::from(bytes) * u128::from(of) / u128::from(all.max(1));
    u64::try_from(part).unwrap_or(u64::MAX)
}
