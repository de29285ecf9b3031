//! What the program was doing, by the frames that only one phase has.
//!
//! The innermost frame that decides wins: an optimizer's step with a closure that runs the model is in the forward pass.
//! The forward pass itself decides less than the rest, because evaluation, generation, capture and a recomputation in the
//! backward pass are forward passes, too; there the nearest of those around it wins.

use super::moved::moves_a_batch;
use super::rules::RULES;
use super::steps::STEPS;
use crate::evidence::{Frame, Phase, SameStack, Traceback};

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The frame settles it.
    Firm,
    /// It counts only in the innermost frame of all.
    Innermost,
    /// It counts where nothing else is known, or around a forward pass.
    Ambient,
}

/// A kind of frame that one phase has. Lists are words between spaces; one word of each must fit, and an empty list fits
/// everything.
pub(super) struct Rule {
    /// Whose it is.
    pub(super) phase: Phase,
    /// How sure it is.
    pub(super) weight: Weight,
    /// Parts of the file's path.
    pub(super) files: &'static str,
    /// Whole names of functions; behind the last dot of a qualified one.
    pub(super) functions: &'static str,
    /// Parts of the line of source.
    pub(super) code: &'static str,
}

thread_local! {
    /// Each frame is asked for all rules.
    static LAST: SameStack<Option<Phase>> = const { SameStack::new() };
}

/// What the program was doing, by the known frames of libraries and the names of the user's functions.
pub(crate) fn phase(traceback: &Traceback) -> Option<Phase> {
    SameStack::ask(&LAST, traceback, || told(traceback))
}

fn told(traceback: &Traceback) -> Option<Phase> {
    let inward = || traceback.frames.iter().rev().enumerate();
    let decided = inward().find_map(|(depth, frame)| {
        let phase = first(frame, |weight| match weight {
            Weight::Firm => true,
            // Inside a computation, moving a mask is a part of it; in a loop, moving a batch is the step's.
            Weight::Innermost => depth == 0 && frame.name() != "forward" && !moves_a_batch(frame),
            Weight::Ambient => false,
        })?;
        Some((depth, phase))
    });
    // Frames around the one that decided.
    let outer = |depth: usize, phase: Phase| {
        let mut outer = inward().skip(depth);
        outer.any(|(_, frame)| first(frame, |w| w == Weight::Firm) == Some(phase))
    };
    match decided {
        // ExLlama runs each module once while it loads, to see what it takes.
        Some((depth, Phase::Forward)) if inward().skip(depth).any(|(_, f)| loads_by_running(f)) => {
            Some(Phase::Load)
        }
        Some((depth, Phase::Forward)) => {
            let around = |counts: fn(Weight) -> bool| {
                inward()
                    .skip(depth)
                    .find_map(|(_, frame)| first(frame, counts).filter(|p| contains_forward(*p)))
            };
            around(|weight| weight != Weight::Ambient)
                .or_else(|| around(|weight| weight != Weight::Innermost))
                .or_else(|| answers(traceback).then_some(Phase::Eval))
                .or(Some(Phase::Forward))
        }
        // Graphs of a training step are captured with its backward pass.
        Some((depth, Phase::Backward)) if outer(depth, Phase::GraphCapture) => {
            Some(Phase::GraphCapture)
        }
        // An engine makes its cache once, before it serves (vllm/worker/cache_engine.py).
        Some((depth, Phase::Generate))
            if inward().skip(depth).any(|(_, frame)| {
                frame.path().contains("vllm/")
                    && first(frame, |weight| weight == Weight::Firm) == Some(Phase::Load)
            }) =>
        {
            Some(Phase::Load)
        }
        // transformers' decoders make a cache in training, too (`use_cache` is true by default).
        Some((depth, Phase::Generate)) if depth < 3 && cached(traceback) && traceback.trains() => {
            Some(Phase::Forward)
        }
        // What is written whole is put together from its shards first, and what is read whole is handed round.
        Some((depth, Phase::Communication)) => {
            let mut around = [Phase::Save, Phase::Load].into_iter();
            around
                .find(|phase| outer(depth, *phase))
                .or(Some(Phase::Communication))
        }
        Some((_, phase)) => Some(phase),
        None => inward()
            .find_map(|(_, frame)| first(frame, |weight| weight == Weight::Ambient))
            .or_else(|| inward().find_map(|(_, frame)| by_call(frame)))
            .or_else(|| answers(traceback).then_some(Phase::Eval)),
    }
}

/// True where the program that was started is one that answers, by the name of its script, and nothing around the failure trains.
fn answers(traceback: &Traceback) -> bool {
    const LEARNS: [&str; 6] = ["train", "fit", "finetune", "learn", "epoch", "backward"];
    let learns = |frame: &Frame| frame.name().split('_').any(|word| LEARNS.contains(&word));
    let started = traceback.frames.first();
    started.is_some_and(Frame::of_a_script_that_answers)
        && !traceback.trains()
        && !traceback.frames.iter().any(learns)
}

/// `exllamav2/model.py` (`load_autosplit_gen`), `exllamav3/model/model_ls.py` (`_load_autosplit`).
fn loads_by_running(frame: &Frame) -> bool {
    frame.path().contains("exllamav") && frame.name().contains("load_autosplit")
}

/// True where the failing call fills transformers' cache of keys and values.
fn cached(traceback: &Traceback) -> bool {
    let mut files = traceback.frames.iter().map(Frame::path);
    files.any(|file| file.ends_with("transformers/cache_utils.py"))
}

/// True for phases that run forward passes as a part of themselves.
fn contains_forward(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::Eval | Phase::Generate | Phase::GraphCapture | Phase::Backward | Phase::TrialRun
    )
}

/// The phase of the first rule that fits a frame, among those of some weights.
fn first(frame: &Frame, counts: impl Fn(Weight) -> bool) -> Option<Phase> {
    let (file, name) = (frame.path(), frame.name());
    let any = |words: &str, fits: &dyn Fn(&str) -> bool| {
        words.is_empty() || words.split_ascii_whitespace().any(fits)
    };
    // What says no at the least cost comes first.
    let fits = |rule: &Rule| {
        any(rule.functions, &|whole| whole == name)
            && any(rule.files, &|part| file.contains(part))
            && any(rule.code, &|part| frame.code.contains(part))
    };
    // A notebook or a cut stack can show the call alone.
    if counts(Weight::Firm) && frame.code.contains("model.generate(") {
        return Some(Phase::Generate);
    }
    let mut rules = RULES.iter().chain(STEPS);
    let rule = rules.find(|rule| counts(rule.weight) && fits(rule));
    if rule.is_none() && counts(Weight::Firm) && named_saving(name) {
        return Some(Phase::Save);
    }
    // What the function is called says more than that it calls a model.
    if rule.is_some_and(|rule| rule.weight != Weight::Ambient) {
        return rule.map(|rule| rule.phase);
    }
    let evaluates = counts(Weight::Firm)
        && (frame.infers()
            || named_evaluation(name)
            || frame.is_run_of(&EVALUATIONS)
            || is_a_test_script(frame)
            || computes_for_an_evaluation(frame));
    let evaluation = evaluates.then_some(Phase::Eval);
    evaluation.or_else(|| rule.map(|rule| rule.phase))
}

/// What the line itself calls, of a stack that was cut below it: an evaluation by its name, `dice = validation(loader)`; the model
/// in a loop that trains, `logits = model(x)` in `train` (`detectron2/engine/train_loop.py`, `run_step`).
fn by_call(frame: &Frame) -> Option<Phase> {
    const LOOPS: [&str; 8] = [
        "train",
        "training",
        "train_one_epoch",
        "train_epoch",
        "train_step",
        "train_fn",
        "run_step",
        "fit",
    ];
    const MODELS: [&str; 4] = ["model", "net", "network", "ddp_model"];
    let called = frame.code.split_once('(').map_or("", |(call, _)| call);
    let name = called.rsplit([' ', '.', '=']).next().unwrap_or_default();
    if frame.steps() && !name.is_empty() && named_evaluation(name) {
        return Some(Phase::Eval);
    }
    // The main part of a script that its name says trains; what it evaluates stands in another function, or under `no_grad`.
    let main = ["main", "<module>"].contains(&frame.name()) && named_training(&frame.file);
    (MODELS.contains(&name) && (main || LOOPS.contains(&frame.name()))).then_some(Phase::Forward)
}

/// True for a file that its own name calls a training: `train.py`, `finetune_lora.py`, `pretrain_gpt.py`.
fn named_training(file: &str) -> bool {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    ["train", "pretrain", "finetune", "finetuning", "sft"]
        .iter()
        .any(|word| {
            stem.split(['_', '-'])
                .any(|part| part.eq_ignore_ascii_case(word))
        })
}

/// True for a function that its own name calls the writing of a model: `save_model_and_optimizer_sharded`, `fsdp_save_ckpt`.
fn named_saving(name: &str) -> bool {
    const WRITTEN: [&str; 9] = [
        "model",
        "models",
        "checkpoint",
        "checkpoints",
        "ckpt",
        "pretrained",
        "weights",
        "adapter",
        "state",
    ];
    let mut words = name.split('_').filter(|word| !word.is_empty());
    words.any(|word| word == "save") && words.any(|word| WRITTEN.contains(&word))
}

/// True where a line of the program gives what it computes a name of an evaluation: `val_loss = criterion(model(x), y)`. Results of
/// a library have any names.
fn computes_for_an_evaluation(frame: &Frame) -> bool {
    const NAMES: [&str; 5] = ["val", "valid", "validation", "eval", "test"];
    const RESULTS: [&str; 11] = [
        "loss", "out", "output", "outputs", "pred", "preds", "logits", "acc", "accuracy", "score",
        "metrics",
    ];
    if frame.file.contains("-packages") || frame.file.contains("/lib/python") {
        return false;
    }
    let Some((name, call)) = frame.code.split_once('=') else {
        return false;
    };
    let name = name.trim_end_matches(['+', ' ']).trim_start();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut words = name.split('_');
    let first = words.next().is_some_and(|word| NAMES.contains(&word));
    let result = words
        .next_back()
        .is_some_and(|word| RESULTS.contains(&word));
    plain && first && result && call.contains('(')
}

/// The function `test` of a script of that name, as copies of YOLO and of many papers have one: a test of a runner has more to its name.
fn is_a_test_script(frame: &Frame) -> bool {
    const SCRIPTS: [&str; 3] = ["test.py", "tester.py", "testing.py"];
    let path = frame.path();
    let file = path.rsplit('/').next().unwrap_or_default();
    frame.name() == "test" && SCRIPTS.contains(&file)
}

/// Scripts that evaluate by their function `run` (ultralytics/yolov5: val.py).
const EVALUATIONS: [&str; 4] = ["val.py", "validate.py", "eval.py", "evaluate.py"];

/// True for a function that its own name calls an evaluation: `val_one_epoch`, `run_validation`, `_eval_step`.
fn named_evaluation(name: &str) -> bool {
    const FIRST: [&str; 3] = ["val", "valid", "eval"];
    const ANYWHERE: [&str; 6] = [
        "validate",
        "validation",
        "evaluate",
        "evaluation",
        "inference",
        "upscale",
    ];
    // What is checked and not run.
    const CHECKED: [&str; 11] = [
        "args", "config", "kwargs", "inputs", "input", "options", "params", "shape", "mode",
        // What a policy did is weighed again by each step that it learns in (stable_baselines3/common/policies.py).
        "actions", "action",
    ];
    // A loop that evaluates between its epochs trains: `train_and_evaluate` (jaywalnut310/vits, train.py).
    if name.starts_with("train") {
        return false;
    }
    let mut words = name.split('_').filter(|word| !word.is_empty());
    if words.clone().any(|word| CHECKED.contains(&word)) {
        return false;
    }
    let more = words.clone().count() > 1 || name == "val";
    let first = words.next().is_some_and(|word| FIRST.contains(&word));
    first && more || name.split('_').any(|word| ANYWHERE.contains(&word))
}

#[cfg(test)]
mod tests;
