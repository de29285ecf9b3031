//! Activations grow with the number of samples, so fewer samples need less.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Phase, Program};

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
        _ => training(s),
    };
    Some(Offer::unmeasured(how))
}

/// The next halving where the log prints the batch size, else its name.
fn training(s: &Situation<'_>) -> String {
    let evaluating = s.in_phase(&[Phase::Eval, Phase::Generate]);
    let half = s.batch_size().map(|n| n.div_ceil(2));
    let value = half.map_or("N".to_owned(), |n| n.to_string());
    let note = match (s.batch_size(), half) {
        (Some(now), Some(half)) if !evaluating && now == half * 2 => {
            format!(
                "\n# half of the {now} in the log; accumulate 2 steps for the same effective batch"
            )
        }
        (Some(now), _) => format!("\n# about half of the {now} in the log"),
        _ => "\n# N: half of what it is; halve again until it fits".to_owned(),
    };
    let line = match (s.trainer(), evaluating) {
        (Trainer::HuggingFace, true) => format!("per_device_eval_batch_size={value}"),
        (Trainer::HuggingFace, false) => format!("per_device_train_batch_size={value}"),
        (Trainer::DeepSpeed, false) => format!("\"train_micro_batch_size_per_gpu\": {value}"),
        _ => format!("batch_size={value}"),
    };
    line + &note
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::SettingKind;

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
        assert_eq!(
            CaseBuilder::new()
                .set(SettingKind::BatchSize, "1")
                .line(&FIX),
            "batch_size=N"
        );
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
