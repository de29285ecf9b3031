//! "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)": Metal, when the work is carried out.

use crate::bytes::MIB;
use crate::evidence::{Accelerator, Flag, Incident, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Match, Message, cached, holds};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MetalInsufficient,
    printed_by: "Apple's Metal; ggml-org/ggml: ggml-metal-context.m; pytorch: aten/src/ATen/mps/MPSStream.mm; MLX: metal/device.cpp",
    framework: Program::LlamaCpp,
    signatures: &[
        "kIOGPUCommandBufferCallbackErrorOutOfMemory",
        "failed with status ",
    ],
    head: r"kIOGPUCommandBufferCallbackErrorOutOfMemory|ggml_metal[a-z_]{0,30}:commandbuffer\d{1,3}failedwithstatus5",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "ggml_metal_synchronize: error: command buffer 0 failed with status 5\nerror: Insufficient Memory \
                   (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
        "libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution \
                   failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
    ],
    ..Message::EMPTY
};

/// "Status 5" is any error of Metal. llama.cpp says which since May 2024 (pull request 7010); before that, buffers that come near
/// what macOS recommends tell it.
fn accepts(hit: &Match<'_>) -> bool {
    if hit.capture(r"^(kIOGPU)").is_some() {
        return true;
    }
    let reason = hit.capture(r"^[!-~]{0,80}?status5(error:)").is_some();
    !reason && nearly_full(hit.before)
}

/// True where the buffers above are nine tenths of the recommended most.
fn nearly_full(before: &str) -> bool {
    const MOST: &str = r"recommendedMaxWorkingSetSize=(\d{1,7})\.\d\dMB";
    const BUFFER: &str = r"Metal(?:_Mapped)?(?:model|KV|compute)?buffersize=(\d{1,7})\.\d\dMiB";
    let numbers = |pattern: &'static str| -> Vec<u64> {
        let found = cached(pattern).into_iter();
        let found = found.flat_map(|pattern| pattern.captures_iter(before));
        found
            .filter_map(|found| found.get(1)?.as_str().parse().ok())
            .collect()
    };
    let held = numbers(BUFFER).into_iter().fold(0, u64::saturating_add);
    let most = numbers(MOST).into_iter().max();
    most.is_some_and(|most| held.saturating_mul(MIB) >= most.saturating_mul(900_000))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let before = crate::messages::tail(hit.before, 400);
    if holds(before, "MetalPerformanceShaders") {
        incident.framework = Program::Pytorch;
    } else if holds(before, "[METAL]") {
        incident.framework = Program::Mlx;
    } else {
        ggml::program(hit, incident);
    }
    incident.accelerator = Accelerator::Mps;
    incident.flags.insert(Flag::AtWork);
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn status_5_is_memory_where_the_reason_says_so_or_the_buffers_do() {
        let status = "ggml_metal_graph_compute: command buffer 0 failed with status 5\n";
        let loaded = |weights: &str| {
            format!(
                "ggml_metal_init: recommendedMaxWorkingSetSize  = 11453.25 MB\nllm_load_tensors:      Metal buffer size = \
                 {weights} MiB\nllama_kv_cache_init:      Metal KV buffer size =  2560.00 MiB\n{status}"
            )
        };
        assert_eq!(failures(&loaded("8402.11")), ["metal-insufficient"]);
        assert!(failures(&loaded("2402.11")).is_empty());
        assert!(failures(status).is_empty());
        let ignored = "error: Ignored (for causing prior/excessive GPU errors) (00000004:kIOGPUCommandBufferCallbackErrorSubmissionsIgnored)";
        assert!(failures(&format!("{}{ignored}", loaded("8402.11"))).is_empty());
    }
}
