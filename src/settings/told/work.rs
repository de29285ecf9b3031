//! What people say of the work: its batch, what is on, what of the model is trained.

use super::Keep;
use crate::evidence::SettingKind as K;

/// Words for the batch.
const BATCH: [&str; 5] = [
    "batch size",
    "batch_size",
    "batchsize",
    "batch-size",
    "batch sizes",
];

/// "The batch size is already 1", "batch size=1也OOM", "Reducing the batch size didn't help."
pub(super) fn batch(lower: &str, keep: Keep<'_>) {
    let Some(at) = BATCH.iter().find_map(|name| lower.find(name)) else {
        return;
    };
    let name = BATCH
        .iter()
        .filter(|name| lower.get(at..).is_some_and(|rest| rest.starts_with(**name)));
    let length = name.map(|name| name.len()).max().unwrap_or_default();
    let after = lower.get(at + length..).unwrap_or_default();
    // "batch_size_val", "batch_size_test": training has another.
    if EVALUATES.iter().any(|word| after.starts_with(word)) {
        return;
    }
    if tried_in_vain(lower) {
        keep(K::BatchTried, "batch size", "");
    }
    if let Some(count) = and_then(lower, at) {
        keep(K::BatchTried, "batch size", "");
        keep(K::BatchSize, "batch size", &count.to_string());
        return;
    }
    if let Some(count) = respectively(lower) {
        keep(K::BatchSize, "batch size", &count.to_string());
        return;
    }
    let other = ["eval", "val ", "test", "total", "global", "effective"];
    let before = lower.get(..at).unwrap_or_default();
    if other
        .iter()
        .any(|word| before.ends_with(word) || before.trim_end().ends_with(word.trim_end()))
    {
        return;
    }
    // "batch_size=1" is read with the other knobs, which know whose it is.
    let knob = name_is_code(lower, at) && after.trim_start().starts_with(['=', ':', '"', '\'']);
    // Trainers print batches of many kinds; a person tells the one that counts.
    let told = number(after).filter(|count| *count == 1 || is_said(lower));
    if let Some(count) = told.filter(|_| !knob) {
        keep(K::BatchSize, "batch size", &count.to_string());
    }
}

/// What stands behind the name of an evaluation's batch.
const EVALUATES: [&str; 4] = ["_val", "_eval", "_test", "_infer"];

/// True where a smaller batch did not help, or was one of the things that were tried.
fn tried_in_vain(lower: &str) -> bool {
    const LESS: [&str; 11] = [
        "reduc", "lower", "decreas", "small", "chang", "adjust", "played", "减", "降", "调小", "改",
    ];
    const IN_VAIN: [&str; 28] = [
        "n't help",
        "not help",
        "no help",
        "no effect",
        "n't work",
        "not work",
        "still oom",
        "still run",
        "still get",
        "still got",
        "still out",
        "still fail",
        "still the same",
        "same error",
        "no luck",
        "without success",
        "to no avail",
        "still occur",
        "still appear",
        "still exist",
        "nothing ",
        "无法解决",
        "没用",
        "依然",
        "仍然",
        "不能解决",
        "还是不",
        "还是爆",
    ];
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    // "I've tried reducing the batch size".
    let tried = has(&["tried", "尝试", "试过"]);
    has(&LESS) && (has(&IN_VAIN) || tried)
}

/// "I set the batch size to 16 and then 8", "batch size from 32 to 4": the last of several, each less than the one before.
fn and_then(lower: &str, at: usize) -> Option<u64> {
    let rest = lower.get(at..)?;
    let between = [" and then ", " then ", " to even ", " and even "];
    let word = between.iter().find(|word| rest.contains(*word))?;
    let (first, then) = rest.split_once(word)?;
    let number = |text: &str, last: bool| -> Option<u64> {
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty());
        let part = if last {
            numbers.next_back()
        } else {
            numbers.next()
        };
        part?.parse().ok().filter(|n| (1..=4096).contains(n))
    };
    let (before, after) = (
        number(first, true)?,
        number(then.get(..12).unwrap_or(then), false)?,
    );
    (after < before && is_said(lower)).then_some(after)
}

/// "`seq_len`, `pred_len`, and `batch_size` are 96, 24, and 32, respectively": the number that stands where the name stands.
fn respectively(lower: &str) -> Option<u64> {
    let (told, _) = lower.split_once("respectively")?;
    let (names, numbers) = told.rsplit_once(" are ")?;
    let parts = |text: &str| -> Vec<String> {
        let text = text.replace(" and ", ",");
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (names, numbers) = (parts(names), parts(numbers));
    let own = names
        .iter()
        .rev()
        .position(|name| BATCH.iter().any(|own| name.ends_with(own)))?;
    let count = numbers.iter().rev().nth(own)?;
    count
        .parse()
        .ok()
        .filter(|count| (1..=4096).contains(count))
}

/// True where the name is written as code writes it: "`batch_size`", and not "batch size".
fn name_is_code(lower: &str, at: usize) -> bool {
    lower
        .get(at..)
        .is_some_and(|rest| !rest.starts_with("batch size"))
}

/// True for a line that a person wrote: "I run it with batch size 2, any idea?".
pub(super) fn is_said(lower: &str) -> bool {
    const WORDS: [&str; 8] = ["i ", "i'm ", "i've ", "my ", "we ", "our ", "me ", "us "];
    let mut starts = lower.match_indices(WORDS[0]).map(|(at, _)| at);
    let alone = |at: usize| {
        lower
            .get(..at)
            .is_some_and(|before| before.is_empty() || before.ends_with([' ', '(', ',']))
    };
    starts.any(alone)
        || WORDS
            .iter()
            .skip(1)
            .any(|word| lower.match_indices(word).any(|(at, _)| alone(at)))
        || lower.trim_end().ends_with('?')
}

/// The number that what follows a name says: "is 1", "of 2", " 16,".
fn number(after: &str) -> Option<u64> {
    /// No batch on one GPU is larger in what people ask about.
    const MOST: u64 = 4096;
    const BETWEEN: [&str; 26] = [
        "is",
        "of",
        "to",
        "at",
        "was",
        "as",
        "per",
        "device",
        "gpu",
        "already",
        "only",
        "just",
        "even",
        "set",
        "still",
        "down",
        "equal",
        "设置为",
        "设为",
        "已经是",
        "改成",
        "降到",
        "小到",
        "到",
        "设成",
        "为",
    ];
    let mut rest = after;
    for _ in 0..6 {
        rest = rest.trim_start_matches([' ', '=', ':', '`', '\'', '"', '*', '\u{ff1a}', '，', ',']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            let tail = rest.get(digits..)?;
            let ends = !tail
                .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/' || c == '-')
                && !tail
                    .strip_prefix('.')
                    .is_some_and(|more| more.starts_with(|c: char| c.is_ascii_digit()));
            let count = rest.get(..digits)?.parse().ok().filter(|_| ends);
            return count.filter(|count| (1..=MOST).contains(count));
        }
        let word = BETWEEN
            .iter()
            .filter(|word| rest.starts_with(**word))
            .max_by_key(|word| word.len())?;
        rest = rest.get(word.len()..).unwrap_or_default();
    }
    None
}

/// "I am using gradient checkpoint and my batch size per device is 1".
pub(super) fn checkpointing(lower: &str, keep: Keep<'_>) {
    const ON: [&str; 8] = [
        "using",
        "enabled",
        "turned on",
        "i use",
        "we use",
        "even with",
        "already",
        "with gradient",
    ];
    const OFF: [&str; 6] = [
        "without",
        "disabl",
        "not using",
        "turned off",
        "no gradient",
        "n't use",
    ];
    let named = ["gradient checkpoint", "activation checkpoint"]
        .iter()
        .any(|name| lower.contains(name));
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if named && has(&ON) && !has(&OFF) {
        keep(K::Checkpointing, "gradient checkpointing", "");
    }
}

/// "I train it with adapters, batch size 1, bf16": one of the things that are on.
pub(super) fn precision(lower: &str, keep: Keep<'_>) {
    const OFF: [&str; 6] = ["without", "not ", "n't", "instead", " no ", "?"];
    const NAMES: [&str; 3] = ["bf16", "fp16", "mixed precision"];
    let words = |c: char| c.is_ascii_alphanumeric() || "_-=.".contains(c);
    let alone = |name: &str| {
        lower.split_once(name).is_some_and(|(before, after)| {
            let with = ["with ", "using ", "in ", ", ", "and ", "use "];
            with.iter().any(|word| before.ends_with(word)) && !after.starts_with(words)
        })
    };
    if let Some(name) = NAMES.into_iter().find(|name| alone(name))
        && is_said(lower)
        && !OFF.iter().any(|word| lower.contains(word))
    {
        keep(K::MixedPrecision, name, "");
    }
}

/// "deepspeed zero stage2", "ZeRO-3", "zero2.json".
pub(super) fn stage(lower: &str, keep: Keep<'_>) {
    // "ZeRO-3" is nothing else.
    let words = ["deepspeed", "ds_config", "stage", "zero-2", "zero-3"];
    if !words.iter().any(|word| lower.contains(word)) {
        return;
    }
    for (at, _) in lower.match_indices("zero") {
        let before = lower.get(..at).unwrap_or_default();
        if before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        let rest = lower
            .get(at + 4..)
            .unwrap_or_default()
            .trim_start_matches([' ', '-', '_']);
        let rest = rest
            .strip_prefix("stage")
            .unwrap_or(rest)
            .trim_start_matches([' ', '-', '_', ':', '=']);
        let mut chars = rest.chars();
        let digit = chars.next().filter(|c| ('0'..='3').contains(c));
        let ends = chars.next().is_none_or(|c| !c.is_ascii_alphanumeric());
        if let Some(digit) = digit.filter(|_| ends) {
            keep(K::DeepSpeed, "ZeRO stage", &digit.to_string());
            return;
        }
    }
}

/// Whether all weights are trained, or adapters: by words of several languages and by settings.
pub(super) fn tuning(lower: &str, keep: Keep<'_>) {
    const WHOLE: [&str; 24] = [
        "full fine-tun",
        "full fine tun",
        "full finetun",
        "full-finetun",
        "full-parameter",
        "full parameter",
        "full_finetuning=true",
        "全量",
        "全参",
        "finetuning_type: full",
        "finetuning_type full",
        "sft_type full",
        "train_type full",
        "tuner_type full",
        "sft_type为full",
        "full sft",
        "fully fine-tun",
        "fully finetun",
        "no peft",
        "no lora",
        "without peft",
        "without lora",
        "not using peft",
        "not using lora",
    ];
    const NONE: [&str; 3] = ["no ", "without ", "not using "];
    if WHOLE.iter().any(|word| lower.contains(word)) {
        keep(K::WholeModel, "full fine-tuning", "");
    }
    let adapters = ["lora", "qlora", "dora"].iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            let after = lower.get(at + word.len()..).unwrap_or_default();
            !before.ends_with(|c: char| c.is_ascii_alphabetic())
                && !NONE.iter().any(|none| before.ends_with(none))
                && !after.starts_with(|c: char| c.is_ascii_lowercase() && c != 's')
        })
    });
    if adapters {
        keep(K::Adapters, "LoRA", "");
    }
    // QLoRA is adapters on weights of four bits; a flag of that name may be off.
    if lower.contains("qlora ") || lower.contains("qlora,") {
        let off = ["qlora false", "no qlora", "without qlora"];
        if !off.iter().any(|words| lower.contains(words)) {
            keep(K::Quantized, "QLoRA", "");
        }
    }
}

/// Scripts that train all weights of a model, and what stands in the name of those that train adapters: kohya's sd-scripts, the
/// examples of diffusers, the recipes of torchtune.
pub(super) fn scripts(lower: &str, keep: Keep<'_>) {
    const WHOLE: [&str; 9] = [
        "sdxl_train.py",
        "flux_train.py",
        "sd3_train.py",
        "train_db.py",
        "train_text_to_image.py",
        "train_text_to_image_sdxl.py",
        "train_dreambooth.py",
        "train_dreambooth_flux.py",
        "full_finetune",
    ];
    const ADAPTERS: [&str; 5] = [
        "train_network.py",
        "_lora.py",
        "_lora_",
        "lora_finetune",
        "networks.lora",
    ];
    if let Some(name) = WHOLE.iter().find(|name| lower.contains(*name)) {
        keep(K::WholeModel, name, "script");
    }
    if let Some(name) = ADAPTERS.iter().find(|name| lower.contains(*name)) {
        keep(K::Adapters, name, "");
    }
}
