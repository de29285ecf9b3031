//! "Not enough memory. Please try to increase --mem-fraction-static": `SGLang`'s static share holds the weights and no cache.

use crate::evidence::{Flag, Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangMemory,
    printed_by: "python/sglang/srt/model_executor/model_runner.py from 0.1.12, pool_configurator.py since; the fraction from 0.5.9; \
                 \"Loaded weights leave no\" from 0.5.10; \"hybrid state cache\" of model_runner_kv_cache_mixin.py from 0.5.6",
    framework: Program::Sglang,
    signatures: &[
        "Please try to increase --mem-fraction",
        "try to increase --mem-fraction-static",
        "Not enough memory. Please try to",
        "Loaded weights leave no GPU memory",
        "leave no GPU memory for the KV cache",
        "GPU memory for hybrid state cache",
    ],
    head: r"Notenoughmemory\.Pleasetrytoincrease--mem-fraction-static|LoadedweightsleavenoGPUmemoryfortheKVcacheunder--|NotenoughGPUmemoryforhybridstatecache",
    reach: 400,
    more: Some(more),
    texts: &[
        "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.",
        "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static. Current value: \
                   mem_fraction_static=0.6",
        "ValueError: Loaded weights leave no GPU memory for the KV cache under --mem-fraction-static=0.62. Raise \
                   --mem-fraction-static above 0.671 (minimum viable = 1 - available/pre = 0.6701). If using speculative decoding, \
                   draft weights are now counted.",
        "ValueError: Loaded weights leave no GPU memory for the KV cache under --rank-gpu-memory-mib on rank 1: the rank \
                   already uses 15.20 GiB (~15565 MiB) for weights and runtime state, which exhausts the per-rank budget. Raise \
                   --rank-gpu-memory-mib above that, or place fewer ranks on this GPU.",
        "RuntimeError: Not enough GPU memory for hybrid state cache: total_rest_memory=0.41 GB. Please try to increase \
                   --mem-fraction-static.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::NoCache);
    // States of each request, beside the cache of tokens.
    if hit.capture(r"^NotenoughGPUmemoryfor(hybrid)").is_some() {
        incident.flags.insert(Flag::ForCache);
    }
    let mut keep = |kind, value: Option<String>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, "mem_fraction_static"), value);
        }
    };
    keep(
        SettingKind::EngineShare,
        hit.capture(r"mem[_-]fraction[_-]static=(0\.\d{1,4})"),
    );
    keep(
        SettingKind::SmallestShare,
        hit.capture(r"static\s*above(0\.\d{1,4})"),
    );
    // A budget of each rank in MiB, in place of a share.
    keep(
        SettingKind::RankBudget,
        hit.capture(r"alreadyuses[0-9.]{1,9}GiB\(~(\d{1,8})MiB\)"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn newer_releases_name_the_share() {
        let incident = one(MESSAGE.texts[1]).incident;
        let share = incident.settings.get(SettingKind::EngineShare);
        assert_eq!(share.unwrap().value, "0.6");
        let newest = one(MESSAGE.texts[2]).incident.settings;
        assert_eq!(newest.get(SettingKind::EngineShare).unwrap().value, "0.62");
        assert_eq!(
            newest.get(SettingKind::SmallestShare).unwrap().value,
            "0.671"
        );
    }
}
