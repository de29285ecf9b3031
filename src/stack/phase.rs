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
    match decided {
        Some((depth, Phase::Forward)) => {
            let around = |counts: fn(Weight) -> bool| {
                inward()
                    .skip(depth)
                    .find_map(|(_, frame)| first(frame, counts).filter(|p| contains_forward(*p)))
            };
            around(|weight| weight != Weight::Ambient)
                .or_else(|| around(|weight| weight != Weight::Innermost))
                .or(Some(Phase::Forward))
        }
        // Graphs of a training step are captured with its backward pass.
        Some((depth, Phase::Backward)) => {
            let captures = inward().skip(depth).any(|(_, frame)| {
                first(frame, |weight| weight == Weight::Firm) == Some(Phase::GraphCapture)
            });
            Some(if captures {
                Phase::GraphCapture
            } else {
                Phase::Backward
            })
        }
        // transformers' decoders make a cache in training, too (`use_cache` is true by default).
        Some((depth, Phase::Generate)) if depth < 3 && cached(traceback) && traceback.trains() => {
            Some(Phase::Forward)
        }
        Some((_, phase)) => Some(phase),
        None => inward().find_map(|(_, frame)| first(frame, |weight| weight == Weight::Ambient)),
    }
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
    RULES
        .iter()
        .chain(STEPS)
        .find(|rule| counts(rule.weight) && fits(rule))
        .map(|rule| rule.phase)
        .or_else(|| {
            let evaluates = frame.infers() || named_evaluation(name);
            (counts(Weight::Firm) && evaluates).then_some(Phase::Eval)
        })
}

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
    const CHECKED: [&str; 9] = [
        "args", "config", "kwargs", "inputs", "input", "options", "params", "shape", "mode",
    ];
    let mut words = name.split('_').filter(|word| !word.is_empty());
    if words.clone().any(|word| CHECKED.contains(&word)) {
        return false;
    }
    if name == "val" {
        return true;
    }
    let more = words.clone().count() > 1;
    let first = words.next().is_some_and(|word| FIRST.contains(&word));
    first && more || name.split('_').any(|word| ANYWHERE.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// File, function, code.
    type Row = (&'static str, &'static str, &'static str);

    const CALL: Row = (
        "x/torch/nn/modules/module.py",
        "_call_impl",
        "return forward_call(",
    );
    const ENGINE: Row = ("x/torch/autograd/graph.py", "_engine_run_backward", "");
    const TRAIN: Row = ("train.py", "train", "train_one(model)");

    /// What it is, its frames from the outermost on, and the phase.
    static CASES: &[(&str, &[Row], Option<Phase>)] = &[
        ("forward", &[TRAIN, CALL], Some(Phase::Forward)),
        (
            "evaluation",
            &[TRAIN, ("train.py", "validate", ""), CALL],
            Some(Phase::Eval),
        ),
        (
            "evaluation by its own name",
            &[TRAIN, ("t.py", "val_one_epoch", ""), CALL],
            Some(Phase::Eval),
        ),
        (
            "arguments are checked",
            &[TRAIN, ("t.py", "_validate_model_kwargs", ""), CALL],
            Some(Phase::Forward),
        ),
        (
            "recomputation",
            &[
                TRAIN,
                ENGINE,
                ("x/torch/utils/checkpoint.py", "backward", ""),
                CALL,
            ],
            Some(Phase::Backward),
        ),
        (
            "closure",
            &[
                TRAIN,
                ("x/torch/optim/lbfgs.py", "step", ""),
                ("train.py", "closure", ""),
                CALL,
            ],
            Some(Phase::Forward),
        ),
        (
            "optimizer",
            &[TRAIN, ("x/torch/optim/adam.py", "_init_group", "")],
            Some(Phase::Optimizer),
        ),
        (
            "moving in evaluation",
            &[
                ("train.py", "evaluate", ""),
                ("x/torch/nn/modules/module.py", "_apply", ""),
            ],
            Some(Phase::Load),
        ),
        (
            "generation",
            &[
                TRAIN,
                ("x/transformers/generation/utils.py", "_sample", ""),
                CALL,
            ],
            Some(Phase::Generate),
        ),
        (
            "a pipeline that answers",
            &[
                TRAIN,
                (
                    "x/diffusers/pipelines/flux/pipeline_flux.py",
                    "__call__",
                    "",
                ),
                CALL,
            ],
            Some(Phase::Eval),
        ),
        (
            "a cache made in training",
            &[
                (
                    "train.py",
                    "<module>",
                    "loss = model(input_ids=src, labels=src).loss",
                ),
                CALL,
                ("x/transformers/cache_utils.py", "update", ""),
            ],
            Some(Phase::Forward),
        ),
        (
            "a cache that grows by hand",
            &[
                (
                    "gen.py",
                    "<module>",
                    "out = model(ids, past_key_values=past)",
                ),
                CALL,
                ("x/transformers/cache_utils.py", "update", ""),
            ],
            Some(Phase::Generate),
        ),
        (
            "compiled code that runs",
            &[TRAIN, ("x/torch/_dynamo/eval_frame.py", "_fn", ""), CALL],
            Some(Phase::Forward),
        ),
        (
            "autotuning",
            &[
                TRAIN,
                CALL,
                ("x/torch/_inductor/compile_fx.py", "compile_fx_inner", ""),
            ],
            Some(Phase::Compile),
        ),
        (
            "engine",
            &[("/app/vllm/v1/worker/gpu_worker.py", "execute_model", "")],
            Some(Phase::Generate),
        ),
        (
            "engine that loads",
            &[
                ("/app/vllm/v1/worker/gpu_worker.py", "load_model", ""),
                ("/app/vllm/layers/linear.py", "__init__", ""),
            ],
            Some(Phase::Load),
        ),
        (
            "engine that tries its largest batch",
            &[
                (
                    "/app/vllm/v1/worker/gpu_worker.py",
                    "determine_available_memory",
                    "",
                ),
                ("/app/vllm/v1/worker/gpu_model_runner.py", "profile_run", ""),
                ("/app/vllm/v1/worker/gpu_model_runner.py", "_dummy_run", ""),
                CALL,
            ],
            Some(Phase::TrialRun),
        ),
        (
            "engine that warms up",
            &[
                (
                    "/app/vllm/v1/worker/gpu_worker.py",
                    "compile_or_warm_up_model",
                    "",
                ),
                ("/app/vllm/v1/worker/gpu_model_runner.py", "_dummy_run", ""),
                CALL,
            ],
            Some(Phase::GraphCapture),
        ),
        (
            "engine that captures",
            &[("/app/vllm/worker.py", "capture_model", ""), CALL],
            Some(Phase::GraphCapture),
        ),
        (
            "shards",
            &[
                TRAIN,
                CALL,
                ("x/torch/distributed/distributed_c10d.py", "all_gather", ""),
            ],
            Some(Phase::Communication),
        ),
        (
            "workers",
            &[
                TRAIN,
                ("x/torch/utils/data/_utils/pin_memory.py", "pin_memory", ""),
            ],
            Some(Phase::Dataloader),
        ),
        (
            "data to the device",
            &[("train.py", "<module>", "x = x.to(device)")],
            Some(Phase::Load),
        ),
        (
            "a batch to the device",
            &[("train.py", "train", "x, y = x.to(device), y.to(device)")],
            None,
        ),
        (
            "a batch to the device in a program's one function",
            &[("t.py", "main", "images = images.cuda(non_blocking=True)")],
            None,
        ),
        (
            "a model to the device",
            &[("train.py", "train", "self.model.to(device)")],
            Some(Phase::Load),
        ),
        (
            "a mask in a module",
            &[("net.py", "forward", "m = m.to(device)")],
            Some(Phase::Forward),
        ),
        (
            "own code",
            &[("a.py", "<module>", "x = torch.empty(9)")],
            None,
        ),
        (
            "an empty copy of a module",
            &[
                ("x/torch/nn/modules/module.py", "_apply", ""),
                ("x/torch/nn/modules/module.py", "<lambda>", ""),
            ],
            Some(Phase::Load),
        ),
        ("nothing", &[], None),
    ];

    fn phase_of(rows: &[Row]) -> Option<Phase> {
        let frames = rows.iter().map(|(file, function, code)| Frame {
            file: (*file).to_owned(),
            line: 1,
            function: (*function).to_owned(),
            code: (*code).to_owned(),
            at: 1,
        });
        phase(&Traceback {
            frames: frames.collect(),
            shown: Vec::new(),
            chained: false,
        })
    }

    #[test]
    fn the_innermost_frame_that_decides_wins() {
        for (name, rows, expected) in CASES {
            assert_eq!(phase_of(rows), *expected, "{name}");
        }
    }
}
