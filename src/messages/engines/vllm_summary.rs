//! vLLM's account of a start that went well: what was free, its share, what weights, trial run and graphs take, and the size of
//! a cache that would fit.

use crate::evidence::{FactSource, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmSummary,
    printed_by: "vllm/v1/worker/gpu_worker.py (compile_or_warm_up_model) from 0.10.1",
    role: Role::Evidence,
    framework: Program::Vllm,
    signatures: &[
        "on startup. Desired GPU memory",
        "Desired GPU memory utilization is",
        "Replace gpu_memory_utilization config",
    ],
    head: r"Freememoryondevice(?:[a-z]{1,8}:\d{1,3})?\(\d[\d.]*/\d[\d.]*GiB\)onstartup\.Desired",
    reach: 600,
    source: FactSource::Stats,
    fields: &[
        Field(Key::FreeAtStart, r"\((\d[\d.]*)/\d[\d.]*(GiB)\)onstartup"),
        Field(Key::Total, r"/{size}\)onstartup"),
        Field(Key::Limit, r"utilizationis\(\d[\d.]*,{size}\)"),
        Field(Key::Weights, r"usageis{size}forweight"),
        Field(Key::ActivationPeak, r",{size}forpeakactivation"),
        Field(Key::OtherAllocations, r",{size}fornon-torchmemory"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "Free memory on device (78.60/79.15 GiB) on startup. Desired GPU memory utilization is (0.9, 71.24 GiB). Actual usage is \
               14.99 GiB for weight, 1.20 GiB for peak activation, 0.10 GiB for non-torch memory, and 0.70 GiB for CUDAGraph memory. \
               Replace gpu_memory_utilization config with `--kv-cache-memory=58230374400` (54.23 GiB) to fit into requested memory, \
               or `--kv-cache-memory=66132590592` (61.59 GiB) to fully utilize gpu memory.",
            &[
                (Key::FreeAtStart, "78.60 GiB"),
                (Key::Total, "79.15 GiB"),
                (Key::Limit, "71.24 GiB"),
                (Key::Weights, "14.99 GiB"),
                (Key::ActivationPeak, "1.20 GiB"),
                (Key::OtherAllocations, "0.10 GiB"),
            ],
        ),
        Example(
            "Free memory on device cuda:0 (39.10/39.49 GiB) on startup. Desired GPU memory utilization is (0.92, 36.33 GiB). Actual \
               usage is 7.65 GiB for weight, 2.41 GiB for peak activation, 0.08 GiB for non-torch memory, and 0.43 GiB for CUDAGraph \
               memory. Replace gpu_memory_utilization config with `--kv-cache-memory=27647864422` (25.75 GiB) to fit into requested \
               memory, or `--kv-cache-memory=30622006477` (28.52 GiB) to fully utilize gpu memory.",
            &[
                (Key::FreeAtStart, "39.10 GiB"),
                (Key::Total, "39.49 GiB"),
                (Key::Limit, "36.33 GiB"),
                (Key::Weights, "7.65 GiB"),
                (Key::ActivationPeak, "2.41 GiB"),
                (Key::OtherAllocations, "0.08 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};

/// The size of a cache with which all fits into the share, in bytes, as vLLM says it.
fn more(hit: &Match<'_>, incident: &mut Incident) {
    let fits = hit.capture(r"--kv-cache-memory=(\d{6,15})`?(?:\([\d.]+GiB\))?tofitintorequested");
    if let Some(value) = fits {
        told::setting(
            hit,
            incident,
            (SettingKind::CacheThatFits, "--kv-cache-memory"),
            value,
        );
    }
}
