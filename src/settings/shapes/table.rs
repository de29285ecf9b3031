//! The words that names of knobs are made of, a row for what they set.

use super::super::takes::Takes;
use crate::evidence::SettingKind as K;

/// Words of names, and what such a name sets.
pub(super) struct Shape {
    pub(super) kind: K,
    pub(super) takes: Takes,
    /// The least value that it can have: below it the name stands for something else.
    pub(super) least: u64,
    /// One of these must be there.
    pub(super) of: &'static [&'static str],
    /// And one of these; where there are none, the first is enough.
    pub(super) with: &'static [&'static str],
    /// None of these.
    pub(super) without: &'static [&'static str],
    /// Names that are enough by themselves, as flags.
    pub(super) alone: &'static [&'static str],
}

/// Words of what is measured, counted or limited beside the work of a step.
pub(super) const ASIDE: [&str; 40] = [
    "log",
    "logging",
    "save",
    "print",
    "interval",
    "every",
    "freq",
    "steps",
    "epoch",
    "epochs",
    "accum",
    "accumulation",
    "workers",
    "warmup",
    "limit",
    "cache",
    "caching",
    "buffer",
    "queue",
    "rate",
    "vocab",
    "global",
    "total",
    "effective",
    "base",
    "reference",
    "class",
    "prior",
    "offset",
    "overlap",
    "stride",
    "encoder",
    "decoder",
    "embed",
    "hidden",
    "kernel",
    "window",
    "vae",
    "port",
    "seed",
];

/// Words of evaluation.
pub(super) const EVALUATES: [&str; 9] = [
    "eval",
    "val",
    "valid",
    "validation",
    "test",
    "infer",
    "inference",
    "sample",
    "predict",
];

/// The first that fits counts.
pub(super) const SHAPES: &[Shape] = &[
    // NeRFs take rays for samples (nerfstudio: data/datamanagers/base_datamanager.py).
    Shape {
        kind: K::BatchTokens,
        takes: Takes::Count,
        least: 16,
        of: &["rays", "ray"],
        with: &["batch", "num", "n", "max", "train"],
        without: &["chunk", "eval", "val", "test", "samples"],
        alone: &["n_rand", "rays"],
    },
    Shape {
        kind: K::BatchTokens,
        takes: Takes::Count,
        least: 16,
        of: &["tokens", "frames", "points", "voxels", "atoms", "nodes"],
        with: &["batch"],
        without: &["eval", "val", "test"],
        alone: &[],
    },
    Shape {
        kind: K::EvalBatchSize,
        takes: Takes::Count,
        least: 1,
        of: &["batch", "batchsize", "bs", "bsz", "bsize"],
        with: &["eval", "val", "valid", "validation", "test"],
        without: &["num", "n", "max"],
        alone: &[],
    },
    // Of stylegan3's `--batch-gpu`, PaddleOCR's `batch_size_per_card`, `batchSize` of older scripts, `--bs`.
    Shape {
        kind: K::BatchSize,
        takes: Takes::Count,
        least: 1,
        of: &["batch", "batchsize", "microbatch", "minibatch"],
        with: &["size", "gpu", "device", "card", "sz"],
        without: &[
            // What is only generated or asked for has batches of its own (OpenRLHF, cli/train_ppo_ray.py; allenai/open-instruct).
            "rollout",
            // The joint network of a transducer goes through a batch in parts (NVIDIA/NeMo, asr/modules/rnnt.py).
            "fused",
            "num",
            "n",
            "max",
            "eval",
            "val",
            "valid",
            "validation",
            "test",
            "sample",
            "infer",
            "inference",
            "gen",
            "text",
        ],
        alone: &[
            "batch",
            "batchsize",
            "bs",
            "bsz",
            "bsize",
            "mbs",
            "microbatch",
            "minibatch",
            "micro_batch",
            "mini_batch",
            "n_batch",
            "nbatch",
            // openai/glow (train.py) and its kin.
            "n_batch_train",
        ],
    },
    // Shorter still: `--train_bsz 4`, `--bs_train 8`, `--train-bs 16`.
    Shape {
        kind: K::BatchSize,
        takes: Takes::Count,
        least: 1,
        of: &["bs", "bsz", "bsize", "mbs"],
        with: &["train", "tr", "trn", "gpu", "device", "local", "micro"],
        without: &["eval", "val", "test"],
        alone: &[],
    },
    // `--num_samples_per_batch 8`, `--ims_per_gpu 2`, `--samples_per_batch 16`.
    Shape {
        kind: K::BatchSize,
        takes: Takes::Count,
        least: 1,
        of: &[
            "samples",
            "ims",
            "imgs",
            "images",
            "videos",
            "clips",
            "sentences",
            "examples",
        ],
        with: &["per"],
        without: &[
            "sec", "second", "epoch", "class", "prompt", "step", "eval", "val", "test", "shard",
        ],
        alone: &[],
    },
    // What goes through at once where the work is cut into pieces: ESMFold's `--chunk-size`, nerf's `--chunk` and `netchunk`.
    Shape {
        kind: K::ChunkSize,
        takes: Takes::Count,
        least: 2,
        of: &["chunk", "chunks", "netchunk", "chunksize"],
        with: &["size", "rays", "per"],
        without: &[
            "num", "n", "length", "len", "text", "doc", "document", "context", "audio",
        ],
        alone: &["chunk", "netchunk", "chunksize"],
    },
    Shape {
        kind: K::SampleSize,
        takes: Takes::Count,
        least: 128,
        of: &["points", "point", "npoints", "npoint", "pts"],
        with: &["num", "n", "max", "train"],
        without: &["side", "key", "prompt"],
        alone: &["points", "npoints", "npoint"],
    },
    Shape {
        kind: K::SampleSize,
        takes: Takes::Count,
        least: 5,
        of: &["frames", "nframes"],
        with: &["num", "n", "max", "target", "video", "clip", "train"],
        without: &["past", "cond", "context"],
        alone: &[
            "frames",
            "nframes",
            "video_length",
            "clip_length",
            "clip_len",
        ],
    },
    // RWKV's `--ctx_len`, `--context_length`, `--max-ctx-len`.
    Shape {
        kind: K::SequenceLength,
        takes: Takes::Count,
        least: 64,
        of: &["len", "length"],
        with: &["ctx", "context", "cutoff"],
        without: &["min", "pred", "label", "past"],
        alone: &[],
    },
    // Worlds that an agent learns in at once: ManiSkill, IsaacLab, rsl_rl, CleanRL.
    Shape {
        kind: K::SampleSize,
        takes: Takes::Count,
        least: 2,
        of: &["envs"],
        with: &["num", "n"],
        without: &[],
        alone: &["nenvs"],
    },
    Shape {
        kind: K::ImageSize,
        takes: Takes::Sides,
        least: 64,
        of: &[
            "crop", "patch", "gt", "load", "fine", "img", "imgs", "image", "input",
        ],
        with: &["size", "sz", "res", "resolution", "reso"],
        without: &["batch", "min"],
        alone: &[
            "img",
            "img_size",
            "res",
            "reso",
            "resolution",
            "imsize",
            "size",
            "train_size",
        ],
    },
];

/// Names that stand alone in a dump as well as behind dashes.
pub(super) const SHORT: [&str; 8] = [
    "bs",
    "bsz",
    "bsize",
    "mbs",
    "batchsize",
    "microbatch",
    "minibatch",
    "n_rand",
];
