//! What single lines tell by a number in them.

use crate::evidence::SettingKind;

/// "Process Process-13:" (multiprocessing/process.py, `_bootstrap`): the thirteenth that the program started, so that there are others.
pub(super) fn later_process(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let number = text
        .split_once(LATER_PROCESS)
        .and_then(|(_, rest)| rest.trim_end().strip_suffix(':'));
    if number.is_some_and(|n| n.len() <= 4 && n.parse::<u32>().is_ok_and(|n| n > 1)) {
        keep(SettingKind::Siblings, LATER_PROCESS, "multiprocessing");
    }
}

/// Before the number.
pub(super) const LATER_PROCESS: &str = "Process Process-";

/// "Created device /job:…/device:GPU:0 with 22290 MB memory" (`tensorflow/core/common_runtime/gpu/gpu_device.cc`).
pub(super) fn tensorflow_takes(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let opened = text
        .split_once("Created device /")
        .or_else(|| text.split_once("Created TensorFlow device (/"));
    let size = opened
        .and_then(|(_, rest)| rest.split_once(TENSORFLOW_TAKES))
        .and_then(|(before, _)| before.rsplit(' ').next());
    if let Some(size) = size.filter(|size| size.len() <= 7 && size.parse::<u32>().is_ok()) {
        keep(SettingKind::TensorflowTakes, "TensorFlow", size);
    }
}

/// Behind the size.
pub(super) const TENSORFLOW_TAKES: &str = " MB memory";

/// "Token indices sequence length is longer than the specified maximum sequence length for this model (9120 > 4096)"
/// (transformers, `tokenization_utils_base.py`).
pub(super) fn long_sample(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let Some((_, after)) = text.split_once(LONG_SAMPLE) else {
        return;
    };
    let most = after
        .split_once("> ")
        .and_then(|(_, most)| most.split(')').next());
    if let Some(most) = most.filter(|most| most.len() <= 7 && most.parse::<u32>().is_ok()) {
        keep(SettingKind::LongSample, "max_length", most);
    }
}

/// Before both numbers.
pub(super) const LONG_SAMPLE: &str = "maximum sequence length for this model (";

/// `n_ctx_seq (1048576) > n_ctx_train (131072)` (llama.cpp, src/llama-context.cpp): a warning, which is printed where the line with
/// `n_ctx` is not.
pub(super) fn context_behind(
    text: &str,
    words: &str,
    name: &str,
    keep: &mut dyn FnMut(SettingKind, &str, &str),
) {
    let Some((_, after)) = text.split_once(words) else {
        return;
    };
    let number = after.split([')', ' ']).next().unwrap_or_default();
    if number.len() <= 9 && number.parse::<u32>().is_ok_and(|n| n > 0) {
        keep(SettingKind::ContextSize, name, number);
    }
}

/// `msg="invalid environment variable, using default" key=OLLAMA_GPU_OVERHEAD value=4G` (Ollama, envconfig/config.go).
pub(super) fn refused_overhead(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let refused = text.contains("invalid environment variable");
    let Some((_, after)) = text.split_once("key=OLLAMA_GPU_OVERHEAD value=") else {
        return;
    };
    let value = after.split_whitespace().next().map(|v| v.trim_matches('"'));
    if let Some(value) = value.filter(|v| refused && v.len() <= 12 && !v.is_empty()) {
        keep(SettingKind::RefusedOverhead, "OLLAMA_GPU_OVERHEAD", value);
    }
}

/// Words that stand in every line that one of the slower readers reads: those of batches, of layers, of Ollama's variables and
/// requests, of contexts, of nodes, and of versions.
pub(super) const WORDS: [&str; 15] = [
    LATER_PROCESS,
    TENSORFLOW_TAKES,
    LONG_SAMPLE,
    "batch size",
    "layers",
    "OLLAMA_GPU_OVERHEAD",
    "n_ctx_seq (",
    "context size set by user to ",
    " cells, ",
    "% GPU memory (",
    "KvSize:",
    "--parallel ",
    "occurred when executing ",
    "**Node Type:** ",
    "torch",
];

/// "You will use 87.49% GPU memory (7163.00 MB) to load weights, and use 12.51% GPU memory (1024.00 MB) to do matrix computation", or
/// in two lines (Forge: `modules_forge/main_entry.py`).
pub(super) fn forge_slider(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    let whole = |behind: &str| {
        let (size, _) = behind.split_once('.')?;
        size.parse::<u32>().ok()
    };
    let mut sizes = text.split("% GPU memory (").skip(1);
    let Some(weights) = sizes.next() else {
        return;
    };
    if !weights.contains(" MB) to load ") {
        return;
    }
    let rest = sizes.next().and_then(whole).unwrap_or(0);
    if let Some(weights) = whole(weights).filter(|size| *size > 0) {
        keep(
            SettingKind::WeightsSlider,
            "GPU Weights",
            &format!("{weights}/{rest}"),
        );
    }
}
