//! Memory pools with a limit of their own, those of JAX, TensorFlow and `CuPy`: what stopped the request.
//!
//! The best-fit allocator of XLA and TensorFlow looks through every free piece, then asks the driver as far as its limit
//! goes, and only then refuses; its figures are read under the same lock (`xla/tsl/framework/bfc_allocator.cc`,
//! `AllocateRawInternal`). `CuPy` compares with its limit first, and else asks the driver three times, giving back what is
//! wholly free in between (cupy/cuda/memory.pyx, `_try_malloc`).

use crate::bytes::{Bytes, GIB, MIB, TIB};
use crate::evidence::{AtFailure, Balance, Flag, Key, Memory, Program};
use crate::findings::{Case, Confidence, Verdict};

/// JAX takes 75 % of the device unless told otherwise (jax-ml/jax, `docs/gpu_memory_allocation.rst`); 95 % leave room for
/// a context. From the one to the other the pool grows by so many hundredths.
const JAX_COULD_GROW: u64 = 26;

/// What stopped a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Enough is free in the pool, in pieces.
    Pieces,
    /// The pool's limit, below the device.
    Limit,
    /// The driver, though the limit left room.
    Driver,
    /// There is not so much.
    Short,
}

/// True where the memory comes from such a pool.
pub(crate) fn pooled(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device && case.incident.framework.pooled()
}

/// True where the request alone is certainly larger than all that the pool may hold, or than the device that XLA planned for.
pub(crate) fn too_large(case: &Case<'_>) -> bool {
    let most = case.balance.limit.or_else(|| whole_device(case));
    pooled(case)
        && case
            .balance
            .tried
            .zip(most)
            .is_some_and(|(tried, most)| tried.surely_over(most))
}

/// The size of the device, as far as the figures tell it.
pub(crate) fn whole_device(case: &Case<'_>) -> Option<Bytes> {
    let balance = case.balance;
    let paddle = case.incident.framework == Program::Paddle;
    let used = balance
        .live
        .filter(|used| paddle && !used.surely_over(Bytes::exact(16 * TIB)));
    planned(case)
        .map(|planned| planned.percent(125))
        .or(balance.total)
        // Paddle's "allocated" is all that is in use on the device.
        .or_else(|| Some(used?.plus(balance.free?)))
        .or_else(|| Some(Bytes::exact(case.incident.at_failure.as_ref()?.total)))
}

/// What XLA planned with, where it said so.
pub(crate) fn planned(case: &Case<'_>) -> Option<Bytes> {
    case.incident.facts.get(Key::PlannedLimit)
}

/// What stopped the request, and how sure that is; `None` where the figures do not tell.
pub(crate) fn stop(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    if !pooled(case) || too_large(case) {
        return None;
    }
    let balance = case.balance;
    match case.incident.framework {
        _ if only_what_is_free(case) => return by_what_is_free(case),
        Program::Mindspore => return in_mindspore(case),
        Program::Julia => return in_julia(case),
        _ => {}
    }
    if balance.reserved.is_none() {
        return below_the_limit(case).or_else(|| by_what_was_refused(case));
    }
    let (tried, reserved) = (balance.tried?, balance.reserved?);
    if case.incident.framework == Program::Rapids {
        let over = reserved.plus(tried).surely_over(balance.limit?);
        return over.then_some((Stop::Limit, Confidence::Proven));
    }
    if case.incident.framework == Program::Cupy {
        return Some(match balance.limit {
            Some(limit) if reserved.plus(tried).surely_over(limit) => {
                (Stop::Limit, Confidence::Proven)
            }
            None if rivals_took(case).is_some() => (Stop::Driver, Confidence::Likely),
            // What else is on the device, its message cannot tell.
            _ if nearly_all_is_its_own(case, reserved) => (Stop::Short, Confidence::Likely),
            _ => (Stop::Short, Confidence::Possible),
        });
    }
    let (limit, idle, beyond) = (balance.limit?, balance.idle?, balance.headroom?);
    let both = idle.plus(beyond);
    if idle.surely_at_least(tried) {
        return Some((Stop::Pieces, Confidence::Proven));
    }
    if beyond.surely_at_least(tried) {
        return Some((Stop::Driver, Confidence::Likely));
    }
    if both.surely_at_least(tried) {
        return Some((Stop::Pieces, Confidence::Likely));
    }
    Some((
        limit_or_short(case, limit, tried.minus(both)),
        Confidence::Likely,
    ))
}

/// True where the size of the device is known, and the pool has most of it, or the process was seen with it.
fn nearly_all_is_its_own(case: &Case<'_>, reserved: Bytes) -> bool {
    let most = case
        .balance
        .total
        .is_some_and(|total| reserved.surely_at_least(total.percent(80)));
    most || case
        .incident
        .at_failure
        .as_ref()
        .is_some_and(has_nearly_all)
}

/// Where so much is missing: would the larger share that JAX could have taken have had it?
fn limit_or_short(case: &Case<'_>, limit: Bytes, short: Bytes) -> Stop {
    let could_grow = limit.percent(JAX_COULD_GROW).surely_at_least(short);
    let capped = case.incident.framework == Program::Tensorflow && set_by_hand(limit);
    if case.incident.framework == Program::Jax && could_grow || capped {
        Stop::Limit
    } else {
        Stop::Short
    }
}

/// People give limits in such steps.
const ROUND: u64 = 256 * MIB;

/// TensorFlow takes all that is free but a reserve (`gpu_device.cc`, `SingleVirtualDeviceMemoryLimit`), which is no round number. A
/// `memory_limit` is one of whole MiB, and no GPU that it runs on has less than 2 GiB.
fn set_by_hand(limit: Bytes) -> bool {
    let exact = limit.low() == limit.high();
    exact && limit.low() > 0 && (limit.low().is_multiple_of(ROUND) || limit.high() < 2 * GIB)
}

/// TensorFlow 1 prints no size of its pool: what is in use and the limit tell where not even all of the rest is enough.
fn below_the_limit(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    let balance = case.balance;
    let (tried, limit) = (balance.tried?, balance.limit?);
    // No GPU that it runs on is so small: it took all that was free when it began, or was told to take no more.
    if balance.live.is_none() && limit.high() < 2 * GIB {
        let told = limit.low().is_multiple_of(ROUND);
        let stop = if told { Stop::Limit } else { Stop::Driver };
        return Some((stop, Confidence::Likely));
    }
    let left = limit.minus(balance.live?);
    tried.surely_over(left).then(|| {
        (
            limit_or_short(case, limit, tried.minus(left)),
            Confidence::Likely,
        )
    })
}

/// XLA's pool without its figures: who refused tells.
fn by_what_was_refused(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    if case.incident.framework != Program::Jax {
        return None;
    }
    if case.incident.flagged(Flag::DriverRefused) {
        return Some((Stop::Driver, Confidence::Likely));
    }
    if case.incident.flagged(Flag::PoolLimit) {
        let seen = case.incident.at_failure.as_ref();
        let stop = if seen.is_some_and(has_nearly_all) {
            Stop::Short
        } else {
            Stop::Limit
        };
        return Some((stop, Confidence::Likely));
    }
    rivals_took(case).map(|_| (Stop::Driver, Confidence::Likely))
}

/// True where the process that failed was seen with so much of the device that no larger share is worth a try.
fn has_nearly_all(at: &AtFailure) -> bool {
    AtFailure::sum(at.holders.iter().filter(|holder| holder.own)) >= at.total / 10 * 9
}

/// What was seen of the device, where the pool has no limit that stopped it, less was free than it asked for, and others held
/// what was missing.
pub(crate) fn rivals_took<'a>(case: &Case<'a>) -> Option<&'a AtFailure> {
    let at = case.incident.at_failure.as_ref()?;
    let tried = case.balance.tried.filter(|_| pooled(case))?;
    let rivals = AtFailure::sum(at.rivals());
    let short = tried.surely_over(Bytes::exact(at.free));
    let enough = Bytes::exact(at.free.saturating_add(rivals)).surely_at_least(tried);
    // A rival of a few percent is not why the card is full.
    (short && enough && rivals >= at.total / 4 && case.balance.limit.is_none()).then_some(at)
}

/// True where the message tells what was free and nothing of a pool.
fn only_what_is_free(case: &Case<'_>) -> bool {
    match case.incident.framework {
        Program::Paddle
        | Program::Xgboost
        | Program::Catboost
        | Program::Kaldi
        | Program::Relion
        | Program::Simulation
        | Program::Matlab
        | Program::Theano => true,
        Program::Tensorflow | Program::Mindspore => case.balance.limit.is_none(),
        _ => false,
    }
}

/// Messages that tell what was free and not whose the rest is: Paddle's "allocated" is all that is in use on the device
/// (`cuda_allocator.cc` of Paddle: total minus available), `XGBoost` prints no total.
fn by_what_is_free(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    let balance = case.balance;
    let (tried, free) = (balance.tried?, balance.free?);
    if balance.limit.is_some() {
        return Some((Stop::Limit, Confidence::Likely));
    }
    // RELION's allocator tells its largest piece (src/acc/cuda/custom_allocator.cuh).
    let largest = case.incident.facts.get(Key::LargestFree);
    let pieces = free.surely_at_least(tried) && largest.is_some_and(|l| tried.surely_over(l));
    if pieces && case.incident.framework == Program::Relion {
        return Some((Stop::Pieces, Confidence::Likely));
    }
    // A driver refuses what it has in pieces: with a hundredth left the device is full.
    let crumbs = case.incident.framework == Program::Paddle
        && balance
            .live
            .is_some_and(|used| used.percent(2).surely_over(free));
    (tried.likely_over(free) || crumbs).then_some((Stop::Short, Confidence::Possible))
}

/// `MindSpore` compares with what it took of the device, or was told to (`max_device_memory`).
fn in_mindspore(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    let balance = case.balance;
    balance.tried.zip(balance.limit)?;
    let told = balance
        .limit
        .zip(balance.total)
        .is_some_and(|(limit, total)| total.percent(85).surely_over(limit));
    Some(if told {
        (Stop::Limit, Confidence::Likely)
    } else {
        (Stop::Short, Confidence::Likely)
    })
}

/// CUDA.jl compares with its hard limit, else asks the driver, and again after it has collected and given back what it could
/// (CUDACore/src/memory.jl, `pool_alloc`).
fn in_julia(case: &Case<'_>) -> Option<(Stop, Confidence)> {
    let balance = case.balance;
    let tried = balance.tried?;
    let capped = balance.limit.zip(balance.reserved);
    if capped.is_some_and(|(limit, reserved)| reserved.plus(tried).surely_over(limit)) {
        return Some((Stop::Limit, Confidence::Proven));
    }
    let free = balance.free?;
    if !tried.likely_over(free) {
        return None;
    }
    let short = tried.minus(free);
    let foreign = balance.foreign().filter(|f| f.surely_at_least(short));
    if foreign.is_some_and(|f| f.mid() >= balance.total.map_or(0, |t| t.mid() / 4)) {
        return Some((Stop::Driver, Confidence::Likely));
    }
    let idle = balance.idle.unwrap_or(Bytes::ZERO);
    Some(if free.plus(idle).surely_at_least(tried) {
        (Stop::Pieces, Confidence::Likely)
    } else {
        (Stop::Short, Confidence::Likely)
    })
}

/// What was seen of the device, where the pool says nothing of itself and the driver had surely more left than was asked for:
/// a pool asks it before it refuses, so only its own limit can have stopped it.
pub(crate) fn room_seen<'a>(case: &Case<'a>) -> Option<&'a AtFailure> {
    let at = case.incident.at_failure.as_ref()?;
    let silent = case.balance.limit.is_none() && case.balance.reserved.is_none();
    // The device is looked at once a second.
    let moved = Bytes::exact(at.total / 20);
    let had = Bytes::exact(at.free).surely_at_least(case.balance.tried?.plus(moved));
    (pooled(case) && silent && had && stop(case).is_none()).then_some(at)
}

/// "JAX's pool may hold 104.84 GiB and holds 100 GiB of arrays."
pub(crate) fn state(case: &Case<'_>) -> String {
    let balance = case.balance;
    let name = match case.incident.framework {
        Program::Rapids => "RMM",
        other => other.title(),
    };
    match case.incident.framework {
        _ if only_what_is_free(case) => return what_is_free(case),
        Program::Julia => return what_julia_holds(balance),
        _ => {}
    }
    let arrays = match (balance.live, balance.reserved) {
        (Some(live), _) => format!("{live} of it is in use"),
        (None, Some(reserved)) => format!("{reserved} is in it, free blocks included"),
        (None, None) => {
            return match balance.limit {
                Some(limit) => format!("{name} may hold {limit}."),
                None if case.incident.flagged(Flag::PoolLimit) => {
                    format!(
                        "Most of {name}'s pool is in use, and the driver refused nothing: the pool's own limit did."
                    )
                }
                None => String::new(),
            };
        }
    };
    match balance.limit {
        Some(limit) => format!("{name}'s pool may hold {limit}, and {arrays}."),
        None => format!("{name}'s pool has no limit, and {arrays}."),
    }
}

/// "CUDA.jl holds 14.1 GiB, 13.3 GiB of it in use."
fn what_julia_holds(balance: &Balance) -> String {
    let limit = balance
        .limit
        .map_or_else(String::new, |limit| format!(" and may hold {limit}"));
    match (balance.reserved, balance.live) {
        (Some(reserved), Some(live)) => {
            format!("CUDA.jl holds {reserved}{limit}; {live} of it is in use.")
        }
        (reserved, live) => reserved
            .or(live)
            .map_or_else(String::new, |held| format!("CUDA.jl holds {held}{limit}.")),
    }
}

/// "37.6 MiB was free, and 14.9 GiB in use."
fn what_is_free(case: &Case<'_>) -> String {
    let balance = case.balance;
    let Some(free) = balance.free else {
        return String::new();
    };
    match (balance.limit, balance.reserved, balance.live) {
        (Some(limit), _, _) => format!("{free} was left under the limit of {limit}."),
        (None, Some(reserved), _) => format!("{free} was free, and the pool held {reserved}."),
        (None, None, Some(live)) if case.incident.framework == Program::Tensorflow => {
            format!("{free} was free, and tensors held {live}.")
        }
        (None, None, Some(used)) => {
            format!("{free} was free, and {used} of the GPU in use, by whomever.")
        }
        (None, None, None) => format!("{free} was free."),
    }
}

/// The verdict of the finding that speaks of this stop.
pub(crate) fn verdict(case: &Case<'_>, wanted: Stop, says: &str, settle: &str) -> Option<Verdict> {
    let (found, confidence) = stop(case)?;
    if found != wanted {
        return None;
    }
    let tried = case.balance.tried?;
    let state = state(case);
    let parts = ["was requested.", &state, says];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let because = format!("{tried} {}", said.join(" "));
    Some(Verdict::settled_unless_proven(confidence, because, settle))
}
