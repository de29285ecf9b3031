//! Activations grow with the number of samples, so fewer samples need less.

use super::offering::known_places::pastes_masks;
use super::offering::{elsewhere, pairs, ranking};
use super::{Fix, Offer, Situation, batches};
use crate::evidence::{
    Family, FindingId, FixId, Flag, KnownWork, MessageId, Phase, Program, SettingKind,
};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LowerBatchSize,
    cost: "more steps, each less busy; accumulate gradients to keep the effective batch",
    page: include_str!("lower-batch-size.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if batch_does_not_matter(s) || s.speaks() {
        return None;
    }
    let program = s.program();
    // Chainer trains on CuPy; its examples take this flag (chainer/chainer: examples).
    if program == Program::Cupy && s.trained_by(&["chainer"]) {
        let how = "--batchsize N  # half of what it is; of the iterator: SerialIterator(data, N)";
        return Some(Offer::unmeasured(how));
    }
    if program.family() == Family::Arrays {
        return None;
    }
    if let Some(offer) = elsewhere::offer(s) {
        return Some(offer);
    }
    let how = match program {
        Program::Vllm | Program::Sglang | Program::TensorrtLlm | Program::Tgi | Program::Lmdeploy
        | Program::MlcLlm | Program::Tei => return batches::engine(s),
        // The work of a prompt is as large as its longest, whatever the batch.
        Program::ModularMax => return None,
        // michaelfeil/infinity: infinity_emb/cli.py.
        Program::Infinity => match s.number(SettingKind::BatchSize).filter(|now| *now > 1) {
            Some(now) => format!("--batch-size {}  # half of {now}", now / 2),
            None => "--batch-size 4  # 32 unless told".to_owned(),
        },
        Program::Ctranslate2 => batches::of_ctranslate2(s),
        Program::Tensorrt => "trtexec --maxShapes=INPUT:1xCxHxW  # the largest batch is 1".to_owned(),
        Program::TritonServer => {
            "instance_group [{ count: 1 }]  # in config.pbtxt: each instance has memory of its own\nmax_batch_size: N  # half of what it is".to_owned()
        }
        Program::Caffe => {
            "batch_size: N  # in the data layers of the prototxt; halve it\n# iter_size of the solver adds gradients up to the old batch"
                .to_owned()
        }
        Program::Matlab => "trainingOptions(..., \"MiniBatchSize\", N)  # halve it".to_owned(),
        Program::Cudarc => "model.forward(&x.narrow(0, begin, n)?)?  // fewer rows at once".to_owned(),
        Program::Darknet => {
            "subdivisions=64  # in [net] of the .cfg: a batch goes through in so many parts\n# then a smaller width and height; random=0 where it fails after \"Resizing\""
                .to_owned()
        }
        // What serves one request after the other has no batch to set, and what calls a graphics interface is not ours.
        _ if matches!(
            program.family(),
            Family::Buffers | Family::ImageInterface | Family::Graphics | Family::System
        ) || matches!(program, Program::Exllama | Program::TextGenerationWebui | Program::Mlx) =>
        {
            return None;
        }
        // Of figures that do not agree only a program's own spelling is worth a line. Where there are none, half the batch is what made
        // most failures pass, whatever they were (fixtures/fleet).
        _ if s.torch() && !batches::own(s) && (infers(s) || s.finding == FindingId::Unexplained && s.blind()) => {
            return None;
        }
        _ => batches::training(s)?,
    };
    let serves = program.serves();
    let mut offer = Offer::unmeasured(how);
    if program == Program::TritonServer {
        offer = offer.titled("Run one instance of the model, with smaller batches".to_owned());
    }
    Some(match batches::halved(s) {
        Some((now, half)) => offer.titled(format!("Halve the batch size, {now} → {half}")),
        None if serves => offer.costing(batches::SERVING),
        None => offer,
    })
}

/// True for a message without figures of a program that generates or answers, and for a line that only repeats one.
fn infers(s: &Situation<'_>) -> bool {
    let phases = [
        Phase::Generate,
        Phase::Eval,
        Phase::Compile,
        Phase::Communication,
    ];
    // A loop that counts its batches has batches.
    let counts = s.in_phase(&[Phase::Eval]) && s.incident.run.step.is_some();
    s.blind() && !counts && (s.in_phase(&phases) || s.incident.format == MessageId::PytestSummary)
}

/// What is as much in smaller pieces, or comes before the first batch.
fn batch_does_not_matter(s: &Situation<'_>) -> bool {
    // Weights and optimizer states do not know the batch; nor does what evaluation keeps.
    let fixed = [
        FindingId::Weights,
        FindingId::DuplicateWeights,
        FindingId::OptimizerStates,
        FindingId::OptimizerTemporaries,
        FindingId::KeptOutputs,
        FindingId::Saving,
    ];
    // One image's boxes are one image's.
    let one_sample = (s.finding.compares_all() || pairs::suppresses(s))
        && (!s.incident.traceback.mentions("ultralytics") || pairs::suppresses(s))
        && s.incident.format != MessageId::MovedToHost
        && !ranking::beside_a_batch(s);
    // A buffer that is made once for all that will be kept holds no batch.
    let buffer = s.finding == FindingId::LargerThanDevice
        && s.incident.traceback.makes_a_buffer().is_some_and(|frame| {
            let code = frame.code.to_ascii_lowercase();
            ["capacity", "buffer", "max_size", "memory"]
                .iter()
                .any(|word| code.contains(word))
        });
    let buffer = buffer || s.incident.traceback.known_work() == Some(KnownWork::MakesReplayBuffer);
    let buffer = buffer
        || s.finding == FindingId::MoreThanTheDevice
            && s.incident.traceback.makes_a_store().is_some();
    // A variable of TensorFlow is as large whatever the batch.
    let variable = s.program() == Program::Tensorflow && s.incident.flagged(Flag::ForWeights);
    // One picture is made a batch of one where it is given to the model.
    let alone = s.predicts_one() || s.answers_a_prompt();
    // XPixelGroup/BasicSR (data/__init__.py, `build_dataloader`): a validation takes one picture at a time.
    let alone = alone || s.trained_by(&["basicsr"]) && s.in_phase(&[Phase::Eval]);
    // Its results fill the GPU, and a prediction takes one case at a time (MIC-DKFZ/nnUNet: inference/predict_from_raw_data.py).
    let moved = s.incident.format == MessageId::MovedToHost;
    let alone = alone || moved && (s.trained_by(&["nnunet", "nnunet-1"]) || pastes_masks(s));
    // An engine's trial run comes before it serves.
    let before_serving = [FindingId::EngineBudget, FindingId::LongestContext].contains(&s.finding);
    // What TensorRT-LLM makes behind its engine's weights is as large as the largest batch.
    let behind_weights = s.incident.format == MessageId::TensorrtLlm;
    let loads = s.in_phase(&[Phase::Load]) && !before_serving && !behind_weights;
    // Models of earlier rounds, counted by their names, and what tests left are as large with any batch.
    let left = s.incident.settings.get(SettingKind::PassesAlone);
    let left = left.is_some_and(|by| by.name == "tests") || s.incident.census.is_some();
    let counted = s.finding == FindingId::KeptObjects && left;
    fixed.contains(&s.finding) || buffer || counted || one_sample || alone || variable || loads
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
        let one = CaseBuilder::new().set(SettingKind::BatchSize, "1");
        assert_eq!(one.ask(&FIX), None);
    }

    #[test]
    fn evaluation_has_a_batch_of_its_own() {
        let trial = CaseBuilder::new()
            .set(SettingKind::HuggingFace, "")
            .phase(Phase::Eval);
        assert_eq!(
            trial.line(&FIX),
            "per_device_eval_batch_size=N  # half of what it is"
        );
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
