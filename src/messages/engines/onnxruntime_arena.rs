//! "Failed to allocate memory for requested buffer of size N", from the arena (`BFCArena`) of ONNX Runtime's arena, which
//! serves the host as well as the device, and does not say which.

use crate::evidence::{Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, capture, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OnnxruntimeArena,
    printed_by: "onnxruntime/core/framework/bfc_arena.cc (Extend), ONNX Runtime from 1.0; multiples of 256 bytes",
    framework: Program::Onnxruntime,
    signatures: &[
        "for requested buffer of size",
        "Failed to allocate memory for requested",
        "is smaller than requested bytes of",
    ],
    head: r"Failedtoallocatememoryforrequestedbufferofsize\d|Availablememoryof\d+issmallerthanrequestedbytesof\d",
    accepts: Some(accepts),
    reach: 120,
    fields: &[
        Field(Key::Tried, r"requestedbufferofsize{bytes}"),
        Field(Key::Tried, r"requestedbytesof{bytes}"),
        // What the limit leaves: without one, this sentence is never printed.
        Field(Key::Free, r"^Availablememoryof{bytes}issmaller"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException: [ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : \
                   Non-zero status code returned while running Conv node. Name:'/stem/Conv' Status Message: \
                   /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* \
                   onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, \
                   onnxruntime::WaitNotificationFn) Failed to allocate memory for requested buffer of size 2147483648",
            &[(Key::Tried, "2147483648")],
        ),
        Example(
            "2025-02-03 11:12:13.141516 [E:onnxruntime:, sequential_executor.cc:516 ExecuteKernel] Non-zero status code \
                   returned while running MatMul node. Name:'MatMul_12' Status Message: \
                   D:\\a\\_work\\1\\s\\onnxruntime\\core\\framework\\bfc_arena.cc:376 \
                   onnxruntime::BFCArena::AllocateRawInternal Available memory of 12582912 is smaller than requested bytes of \
                   201326592",
            &[(Key::Tried, "201326592"), (Key::Free, "12582912")],
        ),
    ],
    silent: &[
        // Talk of the message is no failure.
        "I often see Failed to allocate memory for requested buffer of size 1024 here.",
    ],
    ..Message::EMPTY
};

/// Behind the arena's own place in the source, or as the message of an exception or a record.
fn accepts(hit: &Match<'_>) -> bool {
    let before = tail(hit.before, 260);
    let arena = ["BFCArena", "bfc_arena", "onnxruntime", "StatusMessage:"];
    arena.iter().any(|word| holds(before, word)) || crate::messages::standing::reported(hit)
}

/// Operators that only the CPU provider has kernels for: strings, and all of `ai.onnx.ml`
/// (docs/OperatorKernels.md, which lists none of them for CUDA, ROCm or `DirectML`).
const HOST_ONLY: &str = r"whilerunning(?:TfIdfVectorizer|StringNormalizer|StringSplit|StringConcat|RegexFullMatch|ArrayFeatureExtractor|Binarizer|CategoryMapper|DictVectorizer|FeatureVectorizer|Imputer|LabelEncoder|LinearClassifier|LinearRegressor|Normalizer|OneHotEncoder|SVMClassifier|SVMRegressor|Scaler|TreeEnsemble(?:Classifier|Regressor)?|ZipMap)node";
/// Operators in a layout that the CPU provider alone has (`core/optimizer/nchwc_transformer.cc`).
const NCHWC: &str = r"Name:'[!-~]{0,200}?_nchwc'";
/// What names the arena that was to grow, in a verbose log.
const CPU_ARENA: &str = r"ExtendingBFCArenaforCpu\.[!-~]{0,200}$";

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let tried = incident.facts.get(Key::Tried);
    // Sizes of 2^60 and more are negative numbers or garbage: a wrong dimension.
    if tried.is_some_and(|tried| tried.low() >= 1 << 60) {
        incident.flags.insert(Flag::CorruptSize);
    }
    let near = tail(hit.before, 600);
    if capture(
        r"whilerunning(?:Fused|NhwcFused)?(?:Conv|ConvTranspose|MaxPool|Resize|Upsample)node",
        near,
    )
    .is_some()
    {
        incident.flags.insert(Flag::Convolution);
    }
    let on_cpu = [HOST_ONLY, NCHWC].map(|pattern| capture(pattern, near).is_some());
    if on_cpu.contains(&true) || capture(CPU_ARENA, hit.before).is_some() {
        incident.memory = Memory::Host;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    fn in_node(node: &str) -> String {
        format!(
            "Non-zero status code returned while running {node} node. Name:'x' Status Message: \
             /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 Failed to allocate memory for requested buffer of \
             size 4096"
        )
    }

    #[test]
    fn a_layout_of_the_cpu_asks_for_the_hosts_memory() {
        let node = in_node("Conv").replace("Name:'x'", "Name:'stem_nchwc'");
        assert_eq!(one(&node).incident.memory, Memory::Host);
        assert_eq!(one(&in_node("Conv")).incident.memory, Memory::Device);
    }

    #[test]
    fn an_operator_without_a_kernel_for_gpus_asks_for_the_hosts_memory() {
        assert_eq!(
            one(&in_node("TfIdfVectorizer")).incident.memory,
            Memory::Host
        );
        assert_eq!(one(&in_node("Conv")).incident.memory, Memory::Device);
    }

    #[test]
    fn a_verbose_log_names_the_arena() {
        let text = format!(
            "[I:onnxruntime:, bfc_arena.cc:347 AllocateRawInternal] Extending BFCArena for Cpu. bin_num:14 (requested) num_bytes: \
             4096 (actual) rounded_bytes:4096\n{}",
            in_node("Conv")
        );
        assert_eq!(one(&text).incident.memory, Memory::Host);
    }

    #[test]
    fn an_absurd_size_is_marked() {
        let text = in_node("Conv").replace("size 4096", "size 4611686018427387904");
        assert!(one(&text).incident.flagged(Flag::CorruptSize));
    }
}
