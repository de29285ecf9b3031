//! Activations grow with the number of samples, so fewer samples need less.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Phase, Program, Setting, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LowerBatchSize,
    cost: "more steps, each less busy; accumulate gradients to keep the effective batch",
    page: include_str!("lower-batch-size.md"),
    offer,
};

/// Programs that work on arrays, tables or particles, which have no batch.
const ARRAYS: [Program; 7] = [
    Program::Cupy,
    Program::Numba,
    Program::Rapids,
    Program::Julia,
    Program::Xgboost,
    Program::Lightgbm,
    Program::Simulation,
];

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Weights and optimizer states do not know the batch.
    let fixed = [
        FindingId::Weights,
        FindingId::DuplicateWeights,
        FindingId::OptimizerStates,
        FindingId::OptimizerTemporaries,
    ];
    // What evaluation keeps is as much in smaller pieces, and one image's boxes are one image's.
    let one_sample =
        s.finding == FindingId::Pairwise && !s.incident.traceback.mentions("ultralytics");
    if [FindingId::KeptOutputs, FindingId::Saving].contains(&s.finding) || one_sample {
        return None;
    }
    let program = s.program();
    // An engine's trial run comes before it serves.
    let before_serving = [FindingId::EngineBudget, FindingId::LongestContext].contains(&s.finding);
    if (s.in_phase(&[Phase::Load]) && !before_serving)
        || fixed.contains(&s.finding)
        || ARRAYS.contains(&program)
    {
        return None;
    }
    let how = match program {
        Program::Vllm => "--max-num-seqs 64 --max-num-batched-tokens 2048".to_owned(),
        Program::Sglang => "--max-running-requests 32 --chunked-prefill-size 2048".to_owned(),
        Program::TensorrtLlm => "max_batch_size: 32\nmax_num_tokens: 2048".to_owned(),
        Program::Tgi => "--max-batch-prefill-tokens 2048".to_owned(),
        Program::Lmdeploy => "--max-prefill-token-num 2048 --max-batch-size 32".to_owned(),
        Program::MlcLlm => "--prefill-chunk-size 1024  # for mlc_llm gen_config".to_owned(),
        Program::Ctranslate2 => {
            "batch_size=4, beam_size=1  # in transcribe(...), translate_batch(...)".to_owned()
        }
        Program::Tensorrt => {
            "trtexec --maxShapes=INPUT:1x3x640x640  # a smaller batch in the profile".to_owned()
        }
        Program::LlamaCpp | Program::Ollama | Program::WhisperCpp | Program::StableDiffusionCpp | Program::Blender | Program::Vulkan
        | Program::Opencl | Program::Mlx | Program::Comfyui | Program::A1111 | Program::Forge | Program::Invokeai => return None,
        Program::Caffe => {
            "batch_size: N  # in the data layers of the prototxt; halve it\n# iter_size of the solver adds gradients up to the old batch"
                .to_owned()
        }
        Program::Matlab => "trainingOptions(..., \"MiniBatchSize\", N)  # halve it".to_owned(),
        Program::Darknet => {
            "subdivisions=64  # in [net] of the .cfg: a batch goes through in so many parts\n# then a smaller width and height; random=0 where it fails after \"Resizing\""
                .to_owned()
        }
        // Without figures only a program's own spelling is worth a line.
        _ if s.finding == FindingId::NoFigures && s.torch() => return None,
        _ => training(s)?,
    };
    let offer = Offer::unmeasured(how);
    Some(match halved(s) {
        Some((now, half)) => offer.titled(format!("Halve the batch size, {now} → {half}")),
        None => offer,
    })
}

/// The batch that the log shows, and half of it.
fn halved(s: &Situation<'_>) -> Option<(u64, u64)> {
    let evaluating = s.in_phase(&[Phase::Eval, Phase::Generate]);
    let (_, now) = shown(s, evaluating).filter(|_| s.torch())?;
    (now > 1).then(|| (now, now.div_ceil(2)))
}

/// The next halving where the log shows the batch, under its own name; `None` for a batch of one.
fn training(s: &Situation<'_>) -> Option<String> {
    let evaluating = s.in_phase(&[Phase::Eval, Phase::Generate]);
    let Some((setting, now)) = shown(s, evaluating) else {
        let note = "\n# N: half of what it is; halve again until it fits";
        return Some(named(s, evaluating, "N") + note);
    };
    if now < 2 {
        return None;
    }
    let half = now.div_ceil(2);
    let line = if setting.written.is_empty() {
        named(s, evaluating, &half.to_string())
    } else {
        setting.with(&half.to_string())
    };
    let note = if !evaluating && now == half * 2 {
        format!("\n# half of the {now} in the log; accumulate 2 steps for the same effective batch")
    } else {
        format!("\n# about half of the {now} in the log")
    };
    Some(line + &note)
}

/// The batch that the log shows: that of one GPU before that of all; one that is counted in tokens or seconds where there is
/// no other.
fn shown<'a>(s: &'a Situation<'_>, evaluating: bool) -> Option<(&'a Setting, u64)> {
    let kinds: &[SettingKind] = if evaluating {
        &[SettingKind::EvalBatchSize]
    } else {
        &[
            SettingKind::BatchSize,
            SettingKind::BatchTokens,
            SettingKind::GlobalBatchSize,
        ]
    };
    let settings = &s.incident.settings;
    // Elsewhere `max_tokens` is the length of an answer.
    let fairseq = s
        .switches()
        .is_some_and(|switches| switches.name == "fairseq");
    let counts =
        |setting: &&Setting| fairseq || !setting.name.to_ascii_lowercase().ends_with("max-tokens");
    let mut settings = kinds
        .iter()
        .filter_map(|kind| settings.get(*kind))
        .filter(counts);
    let setting = settings.next()?;
    let whole = setting.value.split('.').next()?;
    Some((setting, whole.parse().ok()?))
}

/// What the program that runs the loop calls its batch.
fn named(s: &Situation<'_>, evaluating: bool, value: &str) -> String {
    let own = s.switches().and_then(|switches| {
        if evaluating {
            switches.eval_batch
        } else {
            switches.batch
        }
    });
    match (own, s.trainer(), evaluating) {
        (Some(own), ..) => own.replacen("{}", value, 1),
        (_, Trainer::HuggingFace, true) => format!("per_device_eval_batch_size={value}"),
        (_, Trainer::HuggingFace, false) => format!("per_device_train_batch_size={value}"),
        (_, Trainer::DeepSpeed, false) => format!("\"train_micro_batch_size_per_gpu\": {value}"),
        _ => format!("batch_size={value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn a_printed_batch_size_is_halved_under_the_trainers_own_name() {
        let batch = |kind| {
            CaseBuilder::new()
                .set(SettingKind::BatchSize, "16")
                .set(kind, "")
                .line(&FIX)
        };
        assert_eq!(
            batch(SettingKind::HuggingFace),
            "per_device_train_batch_size=8"
        );
        assert_eq!(
            batch(SettingKind::DeepSpeed),
            "\"train_micro_batch_size_per_gpu\": 8"
        );
        assert_eq!(batch(SettingKind::Fsdp), "batch_size=8");
    }

    #[test]
    fn a_batch_of_one_cannot_be_halved() {
        let one = CaseBuilder::new().set(SettingKind::BatchSize, "1");
        assert_eq!(one.ask(&FIX), None);
    }

    #[test]
    fn evaluation_has_a_batch_of_its_own() {
        let trial = CaseBuilder::new()
            .set(SettingKind::HuggingFace, "")
            .phase(Phase::Eval);
        assert_eq!(trial.line(&FIX), "per_device_eval_batch_size=N");
    }

    #[test]
    fn weights_and_states_do_not_shrink_with_the_batch() {
        assert_eq!(CaseBuilder::new().phase(Phase::Load).ask(&FIX), None);
        assert_eq!(
            CaseBuilder::new()
                .finding(FindingId::OptimizerStates)
                .ask(&FIX),
            None
        );
    }
}
