//! "Prefill out of memory. Try to lower your batch size.": `SGLang`'s pool of cache has no room for the next tokens.

use crate::evidence::{Flag, Incident, MessageId, Phase, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::SglangPool,
    printed_by: "python/sglang/srt/managers/schedule_batch.py, mem_cache/common.py (alloc_token_slots), from 0.4; \"Prefill\" or \
                 \"Decode\" before it up to 2025",
    framework: Program::Sglang,
    signatures: &[
        "Try to lower your batch size",
        "alloc_req_slots runs out of memory",
        "Not enough space for mamba cache",
        "even after retracting all other requests",
    ],
    head: r"(?:Prefill|Decode)outofmemory\.Trytoloweryourbatchsize|Outofmemory\.Trytoloweryourbatchsize\.Trytoallocate\d+tokens|alloc_req_slotsrunsoutofmemory\.Pleasesetasmallernumber|Notenoughspaceformambacache,trytoincrease--mamba|Outofmemoryevenafterretractingallotherrequestsinthedecodebatch",
    reach: 400,
    more: Some(more),
    texts: &[
        "Prefill out of memory. Try to lower your batch size.\nTry to allocate 6144 tokens.\nAvaliable tokens: 2051",
        "RuntimeError: Decode out of memory. Try to lower your batch size.\nTry to allocate 16 tokens.\nAvailable tokens: 9 \
                   (available_size=9 + evictable_size=0)",
        "RuntimeError: Out of memory. Try to lower your batch size.\nTry to allocate 4096 tokens.\nAvailable tokens: 1020",
        "RuntimeError: alloc_req_slots runs out of memory. Please set a smaller number for `--max-running-requests`. \
                   self.req_to_token_pool.available_size()=3, num_reqs=4, ",
        "AssertionError: Not enough space for mamba cache, try to increase --mamba-full-memory-ratio or --max-mamba-cache-size.",
        // To the client, when one request alone is longer than the pool (schedule_batch.py, retract_decode).
        "Out of memory even after retracting all other requests in the decode batch. Aborting the last request.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::ForCache);
    incident.phase = Some(Phase::Generate);
    let mut keep = |kind, name: &str, value: Option<String>| {
        if let Some(value) = value {
            told::setting(hit, incident, (kind, name), value);
        }
    };
    keep(
        SettingKind::TokensAtOnce,
        "tokens",
        hit.capture(r"Trytoallocate(\d{1,9})tokens"),
    );
    // Rows in its table of requests; a hybrid model's states count besides, and none of them is printed.
    keep(
        SettingKind::Sequences,
        "num_reqs",
        hit.capture(r"(?:num_reqs|len\(reqs\))=(\d{1,6})"),
    );
    keep(
        SettingKind::SequencesThatFit,
        "available_size",
        hit.capture(r"available_size\(\)=(\d{1,6})"),
    );
    // Up to 2025 it was misspelt.
    keep(
        SettingKind::LongestContext,
        "tokens",
        hit.capture(r"Ava(?:il|li)abletokens:(\d{1,9})"),
    );
}
