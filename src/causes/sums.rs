//! The tests that findings share: does the work exceed the device, does idle memory reach, does somebody else hold it.

use super::{Case, Confidence, Verdict, pools};
use crate::bytes::{Bytes, GIB, MIB};
use crate::evidence::{
    AtFailure, Counter, Framework, Memory, Phase, Series, SettingKind, TrendVerdict,
};

/// How many hundredths of the allocator's memory must lie idle before fragmentation is the likely reason. A healthy run
/// idles a few percent: rounding to 512 bytes, tails of 2 and 20 MiB segments, freed temporaries.
const IDLE_LIKELY: u64 = 5;
/// Below this, what idles is the rounding of a full card, and no story.
const IDLE_POSSIBLE: u64 = 1;
/// From here on, nobody would call it overhead.
const IDLE_PROVEN: u64 = 10;

/// A verdict without anything left to settle.
pub(super) fn verdict(confidence: Confidence, because: String) -> Verdict {
    Verdict {
        confidence,
        because,
        settle: None,
    }
}

/// The same with the reading that would settle it.
pub(super) fn settled_by(confidence: Confidence, because: String, settle: &str) -> Verdict {
    Verdict {
        confidence,
        because,
        settle: Some(settle.to_owned()),
    }
}

/// The same, where what is proven needs no more readings.
pub(super) fn settled_unless_proven(
    confidence: Confidence,
    because: String,
    settle: &str,
) -> Verdict {
    match confidence {
        Confidence::Proven => verdict(confidence, because),
        _ => settled_by(confidence, because, settle),
    }
}

/// True where the native allocator refused: the only one for which idle memory and segments mean something.
fn figures_of_a_device(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device && case.incident.framework == Framework::Pytorch
}

/// True where the driver or the cap certainly had room for the request: then it is no question of capacity.
pub(super) fn had_room(case: &Case<'_>) -> bool {
    let balance = case.balance;
    !balance.paged
        && !pools::pooled(case)
        && balance
            .headroom
            .zip(balance.tried)
            .is_some_and(|(headroom, tried)| headroom.surely_at_least(tried))
}

/// True where the request alone is certainly larger than the device.
pub(super) fn larger_than_device(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device
        && !case.incident.framework.buffers()
        && (case.incident.marked("corrupt-size")
            || pools::too_large(case)
            || case
                .balance
                .tried
                .zip(case.balance.total)
                .is_some_and(|(tried, total)| tried.surely_over(total)))
}

/// True where a cap below the device refused what the driver still had.
pub(super) fn cap_refused(case: &Case<'_>) -> bool {
    let balance = case.balance;
    let room = balance
        .free
        .zip(balance.tried)
        .is_some_and(|(free, tried)| free.surely_at_least(tried));
    // The refusal itself says that the limit was short of it, unless its room is certain.
    let refused = balance
        .headroom
        .zip(balance.tried)
        .is_none_or(|(headroom, tried)| !headroom.surely_at_least(tried));
    balance.capped() && room && refused
}

/// Idle and private bytes of the allocator.
fn spare(case: &Case<'_>) -> Bytes {
    let zero = Bytes::ZERO;
    case.balance
        .idle
        .unwrap_or(zero)
        .plus(case.balance.private_pools.unwrap_or(zero))
}

/// The hundredths of the allocator's memory that lie idle, rounded down.
fn idle_share(case: &Case<'_>) -> u64 {
    let reserved = case.balance.reserved.map_or(0, Bytes::mid);
    spare(case)
        .mid()
        .saturating_mul(100)
        .checked_div(reserved)
        .unwrap_or(0)
}

/// Whether idle memory would have served the request, had it been in one piece: `None` where it would not, or is not known.
pub(super) fn idle_reaches(case: &Case<'_>) -> Option<Confidence> {
    let balance = case.balance;
    let (tried, headroom, reachable) = (balance.tried?, balance.headroom?, balance.reachable()?);
    if balance.paged
        || !figures_of_a_device(case)
        || balance.idle.is_none()
        || larger_than_device(case)
        || !balance.contradictions().is_empty()
    {
        return None;
    }
    if !tried.likely_over(headroom) || tried.likely_over(reachable) {
        return None;
    }
    let surely = tried.surely_over(headroom) && reachable.surely_at_least(tried);
    // The cache is not flushed during a capture, so idle may hold whole segments; a request of up to 1 MiB (2 MiB asked)
    // can only use the small pool, and the idle figure mixes both.
    // Under Windows' driver model `free` is a budget, and the driver pages.
    let settings = &case.incident.settings;
    let paging = settings.has(SettingKind::Windows) || settings.has(SettingKind::Wsl);
    let blurred =
        case.incident.phase == Some(Phase::GraphCapture) || tried.high() <= 2 * MIB || paging;
    Some(match idle_share(case) {
        IDLE_PROVEN.. if surely && !blurred => Confidence::Proven,
        IDLE_LIKELY.. if surely => Confidence::Likely,
        IDLE_POSSIBLE.. => Confidence::Possible,
        _ => return None,
    })
}

/// Whether the work needs more than the device has, and the sum that says so.
pub(super) fn exhausted(case: &Case<'_>) -> Option<(Confidence, String)> {
    let balance = case.balance;
    if case.incident.memory != Memory::Device
        || larger_than_device(case)
        || pools::pooled(case)
        || cap_refused(case)
        || had_room(case)
        || !case.balance.contradictions().is_empty()
    {
        return None;
    }
    if let (true, Some(held), Some(total)) = (
        balance.paged,
        balance.reserved.or(balance.live),
        balance.total,
    ) {
        let because = format!(
            "PyTorch holds {held} on a device of {total}: the driver has been paging to the host's memory, and even that ran out."
        );
        return Some((Confidence::Proven, because));
    }
    let (confidence, because) = match balance.tried {
        Some(tried) => {
            let sure = beyond_the_device(case, tried).or_else(|| beyond_reach(case, tried))?;
            (sure, exhaustion_sum(case, tried))
        }
        None => (Confidence::Likely, filled(case)?),
    };
    let confidence = if growth(case).is_some()
        || rising(case)
        || retried_inside_except(case)
        || between_backwards(case)
    {
        Confidence::Possible
    } else {
        confidence
    };
    Some((confidence, because))
}

/// Of a text that does not say how much was asked for: the device is full, and tensors fill it.
fn filled(case: &Case<'_>) -> Option<String> {
    let balance = case.balance;
    let (live, total, free) = (balance.live?, balance.total?, balance.free?);
    let by_tensors = full_without_request(case) && live.mid() >= total.percent(80).mid();
    (by_tensors && foreign_holds(case).is_none()).then(|| {
        format!("The text does not say how much was asked for. {free} is free. Tensors hold {live} of {total}.")
    })
}

/// True where the text does not say how much was asked for, and next to nothing was left, free or idle.
fn full_without_request(case: &Case<'_>) -> bool {
    const LEFT: u64 = 3;
    let balance = case.balance;
    let left = balance.reachable().zip(balance.total);
    balance.tried.is_none()
        && left.is_some_and(|(left, total)| left.mid() <= total.percent(LEFT).mid())
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

/// The request exceeds all that this process could reach, with others' memory thrown in as far as it is known.
fn beyond_reach(case: &Case<'_>, tried: Bytes) -> Option<Confidence> {
    let balance = case.balance;
    let reachable = balance.reachable()?;
    balance.live?;
    let foreign = foreign_holds(case).map(|(confidence, _)| confidence);
    if !tried.likely_over(reachable) {
        let full = tried.likely_over(balance.headroom?) && idle_share(case) < IDLE_LIKELY;
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
            let idle = idle.map_or_else(String::new, |idle| format!("; only {idle} lies idle"));
            format!(" Tensors hold {live} of {total}{idle}.")
        });
    let short = balance
        .reachable()
        .map(|reachable| tried.minus(reachable))
        .filter(|short| short.low() > 0);
    let short =
        short.map(|short| format!(" No setting of the allocator can find the missing {short}."));
    format!(
        "{tried} was asked for{left}.{}{}",
        held.unwrap_or_default(),
        short.unwrap_or_default()
    )
}

/// Memory that somebody else holds, where that is the better part of the story: how sure, and how much.
pub(super) fn foreign_holds(case: &Case<'_>) -> Option<(Confidence, Bytes)> {
    let balance = case.balance;
    let (headroom, total) = (balance.headroom?, balance.total?);
    let refused = match balance.tried {
        Some(tried) => tried.likely_over(headroom),
        None => full_without_request(case),
    };
    if balance.paged || !refused || larger_than_device(case) || cap_refused(case) {
        return None;
    }
    let short = balance.tried.unwrap_or(Bytes::ZERO).minus(headroom);
    if let Some(listed) = balance.others {
        let mine = balance.reserved.map_or(Bytes::ZERO, |r| {
            r.plus(balance.outside.unwrap_or(Bytes::ZERO))
        });
        // A rival of a few percent is not why the card is full, though it is the last straw.
        let matters =
            listed.mid() >= total.percent(5).mid() && listed.mid() >= mine.percent(10).mid();
        if matters && listed.surely_at_least(short) {
            return Some((Confidence::Proven, listed));
        }
    }
    let foreign = balance.foreign()?;
    let matters =
        foreign.plus(balance.others.unwrap_or(Bytes::ZERO)).mid() >= total.percent(25).mid();
    let hidden = balance
        .unnamed
        .is_some_and(|u| u.mid() >= total.percent(25).mid());
    ((matters || hidden) && foreign.surely_at_least(short)).then_some((Confidence::Likely, foreign))
}

/// What was seen of the device while the program ran, where the message has no figures and others held what was missing.
pub(super) fn rivals_seen<'a>(case: &Case<'a>) -> Option<&'a AtFailure> {
    let at = case.incident.at_failure.as_ref()?;
    let figures = case.balance.tried.is_some() || case.balance.free.is_some();
    let rivals = AtFailure::sum(at.rivals());
    let own = AtFailure::sum(at.holders.iter().filter(|h| h.own));
    // As above: a rival of a few percent is not why the card is full.
    let matters = rivals >= at.total / 4 && rivals >= own / 10 && at.free <= at.total / 20;
    (!figures && matters).then_some(at)
}

/// The series of readings that grew until the failure, where there is one that matters.
pub(super) fn growth<'a>(case: &Case<'a>) -> Option<&'a Series> {
    let incident = case.incident;
    let total = case.balance.total.map_or(0, Bytes::mid);
    let grows = |series: &&Series| {
        let same_rank =
            series.rank.is_none() || incident.rank.is_none() || series.rank == incident.rank;
        let last = series.points.last().map_or(0, |p| p.bytes.mid());
        let before = series
            .points
            .first()
            .is_some_and(|p| p.line < incident.place.line);
        let matters = series.trend.grown >= total.max(last) / 5;
        let meant = series.trend.by_design.is_some();
        same_rank && before && matters && !meant && series.trend.verdict == TrendVerdict::Grows
    };
    case.series
        .iter()
        .filter(grows)
        .min_by_key(|series| (series.running_peak, weight(series.counter)))
}

/// The counters that speak best of live memory come first.
fn weight(counter: Counter) -> u8 {
    match counter {
        Counter::Allocated => 0,
        Counter::Other => 1,
        Counter::PeakAllocated => 2,
        Counter::Process => 3,
        Counter::DeviceUsed => 4,
        Counter::Reserved => 5,
        Counter::PeakReserved => 6,
    }
}

/// True where the same line failed three times or more, with ever more allocated.
pub(super) fn rising(case: &Case<'_>) -> bool {
    let first = case.balance.live.into_iter();
    let course: Vec<Bytes> = first
        .chain(case.incident.again.iter().map(|a| a.allocated))
        .collect();
    course.len() >= 3 && course.is_sorted_by(|a, b| b.surely_over(*a))
}

/// True where memory ran out again while the first failure was being handled.
pub(super) fn retried_inside_except(case: &Case<'_>) -> bool {
    case.incident.traceback.chained && !case.incident.again.is_empty()
}

/// True where some micro-batches of one step went through and a later forward pass did not fit.
pub(super) fn between_backwards(case: &Case<'_>) -> bool {
    let run = &case.incident.run;
    run.step_name == "micro-batch"
        && run.step > Some(1)
        && case.incident.phase == Some(Phase::Forward)
}
