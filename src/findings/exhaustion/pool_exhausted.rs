//! The framework's pool and the device behind it hold no more.

use crate::evidence::{FindingId, Flag, Program};
use crate::findings::measures::pools;
use crate::findings::measures::pools::Stop;
use crate::findings::{Case, Cause, Finding, Verdict};

pub(crate) static FINDING: Finding = Finding {
    id: FindingId::PoolExhausted,
    cause: Cause::Exhaustion,
    page: include_str!("pool-exhausted.md"),
    fixes: fixes![
        quantile_matrix,
        fewer_bins,
        lower_engine_memory_share,
        lower_batch_size,
        smaller_inputs,
        chunk_the_operation,
        donate_buffers,
        gradient_checkpointing,
        mixed_precision,
        drop_references,
        shard_across_gpus,
        unified_memory,
        bigger_gpu,
    ],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let (says, settle) = match case.incident.framework {
        Program::Cupy => (
            "CuPy had given back every block that was wholly free, and the driver still refused: the GPU is full.",
            "`nvidia-smi` while it runs: does another process hold a part of the GPU?",
        ),
        Program::Paddle if case.incident.flagged(Flag::Share) => (
            "That is the share of the GPU that Paddle takes in advance, and no tensor's size.",
            "`nvidia-smi` before it starts: who holds the GPU? If nobody: does it run with a smaller FLAGS_fraction_of_gpu_memory_to_use?",
        ),
        Program::Mindspore => (
            "MindSpore takes no more than that.",
            "`npu-smi info` or `nvidia-smi` while it runs: has the device more than max_device_memory gives to MindSpore?",
        ),
        Program::Catboost => (
            "CatBoost takes most of the GPU when it starts, and the work does not fit into that.",
            "`nvidia-smi` before it starts: does another process hold a part of the GPU?",
        ),
        Program::Relion => (
            "RELION took what was free when the run began, and shares it among the ranks on one GPU.",
            "the device mapping at the run's beginning: is a GPU \"split between N followers\"?",
        ),
        Program::Paddle
        | Program::Xgboost
        | Program::Kaldi
        | Program::Simulation
        | Program::Matlab
        | Program::Theano => (
            "The message does not say who holds the rest. Mostly it is the program itself.",
            "`nvidia-smi` while it runs: does another process hold a part of the GPU?",
        ),
        Program::Julia => (
            "CUDA.jl had collected garbage and given back what it could, and the driver still refused.",
            "CUDA.pool_status() before the line that fails shows what is live by then",
        ),
        Program::Tensorflow => (
            "What is free in the pool and on the GPU is too little, even together.",
            "tf.config.experimental.get_memory_info(\"GPU:0\") before the line that fails shows what is live by then",
        ),
        _ => (
            "What is free in the pool and on the GPU is too little, even together.",
            "jax.profiler.save_device_memory_profile(\"memory.prof\") before the line that fails shows what is live by then",
        ),
    };
    pools::verdict(case, Stop::Short, says, settle)
}
