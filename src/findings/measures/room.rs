//! Whether the device had room: for the request at all, for it under a limit, for anything.

use super::pools;
use crate::bytes::GIB;
use crate::evidence::{Flag, Memory, MessageId, Program, SettingKind};
use crate::findings::Case;

/// True where the driver or the cap certainly had room for the request: then it is no question of capacity.
pub(crate) fn had_room(case: &Case<'_>) -> bool {
    let balance = case.balance;
    !balance.paged
        && !pools::pooled(case)
        && balance
            .headroom
            .zip(balance.tried)
            .is_some_and(|(headroom, tried)| headroom.surely_at_least(tried))
}

/// True where a snapshot shows that the driver had room for what PyTorch refused: by a limit, which snapshots do not hold.
pub(crate) fn refused_by_an_untold_limit(case: &Case<'_>) -> bool {
    let of_snapshot = case.incident.format == MessageId::PytorchSnapshot;
    of_snapshot && case.balance.limit.is_none() && had_room(case)
}

/// True where hardly anything was free, and the driver is one that keeps a part back or counts it to a process's budget: AMD's, and
/// Windows' with what runs in its subsystem. What such a driver calls free is not there for everybody.
pub(crate) fn kept_back(case: &Case<'_>) -> bool {
    let (balance, settings) = (case.balance, &case.incident.settings);
    let keeps = [SettingKind::Rocm, SettingKind::Windows, SettingKind::Wsl]
        .iter()
        .any(|kind| settings.has(*kind));
    let (Some(free), Some(total), Some(live)) = (balance.free, balance.total, balance.live) else {
        return false;
    };
    keeps
        && had_room(case)
        && !cap_refused(case)
        && free.high() <= total.percent(5).low()
        && live.low() >= total.percent(60).high()
}

/// No GPU has so much memory.
const MORE_THAN_ANY: u64 = 512 * GIB;

/// True where the request alone is certainly larger than the device.
pub(crate) fn larger_than_device(case: &Case<'_>) -> bool {
    case.incident.memory == Memory::Device
        && !case.incident.framework.buffers()
        && (case.incident.flagged(Flag::CorruptSize)
            || pools::too_large(case)
            || case
                .balance
                .tried
                .zip(case.balance.total)
                .is_some_and(|(tried, total)| tried.surely_over(total))
            || case.balance.total.is_none()
                && [
                    Program::Pytorch,
                    Program::Cupy,
                    Program::Jax,
                    Program::Tensorflow,
                ]
                .contains(&case.incident.framework)
                && case
                    .balance
                    .tried
                    .is_some_and(|tried| tried.low() > MORE_THAN_ANY))
}

/// True where a cap below the device refused what the driver still had.
pub(crate) fn cap_refused(case: &Case<'_>) -> bool {
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

/// True where the text does not say how much was asked for, and next to nothing was left, free or idle.
pub(super) fn full_without_request(case: &Case<'_>) -> bool {
    const LEFT: u64 = 3;
    let balance = case.balance;
    let left = balance.reachable().zip(balance.total);
    balance.tried.is_none()
        && left.is_some_and(|(left, total)| left.mid() <= total.percent(LEFT).mid())
}
