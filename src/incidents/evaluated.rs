//! Whether an evaluation stands between the last step of training and a failure, or the failure is one of an inference.

use crate::evidence::{Family, Flag, Incident, Memory, Phase, RunPlace};
use crate::text::{Line, Words};
use std::sync::LazyLock;

/// So far back the results of an evaluation are looked for.
const REACH: usize = 40;

/// What the results of an evaluation are called: transformers' Trainer, Lightning, Keras and loops written by hand.
static EVALUATED: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "eval_loss",
        "eval_runtime",
        "eval loss",
        "eval/",
        "val_loss",
        "val loss",
        "valid_loss",
        "valid loss",
        "validation loss",
        "val/",
        "running evaluation",
        "validation:",
        "evaluation:",
        "validation results",
        "evaluation results",
    ])
});

/// True where the last bar above a failure is one of a validation: "0/10 * Epoch (valid):   3% 1/32 [00:01<00:46,  1.50s/it]"
/// (catalyst), "Validating:  15%|#5 | 513/3434 [2:04:33<16:18:51, 20.11s/it]" (Lightning 1).
fn within_its_bar(lines: &[Line], begins: usize) -> bool {
    const LABELS: [&str; 6] = [
        "(valid)",
        "(val)",
        "validat",
        "valid:",
        "val:",
        "evaluating",
    ];
    let above = lines.get(..begins).unwrap_or_default().iter().rev();
    let last = above
        .take(REACH)
        .filter_map(|line| line.text.rsplit('\r').find(|part| !part.trim().is_empty()))
        .find(|text| text.contains("it/s") || text.contains("s/it") || text.contains(BEGINS));
    if last.is_some_and(|text| text.contains(BEGINS)) {
        return true;
    }
    let label = last
        .and_then(|bar| bar.split_once('%'))
        .map(|(label, _)| label);
    label.is_some_and(|label| {
        let label = label.to_ascii_lowercase();
        LABELS.iter().any(|word| label.contains(word))
    })
}

/// fairseq and Uni-Core (`validate` of their command lines).
const BEGINS: &str = "begin validation on ";

/// Notes it, where training had gone on before: then the same step had fitted, and what is new is what the evaluation left.
pub(crate) fn note(incident: &mut Incident, lines: &[Line], begins: usize) {
    let own = incident.phase == Some(Phase::Forward) && !incident.traceback.trains();
    if (incident.phase.is_none() || own) && within_its_bar(lines, begins) {
        incident.phase = Some(Phase::Eval);
    }
    let trains = matches!(
        incident.phase,
        Some(Phase::Forward | Phase::Backward | Phase::Optimizer)
    );
    let steps = incident.run.reached().map_or(0, |(steps, _)| steps);
    if !trains || steps < RunPlace::A_FEW {
        return;
    }
    let above = lines.get(..begins).unwrap_or_default().iter().rev();
    let last = above
        .take(REACH)
        .map(|line| line.text.to_ascii_lowercase())
        .find(|text| EVALUATED.stand_in(text) || text.contains("loss"));
    if last.is_some_and(|text| EVALUATED.stand_in(&text)) {
        incident.flags.insert(Flag::AfterEvaluation);
    }
}

/// What services say right before the message of a request that failed.
static SERVED: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "inference failed",
        "inference error",
        "during inference",
        "prediction failed",
        "prediction error",
        "during prediction",
        "generation failed",
        "generation error",
        "during generation",
        "request failed",
        "processing request",
    ])
});

/// The same of a model that did not come so far.
static LOADED: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "failed to load model",
        "failed to load the model",
        "error loading model",
        "could not load model",
        "unable to load model",
        "model loading failed",
    ])
});

/// Notes it, where no stack tells what ran.
pub(crate) fn note_inference(incident: &mut Incident, lines: &[Line], first: usize) {
    let told = !incident.traceback.frames.is_empty() || incident.phase.is_some();
    if told || incident.memory == Memory::Host {
        return;
    }
    let text = lines.get(first).map_or("", |line| line.text.as_str());
    let text = text.to_ascii_lowercase();
    if LOADED.stand_in(&text) && incident.framework.family() == Family::Torch {
        incident.phase = Some(Phase::Load);
    } else if SERVED.stand_in(&text) {
        incident.flags.insert(Flag::Infers);
        incident.phase = Some(Phase::Eval);
    }
}
