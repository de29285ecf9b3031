//! Recognizes in a log what is set already: allocator options, versions, platform, training switches.
//!
//! Three tables, each with its examples as tests: names that take a value (`names`), phrases that tell by themselves
//! (`phrases`), and files on a call stack (`frames`). Advice is not evidence: the allocator's own message names
//! `expandable_segments` whether it is on or not.

mod assigned;
mod batches;
mod frames;
mod in_id;
mod knobs;
mod names;
mod phrases;
mod shapes;
mod signatures;
mod signs;
mod takes;
mod told;
mod torch_version;
mod trainers;

pub(crate) use in_id::stands_in_id;
pub(crate) use signs::{Seen, Signs, signatures as signs};
use told::ANSWERING;

use crate::evidence::{AllocatorConfig, Setting, SettingKind, Settings, Traceback};
use crate::text::Line;

/// Literals, one of which stands in every line that [`each`] could read.
pub(crate) fn signatures() -> impl Iterator<Item = &'static str> + Clone {
    signatures::SIGNATURES
        .iter()
        .chain(phrases::SIGNATURES)
        .chain(told::SIGNATURES)
        .chain(shapes::SIGNATURES)
        .copied()
        .chain(trainers::signatures())
}

/// No line that sets something is longer; what stands behind this is not read.
const LONGEST: usize = 64 * 1024;

/// Reads one line; one that shows no setting is passed over.
#[cfg(test)]
pub(crate) fn read(line: &Line, into: &mut Settings) {
    each(line, false, &mut |setting| keep(into, setting));
}

/// Hands over all that one line shows to be set, in order, for [`keep`]; `named` where [`of_logger`] has handed over its program.
pub(crate) fn each(line: &Line, named: bool, take: &mut dyn FnMut(Setting)) {
    let text = line.text.get(..LONGEST).unwrap_or(&line.text);
    let mut told = |kind, name: &str, value: &str, written: String| {
        take(Setting {
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
            line: line.number,
            written,
        });
    };
    let mut plain = |kind, name: &str, value: &str| told(kind, name, value, String::new());
    let torch = phrases::read(text, &mut plain);
    if !named {
        trainers::read(text.as_bytes(), &mut plain);
    }
    told::read(text, &mut plain);
    if torch {
        torch_version::read(text, &mut plain);
    }
    for spot in assigned::spots(text) {
        knobs::read(text, &spot, &mut |kind, value| {
            told(kind, spot.name, value, spot.written());
        });
    }
}

/// So many bytes of a line are looked through for its logger.
const PREFIX: usize = 256;

/// True where [`of_logger`] has looked through all of a line of which this is left: no program stands there that it did not see,
/// and of several it took the one that counts.
pub(crate) fn is_known_to_logger(raw: &[u8], line: &Line) -> bool {
    raw.len() <= PREFIX && raw.ends_with(line.text.as_bytes())
}

/// Hands over the program whose logger printed a line: its name stands in the prefix, which a clean line has no more.
pub(crate) fn of_logger(raw: &[u8], number: u64, take: &mut dyn FnMut(Setting)) {
    let head = raw.get(..PREFIX).unwrap_or(raw);
    trainers::read(head, &mut |kind, name, value| {
        take(Setting {
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
            line: number,
            written: String::new(),
        });
    });
}

/// What the frames of a stack show to be on: checkpointing, `no_grad`, `DeepSpeed`, the Trainer.
pub(crate) fn read_stack(traceback: &Traceback, into: &mut Settings) {
    frames::read(traceback, &mut |setting| {
        // The outermost program is the one that people see: SGLang calls code of vLLM, and ComfyUI of diffusers.
        if setting.kind != SettingKind::Program || !into.has(SettingKind::Program) {
            keep(into, setting);
        }
    });
}

/// Takes a setting in. The last word counts, except that a bare word does not wipe out a value.
pub(crate) fn keep(into: &mut Settings, mut setting: Setting) {
    let old = into.get(setting.kind);
    if setting.value.is_empty() && old.is_some() || old.is_some_and(|old| weaker(&setting, old)) {
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
                written: String::new(),
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

/// Adds what the whole log shows to what a failure shows itself, which counts for more: but a stack has only the library that the
/// program is built on where the log names the program.
pub(crate) fn complete(of_failure: &mut Settings, of_log: &Settings) {
    let program = of_log.get(SettingKind::Trainer);
    if let Some(program) = program.filter(|_| of_failure.has(SettingKind::Trainer)) {
        keep(of_failure, program.clone());
    }
    of_failure.complete(of_log);
}

/// True where what is known says more than what comes now.
///
/// The batch of one GPU stands before the batch of a job, whatever the order; of several loaders' batches in one
/// configuration the largest is the training's; a trainer's own program before the library that it is built on.
fn weaker(new: &Setting, old: &Setting) -> bool {
    let micro = |setting: &Setting| {
        let name = setting.name.to_ascii_lowercase();
        let one_gpu = [
            "micro",
            "per_device",
            "per-device",
            "per_gpu",
            "per-gpu",
            "samples_per",
            "per_card",
            "batch_gpu",
            "batch-gpu",
        ];
        match () {
            () if one_gpu.iter().any(|word| name.contains(word)) => 2,
            () if name == "train_batch_size" => 0,
            () => 1,
        }
    };
    if echoes(new, old) {
        return true;
    }
    match new.kind {
        SettingKind::BatchSize if micro(new) != micro(old) => micro(new) < micro(old),
        SettingKind::BatchSize if new.name == old.name && LOADERS.contains(&new.name.as_str()) => {
            let value = |setting: &Setting| setting.value.parse::<u64>().unwrap_or(0);
            let configured = new.line.abs_diff(old.line) <= A_CONFIGURATION;
            configured && value(new) < value(old)
        }
        // `TEST.BATCH_SIZE: 1` behind `TRAIN.BATCH_SIZE: 12`: sections are printed one below the other.
        SettingKind::BatchSize if new.value == "1" && new.name == old.name && yacs(&new.name) => {
            new.line.abs_diff(old.line) <= A_CONFIGURATION
        }
        // verl's reference model only compares: `actor_rollout_ref.ref.log_prob_micro_batch_size_per_gpu`.
        SettingKind::EvalBatchSize if new.written.contains(".ref.") => {
            !old.written.contains(".ref.")
        }
        // What the Trainer prints of an evaluation is the batch of all GPUs, and no name.
        SettingKind::EvalBatchSize if new.name == "Batch size" => old.name != new.name,
        // Of a sample's parts the longer one counts, and the whole before both.
        SettingKind::SequenceLength if is_part(new) => {
            let value = |setting: &Setting| setting.value.parse::<u64>().unwrap_or(0);
            !is_part(old) || value(new) < value(old)
        }
        // Of several switches that are off, the one that helps more, and asks for less.
        SettingKind::PrecisionOff => old.name.contains("bf16"),
        SettingKind::QuantizedOff => old.name.contains("4bit"),
        // The whole context is what is set; that of one sequence can be a part of it.
        SettingKind::ContextSize => new.name == "n_ctx_seq" && old.name != "n_ctx_seq",
        SettingKind::Trainer => trainers::rank(&new.value) > trainers::rank(&old.value),
        _ => false,
    }
}

/// True for the length of a part of a sample, as TRL, verl and `OpenRLHF` set it beside the whole: `max_prompt_length`.
fn is_part(length: &Setting) -> bool {
    const PARTS: [&str; 6] = [
        "prompt",
        "completion",
        "response",
        "generate",
        "source",
        "target",
    ];
    let name = length.name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// True where a program prints a value that was typed as a flag: the flag is what a person changes.
fn echoes(new: &Setting, old: &Setting) -> bool {
    let plain = |name: &str| name.replace('-', "_").to_ascii_lowercase();
    let typed = old.written.starts_with("--") && !new.written.starts_with("--");
    typed && old.value == new.value && plain(&old.name) == plain(&new.name)
}

/// True for a name in capitals, as configurations of yacs have it.
fn yacs(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// What configurations call the batch of each of their loaders.
const LOADERS: [&str; 2] = ["batch_size", "batch_size_per_card"];

/// No configuration that a trainer prints has more lines.
const A_CONFIGURATION: u64 = 400;

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
        let scanned = signatures().any(|s| lower.contains(&s.to_ascii_lowercase()));
        assert!(value.is_none() || scanned, "no signature for {text:?}");
    }

    #[test]
    fn the_last_word_counts_but_a_bare_word_wipes_no_value_out() {
        let settings = shown("zero_stage: 3\n--deepspeed ds.json\nseq_len=8\nseq_len=4");
        assert_eq!(settings.get(SettingKind::DeepSpeed).unwrap().value, "3");
        assert_eq!(
            settings.get(SettingKind::SequenceLength).unwrap().value,
            "4"
        );
        assert_eq!(settings.get(SettingKind::SequenceLength).unwrap().line, 4);
    }

    #[test]
    fn what_was_typed_is_what_is_typed_again() {
        let text = "train.py --batch-size 64\nNamespace(batch_size=64, lr=0.1)";
        let settings = shown(text);
        let batch = settings.get(SettingKind::BatchSize).unwrap();
        assert_eq!(batch.with("32"), "--batch-size 32");
        let other = shown("train.py --batch-size 64\nNamespace(batch_size=16, lr=0.1)");
        assert_eq!(other.get(SettingKind::BatchSize).unwrap().value, "16");
    }

    #[test]
    fn the_batch_of_one_gpu_counts_whatever_the_order() {
        for text in [
            "--micro_train_batch_size 4 --train_batch_size 96",
            "--train_batch_size 96 --micro_train_batch_size 4",
            "{\"train_batch_size\": 96, \"train_micro_batch_size_per_gpu\": 4}",
            "batch_size=96\nmicro_batch_size: 4",
            "train_dataloader = dict(batch_size=4,\nval_dataloader = dict(batch_size=1,",
        ] {
            let settings = shown(text);
            let batch = settings.get(SettingKind::BatchSize).unwrap();
            assert_eq!(batch.value, "4", "{text}");
        }
    }

    #[test]
    fn a_setting_is_written_again_as_the_log_writes_it() {
        for (text, again) in [
            ("--micro-batch-size 8", "--micro-batch-size 4"),
            ("--train_batch_size=8 --x", "--train_batch_size=4"),
            (
                "per_device_train_batch_size: 8",
                "per_device_train_batch_size: 4",
            ),
            (
                "{\"train_micro_batch_size_per_gpu\": 8}",
                "\"train_micro_batch_size_per_gpu\": 4",
            ),
            ("Namespace(batch_size=8, x=1)", "batch_size=4"),
            (
                "a.actor.ppo_micro_batch_size_per_gpu=8",
                "a.actor.ppo_micro_batch_size_per_gpu=4",
            ),
            (
                "--training.local_batch_size 8",
                "--training.local_batch_size 4",
            ),
            ("SOLVER.IMS_PER_BATCH 8", "SOLVER.IMS_PER_BATCH 4"),
            ("  micro_batch_size ............. 8", "--micro-batch-size 4"),
            (
                "['--micro_train_batch_size', '8']",
                "--micro_train_batch_size 4",
            ),
        ] {
            let settings = shown(text);
            assert_eq!(
                settings.get(SettingKind::BatchSize).unwrap().with("4"),
                again,
                "{text}"
            );
        }
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
                prop_oneof![prop::sample::select(signatures().collect::<Vec<_>>()).prop_map(str::to_owned), "\\PC{0,8}", "[ =:\"'.-]{0,3}"],
                0..12,
            ),
        ) {
            shown(&parts.concat());
        }
    }
}
