//! What a fix can free at most, by what a snapshot shows the memory to be for, or by the figures of the failure alone. It is said
//! where nothing better is known: a size of the right order tells a person which fix is worth an hour.

use super::elsewhere;
use crate::bytes::{Bytes, sum};
use crate::evidence::{FindingId, FixId, Holdings, MemoryKind};
use crate::fixes::{Enough, Offer, Situation, covers};

/// Gives an offer its bound, if its own gain is not known.
pub(in crate::fixes) fn complete(offer: &mut Offer, id: FixId, s: &Situation<'_>) {
    if offer.gain.is_some() || !s.torch() {
        return;
    }
    let held = s.incident.holdings.as_deref();
    let by_kind = held.and_then(|held| by_kind(id, s, held));
    let Some(most) = by_kind.or_else(|| most(id, s)) else {
        return;
    };
    offer.gain = Some(Bytes::between(0, most));
    // Where blocks go, what is idle beside them may be of use again.
    let idle = s.balance.idle.into_iter().chain(s.balance.private_pools);
    let room = idle.fold(Bytes::exact(most), Bytes::plus);
    let shortfall = s.balance.shortfall.filter(|short| short.high() > 0);
    if covers(Some(room), shortfall) == Enough::No {
        offer.enough = Enough::No;
    }
}

/// The most that it can free; `None` where the figures do not tell.
fn most(id: FixId, s: &Situation<'_>) -> Option<u64> {
    let high = |bytes: Option<Bytes>| bytes.map(Bytes::high).filter(|bytes| *bytes > 0);
    let (live, tried) = (high(s.balance.live), high(s.balance.tried));
    match id {
        FixId::SmallerInputs if s.cut_at_will() => tried,
        // Of a graph a part goes through that is as large as one wants.
        FixId::LowerBatchSize if elsewhere::whole_graph(s) => None,
        // Half of what would be there with the request, if all of it depends on the batch, the length or the type. Of an
        // optimizer: of 12 bytes a parameter (weight and gradient in bf16, two states in fp32) 6 go, of 16 in fp32, too.
        FixId::LowerBatchSize
        | FixId::SmallerInputs
        | FixId::MixedPrecision
        | FixId::LowPrecisionWeights
        | FixId::MemoryEfficientOptimizer => Some(live?.saturating_add(tried?) / 2),
        // Of scores, which grow with the square of the length, half the length leaves a quarter.
        FixId::ShorterSequence => Some(live?.saturating_add(tried?) / 4 * 3),
        // The request itself is made elsewhere.
        FixId::Offload if s.states_in_one_piece() => tried,
        // All that is kept.
        FixId::GradientCheckpointing
        | FixId::InferenceMode
        | FixId::Offload
        | FixId::LoadCheckpointOnCpu
        | FixId::RetryOutsideExcept
        | FixId::GcCollect => live,
        // A process that ends gives all back.
        FixId::DropReferences if s.finding == FindingId::OtherLibrary => high(s.balance.outside),
        // What has piled up, where readings tell how much that is.
        FixId::ItemOrDetach
        | FixId::MoveOutputsToCpu
        | FixId::OutputsToCpu
        | FixId::DropReferences
        | FixId::RemoveHooks
        | FixId::BackwardEachMicroBatch => grown(s).or(live),
        // The request itself is no longer made.
        FixId::SdpaAttention
        | FixId::ChunkedCrossEntropy
        | FixId::OptimizerForeachFalse
        | FixId::ChunkTheOperation => tried,
        FixId::SetDeviceByLocalRank => high(s.balance.others).or(high(s.balance.unnamed)),
        FixId::JaxNoPreallocate => high(s.balance.outside),
        _ => None,
    }
}

/// The most by what a snapshot shows the memory to be for; `None` where its kinds do not say. What has no stack may be of any kind.
fn by_kind(id: FixId, s: &Situation<'_>, held: &Holdings) -> Option<u64> {
    use MemoryKind::{Gradients, Library, Optimizer, Parameters, Unknown};
    let of = |kinds: &[MemoryKind]| {
        let rows = held.kinds.iter().filter(|(kind, _)| kinds.contains(kind));
        sum(rows.map(|(_, bytes)| *bytes))
    };
    let fixed = of(&[Parameters, Gradients, Optimizer, Library]);
    let tried = s.balance.tried.map_or(0, Bytes::high);
    let worked_on = held.allocated.saturating_sub(fixed);
    match id {
        FixId::LowerBatchSize | FixId::SmallerInputs | FixId::MixedPrecision => {
            Some(worked_on.saturating_add(tried) / 2)
        }
        FixId::ShorterSequence => {
            let parts = if s.finding == FindingId::AttentionScores {
                3
            } else {
                2
            };
            Some(worked_on.saturating_add(tried) / 4 * parts)
        }
        // What a backward pass works with is there whatever was kept for it, and so is what a loss makes of the last layer.
        FixId::GradientCheckpointing => {
            let of_loss = held.owners.iter().filter(|owner| {
                owner.kind != MemoryKind::Activations && owner.through.contains("cross_entropy")
            });
            let beside = of(&[MemoryKind::Backward]).saturating_add(sum(of_loss.map(|o| o.bytes)));
            Some(worked_on.saturating_sub(beside))
        }
        FixId::InferenceMode => Some(worked_on),
        FixId::RetryOutsideExcept => held.retried.as_ref().map(|retried| retried.bytes),
        // Two bytes of eight remain, of what is there and of what the step was about to make.
        FixId::MemoryEfficientOptimizer => {
            let states = of(&[Optimizer, Unknown]).saturating_add(tried);
            Some(states / 4 * 3)
        }
        FixId::ItemOrDetach
        | FixId::MoveOutputsToCpu
        | FixId::OutputsToCpu
        | FixId::DropReferences
        | FixId::RemoveHooks
        | FixId::GcCollect => Some(held.accumulated()).filter(|piled| *piled > 0),
        _ => None,
    }
}

/// By how much the program's own live memory rose before the failure, as it printed it.
fn grown(s: &Situation<'_>) -> Option<u64> {
    let incident = s.incident;
    let own = s.series.iter().find(|series| {
        let same_rank = series.rank.is_none() || series.rank == incident.rank;
        same_rank && series.counter.is_live() && !series.running_peak
    })?;
    let before = || own.points.iter().filter(|p| p.line < incident.place.line);
    let first = before().next()?.bytes.low();
    let last = before().next_back()?.bytes.high();
    last.checked_sub(first).filter(|grown| *grown > 0)
}
