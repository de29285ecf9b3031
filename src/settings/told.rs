//! What people write beside a log in their own words, and what trainers print of a model: its size, what of it is trained, what was
//! tried, how many GPUs there are.

mod amount;
mod growth;
mod loader;
mod moments;
mod size;
mod work;

use std::sync::LazyLock;

use crate::evidence::SettingKind as K;
use crate::text::literals::Literals;
use amount::{gpus, length, passes_alone, pictures, restarts, resumes, rows, shapes};
use growth::grows;
use loader::{in_short, loader};
pub(crate) use moments::ANSWERING;
use moments::{answers, evaluates};
use size::{named_size, trainable};
use work::{batch, checkpointing, precision, scripts, stage, tuning};

/// What takes a setting: its kind, the words that tell it, its value.
type Keep<'a> = &'a mut dyn FnMut(K, &str, &str);

/// What reads a line in small letters.
type Reader = fn(&str, Keep<'_>);

/// No sentence about a model is longer; what is longer is data.
const LONGEST: usize = 4096;

/// What a word may tell of; a line is read only for that.
#[derive(Clone, Copy)]
enum Of {
    Batch,
    Checkpointing,
    Stage,
    Tuning,
    Size,
    Gpus,
    Amount,
    Run,
}

/// The words, each with what it may tell of. Most lines have none.
static WORDS: LazyLock<Literals> = LazyLock::new(|| {
    const BY: [(Of, &str); 8] = [
        (Of::Batch, "batch|dataloader(| bs"),
        (Of::Checkpointing, "checkpoint"),
        (Of::Stage, "zero"),
        (
            Of::Tuning,
            "bf16|fp16|mixed precision|full|fully|全量|全参|lora|dora|no peft|without peft|using peft|train_db|sd3_train|flux_train|sdxl_train|train_text|train_dream",
        ),
        (
            Of::Size,
            "model|llama|bert|whisper|qwen|mistral|gemma|gpt|bloom|falcon|vicuna|baichuan|glm|internlm|deepseek|phi-|yi-|opt-|t5|\
             starcoder|param|pythia|tun|微调|internvl|llava",
        ),
        (
            Of::Gpus,
            "gpus|卡|a100|v100|h100|h200|a800|h800|4090|3090|nproc",
        ),
        (
            Of::Amount,
            "length|context|token|seq len|long sequence|large sequence|longer sequence| nodes| points| atoms|x1x|torch.size([|image|picture|photo|resolution|upscal|sec|minute",
        ),
        (
            Of::Run,
            "inferenc|demo.py|detect.py|infer.py|separate|generat|predict|transcrib|resum|restart|alone|isolation|individually|increas|grow|after |then at|then during|until eval|until valid|until the eval|until the valid|fails at|fails during|dies at|dies during|crash|second epoch|no process|no running process|require grad|4bit|4-bit|4 bit|trainable|total params|memory|oom|显存|speicher|mémoire|memoria|память",
        ),
    ];
    let words = BY
        .into_iter()
        .flat_map(|(of, words)| words.split('|').map(move |word| (word, of as u8)));
    Literals::new(words)
});

/// Hands over all that a line tells.
pub(super) fn read(text: &str, keep: Keep<'_>) {
    let text = text.get(..LONGEST).unwrap_or(text);
    let mut told = 0_u8;
    WORDS.each(text.as_bytes(), 0..text.len(), &mut |hit| {
        told |= 1 << (hit.tag & 7);
    });
    if told == 0 {
        return;
    }
    let of = |of: Of| told >> (of as u8) & 1 == 1;
    let lower = text.to_ascii_lowercase();
    if of(Of::Run) {
        run(&lower, keep);
    }
    if of(Of::Tuning) {
        scripts(&lower, keep);
        precision(&lower, keep);
    }
    let mut found = Vec::new();
    let mut note = |kind: K, name: &str, value: &str| {
        found.push((kind, name.to_owned(), value.to_owned()));
    };
    let readers: [(Of, Reader); 9] = [
        (Of::Batch, loader),
        (Of::Batch, in_short),
        (Of::Batch, batch),
        (Of::Checkpointing, checkpointing),
        (Of::Stage, stage),
        (Of::Tuning, tuning),
        (Of::Size, named_size),
        (Of::Gpus, gpus),
        (Of::Amount, length),
    ];
    for (kind, reader) in readers {
        if of(kind) {
            reader(&lower, &mut note);
        }
    }
    if of(Of::Amount) {
        rows(&lower, &mut note);
        shapes(&lower, &mut note);
        pictures(&lower, &mut note);
    }
    if of(Of::Run) {
        evaluates(&lower, &mut note);
        answers(&lower, &mut note);
    }
    // Few lines tell anything, and to know advice takes longer than all else.
    if found.is_empty() || advises(&lower) {
        return;
    }
    for (kind, name, value) in found {
        keep(kind, &name, &value);
    }
}

/// What trainers print of the weights, and what a run tells of itself whatever the sentence.
fn run(lower: &str, keep: Keep<'_>) {
    trainable(lower, keep);
    resumes(lower, keep);
    // A person's words, and not the table's own "No running processes found".
    let table = lower.trim_start().starts_with('|');
    if lower.contains("smi") && lower.contains("no ") && !table && !advises(lower) {
        keep(K::NoProcessListed, "nvidia-smi", "told");
    }
    if !advises(lower) {
        restarts(lower, keep);
        passes_alone(lower, keep);
        grows(lower, keep);
    }
    // torch/csrc/autograd: of a backward pass through nothing that needs a gradient.
    if lower.contains("element 0 of tensors does not require grad") {
        keep(K::FrozenInputs, "requires_grad", "");
    }
    let words = ["bnb-4bit", "bnb_4bit", "load 4 bit", "4-bit", "4bit"];
    if words.iter().any(|word| lower.contains(word)) {
        keep(K::Quantized, "4 bits", "");
    }
}

/// What was tried.
const TRIED: [&str; 4] = ["i tried", "i have tried", "i've tried", "we tried"];

/// True for a sentence that tells others what to do.
fn advises(lower: &str) -> bool {
    const WORDS: [&str; 19] = [
        "you can",
        "you could",
        "you may",
        "you should",
        "should be",
        "try to",
        "try using",
        "trying to set",
        "please",
        "recommend",
        "suggest",
        "e.g.",
        "for example",
        "such as",
        "consider",
        "instead of",
        "need to ",
        "requires",
        "might ",
    ];
    // Who tells what was tried advises nobody.
    if TRIED.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let lower = lower.replace("i try to", "");
    lower.trim_start().starts_with('#') && !lower.contains("# ")
        || WORDS.iter().any(|word| lower.contains(word))
}

/// What the scan looks for: a line without any of it tells nothing here.
pub(super) const SIGNATURES: &[&str] = &[
    "batchsize",
    "dataloader(",
    " bs=",
    " bs = ",
    "batch of ",
    "gradient checkpoint",
    "activation checkpoint",
    "fine-tun",
    "fine tun",
    "finetun",
    "微调",
    "全量",
    "全参",
    "full-parameter",
    "full parameter",
    "full sft",
    "sft_type",
    "train_type",
    "tuner_type",
    "lora",
    " peft",
    "dora",
    "trainable param",
    "total params",
    "billion param",
    "train_db.py",
    "sd3_train.py",
    "full_finetune",
    "model_name",
    "pretrained_model",
    "base_model",
    "--pretrain",
    "deepspeed",
    "ds_config",
    "nproc_per_node",
    "nproc-per-node",
    "num_gpus",
    "num-gpus",
    "gpus_per_node",
    "num gpus",
    "parallel gpus",
    " gpus",
    "卡",
    "a100",
    "v100",
    "h100",
    "a800",
    "h800",
    // Digits alone are in every line of a log: with what multiplies them.
    "*4090",
    "* 4090",
    "x4090",
    "x 4090",
    "×4090",
    "× 4090",
    "*3090",
    "* 3090",
    "x3090",
    "x 3090",
    "×3090",
    "× 3090",
    "crashes",
    "until eval",
    "until valid",
    "until the eval",
    "until the valid",
    "then at valid",
    "then at eval",
    "then during valid",
    "then during eval",
    "fails at valid",
    "fails at eval",
    "fails during valid",
    "fails during eval",
    "dies at valid",
    "dies during valid",
    "dies during eval",
    "first epoch",
    "context length",
    "sequence length",
    "seq length",
    "k context",
    "long sequence",
    "large sequence",
    "longer sequence",
    "x1x",
    "secs file",
    "seconds file",
    "second file",
    "second audio",
    "seconds audio",
    "seconds video",
    "minute audio",
    "minutes audio",
    "minutes video",
    "second clip",
    "second video",
    "minute video",
    "zero-2",
    "zero-3",
    "resolution",
    "super-resolution",
    "upscal",
    " px",
    "pixels",
    "size of my image",
    "my images",
    "images are",
    "image is",
    "picture",
    "photo",
    "torch.size([",
    "out of memory",
    "oom",
    "显存",
    " nodes",
    " points",
    " atoms",
    "resum",
    "no process",
    "keeps increasing",
    "keeps growing",
    "memory increases",
    "memory grows",
    "memory usage increases",
    "memory usage grows",
    "usage keeps",
    "speicher",
    "mémoire",
    "memoria",
    "память",
    "inferenc",
    ".predict(",
    "demo.py",
    "detect.py",
    "infer.py",
    "predict.py",
    "token prompt",
    "tokens prompt",
    "call generate",
    "when generating",
    "while generating",
    "while transcribing",
    "slowly climb",
    "slowly increas",
    "slowly grow",
    "slowly ris",
    "gradually increas",
    "gradually grow",
    "steadily",
    "creeps up",
    "memory climbs",
    "memory creep",
    " alone",
    "in isolation",
    "individually",
    "few hundred",
    "hundred iterations",
    "few iterations",
    "some iterations",
    "several iterations",
    "few epochs",
    "some epochs",
    "several epochs",
    "hundred steps",
    "few steps",
    "some steps",
    "several steps",
    "thousand steps",
    "thousand iterations",
    "few batches",
    "no running process",
    "restarting the kernel",
    "restart the kernel",
    "restarting kernel",
    "restart kernel",
    "kernel restart",
    "restarting the runtime",
    "restart the runtime",
    "does not require grad",
    "4bit",
    "4-bit",
    "4 bit",
];

#[cfg(test)]
mod tests;
