//! One tensor that explains the failure: a copy of the weights, a buffer, what the program's own line makes.

use super::counted;
use crate::evidence::{FindingId, FixId, Frame, Phase, SettingKind};
use crate::fixes::Situation;

/// What comes first for a copy of the weights, for a buffer, and for an operation of the program's own on a large tensor.
pub(super) fn by_one_tensor(s: &Situation<'_>) -> Option<&'static [FixId]> {
    match (s.finding, s.incident.phase) {
        (FindingId::DuplicateWeights, _) if counted::no_room_beside_weights(s) => {
            Some(&[FixId::LowPrecisionWeights, FixId::LoadCheckpointOnCpu])
        }
        (FindingId::MoreThanTheDevice, None)
            if s.incident.traceback.makes_a_store().is_some() || works_on_a_large_tensor(s) =>
        {
            Some(&[FixId::ChunkTheOperation, FixId::SmallerInputs])
        }
        // Of one sample, the layers before it hold more, and can be computed again.
        (FindingId::AttentionScores, _) if one_small_table(s) => {
            Some(&[FixId::GradientCheckpointing])
        }
        _ if s.encodes_images() => Some(&[FixId::TileTheImage, FixId::LowerBatchSize]),
        _ => None,
    }
}

/// True where the program's own line, and no model, asks for a large part of the GPU in one piece: an operation on a tensor that it
/// made itself (all of 71 measured pass in parts).
pub(in crate::fixes) fn works_on_a_large_tensor(s: &Situation<'_>) -> bool {
    // What is called by a name of the program can be a model, whose frames the log does not show.
    const OPERATIONS: [&str; 10] = [
        "torch.", " @ ", "softmax(", "sigmoid(", "argmax(", "topk(", ".sort(", ".exp(", ".float()",
        ".square(",
    ];
    let stack = &s.incident.traceback;
    let parts = s.balance.tried.zip(s.balance.total.or(s.balance.limit));
    let large = parts.is_some_and(|(tried, total)| tried.low() > total.high() / 10);
    let operation =
        |frame: &Frame| OPERATIONS.iter().any(|word| frame.code.contains(word)) && !frame.joins();
    let operates = stack
        .frames
        .last()
        .is_some_and(|frame| operation(frame) && !calls_by_name(&frame.code));
    s.torch()
        && s.incident.phase.is_none()
        && stack.ends_in_own_code()
        && stack.makes_a_buffer().is_none()
        && operates
        && large
}

/// `h = self.cnn(obs.float())`, `y = net(x.exp())`: what is called can be a model.
fn calls_by_name(code: &str) -> bool {
    let made = code.split_once(" = ").map_or(code, |(_, made)| made).trim();
    let called = made.split('(').next().unwrap_or_default();
    let called = called.strip_prefix("self.").unwrap_or(called);
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    made.contains('(') && !called.is_empty() && called.chars().all(name)
}

/// True where one sample trains, and the table of its attention is small beside what its layers hold already.
fn one_small_table(s: &Situation<'_>) -> bool {
    let parts = s.balance.live.zip(s.balance.tried);
    let small = parts.is_some_and(|(live, tried)| live.low() > tried.high().saturating_mul(8));
    small
        && s.number(SettingKind::BatchSize) == Some(1)
        && !s.has(SettingKind::Checkpointing)
        && s.in_phase(&[Phase::Forward])
        && (s.has(SettingKind::HuggingFace) || s.has(SettingKind::Trainer))
}
