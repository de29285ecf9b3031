//! "Error in memory profiling": vLLM found more memory free behind its trial run than before it, and cannot tell what is its own.

use crate::evidence::{Incident, Key, MessageId, Phase, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmProfiling,
    printed_by: "vllm/worker/worker.py (in bytes, from 0.6.4), vllm/v1/worker/gpu_worker.py and xpu_worker.py (determine_available_memory); \
                 vllm-ascend: vllm_ascend/worker/worker.py",
    framework: Program::Vllm,
    signatures: &["Error in memory profiling", "current free memory"],
    head: r"Errorinmemoryprofiling\.Initialfreememory\d[\d.]*(?:GiB)?,currentfreememory\d",
    reach: 420,
    fields: &[
        Field(Key::FreeAtStart, r"Initialfreememory{size}"),
        Field(Key::FreeAtStart, r"Initialfreememory{bytes},"),
        Field(Key::Free, r"currentfreememory{size}"),
        Field(Key::Free, r"currentfreememory{bytes}\."),
    ],
    more: Some(more),
    examples: &[
        Example(
            "AssertionError: Error in memory profiling. Initial free memory 21.74 GiB, current free memory 38.02 GiB. This happens \
                   when other processes sharing the same container release GPU memory while vLLM is profiling during \
                   initialization.",
            &[(Key::FreeAtStart, "21.74 GiB"), (Key::Free, "38.02 GiB")],
        ),
        Example(
            "AssertionError: Error in memory profiling. Initial free memory 25391464448, current free memory 25916407808. This \
                   happens when the GPU memory was not properly cleaned up before initializing the vLLM instance.",
            &[
                (Key::FreeAtStart, "25391464448"),
                (Key::Free, "25916407808"),
            ],
        ),
    ],
    ..Message::EMPTY
};

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.phase = Some(Phase::TrialRun);
}
