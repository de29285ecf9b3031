//! What `ggml` and the programs on it print around a buffer that the driver refused: which part of the model it was for,
//! who prints it, and whether it was tried again with less.

use crate::evidence::{Accelerator, Flag, Incident, Memory, Program};
use crate::messages::{Match, cached, holds, start, tail};

/// How far behind the refusal the lines reach that follow from it.
const FOLLOWS: usize = 900;

/// What names the part, in the squeezed spelling. The first that stands there tells.
///
/// src/llama-model.cpp, src/llama-context.cpp, src/llama-kv-cache.cpp, src/llama-memory-recurrent.cpp of llama.cpp;
/// ggml/src/ggml-alloc.c, where only graphs are reserved by `ggml_gallocr`; src/whisper.cpp.
const PARTS: [(&str, Flag); 14] = [
    ("ggml_gallocr_", Flag::ForWork),
    ("failedtoallocatecompute", Flag::ForWork),
    ("failedtoallocatethecomputebuffer", Flag::ForWork),
    ("graph_reserve:", Flag::ForWork),
    ("failedtoallocategraph", Flag::ForWork),
    ("llama_kv_cache", Flag::ForCache),
    ("forkvcache", Flag::ForCache),
    ("forrscache", Flag::ForCache),
    ("forthekvcache", Flag::ForCache),
    ("kv_cache_init()failed", Flag::ForCache),
    ("errorloadingmodel", Flag::ForWeights),
    ("unabletoallocate", Flag::ForWeights),
    ("paramsbackendbuffer", Flag::ForWeights),
    ("failedtoloadmodel", Flag::ForWeights),
];

/// What says that the program went on with less: llama.cpp without copies of its graph, Ollama with fewer layers or with the
/// projector in the host's memory, stable-diffusion.cpp in tiles.
const RETRIES: [&str; 4] = [
    "retryingwithoutpipelineparallelism",
    "modellayoutdidnotfit,applyingbackoff",
    "retryingwithprojectorCPUoffload",
    "VAEdecodefailed(likelyoutofmemory);retrying",
];

/// What another refusal says.
const REFUSALS: [&str; 3] = [
    "Mallocfailed:outofmemory",
    "Devicememoryallocationofsize",
    "can'tallocate",
];

/// True where the program tried again with less, and nothing was refused in between.
pub(crate) fn tried_again(hit: &Match<'_>) -> bool {
    let text = start(hit.text, 1200).to_ascii_lowercase();
    let first = |words: &[&str], from: usize| {
        let found = words.iter().filter_map(|word| {
            let word = word.to_ascii_lowercase();
            text.get(from..)?.find(word.as_str())
        });
        found.min().map(|at| at + from)
    };
    let next = first(&REFUSALS, hit.head).unwrap_or(usize::MAX);
    first(&RETRIES, 0).is_some_and(|again| again < next)
}

/// True where one of the words stands close before the head: it is of the same refusal.
pub(crate) fn follows(hit: &Match<'_>, words: &[&str]) -> bool {
    let before = tail(hit.before, 500);
    words.iter().any(|word| holds(before, word))
}

/// Marks which part of a model the buffer was for.
pub(crate) fn part(hit: &Match<'_>, incident: &mut Incident) {
    let text = start(hit.text, FOLLOWS).to_ascii_lowercase();
    let found = PARTS
        .iter()
        .filter_map(|(word, flag)| text.find(word).map(|at| (at, *flag)));
    if let Some((_, flag)) = found.min_by_key(|(at, _)| *at) {
        incident.flags.insert(flag);
    } else if text.contains("alloc_tensor_range:")
        || holds(tail(hit.before, 40), "alloc_tensor_range")
    {
        incident.flags.insert(by_what_was_done(hit));
    } else if incident.framework == Program::LlamaCpp && loads_tensors(hit) {
        incident.flags.insert(Flag::ForWeights);
    }
}

/// True where the last thing that was done is the placing of tensors (src/llama-model.cpp, from 2025 `done_getting_tensors` in
/// src/llama-model-loader.cpp): no context is made yet.
fn loads_tensors(hit: &Match<'_>) -> bool {
    const LOADS: [&str; 2] = ["load_tensors:", "done_getting_tensors:"];
    let above = tail(hit.before, 600);
    let later = [
        "llama_context:",
        "llama_kv_cache",
        "new_context_with_model:",
    ];
    LOADS.iter().any(|words| holds(above, words)) && !later.iter().any(|words| holds(above, words))
}

/// Where the log ends at the refusal: tensors of a buffer are those of the cache once a context is being made, and before that
/// of the weights.
fn by_what_was_done(hit: &Match<'_>) -> Flag {
    let context = [
        "llama_context:",
        "llama_kv_cache",
        "llama_new_context_with_model:",
    ];
    if context.iter().any(|words| holds(hit.before, words)) {
        Flag::ForCache
    } else {
        Flag::ForWeights
    }
}

/// The program, by what it prints around. Those that stand around llama.cpp are known from any line of the log (`settings`).
pub(crate) fn program(hit: &Match<'_>, incident: &mut Incident) {
    const OLLAMA: [&str; 8] = [
        "source=server.go:",
        "source=sched.go:",
        "source=runner.go:",
        "source=ggml.go:",
        "source=llama_server.go:",
        "source=routes.go:",
        "source=memory.go:",
        "[GIN]",
    ];
    const OTHERS: [(&[&str], Program); 3] = [
        (&OLLAMA, Program::Ollama),
        (&["whisper_"], Program::WhisperCpp),
        (
            &[
                "ggml_extend.hpp:",
                "model_manager.cpp:",
                "stable-diffusion.cpp:",
            ],
            Program::StableDiffusionCpp,
        ),
    ];
    let near = |word: &str| holds(hit.before, word) || holds(start(hit.text, FOLLOWS), word);
    let other = OTHERS
        .iter()
        .find(|(words, _)| words.iter().any(|w| near(w)));
    incident.framework = other.map_or(Program::LlamaCpp, |(_, program)| *program);
    // stable-diffusion.cpp: src/stable-diffusion.cpp (decode_first_stage), ggml_extend.hpp.
    let last = |word: &str| tail(hit.before, 900).to_ascii_lowercase().rfind(word);
    let decoding = last("decoding").max(last("vaecomputebuffersize"));
    if incident.framework == Program::StableDiffusionCpp && decoding > last("samplingusing") {
        incident.flags.insert(Flag::ForDecoding);
    }
}

/// Reads the place from the name of the buffer that the lines below name; false where they name none.
pub(crate) fn place_below(hit: &Match<'_>, incident: &mut Incident) -> bool {
    const NAME: &str = r"(?:failedtoallocate([A-Za-z0-9_]{1,30})bufferofsize|unabletoallocate([A-Za-z0-9_]{1,30})buffer)";
    let found = cached(NAME).and_then(|pattern| pattern.captures(start(hit.text, 600)));
    let name = found.and_then(|f| Some(f.get(1).or_else(|| f.get(2))?.as_str()));
    if let Some(name) = name {
        place(name, incident);
    }
    name.is_some()
}

/// The device behind the name of a buffer: "CUDA1" is the second, and "CPU" and "`CUDA_Host`" are the host's.
fn place(name: &str, incident: &mut Incident) {
    let name = name.to_ascii_lowercase();
    if name.starts_with("cpu") || name.contains("_host") {
        incident.memory = Memory::Host;
        return;
    }
    incident.accelerator = accelerator(&name);
    let name = name.split('_').next().unwrap_or("");
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    incident.device = digits.parse().ok();
}

/// The maker of the device behind the name of a buffer. Vulkan runs on any.
fn accelerator(name: &str) -> Accelerator {
    const NAMES: [(&str, Accelerator); 6] = [
        ("rocm", Accelerator::Rocm),
        ("hip", Accelerator::Rocm),
        ("sycl", Accelerator::Xpu),
        ("metal", Accelerator::Mps),
        ("mtl", Accelerator::Mps),
        ("vulkan", Accelerator::Unnamed),
    ];
    let found = NAMES.iter().find(|(prefix, _)| name.starts_with(prefix));
    found.map_or(Accelerator::Cuda, |(_, accelerator)| *accelerator)
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Flag, Memory, Program};
    use crate::messages::examples::{failures, one};

    const REFUSED: &str = "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 3072.00 MiB on device 1: cudaMalloc failed: \
        out of memory\n";

    #[test]
    fn what_follows_tells_which_part_it_was_for() {
        for (below, mark) in [
            (
                "alloc_tensor_range: failed to allocate CUDA1 buffer of size 3221225472\nllama_model_load: error loading \
                 model: unable to allocate CUDA1 buffer\nllama_model_load_from_file_impl: failed to load model",
                Flag::ForWeights,
            ),
            (
                "alloc_tensor_range: failed to allocate CUDA1 buffer of size 3221225472\nllama_kv_cache_init: failed to \
                 allocate buffer for kv cache\nllama_new_context_with_model: llama_kv_cache_init() failed for \
                 self-attention cache",
                Flag::ForCache,
            ),
            (
                "ggml_gallocr_reserve_n: failed to allocate CUDA1 buffer of size 3221225472\ngraph_reserve: failed to \
                 allocate compute buffers\nllama_init_from_model: failed to initialize the context: failed to allocate \
                 compute pp buffers",
                Flag::ForWork,
            ),
        ] {
            let incident = one(&format!("{REFUSED}{below}")).incident;
            assert!(incident.flagged(mark), "{below}: {:?}", incident.flags);
            assert_eq!(incident.device, Some(1));
        }
    }

    #[test]
    fn a_second_attempt_without_pipeline_parallelism_is_no_failure_unless_it_fails_too() {
        let again = "ggml_gallocr_reserve_n_impl: failed to allocate CUDA1 buffer of size 3221225472\ngraph_reserve: failed \
            to allocate compute buffers\nsched_reserve: compute buffer allocation failed, retrying without pipeline \
            parallelism\n";
        assert!(failures(&format!("{REFUSED}{again}srv init: ready\n")).is_empty());
        assert_eq!(
            failures(&format!(
                "{REFUSED}{again}{REFUSED}ggml_gallocr_reserve_n_impl: failed to allocate CUDA1 buffer of size 3221225472"
            )),
            ["ggml-buffer"]
        );
    }

    #[test]
    fn a_buffer_of_the_host_is_the_hosts() {
        let text = "alloc_tensor_range: failed to allocate CUDA_Host buffer of size 3221225472";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = "alloc_tensor_range: failed to allocate Vulkan1 buffer of size 3221225472";
        assert_eq!(one(text).incident.device, Some(1));
    }

    #[test]
    fn the_program_is_told_by_its_other_lines() {
        let ollama = format!(
            "time=2026-01-02T03:04:05.006Z level=INFO source=server.go:780 msg=load request=\"{{}}\"\n{REFUSED}"
        );
        assert_eq!(one(&ollama).incident.framework, Program::Ollama);
        let whisper = format!("whisper_model_load: loading model\n{REFUSED}");
        assert_eq!(one(&whisper).incident.framework, Program::WhisperCpp);
    }

    #[test]
    fn what_went_on_or_is_no_memory_is_no_failure() {
        for text in [
            "ggml_cuda_host_malloc: failed to allocate 3072.00 MiB of pinned memory: invalid argument",
            "WARNING: failed to allocate 1024.00 MB of pinned memory",
            "ggml_new_object: not enough space in the context's memory pool (needed 18682928, available 10485760)",
            "ggml_tallocr_alloc: not enough space in the buffer to allocate norm (needed 512, available 0)",
            "allocating 12.00 MiB on device 0: cudaMalloc failed: initialization error\nalloc_tensor_range: failed to \
             allocate CUDA0 buffer of size 12582912\nllama_model_load: error loading model: unable to allocate CUDA0 buffer",
            "ggml_vulkan: Device memory allocation of size 1024 failed.\nggml_vulkan: vk::Device::allocateMemory: \
             ErrorDeviceLost",
            "| `failed to allocate compute pp buffers` | a smaller batch |",
            "model layout did not fit, applying backoff",
            "What does this mean: failed to allocate compute buffers",
            "[Error: could not find a KV slot for the batch (try reducing the size of the batch or increase the context)]",
        ] {
            assert!(failures(text).is_empty(), "{text}");
        }
    }
}
