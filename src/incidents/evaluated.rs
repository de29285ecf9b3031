//! Whether an evaluation stands between the last step of training and a failure.

use crate::evidence::{Flag, Incident, Phase, RunPlace};
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

/// Notes it, where training had gone on before: then the same step had fitted, and what is new is what the evaluation left.
pub(crate) fn note(incident: &mut Incident, lines: &[Line], begins: usize) {
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
