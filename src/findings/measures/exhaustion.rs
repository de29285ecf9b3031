//! Whether the work needs more than the device has, and the sum that says so.

use super::{foreign, growth, idle, likeness, one_request, pools, record, room};
use crate::bytes::{Bytes, GIB};
use crate::evidence::{Memory, MessageId};
use crate::findings::{Case, Cause, Confidence, Measured};

/// Below so many hundredths idle the card is full, whatever the pieces: rounding to 512 bytes, tails of 2 and 20 MiB segments.
const FULL: u64 = 5;

/// That the work needs more than the device has.
pub(crate) struct Exhausted {
    /// How sure that is.
    pub(crate) confidence: Confidence,
    /// What it was measured on, where it was.
    pub(crate) measured: Option<Measured>,
    /// The sum.
    pub(crate) because: String,
}

/// Whether the work needs more than the device has, and the sum that says so.
pub(crate) fn exhausted(case: &Case<'_>) -> Option<Exhausted> {
    let balance = case.balance;
    if case.incident.memory != Memory::Device
        || room::larger_than_device(case)
        || pools::pooled(case)
        || room::cap_refused(case)
        || room::had_room(case)
        || !case.balance.contradictions().is_empty()
    {
        return None;
    }
    // Where PyTorch holds next to nothing of what its process has, its own work is not what fills the device.
    // A context with its libraries is no such thing: every process has one, and it takes a gigabyte at most.
    let hardly_its_own = balance
        .outside
        .zip(balance.live)
        .is_some_and(|(outside, live)| {
            outside.low() > 2 * GIB && outside.percent(2).surely_over(live)
        });
    if hardly_its_own && balance.private_pools.is_none() {
        return None;
    }
    if let (true, Some(held), Some(total)) = (
        balance.paged,
        balance.reserved.or(balance.live),
        balance.total,
    ) {
        let because = format!(
            "PyTorch holds {held} on a GPU of {total}: the driver has been paging to the host's memory, and even that ran out."
        );
        return Some(Exhausted {
            confidence: Confidence::Proven,
            measured: None,
            because,
        });
    }
    let (confidence, measured, because) = if let Some(tried) = balance.tried {
        let (sure, measured) = short(case, tried)?;
        (sure, measured, exhaustion_sum(case, tried))
    } else {
        let (sure, because) = filled(case)?;
        (sure, None, because)
    };
    let doubted = record::piles_up(case).is_some()
        || record::hidden(case).is_some()
        || record::tried_again(case).is_some()
        || growth::of_the_cache_alone(case).is_some();
    if growth::suspected(case) || one_request::explains(case) || doubted {
        return Some(Exhausted {
            confidence: Confidence::Possible,
            measured: None,
            because,
        });
    }
    Some(Exhausted {
        confidence,
        measured,
        because,
    })
}

/// How sure it is that the request was too much, by the figures and by what failures that look like this one were.
fn short(case: &Case<'_>, tried: Bytes) -> Option<(Confidence, Option<Measured>)> {
    let pieces = case.balance.half_lies_idle() && !case.incident.settings.expandable();
    if pieces && idle::idle_reaches(case).is_some() {
        return None;
    }
    let foreign = foreign::foreign_holds(case).map(|(confidence, _)| confidence);
    let by_figures = beyond_the_device(case, tried)
        .or_else(|| beyond_reach(case, tried))
        .or_else(|| at_its_limit(case))
        .or_else(|| nearly_all(case, tried));
    // Figures alone do not tell exhaustion from a leak, so that they prove nothing of the cause.
    let by_figures = by_figures.map(|sure| sure.min(Confidence::Likely));
    match (likeness::likeness(case), foreign) {
        (_, Some(Confidence::Proven)) => {
            by_figures.map(|sure| (sure.min(Confidence::Possible), None))
        }
        (Some(like), None) if like.cause == Cause::Exhaustion => Some((
            like.measured.confidence().min(Confidence::Likely),
            Some(like.measured),
        )),
        (Some(_), None) => Some((Confidence::Possible, None)),
        _ => by_figures.map(|sure| (sure, None)),
    }
}

/// Of a text that does not say how much was asked for: the device is full, and tensors fill it, or all that was free was too little.
fn filled(case: &Case<'_>) -> Option<(Confidence, String)> {
    let balance = case.balance;
    let (live, total, free) = (balance.live?, balance.total?, balance.free?);
    if foreign::foreign_holds(case).is_some() {
        return None;
    }
    if room::full_without_request(case) && live.mid() >= total.percent(80).mid() {
        let because = format!(
            "The text does not say how much was requested. {free} is free. Tensors hold {live} of {total}."
        );
        return Some((Confidence::Likely, because));
    }
    // It asks the driver for what the pieces of its cache cannot hold, and the driver had so much.
    let refused = case.incident.format == MessageId::PytorchCuda
        && live.plus(free).mid() >= total.percent(90).mid();
    refused.then(|| {
        let because = format!(
            "The text does not say how much was requested: it was more than the {free} that is free. Tensors hold {live} of {total}, so \
             that both together are more than the GPU has."
        );
        (Confidence::Possible, because)
    })
}

/// Live tensors and the request are together more than the whole device: nobody else matters.
fn beyond_the_device(case: &Case<'_>, tried: Bytes) -> Option<Confidence> {
    let balance = case.balance;
    // Up to a context's worth: more than that belongs to another library, which could give it back.
    let outside = balance
        .outside
        .unwrap_or(Bytes::ZERO)
        .min(Bytes::exact(GIB));
    let need = balance.live?.plus(tried).plus(outside);
    need.surely_over(balance.total?)
        .then_some(Confidence::Proven)
}

/// Without a word of what was free (`PyTorch` on XPU up to 2.5): tensors and the request alone are all of the device but a context.
fn nearly_all(case: &Case<'_>, tried: Bytes) -> Option<Confidence> {
    let balance = case.balance;
    let blind = balance.free.is_none() && balance.limit.is_none();
    let need = balance.live?.plus(tried);
    (blind && need.low() >= balance.total?.percent(97).high()).then_some(Confidence::Likely)
}

/// A budget that is used up to its last hundredth, whatever its digits leave.
fn at_its_limit(case: &Case<'_>) -> Option<Confidence> {
    let balance = case.balance;
    let limit = balance.limit.filter(|_| balance.free.is_none())?;
    let held = balance.reserved.or(balance.live)?;
    (held.high() >= limit.percent(99).low()).then_some(Confidence::Likely)
}

/// The request exceeds all that this process could reach, with others' memory thrown in as far as it is known.
fn beyond_reach(case: &Case<'_>, tried: Bytes) -> Option<Confidence> {
    let balance = case.balance;
    let reachable = balance.reachable()?;
    balance.live.or(balance.own)?;
    let foreign = foreign::foreign_holds(case).map(|(confidence, _)| confidence);
    if !tried.likely_over(reachable) {
        let full = tried.likely_over(balance.headroom?) && idle::idle_share(case) < FULL;
        return (full && foreign.is_none()).then_some(Confidence::Likely);
    }
    match foreign {
        Some(Confidence::Proven) => return None,
        Some(_) => return Some(Confidence::Possible),
        None => {}
    }
    let zero = Bytes::ZERO;
    let anybody = balance
        .others
        .unwrap_or(zero)
        .plus(balance.unnamed.unwrap_or(zero));
    let known = balance.unnamed.is_some() && balance.outside.is_some();
    let proven = known && tried.surely_over(reachable.plus(Bytes::exact(anybody.high())));
    Some(if proven {
        Confidence::Proven
    } else {
        Confidence::Likely
    })
}

/// "7.8 GiB was asked for and 6.5 GiB is free. Tensors hold 132.6 GiB of 139.8 GiB; only 16.4 MiB lies idle."
fn exhaustion_sum(case: &Case<'_>, tried: Bytes) -> String {
    let balance = case.balance;
    let left = match (balance.free, balance.headroom) {
        (Some(free), _) => format!(" and {free} is free"),
        (None, Some(headroom)) => format!(" and {headroom} is left of the budget"),
        (None, None) => String::new(),
    };
    let held = balance
        .live
        .zip(balance.total.or(balance.limit))
        .map(|(live, total)| {
            let idle = balance.idle.filter(|idle| idle.high() > 0);
            let idle = idle.map_or_else(String::new, |idle| {
                let little = idle.mid() < live.percent(FULL).mid();
                let only = if little { "only " } else { "" };
                format!("; {only}{idle} lies idle")
            });
            format!(" Tensors hold {live} of {total}{idle}.")
        });
    let short = balance
        .reachable()
        .map(|reachable| tried.minus(reachable))
        .filter(|short| short.low() > 0);
    let idle = balance.idle.is_some_and(|idle| idle.high() > 0);
    let short = short.map(|short| {
        let even = if idle {
            format!(" Even with all that is idle, {short} would be missing, so no")
        } else {
            " No".to_owned()
        };
        even + " setting of the allocator helps."
    });
    format!(
        "{tried} was requested{left}.{}{}",
        held.unwrap_or_default(),
        short.unwrap_or_default()
    )
}
