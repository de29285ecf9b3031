//! Recognizes in a log what is set already: allocator options, versions, platform, training switches.
//!
//! Three tables, each with its examples as tests: names that take a value (`names`), phrases that tell by themselves
//! (`phrases`), and files on a call stack (`frames`). Advice is not evidence: the allocator's own message names
//! `expandable_segments` whether it is on or not.

mod assigned;
mod frames;
mod names;
mod phrases;
mod takes;
mod torch_version;

use crate::evidence::{AllocatorConfig, Setting, SettingKind, Settings, Traceback};
use crate::text::Line;

/// Literals, one of which stands in every line that [`read`] could read.
pub const SIGNATURES: &[&str] = &[
    "ALLOC_CONF",
    "set_allocator_settings",
    "expandable_segments is enabled",
    "expandable_segments not supported",
    "cudaMallocAsync",
    "process_memory_fraction",
    "VISIBLE_DEVICES",
    "torch version",
    "torch: ",
    "torch-1.",
    "torch-2.",
    "torch==",
    "torch 1.",
    "torch 2.",
    "satisfied: torch",
    "Microsoft Windows",
    "microsoft-standard-WSL",
    "-tegra",
    "NVIDIA GB10",
    "Jetson",
    "docker run",
    "docker exec",
    "kubepods",
    "+rocm",
    "HIP out of memory",
    "gradient_checkpointing",
    "gradient-checkpointing",
    "with gradient checkpointing",
    "activation_checkpointing",
    "activation-checkpointing",
    "requires_grad=True to a scalar",
    "bf16",
    "fp16",
    "mixed_precision",
    "mixed-precision",
    "Mixed Precision (AMP)",
    "half precision backend",
    "batch_size",
    "batch-size",
    "batch size",
    "max_length",
    "max-length",
    "seq_len",
    "seq-len",
    "sequence_length",
    "sequence-length",
    "cutoff_len",
    "max_model_len",
    "max-model-len",
    "gpu_memory_utilization",
    "gpu-memory-utilization",
    "mem_fraction_static",
    "mem-fraction-static",
    "zero_stage",
    "zero_optimization_stage",
    "ZeRO stage",
    "--deepspeed",
    "--fsdp",
    "FullyShardedDataParallel",
    "accelerate launch",
    "Running training *****",
    "pytorch_lightning",
    "lightning.pytorch",
    "load_in_4bit",
    "load_in_8bit",
    "--quantization",
    "quantization=",
    "flash_attn",
    "attn_implementation",
    "paged_adamw",
    "paged_lion",
    "adamw_8bit",
    "adamw_bnb_8bit",
    "adamw8bit",
    "n_ctx",
    "layers to GPU",
    "Set vram state to: ",
    "unloading all loaded models",
    "[Memory Management] Target: ",
    "[Low VRAM Warning] ",
    "[GPU Setting] You will use ",
    "]::[InvokeAI]::",
    "adafactor",
];

/// No line that sets something is longer; what stands behind this is not read.
const LONGEST: usize = 64 * 1024;

/// Reads one line; one that shows no setting is passed over.
pub fn read(line: &Line, into: &mut Settings) {
    let text = line.text.get(..LONGEST).unwrap_or(&line.text);
    let mut keep = |kind, name: &str, value: &str| {
        keep(
            into,
            Setting {
                kind,
                name: name.to_owned(),
                value: value.to_owned(),
                line: line.number,
            },
        );
    };
    phrases::read(text, &mut keep);
    torch_version::read(text, &mut keep);
    names::read(text, &mut keep);
}

/// What the frames of a stack show to be on: checkpointing, `no_grad`, `DeepSpeed`, the Trainer.
pub fn read_stack(traceback: &Traceback, into: &mut Settings) {
    frames::read(traceback, &mut |setting| keep(into, setting));
}

/// Takes a setting in. The last word counts, except that a bare word does not wipe out a value.
fn keep(into: &mut Settings, mut setting: Setting) {
    let old = into.get(setting.kind);
    if setting.value.is_empty() && old.is_some() {
        return;
    }
    if setting.kind == SettingKind::AllocatorConfig {
        // The message's own word on one option says nothing of the others.
        if setting.name == phrases::EXPANDABLE_ON {
            let config = old
                .map(|o| AllocatorConfig::parse(&o.value))
                .unwrap_or_default();
            setting.value = config.with("expandable_segments", "True").text();
            setting.name = old.map_or(setting.name, |o| o.name.clone());
        }
        let config = AllocatorConfig::parse(&setting.value);
        let told = |kind, value: Option<&str>| {
            value.map(|value| Setting {
                kind,
                name: setting.name.clone(),
                value: value.to_owned(),
                line: setting.line,
            })
        };
        let backend = config.get("backend").filter(|b| *b == "cudaMallocAsync");
        let fraction = config
            .get("per_process_memory_fraction")
            .filter(|f| takes::below_one(f));
        let extras = [
            told(SettingKind::MallocAsync, backend),
            told(SettingKind::MemoryFraction, fraction),
        ];
        for extra in extras.into_iter().flatten() {
            into.insert(extra);
        }
    }
    into.insert(setting);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything that one text shows, as "kind name value".
    pub(super) fn shown(text: &str) -> Settings {
        let mut settings = Settings::default();
        for line in crate::text::clean(text.as_bytes(), 1) {
            read(&line, &mut settings);
        }
        settings
    }

    /// Asserts what a text shows of a kind, and that the raw scan would have handed the line over.
    pub(super) fn assert_shows(text: &str, kind: SettingKind, value: Option<&str>) {
        let settings = shown(text);
        assert_eq!(
            settings.get(kind).map(|s| s.value.as_str()),
            value,
            "{kind:?} in {text:?}"
        );
        let lower = text.to_ascii_lowercase();
        let scanned = SIGNATURES
            .iter()
            .any(|s| lower.contains(&s.to_ascii_lowercase()));
        assert!(value.is_none() || scanned, "no signature for {text:?}");
    }

    #[test]
    fn the_last_word_counts_but_a_bare_word_wipes_no_value_out() {
        let settings = shown("zero_stage: 3\n--deepspeed ds.json\nbatch_size=8\nbatch_size=4");
        assert_eq!(settings.get(SettingKind::DeepSpeed).unwrap().value, "3");
        assert_eq!(settings.get(SettingKind::BatchSize).unwrap().value, "4");
        assert_eq!(settings.get(SettingKind::BatchSize).unwrap().line, 4);
    }

    #[test]
    fn the_message_that_says_enabled_turns_it_on_beside_other_options() {
        let settings = shown(
            "PYTORCH_CUDA_ALLOC_CONF=garbage_collection_threshold:0.8\nunallocated. expandable_segments is enabled. If",
        );
        assert!(settings.allocator().expandable());
        assert_eq!(
            settings.allocator().get("garbage_collection_threshold"),
            Some("0.8")
        );
    }

    #[test]
    fn a_backend_or_fraction_among_the_options_is_a_setting_of_its_own() {
        let settings =
            shown("PYTORCH_ALLOC_CONF=backend:cudaMallocAsync,per_process_memory_fraction:0.5");
        assert!(settings.has(SettingKind::MallocAsync));
        assert_eq!(
            settings.get(SettingKind::MemoryFraction).unwrap().value,
            "0.5"
        );
    }

    proptest! {
        #[test]
        fn no_line_panics(
            parts in prop::collection::vec(
                prop_oneof![prop::sample::select(SIGNATURES).prop_map(str::to_owned), "\\PC{0,8}", "[ =:\"'.-]{0,3}"],
                0..12,
            ),
        ) {
            shown(&parts.concat());
        }
    }
}
