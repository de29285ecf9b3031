//! One request of the longest context that vLLM allows needs more cache than its share of the device leaves: in tokens from
//! the older engine, in GiB from the newer one.

use crate::evidence::{Flag, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmContext,
    printed_by: "vllm/worker/worker.py to 0.10, vllm/v1/core/kv_cache_utils.py from 0.8, with \"models's\" to 0.11",
    framework: Program::Vllm,
    signatures: &[
        "larger than the maximum number of tokens",
        "tokens that can be stored in KV cache (",
        "KV cache is needed, which is larger",
        "than the available KV cache memory",
    ],
    head: r"maxseqlen\(\d+\)(?:islargerthanthemaximumnumberoftokensthatcanbestoredinKVcache\(\d+\)|,\(?{size}KVcacheisneeded,whichislargerthantheavailableKVcache)",
    reach: 500,
    fields: &[
        Field(Key::Tried, r"{size}KVcacheisneeded"),
        Field(Key::Free, r"availableKVcachememory\({size}\)"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ValueError: To serve at least one request with the models's max seq len (65536), (8.00 GiB KV cache is needed, \
                   which is larger than the available KV cache memory (5.25 GiB). Based on the available memory, the estimated \
                   maximum model length is 43008. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when \
                   initializing the engine.",
            &[(Key::Tried, "8.00 GiB"), (Key::Free, "5.25 GiB")],
        ),
        Example(
            "ValueError: To serve at least one request with the model's max seq len (16384), 2.0 GiB KV cache is needed, which \
                   is larger than the available KV cache memory (0.35 GiB). Based on the available memory, the estimated maximum \
                   model length is 2864. Try increasing `gpu_memory_utilization` (which also controls CPU memory on the CPU \
                   backend) or decreasing `max_model_len` when initializing the engine. See \
                   https://docs.vllm.ai/en/latest/configuration/conserving_memory/ for more details.",
            &[(Key::Tried, "2.0 GiB"), (Key::Free, "0.35 GiB")],
        ),
    ],
    texts: &[
        "ValueError: The model's max seq len (32768) is larger than the maximum number of tokens that can be stored in KV \
                   cache (20480). Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the \
                   engine.",
    ],
    silent: &[
        // A sentence about the message is no failure.
        "Set max_model_len, or the model's max seq len is larger than the maximum number of tokens that can be stored \
                    in KV cache.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::LongestContext);
    let mut keep = |kind, name: &str, value: Option<String>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, name), value);
        }
    };
    let asked = hit.capture(r"^maxseqlen\((\d{1,12})\)");
    let fits = hit
        .capture(r"storedinKVcache\((\d{1,12})\)")
        .or_else(|| hit.capture(r"estimatedmaximummodellengthis(\d{1,12})"));
    keep(SettingKind::SequenceLength, "max seq len", asked);
    keep(SettingKind::LongestContext, "KV cache", fits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn both_lengths_are_kept() {
        for (example, fits) in MESSAGE.examples().zip(["43008", "2864", "20480"]) {
            let incident = one(example.0).incident;
            let longest = incident.settings.get(SettingKind::LongestContext);
            assert_eq!(longest.unwrap().value, fits);
            assert!(incident.settings.has(SettingKind::SequenceLength));
        }
    }
}
