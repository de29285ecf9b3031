//! Knobs that nobody has listed, by the words in their names: `--batch-gpu`, `train_num_rays_per_batch`, `--num_points`, `gt_size`.
//!
//! Only flags, what argparse prints, and lines that begin with the name are read so: elsewhere the same words count or measure.

use std::sync::LazyLock;

use hashbrown::HashSet;

use super::assigned::Spot;
use super::takes::{Takes, taken};
use crate::evidence::SettingKind as K;

/// Words of names, and what such a name sets.
struct Shape {
    kind: K,
    takes: Takes,
    /// The least value that it can have: below it the name stands for something else.
    least: u64,
    /// One of these must be there.
    of: &'static [&'static str],
    /// And one of these; where there are none, the first is enough.
    with: &'static [&'static str],
    /// None of these.
    without: &'static [&'static str],
    /// Names that are enough by themselves, as flags.
    alone: &'static [&'static str],
}

/// Words of what is measured, counted or limited beside the work of a step.
const ASIDE: [&str; 40] = [
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
const EVALUATES: [&str; 9] = [
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
const SHAPES: &[Shape] = &[
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
        of: &["batch", "batchsize", "bs"],
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
        alone: &["batch", "batchsize", "bs", "mbs", "microbatch", "minibatch"],
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

/// Literals, one of which stands in every line that [`read`] could read, and parts of newer names.
pub(super) const SIGNATURES: &[&str] = &[
    "--batch",
    "batchSize",
    "batch_gpu",
    "--bs ",
    " bs=",
    "(bs=",
    "bs: ",
    "mbs=",
    "num_rays",
    "num-rays",
    "_per_batch",
    "-per-batch",
    "n_rays",
    "N_rand",
    "chunk_size",
    "chunk-size",
    "--chunk",
    "netchunk",
    "num_points",
    "num-points",
    "npoint",
    "num_frames",
    "num-frames",
    "max_frames",
    "target_frames",
    "video_length",
    "gt_size",
    "patch_size",
    "patch-size",
    "crop-size",
    "load_size",
    "input_size",
    "cropSize",
    "loadSize",
    "fineSize",
    "--img",
    "--res ",
    "--size ",
    "train.py -s ",
    "quantize",
    "dtype: bf",
    "dtype: fp",
    "dtype\": \"bf",
    // Names of programs.
    "> Training Environment:",
    "train_openfold",
    "ai-toolkit",
    "diffusion_trainer",
    "musubi",
    "wan_train_network",
    "hv_train_network",
    "diffusion-pipe",
    "nerfstudio/",
    "sdfstudio",
    "stylegan",
    "SimpleTuner",
    "simpletuner",
    "OneTrainer",
    "GPT-SoVITS",
    "GPT_SoVITS",
    "transformer_dtype",
    "base_model_precision",
];

/// The words and the names of which each shape asks for one.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| asked().collect());

fn asked() -> impl Iterator<Item = &'static str> {
    let lists = SHAPES.iter().flat_map(|shape| [shape.of, shape.alone]);
    lists.flatten().copied()
}

/// For each letter that one of them begins with, a bit for each length that such a one has.
static LENGTHS: LazyLock<[u64; 26]> = LazyLock::new(|| {
    let mut lengths = [0; 26];
    for word in asked() {
        if let Some(lengths) = letter(word.as_bytes()).and_then(|at| lengths.get_mut(at)) {
            *lengths |= 1 << (word.len() & 63);
        }
    }
    lengths
});

/// Which letter of the alphabet a word begins with.
fn letter(word: &[u8]) -> Option<usize> {
    let first = word.first()?.to_ascii_lowercase();
    let letter = first.is_ascii_lowercase();
    letter.then(|| usize::from(first - b'a'))
}

/// False for a name that is none of [`KNOWN`], and of which no word is: told by first letters and lengths alone, as nearly every
/// word of a line is such a one.
fn can(name: &str) -> bool {
    let lengths = &*LENGTHS;
    let known = |word: &[u8], length: usize| {
        let lengths = letter(word).and_then(|at| lengths.get(at));
        lengths.is_some_and(|lengths| lengths >> (length & 63) & 1 != 0)
    };
    let bytes = name.as_bytes();
    let (mut from, mut small, mut length) = (0, false, bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        let sign = matches!(byte, b'_' | b'-');
        let large = byte.is_ascii_uppercase() && small;
        if sign || large {
            if bytes
                .get(from..at)
                .is_some_and(|word| known(word, word.len()))
            {
                return true;
            }
            from = at + usize::from(sign);
            length += usize::from(large);
        }
        small = byte.is_ascii_lowercase() || byte.is_ascii_digit();
    }
    let last = bytes.get(from..).unwrap_or_default();
    known(last, last.len()) || known(bytes, length)
}

/// Names that stand alone in a dump as well as behind dashes.
const SHORT: [&str; 6] = [
    "bs",
    "mbs",
    "batchsize",
    "microbatch",
    "minibatch",
    "n_rand",
];

/// What an unlisted name sets, and to what.
pub(super) fn read(text: &str, spot: &Spot<'_>) -> Option<(K, String)> {
    const LONGEST: usize = 40;
    // Few words of a line are of such a name, and the rest takes longer.
    if spot.name.len() > LONGEST || spot.name.len() < 2 || !can(spot.name) {
        return None;
    }
    let name = words(spot.name);
    let known = &*KNOWN;
    if !known.contains(name.as_str()) && !name.split('_').any(|word| known.contains(word)) {
        return None;
    }
    let flag = spot.is_flag();
    if !(flag || heads_its_line(spot) || text.contains("Namespace(")) {
        return None;
    }
    let has = |list: &[&str]| name.split('_').any(|word| list.contains(&word));
    let evaluates = has(&EVALUATES);
    if has(&ASIDE) {
        return None;
    }
    let shape = SHAPES.iter().find(|shape| {
        // `bs=4` among a program's arguments, or as a line of its settings, is nothing else.
        let dumped = SHORT.contains(&name.as_str()) && !flag;
        let alone = (flag || dumped) && shape.alone.contains(&name.as_str());
        let fits = has(shape.of) && has(shape.with) && !has(shape.without);
        alone
            || fits && !(evaluates && shape.kind != K::EvalBatchSize && shape.kind != K::ChunkSize)
    })?;
    let value = taken(spot, shape.takes)?;
    let numbers = value.split(|c: char| !c.is_ascii_digit());
    let mut numbers = numbers.filter_map(|number| number.parse::<u64>().ok());
    // To know advice takes longest.
    let sets = numbers.all(|number| number >= shape.least) && !spot.is_advice();
    sets.then_some((shape.kind, value))
}

/// True where the line begins with the name: `batch_size_per_gpu: 4`, `"batch_gpu": 8`.
fn heads_its_line(spot: &Spot<'_>) -> bool {
    let before = spot
        .before
        .trim_matches([' ', '\t', '"', '\'', '-', '|', '>']);
    let before = before.rsplit_once('.').map_or(before, |(_, rest)| rest);
    before.is_empty()
        && spot
            .after
            .trim_start_matches(['"', '\'', ' '])
            .starts_with([':', '='])
}

/// The words of a name in small letters, between underscores: `batchSize` is two.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            out.push('_');
        }
        small = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    out
}

#[cfg(test)]
mod tests;
