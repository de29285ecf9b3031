//! "`max_num_seqs` (N) exceeds available Mamba cache blocks (M)": a hybrid model needs a block of states for each request at once.

use crate::evidence::{Flag, Incident, MessageId, Phase, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmSequences,
    printed_by: "vllm/v1/worker/gpu_model_runner.py and gpu/cudagraph_utils.py, before graphs are captured; vLLM from 0.19",
    framework: Program::Vllm,
    signatures: &[
        "exceeds available Mamba cache blocks",
        "available Mamba cache blocks (",
        "requires one Mamba cache block",
    ],
    head: r"max_num_seqs\(\d{1,9}\)exceedsavailableMambacacheblocks\(\d{1,9}\)",
    accepts: Some(standing::reported),
    reach: 400,
    more: Some(more),
    texts: &[
        "ValueError: max_num_seqs (512) exceeds available Mamba cache blocks (233). Each decode sequence requires one Mamba \
                   cache block, so CUDA graph capture cannot proceed. Please lower max_num_seqs to at most 233 or increase \
                   gpu_memory_utilization.",
        "ValueError: max_num_seqs (1024) exceeds available Mamba cache blocks (60).",
    ],
    silent: &[
        // Advice that speaks of it is no failure.
        "The default of 1024 fails with `max_num_seqs (1024) exceeds available Mamba cache blocks (345)` on small cards.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::ForCache);
    incident.phase = Some(Phase::GraphCapture);
    let mut keep = |kind, name: &str, value: Option<String>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, name), value);
        }
    };
    keep(
        SettingKind::Sequences,
        "max_num_seqs",
        hit.capture(r"^max_num_seqs\((\d{1,9})\)"),
    );
    keep(
        SettingKind::SequencesThatFit,
        "Mamba cache blocks",
        hit.capture(r"Mambacacheblocks\((\d{1,9})\)"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn both_counts_are_kept() {
        let settings = one(MESSAGE.texts[0]).incident.settings;
        let value = |kind| settings.get(kind).unwrap().value.clone();
        assert_eq!(value(SettingKind::Sequences), "512");
        assert_eq!(value(SettingKind::SequencesThatFit), "233");
    }
}
