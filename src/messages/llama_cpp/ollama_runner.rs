//! "llama runner process has terminated: cudaMalloc failed: out of memory": Ollama's word on why a model did not load.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OllamaRunner,
    printed_by: "ollama/ollama: llm/server.go and llm/status.go, 0.1.33 to 0.2x; llm/llama_server.go, 2026",
    framework: Program::Ollama,
    signatures: &[
        "llama runner process has terminated",
        "llama runner process no longer running",
        "llama-server process has terminated",
        "llama-server process no longer running",
        "reported out-of-memory during startup",
    ],
    head: r"llama(?:runner|-server)process(?:hasterminated|nolongerrunning):[!-~]{0,60}?(?:(?:cuda|hip|musa)Mallocfailed:outofmemory|(?:CUDA|ROCm)error:outofmemory|(?:CUDA|ROCm)error:theresourceallocationfailed|errorloadingmodel:unabletoallocate|failedtoallocate(?:compute|bufferfor|[A-Za-z0-9_]{1,30}bufferofsize))|llama-serverreportedout-of-memoryduringstartup(?::[!-~]{0,160}?(?:(?:cuda|hip|musa)Mallocfailed:outofmemory|failedtoallocatebufferofsize\d+))?",
    accepts: Some(accepts),
    reach: 1200,
    fields: &[Field(
        Key::Tried,
        r"^llama[!-~]{0,260}?failedtoallocate[A-Za-z0-9_]{0,30}bufferofsize{bytes}",
    )],
    more: Some(more),
    examples: &[
        Example(
            "Error: llama runner process has terminated: cudaMalloc failed: out of memory\nggml_gallocr_reserve_n: failed \
                   to allocate CUDA0 buffer of size 5368709120",
            &[(Key::Tried, "5368709120")],
        ),
        Example(
            "{\"error\":{\"message\":\"llama-server process has terminated: exit status 1: cudaMalloc failed: out of \
                   memory\\nalloc_tensor_range: failed to allocate CUDA0 buffer of size 1610612736\\nllama_init_from_model: \
                   failed to initialize the context: failed to allocate buffer for kv cache\",\"type\":\"api_error\"}}",
            &[(Key::Tried, "1610612736")],
        ),
    ],
    texts: &[
        "Error: llama runner process no longer running: -1 CUDA error: out of memory",
        "Error: 500 Internal Server Error: llama-server reported out-of-memory during startup: \
                   ErrorOutOfDeviceMemory",
    ],
    silent: &[
        // Other ends of a runner are no lack of memory.
        "llama runner process has terminated: exit status 2",
        "llama runner process has terminated: signal: segmentation fault",
        "llama runner process has terminated: GGML_ASSERT(ctx) failed",
        "llama runner process has terminated: error loading model: unknown model architecture: 'x'",
        "level=WARN msg=\"llama-server startup failed with projector GPU offload; retrying with projector CPU offload\" \
             error=\"llama-server process has terminated: cudaMalloc failed: out of memory\"",
        "gpu VRAM usage didn't recover within timeout",
    ],
    ..Message::EMPTY
};

/// A projector that did not fit is tried again in the host's memory.
fn accepts(hit: &Match<'_>) -> bool {
    !ggml::tried_again(hit) && !ggml::follows(hit, &["retryingwithprojectorCPUoffload"])
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    ggml::part(hit, incident);
    ggml::place_below(hit, incident);
    // The buffer was one of the host's (ggml-backend.cpp, `ggml_backend_cpu_buffer_type_alloc_buffer`).
    if hit
        .capture(r"^llama[!-~]{0,120}?(ggml_backend_cpu_buffer)")
        .is_some()
    {
        incident.memory = Memory::Host;
    }
    if hit.says("error:outofmemory") || hit.says("theresourceallocationfailed") {
        incident.flags.insert(Flag::AtWork);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory};
    use crate::messages::examples::one;

    #[test]
    fn the_part_and_the_place_are_read() {
        let text = |name: &str| {
            format!(
                "llama runner process has terminated: error loading model: unable to allocate {name} buffer"
            )
        };
        let device = one(&text("CUDA1")).incident;
        assert_eq!((device.memory, device.device), (Memory::Device, Some(1)));
        assert!(device.flagged(Flag::ForWeights));
        assert_eq!(one(&text("CPU")).incident.memory, Memory::Host);
    }
}
