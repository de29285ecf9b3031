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
        "a loss of validation between two epochs",
        &[
            ("t.py", "<module>", "val_loss = criterion(model(x), y)"),
            CALL,
        ],
        Some(Phase::Eval),
    ),
    (
        "a loss that only begins so",
        &[
            ("t.py", "<module>", "value_loss = criterion(model(x), y)"),
            CALL,
        ],
        Some(Phase::Forward),
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
