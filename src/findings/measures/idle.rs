//! What lies idle in the allocator, and whether it would have served the request.

use super::{foreign, room};
use crate::bytes::{Bytes, MIB};
use crate::evidence::{Memory, Phase, Program, SettingKind};
use crate::findings::{Case, Confidence};

/// How many hundredths of the allocator's memory must lie idle before fragmentation is the likely reason. A healthy run
/// idles a few percent: rounding to 512 bytes, tails of 2 and 20 MiB segments, freed temporaries.
pub(super) const IDLE_LIKELY: u64 = 5;
/// Below this, what idles is the rounding of a full card, and no story.
const IDLE_POSSIBLE: u64 = 1;
/// From here on, nobody would call it overhead.
const IDLE_PROVEN: u64 = 10;

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

/// Whether idle memory would have served the request, had it been in one piece: `None` where it would not, or is not known.
pub(crate) fn idle_reaches(case: &Case<'_>) -> Option<Confidence> {
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
