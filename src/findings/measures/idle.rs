//! What lies idle in the allocator, and whether it would have served the request.

use super::{foreign, growth, likeness, record, room};
use crate::bytes::{Bytes, MIB};
use crate::evidence::{Memory, Phase, Program, SettingKind};
use crate::findings::{Case, Cause, Confidence, Measured};

/// Below so many hundredths, what idles is the rounding of a full card, and no story.
const IDLE_POSSIBLE: u64 = 1;

/// True where the native allocator refused: the only one for which idle memory and segments mean something.
fn figures_of_a_device(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device && case.incident.framework == Program::Pytorch
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
pub(super) fn idle_share(case: &Case<'_>) -> u64 {
    let reserved = case.balance.reserved.map_or(0, Bytes::mid);
    spare(case)
        .mid()
        .saturating_mul(100)
        .checked_div(reserved)
        .unwrap_or(0)
}

/// Whether idle memory would have served the request, had it been in one piece, and how often that was why such programs
/// failed: `None` where it would not, or is not known.
pub(crate) fn idle_reaches(case: &Case<'_>) -> Option<(Confidence, Option<Measured>)> {
    let balance = case.balance;
    let (tried, headroom, reachable) = (balance.tried?, balance.headroom?, balance.reachable()?);
    if balance.paged
        || !figures_of_a_device(case)
        || balance.idle.is_none()
        || room::larger_than_device(case)
        || foreign::fills(case)
        || !balance.contradictions().is_empty()
    {
        return None;
    }
    if !tried.likely_over(headroom)
        || tried.likely_over(reachable)
        || idle_share(case) < IDLE_POSSIBLE
    {
        return None;
    }
    // The cache is not flushed during a capture, so idle may hold whole segments; a request of up to 1 MiB (2 MiB asked)
    // can only use the small pool, and the idle figure mixes both.
    // Under Windows' driver model `free` is a budget, and the driver pages.
    let settings = &case.incident.settings;
    let paging = settings.has(SettingKind::Windows) || settings.has(SettingKind::Wsl);
    let blurred =
        case.incident.phase == Some(Phase::GraphCapture) || tried.high() <= 2 * MIB || paging;
    // Many times the request lies idle, and nothing but the cache has grown.
    let plenty = spare(case).low() / 4 >= tried.high();
    if plenty && !blurred && growth::of_the_cache_alone(case).is_some() && !growth::suspected(case)
    {
        return Some((Confidence::Likely, None));
    }
    let alike = likeness::likeness(case).filter(|like| like.cause == Cause::Fragmentation);
    Some(match alike {
        Some(like) if !blurred && !growth::suspected(case) && record::outgrown(case).is_none() => {
            (like.measured.confidence(), Some(like.measured))
        }
        _ => (Confidence::Possible, None),
    })
}
