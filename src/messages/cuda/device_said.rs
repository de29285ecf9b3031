//! "out of memory" in the record of an error that speaks of a GPU: what a program says that nobody listed.
//!
//! The words alone are said of anything. They count where their line is a record of a failure, by its level, its exception or the
//! call that it names, and speaks of a GPU or of what only a GPU has.

use crate::bytes;
use crate::evidence::{Accelerator, Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::{recorded, told};
use crate::messages::{Match, Message, cached, holds, is_in, pinned, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceSaid,
    printed_by: "hashcat src/ext_cuda.c; Unreal Engine VulkanRHI (VulkanMemory.cpp); OBS plugins/obs-nvenc; PennyLane-Lightning (LightningException); OptiX (log callback, \
                 optixpp_namespace.h); NVEncC (CuvidDecode.cpp); and programs of the same words",
    framework: Program::Native,
    signatures: &[
        "out of memory",
        "CUDA_ERROR_OUT_OF_MEMORY",
        "cudaErrorMemoryAllocation",
    ],
    head: r#"outofmemory|(?:call"[!-~]{3,160}"failedwith|Failedcu[A-Za-z]{3,40}\d{0,3}\()(?:CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation)"#,
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "cuMemAlloc(): out of memory",
        "10:00:00.100: [obs-nvenc: 'streaming'] init_cuda_surface: CUDA call \"cu->cuArray3DCreate(&tex, &desc)\" failed with \
                   CUDA_ERROR_OUT_OF_MEMORY (2): out of memory",
        "pennylane_lightning.lightning_gpu_ops.LightningException: [DataBuffer.hpp][Line:47][Method:DataBuffer]: Error in \
                   PennyLane Lightning: out of memory",
        "[warning] Logs from OptiX (ACCEL): Error launching command list (CUDA error string: out of memory, CUDA error code: 2)",
        "cuvid: Failed cuvidCreateDecoder 2 (CUDA_ERROR_OUT_OF_MEMORY)",
    ],
    silent: &[
        // What people say of it is no failure.
        "The GPU is out of memory.",
        "error: if the GPU runs out of memory, lower the batch",
        "ERROR: out of memory",
        "WARNING: GPU buffer: out of memory, falling back to the CPU",
        "fix an error on the GPU: out of memory when resuming",
        "Error: GPU tests expect out of memory",
        "# CUDA error handling: out of memory",
        "* cuda: out of memory",
        "A note on CUDA: out of memory",
    ],
    ..Message::EMPTY
};

/// What names a GPU, or what only a GPU has, as a word of its own.
const GPU: &str = r"(?:^|[^a-z])(?:gpus?|kernel launch|cuda|vram|hip|rocm|optix|rtresult|nvenc|nvdec|cuvid|nvrtc|vulkan|opencl|sycl|level[ _]?zero|metal|webgpu|direct3d|d3d1[12]|(?:video|graphics|device) memory|graphics card|(?:cuda|cu|hip)(?:mem|malloc|array|ctx|module|stream|launch|get|free)[a-z0-9_]*)(?:[^a-z]|$)";
/// A failure is told before it in its line: the level of a record, an exception, a call.
const TOLD: &str = r"(?-i)(?:^|[^A-Za-z])(?:ERROR|CRITICAL|FATAL)(?:[^A-Za-z]|$)|(?:^|[^a-z])(?:[Ee]rror|[Ff]atal(?: error)?)(?: \d+| in [^:]{1,80}| launching [^:]{1,80}| [a-z]{2,8} [^:]{1,60})?[:(]|\[(?:error|fatal|critical)\]|[A-Z][A-Za-z]{2,40}(?:Error|Exception): |caught exception: |[Ff]ailed(?::| with| to [a-z]+| in | at |in|at|cu|nv|hip)|(?:[Cc]ould not|[Cc]annot|[Cc]an.t|[Uu]nable to) [^:]{3,80}:|panic(?:ked)?: |what\(\): |[A-Za-z0-9]\(\)[:,] ";
/// What goes on without, what is spoken of, what is the host's.
const NONE: &str = r"out_of_memory|memoryallocation|cumemallocasync|allocat[a-z]+ \d|(?:cuda|hip)(?: [a-z]+)? error: out|allocation on device|tried to allocate|falling ?back|fallback|retry|retries|try(?:ing)? again|using cpu|will use|skipping|(?:^|[^a-z])(?:if|when|may|might|could|whether|means|usually|should|avoid|prevent|you|we|catch|test|expected?)(?:[^a-z]|$)|host|system memory|cpu memory|killed|kill process|ggml|from device:|==|\?|;$";

fn accepts(hit: &Match<'_>) -> bool {
    let line = hit.line_text.trim_end();
    let plain = hit.folded.starts_with("out");
    if !plain {
        return !line.contains('?') && !line.ends_with(';');
    }
    // No program says it in so many words, and a line may have millions of bytes.
    if line.len() >= 600 {
        return false;
    }
    // With white space: a word needs its ends.
    let small = line.to_ascii_lowercase();
    let after = hit.line_after();
    let ends = !after.starts_with(|c: char| c.is_ascii_alphabetic())
        || ["at", "in", "on", "while"]
            .iter()
            .any(|w| after.starts_with(w))
            && is_in(r"^(?:at|in|on|while)[/A-Z\d:(]|^ondevice", after);
    // What stands right before it is enough.
    let before = tail(hit.line_before(), 400);
    // The status itself, behind a colon or a bracket: "CUDA out of memory" and "is out of memory" are others' words.
    let status = before.is_empty()
        || before.ends_with([':', '=', '(', '[', '>', '|', ',', '-'])
        || is_in(r":\d{1,3}$", before);
    // "Fatal CUDA Error out of memory at hybrid.cu:790".
    let placed = before.to_ascii_lowercase().ends_with("error")
        && is_in(r"^(?:at|in)[!-~]{1,160}[:(]\d{1,6}", after);
    let told = || is_in(TOLD, line) || placed || terse(hit) || recorded::below_one(hit);
    (status || placed) && ends && is_in(GPU, &small) && told() && !is_in(NONE, &small)
}

/// "CUDA: 2: out of memory": nothing but names, a code and the status, with colons between.
fn terse(hit: &Match<'_>) -> bool {
    const ONLY: &str = r"(?i)^\s{0,8}[A-Z][A-Za-z0-9_]{1,30}(?: \d{1,3})?(?::\s?[A-Za-z0-9_]{1,30}){0,2}:\s?(?:\d{1,3} )?out of memory[.!]?(?: on (?:the )?device)?\s*$";
    is_in(ONLY, hit.line_text)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const SIGNS: [(&str, Program); 8] = [
        // cp2k/cp2k issue 1555.
        ("CUDART", Program::Simulation),
        ("VulkanRHI", Program::Game),
        ("_nvenc@", Program::Ffmpeg),
        ("obs-nvenc", Program::Obs),
        ("OptiX", Program::Renderer),
        ("RTresult", Program::Renderer),
        ("cuvid:", Program::Nvencc),
        ("PennyLane", Program::Quantum),
    ];
    told::advice(hit, incident);
    size(hit, incident);
    let above = hit.lines_above().next().unwrap_or_default().to_owned();
    let around = |words: &str| {
        holds(tail(hit.line_before(), 300), words) || words == "VulkanRHI" && holds(&above, words)
    };
    if let Some((_, program)) = SIGNS.iter().find(|(words, _)| around(words)) {
        incident.framework = *program;
    }
    let line = hit.line_text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if has(&["hip", "rocm"]) {
        incident.accelerator = Accelerator::Rocm;
    } else if has(&["sycl", "level_zero", "level zero"]) {
        incident.accelerator = Accelerator::Xpu;
    } else if has(&["vulkan", "opencl", "metal", "webgpu", "d3d1", "direct3d"]) {
        incident.accelerator = Accelerator::Unnamed;
    }
    // "Fatal CUDA Error out of memory … Return value 2 from 'cudaMallocHost(…)'": the next line names the call.
    let below: String = hit.line_below().split_whitespace().collect();
    if holds(&below, "cudaMallocHost(") || holds(&below, "cudaHostAlloc(") {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
    pinned::tell_apart(hit, incident);
}

/// "Out of memory on Vulkan; MemoryTypeIndex=5, AllocSize=1.000MB": the size stands behind it, by a name of the program's own.
fn size(hit: &Match<'_>, incident: &mut Incident) {
    const SIZE: &str = r"(?:alloc(?:ation)?_?size|size|requested|needed|bytes|tried)[=:](\d[\d.]*)([KMGT]i?B|B|bytes)";
    let found = cached(SIZE).and_then(|p| p.captures(hit.own_line()));
    let Some((number, unit)) = found.and_then(|f| Some((f.get(1)?, f.get(2)?))) else {
        return;
    };
    if let Some(size) = bytes::parse(number.as_str(), unit.as_str()) {
        let text = format!("{} {}", number.as_str(), unit.as_str());
        told::add(hit, incident, Key::Tried, size, text);
    }
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::failures;

    #[test]
    fn any_program_is_heard_that_tells_of_a_failure_on_a_gpu() {
        for text in [
            "ERROR solver: GPU allocation for the stiffness matrix: out of memory",
            "ERROR: worker 3: CUDA: out of memory",
            "fluid.gpu.DeviceError: grid: out of memory",
            "[error] hip backend, buffer 12: out of memory",
            "NVRTC: 2 out of memory on device",
            "CUDA: 2: out of memory",
            "Fatal error: [File: Renderer.cpp] [Line: 12]\nOut of memory on Vulkan; heap 2, AllocSize=4.000MB",
            "Fatal CUDA Error out of memory at pool.cu:12.",
            "Failed to create CUDA context: out of memory",
        ] {
            assert!(!failures(text).is_empty(), "{text}");
        }
    }
}
