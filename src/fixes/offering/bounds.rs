//! What a fix can free at most, by the figures of the failure alone. It is said where nothing better is known: a size of the
//! right order tells a person which fix is worth an hour.

use crate::bytes::Bytes;
use crate::evidence::FixId;
use crate::fixes::{Enough, Offer, Situation, covers};

/// Gives an offer its bound, if its own gain is not known.
pub(in crate::fixes) fn complete(offer: &mut Offer, id: FixId, s: &Situation<'_>) {
    if offer.gain.is_some() || !s.torch() {
        return;
    }
    let Some(most) = most(id, s) else { return };
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
        // Half of what would be there with the request, if all of it depends on the batch, the length or the type. Of an
        // optimizer: of 12 bytes a parameter (weight and gradient in bf16, two states in fp32) 6 go, of 16 in fp32, too.
        FixId::LowerBatchSize
        | FixId::SmallerInputs
        | FixId::MixedPrecision
        | FixId::LowPrecisionWeights
        | FixId::MemoryEfficientOptimizer => Some(live?.saturating_add(tried?) / 2),
        // Of scores, which grow with the square of the length, half the length leaves a quarter.
        FixId::ShorterSequence => Some(live?.saturating_add(tried?) / 4 * 3),
        // All that is kept.
        FixId::GradientCheckpointing
        | FixId::InferenceMode
        | FixId::Offload
        | FixId::LoadCheckpointOnCpu
        | FixId::RetryOutsideExcept
        | FixId::GcCollect => live,
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
