//! Phrases that tell by themselves: banners, and lines that a program prints only when something is on.

use layers::gpu_layers;
use lines::{
    WORDS, context_behind, forge_slider, later_process, long_sample, refused_overhead,
    tensorflow_takes,
};
use std::sync::LazyLock;

use super::assigned::Spot;
use super::batches;
use crate::evidence::SettingKind;
use crate::text::literals::Literals;

mod layers;
mod lines;
mod nodes;
mod slots;

/// The end of `PyTorch` 2.15's message where expandable segments are on.
pub(super) const EXPANDABLE_ON: &str = "expandable_segments is enabled";

/// Each phrase, what it tells, and the value that it stands for.
const PHRASES: &[(&str, SettingKind, &str)] = &[
    (
        EXPANDABLE_ON,
        SettingKind::AllocatorConfig,
        "expandable_segments:True",
    ),
    // c10/cuda/CUDAAllocatorConfig.h warns so where the build has no driver API, as on Windows: the option is then ignored.
    (
        "Warning: expandable_segments not supported on this platform",
        SettingKind::ExpandableUnsupported,
        "",
    ),
    // The C++ runtime's own line, where no Python catches what c10 threw.
    ("throwing an instance of 'c10::", SettingKind::LibTorch, ""),
    // R's own line, and the function through which mlverse/torch calls (R/codegen-utils.R).
    ("in (function (", SettingKind::InR, ""),
    ("call_c_function", SettingKind::InR, ""),
    // Where it keeps libtorch, in the frames of C++ (lantern is its own library).
    ("/torch/deps/./lib", SettingKind::InR, ""),
    ("/lantern/build/libtorch/", SettingKind::InR, ""),
    // koboldcpp.py: a model of its own for embeddings.
    (
        "Load Embeddings Model OK: False",
        SettingKind::Beside,
        "embeddings",
    ),
    // googletest/src/gtest.cc, `FormatCxxExceptionMessage`.
    (
        "C++ exception with description \"",
        SettingKind::TestInCpp,
        "",
    ),
    // ComfyUI's banner: "Device: cuda:0 NVIDIA … : cudaMallocAsync" (comfy/model_management.py).
    (": cudaMallocAsync", SettingKind::MallocAsync, ""),
    // vLLM, vllm/v1/worker/gpu_model_runner.py (profile_run): media of the largest size are encoded first.
    ("items of the maximum feature size", SettingKind::Media, ""),
    ("profile run for multi-modal models", SettingKind::Media, ""),
    // ostris/ai-toolkit (jobs/process/BaseSDTrainProcess.py, toolkit/stable_diffusion_model.py: the name of the bar), kohya-ss/sd-scripts
    // (library/train_util.py, `sample_images_common`).
    (
        "Generating baseline samples",
        SettingKind::DrawsSamples,
        "begins",
    ),
    ("Generating Images:", SettingKind::DrawsSamples, "begins"),
    (
        "generating sample images at",
        SettingKind::DrawsSamples,
        "begins",
    ),
    // The examples of diffusers (`log_validation`): "Generating 4 images with prompt: …".
    (" images with prompt:", SettingKind::DrawsSamples, "begins"),
    // ComfyUI's node, diffusers' call and the flag of stable-diffusion.cpp.
    ("VAEDecodeTiled", SettingKind::Tiled, ""),
    // comfy/sd.py: it went on in tiles by itself.
    ("retrying with tiled VAE", SettingKind::Tiled, ""),
    ("VAEEncodeTiled", SettingKind::Tiled, ""),
    (".enable_vae_tiling()", SettingKind::Tiled, ""),
    ("vae.enable_tiling()", SettingKind::Tiled, ""),
    ("--vae-tiling", SettingKind::Tiled, ""),
    // vllm/v1/worker/gpu_model_runner.py; llama.cpp: tools/server/server.cpp, tools/mtmd/clip.cpp.
    ("Loading drafter model", SettingKind::Beside, "draft"),
    ("loading draft model", SettingKind::Beside, "draft"),
    (
        "failed to load multimodal model",
        SettingKind::Beside,
        "projector",
    ),
    ("clip_init: failed to", SettingKind::Beside, "projector"),
    // whisper.cpp: src/whisper.cpp (whisper_init_with_params_no_state); on unless told otherwise from 1.8.
    ("flash attn = 1", SettingKind::FlashAttention, ""),
    // ollama/ollama: llm/server.go.
    (
        "flash attention enabled but not supported",
        SettingKind::FlashAttention,
        "",
    ),
    ("Microsoft Windows", SettingKind::Windows, ""),
    ("windows 10", SettingKind::Windows, ""),
    ("windows 11", SettingKind::Windows, ""),
    ("windows10", SettingKind::Windows, ""),
    ("windows11", SettingKind::Windows, ""),
    // A frame of Python, and the prompt of PowerShell.
    ("File \"C:\\", SettingKind::Windows, ""),
    ("File \"D:\\", SettingKind::Windows, ""),
    ("File \"E:\\", SettingKind::Windows, ""),
    ("File \"F:\\", SettingKind::Windows, ""),
    ("PS C:\\", SettingKind::Windows, ""),
    ("PS D:\\", SettingKind::Windows, ""),
    ("PS E:\\", SettingKind::Windows, ""),
    ("microsoft-standard-WSL", SettingKind::Wsl, ""),
    // The prompt of a shell that is on a drive of Windows.
    (":/mnt/c/", SettingKind::Wsl, ""),
    ("-tegra", SettingKind::UnifiedMemory, ""),
    ("NVIDIA GB10", SettingKind::UnifiedMemory, ""),
    ("NVIDIA Jetson", SettingKind::UnifiedMemory, ""),
    // NVIDIA's names of GPUs of compute capability below 8.0 (CUDA GPUs, "Your GPU Compute Capability").
    ("Tesla T4", SettingKind::BeforeAmpere, "Tesla T4"),
    ("Tesla V100", SettingKind::BeforeAmpere, "Tesla V100"),
    ("Tesla P100", SettingKind::BeforeAmpere, "Tesla P100"),
    ("Tesla P40", SettingKind::BeforeAmpere, "Tesla P40"),
    ("Tesla K80", SettingKind::BeforeAmpere, "Tesla K80"),
    ("GeForce GTX ", SettingKind::BeforeAmpere, "GeForce GTX"),
    (
        "GeForce RTX 20",
        SettingKind::BeforeAmpere,
        "GeForce RTX 20",
    ),
    ("Quadro RTX ", SettingKind::BeforeAmpere, "Quadro RTX"),
    ("NVIDIA TITAN ", SettingKind::BeforeAmpere, "TITAN"),
    ("docker run ", SettingKind::Container, ""),
    ("docker exec ", SettingKind::Container, ""),
    ("/kubepods", SettingKind::Container, ""),
    ("+rocm", SettingKind::Rocm, ""),
    // The vendor as OpenCL's platform names it.
    ("Advanced Micro Devices", SettingKind::Rocm, ""),
    ("HIP out of memory", SettingKind::Rocm, ""),
    // transformers warns so when it turns the cache off for checkpointing (modeling_layers.py and each older model).
    (
        "incompatible with gradient checkpointing",
        SettingKind::Checkpointing,
        "",
    ),
    // torch/csrc/autograd warns so where a loss is kept with its graph and printed later.
    ("requires_grad=True to a scalar", SettingKind::GraphKept, ""),
    // Lightning's and the Trainer's lines at the start.
    (
        "bit Automatic Mixed Precision (AMP)",
        SettingKind::MixedPrecision,
        "",
    ),
    (
        "bfloat16 Automatic Mixed Precision (AMP)",
        SettingKind::MixedPrecision,
        "",
    ),
    // keras/src/backend/tensorflow/trainer.py (`make_predict_function`, `make_test_function`): no tape records there.
    ("__inference_predict_function_", SettingKind::NoGrad, ""),
    ("__inference_test_function_", SettingKind::NoGrad, ""),
    // m-bain/whisperX only infers.
    ("whisperx ", SettingKind::NoGrad, ""),
    ("half precision backend", SettingKind::MixedPrecision, ""),
    // LLaMA-Factory, hparams/parser.py.
    (
        "compute dtype: torch.bfloat16",
        SettingKind::MixedPrecision,
        "",
    ),
    (
        "compute dtype: torch.float16",
        SettingKind::MixedPrecision,
        "",
    ),
    // Lightning, trainer/setup.py and callbacks/progress.
    (
        "GPU available: True (cuda), used: True",
        SettingKind::Lightning,
        "",
    ),
    ("Sanity Checking DataLoader", SettingKind::Lightning, ""),
    ("ZeRO stage 1", SettingKind::DeepSpeed, "1"),
    ("ZeRO stage 2", SettingKind::DeepSpeed, "2"),
    ("ZeRO stage 3", SettingKind::DeepSpeed, "3"),
    ("FullyShardedDataParallel(", SettingKind::Fsdp, ""),
    // transformers (trainer.py), where it sees several GPUs and nothing has started a process for each.
    (
        "Training with DataParallel so batch size",
        SettingKind::DataParallel,
        "",
    ),
    ("***** Running training *****", SettingKind::HuggingFace, ""),
    ("TrainingArguments(", SettingKind::HuggingFace, ""),
    // transformers/training_args.py.
    ("per_device_train_batch_size", SettingKind::HuggingFace, ""),
    // nvidia-smi, below a table in which a GPU can be full all the same.
    (
        "No running processes found",
        SettingKind::NoProcessListed,
        "table",
    ),
    // Processes of one job, by what starts them: pytest-xdist, multiprocessing and torch.multiprocessing, Ray.
    ("pytest -n", SettingKind::Siblings, "pytest-xdist"),
    ("[gw0]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw1]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw2]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw3]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw4]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw5]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw6]", SettingKind::Siblings, "pytest-xdist"),
    ("[gw7]", SettingKind::Siblings, "pytest-xdist"),
    ("gw0 [", SettingKind::Siblings, "pytest-xdist"),
    (
        "replacing crashed worker gw",
        SettingKind::Siblings,
        "pytest-xdist",
    ),
    (
        "Process SpawnProcess-",
        SettingKind::Siblings,
        "multiprocessing",
    ),
    (
        "Process ForkProcess-",
        SettingKind::Siblings,
        "multiprocessing",
    ),
    (
        "Process SpawnPoolWorker-",
        SettingKind::Siblings,
        "multiprocessing",
    ),
    (
        "Process ForkPoolWorker-",
        SettingKind::Siblings,
        "multiprocessing",
    ),
    // multiprocessing/process.py: subclasses are counted by their own names.
    ("Process Worker-", SettingKind::Siblings, "multiprocessing"),
    (
        "torch/multiprocessing/spawn.py",
        SettingKind::Siblings,
        "multiprocessing",
    ),
    // benoitc/gunicorn (gunicorn/workers/base.py, arbiter.py), encode/uvicorn (uvicorn/supervisors/multiprocess.py).
    (
        "Booting worker with pid",
        SettingKind::ServerWorkers,
        "gunicorn",
    ),
    (
        "Started parent process [",
        SettingKind::ServerWorkers,
        "uvicorn",
    ),
    // celery/celery (celery/apps/worker.py: its banner and readiness; celery/app/trace.py; celery/app/log.py names the process).
    (" (prefork)", SettingKind::ServerWorkers, "celery"),
    ("/ForkPoolWorker-", SettingKind::ServerWorkers, "celery"),
    ("celery.worker", SettingKind::ServerWorkers, "celery"),
    ("mp.spawn(", SettingKind::Siblings, "multiprocessing"),
    ("ray::", SettingKind::Siblings, "ray"),
    // abetlen/llama-cpp-python: frames of the package, below what llama.cpp itself says.
    ("llama_cpp/llama.py", SettingKind::LlamaInPython, ""),
    ("llama_cpp\\llama.py", SettingKind::LlamaInPython, ""),
    ("pytorch_lightning", SettingKind::Lightning, ""),
    ("lightning.pytorch", SettingKind::Lightning, ""),
    ("AdamW8bit", SettingKind::SmallOptimizer, ""),
    ("Adafactor(", SettingKind::SmallOptimizer, ""),
];

/// Literals of those that the scan does not look for otherwise.
pub(super) const SIGNATURES: &[&str] = &[
    "Generating baseline samples",
    "Generating Images:",
    " images with prompt:",
    "generating sample images at",
    "Process Worker-",
    " (prefork)",
    "/ForkPoolWorker-",
    "celery.worker",
    "flash attn = ",
    "drafter model",
    "loading draft model",
    "load multimodal model",
    "clip_init: failed",
    "Process Process-",
    "Created device /",
    "Created TensorFlow device",
];

/// The phrases, each with its place in the list, and behind them the words.
static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(phrase, ..)| *phrase);
    Literals::new(phrases.chain(WORDS).zip(0..))
});

/// Hands over all that the phrases of a line tell; returns whether the line speaks of torch.
pub(super) fn read(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) -> bool {
    // One pass for all of them.
    let mut firsts = [None; PHRASES.len() + WORDS.len()];
    let mut any = false;
    LITERALS.each(text.as_bytes(), 0..text.len(), &mut |hit| {
        any = true;
        if let Some(first) = firsts.get_mut(usize::from(hit.tag)) {
            *first = Some(first.map_or(hit.start, |first: usize| first.min(hit.start)));
        }
    });
    if !any {
        return false;
    }
    for ((phrase, kind, value), first) in PHRASES.iter().zip(firsts) {
        let Some(at) = first else { continue };
        if !spot(text, at, phrase.len()).is_some_and(|s| s.is_advice()) {
            keep(*kind, phrase.trim_matches([' ', ':', '*', '(']), value);
        }
    }
    let words = firsts.last_chunk().map(|words| words.map(|w| w.is_some()));
    by_words(text, words.unwrap_or_default(), keep)
}

/// Asks the slower readers whose words the line holds, in the order of [`WORDS`]; returns whether it speaks of torch.
fn by_words(
    text: &str,
    words: [bool; WORDS.len()],
    keep: &mut dyn FnMut(SettingKind, &str, &str),
) -> bool {
    let [
        later,
        takes,
        long,
        batch,
        layers,
        overhead,
        context,
        planned,
        cells,
        slider,
        request,
        command,
        executing,
        node,
        torch,
    ] = words;
    if later {
        later_process(text, keep);
    }
    if takes {
        tensorflow_takes(text, keep);
    }
    if long {
        long_sample(text, keep);
    }
    if batch {
        batches::read(text, keep);
    }
    if layers {
        gpu_layers(text, keep);
    }
    if overhead {
        refused_overhead(text, keep);
    }
    if context {
        context_behind(text, "n_ctx_seq (", "n_ctx_seq", keep);
    }
    // The plan of llama.cpp (common/fit.cpp): "context size set by user to 65536 -> no change".
    if planned {
        context_behind(text, "context size set by user to ", "context size", keep);
    }
    // src/llama-kv-cache.cpp: "size = 2048.00 MiB ( 16384 cells,  32 layers,  4/1 seqs)", all in one cache.
    if cells && text.contains("/1 seqs)") {
        context_behind(text, " MiB ( ", "cells", keep);
    }
    if slider {
        forge_slider(text, keep);
    }
    if request {
        slots::of_request(text, keep);
    }
    if command {
        slots::of_command(text, keep);
    }
    if executing || node {
        nodes::read(text, keep);
    }
    torch
}

/// The phrase in its surroundings.
pub(super) fn spot(text: &str, at: usize, length: usize) -> Option<Spot<'_>> {
    Some(Spot {
        before: text.get(..at)?,
        name: text.get(at..at + length)?,
        after: text.get(at + length..)?,
    })
}

#[cfg(test)]
mod tests;
