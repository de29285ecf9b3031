//! "Not enough memory to handle N prefill tokens": TGI tries its largest batch before it serves.

use crate::evidence::{Flag, Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TgiMemory,
    printed_by: "server/text_generation_server/models/flash_causal_lm.py from 0.9.2; backends/v3/src/lib.rs (router from 0.9.2)",
    framework: Program::Tgi,
    signatures: &[
        "Not enough memory to handle",
        "You need to decrease `--max-batch",
        "to handle `max_total_tokens=",
        "decrease `--max-batch-prefill-tokens",
    ],
    head: r"Notenoughmemorytohandle(?:\d+prefilltokens|`max_total_tokens=\d+`)",
    reach: 200,
    more: Some(more),
    texts: &[
        "RuntimeError: Not enough memory to handle 8192 prefill tokens. You need to decrease \
                   `--max-batch-prefill-tokens`",
        "Error: Backend(NotEnoughMemory(16384))\nError: Not enough memory to handle `max_total_tokens=16384`",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if let Some(value) = hit.capture(r"^Notenoughmemorytohandle(\d{1,9})prefilltokens") {
        told::setting(
            hit,
            incident,
            (SettingKind::TokensAtOnce, "max_batch_prefill_tokens"),
            value,
        );
    }
    // The router compares the tokens that the cache holds with those of one request.
    let Some(value) = hit.capture(r"^Notenoughmemorytohandle`max_total_tokens=(\d{1,12})") else {
        return;
    };
    incident.flags.insert(Flag::LongestContext);
    told::setting(
        hit,
        incident,
        (SettingKind::SequenceLength, "max_total_tokens"),
        value,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn only_the_router_counts_before_it_asks() {
        assert!(!one(MESSAGE.texts[0]).incident.flagged(Flag::LongestContext));
        assert!(one(MESSAGE.texts[1]).incident.flagged(Flag::LongestContext));
    }
}
