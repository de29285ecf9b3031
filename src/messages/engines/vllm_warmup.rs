//! "CUDA out of memory occurred when warming up sampler with N dummy requests": vLLM's word on a failure of `PyTorch` right
//! above it.

use crate::evidence::{Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmWarmup,
    printed_by: "vllm/v1/worker/gpu_model_runner.py (_dummy_sampler_run, _dummy_pooler_run), vLLM from 0.8",
    framework: Program::Vllm,
    signatures: &[
        "out of memory occurred when warming up",
        "occurred when warming up sampler",
        "occurred when warming up pooler",
    ],
    head: r"outofmemoryoccurredwhenwarmingup(?:sampler|pooler)[!-~]{0,40}with\d+dummyrequests",
    reach: 250,
    more: Some(more),
    texts: &[
        "RuntimeError: CUDA out of memory occurred when warming up sampler with 512 dummy requests. Please try lowering \
                   `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.",
        "RuntimeError: CUDA out of memory occurred when warming up pooler (task='embed') with 256 dummy requests. Please \
                   try lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.",
    ],
    ..Message::EMPTY
};

/// As many requests as the engine takes at once were tried.
fn more(hit: &Match<'_>, incident: &mut Incident) {
    if let Some(value) = hit.capture(r"with(\d{1,7})dummyrequests") {
        told::setting(
            hit,
            incident,
            (SettingKind::Sequences, "max_num_seqs"),
            value,
        );
    }
}
