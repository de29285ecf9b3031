//! A refused request of a snapshot as a failure like that of a log, with exact figures.

use super::Snapshot;
use super::account::{Account, goes_backward, stack_of};
use crate::evidence::{HeldAt, Incident, Key, MessageId, Phase, Setting, SettingKind, Traceback};
use crate::stack;

/// The failure that an account tells of; `None` where no request was refused.
pub(crate) fn incident(
    snapshot: &Snapshot,
    account: Account,
    own: &[String],
) -> Result<Incident, Box<Account>> {
    let Some(request) = account.request else {
        return Err(Box::new(account));
    };
    let holdings = account.holdings;
    debug_assert_eq!(holdings.at, HeldAt::Refusal);
    let idle = &holdings.idle;
    let active = account.state.active();
    let rest = holdings.reserved.saturating_sub(active);
    let figures = [
        (Key::Tried, request.segment()),
        (Key::Free, request.device_free),
        (Key::Reserved, holdings.reserved),
        // As the message has it from 2.4 on: what private pools keep free counts as allocated.
        (Key::Allocated, active.saturating_add(idle.private_pools)),
        (
            Key::ReservedUnallocated,
            rest.saturating_sub(idle.private_pools),
        ),
        (Key::PrivatePools, idle.private_pools),
        (Key::Active, active),
        (Key::Requested, holdings.requested),
        (Key::LargestFree, idle.largest),
    ];
    let told = figures
        .into_iter()
        .filter(|(key, bytes)| *key != Key::PrivatePools || *bytes > 0);
    let mut incident = Incident::counted(&holdings.source, MessageId::PytorchSnapshot, told);
    incident.device = Some(holdings.device);
    incident.traceback = Traceback {
        frames: stack_of(snapshot, request.stack),
        shown: Vec::new(),
        chained: false,
    };
    incident.frame = stack::user_frame_with(&incident.traceback, own).cloned();
    incident.phase = stack::phase(&incident.traceback);
    incident.note_inference();
    if incident.traceback.frames.is_empty() && goes_backward(snapshot, request.stack) {
        incident.phase = Some(Phase::Backward);
    }
    set(snapshot, &mut incident);
    incident.holdings = Some(Box::new(holdings));
    Ok(incident)
}

/// What the snapshot shows to be set.
fn set(snapshot: &Snapshot, incident: &mut Incident) {
    let Some(settings) = &snapshot.settings else {
        return;
    };
    let mut keep = |kind, name: &str, value: String| {
        incident.settings.insert(Setting {
            kind,
            name: name.to_owned(),
            value,
            written: String::new(),
            line: 1,
        });
    };
    let mut configured = settings.configured.clone();
    if settings.expandable_segments && !configured.contains("expandable_segments") {
        let comma = if configured.is_empty() { "" } else { "," };
        configured = format!("{configured}{comma}expandable_segments:True");
    }
    if !configured.is_empty() {
        keep(
            SettingKind::AllocatorConfig,
            "PYTORCH_CUDA_ALLOC_CONF",
            configured,
        );
    }
    // Snapshots carry settings since then (torch/csrc/cuda/Module.cpp).
    keep(
        SettingKind::TorchAtLeast,
        "allocator_settings",
        "2.3".to_owned(),
    );
}
