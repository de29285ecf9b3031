//! The rules, as a few limits on what a log shows.

use crate::table::Failure;

/// The limits that are fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Below this, a backward pass fails for its pieces, not for its size.
    pub(crate) joined: f64,
    /// A request smaller than this part of the idle memory has larger ones after it.
    pub(crate) asked: f64,
    /// Growth below this part of the live memory is no leak.
    pub(crate) grown: f64,
}

/// What is said of failures that look alike, and the name under which they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bucket {
    pub(crate) cause: &'static str,
    pub(crate) name: &'static str,
}

const fn bucket(cause: &'static str, name: &'static str) -> Bucket {
    Bucket { cause, name }
}

/// A concatenation of outputs that an evaluation keeps; a key-value cache that grows is none.
fn collects(f: &Failure) -> bool {
    let cache = ["kv", "past", "cache"].iter().any(|w| f.line.contains(w));
    f.line.contains("torch.cat(") && !cache
        || f.inner.ends_with("nested_concat")
        || f.inner.ends_with("torch_pad_and_concatenate")
}

/// The first bucket that holds.
pub(crate) fn judge(f: &Failure, limits: Limits) -> Bucket {
    holder(f)
        .or_else(|| leak(f, limits))
        .or_else(|| fragmentation(f, limits))
        .unwrap_or_else(|| exhaustion(f, limits))
}

/// What follows from the sums alone.
fn holder(f: &Failure) -> Option<Bucket> {
    if f.limit.is_some() && f.free > f.tried {
        return Some(bucket("cap", "a limit refuses what the GPU has"));
    }
    if f.tried > f.total {
        return Some(bucket("oversized", "one request larger than the GPU"));
    }
    f.other
        .is_some_and(|other| other > f.missing())
        .then_some(bucket("contention", "others hold more than is missing"))
}

fn leak(f: &Failure, limits: Limits) -> Option<Bucket> {
    let explains = |grown: f64| grown >= f.missing() && grown >= limits.grown * f.allocated;
    if f.grown().is_some_and(explains) {
        return Some(bucket("leak", "readings only rise, by what is missing"));
    }
    if f.line.contains("retain_graph") {
        return Some(match f.steps {
            0 => bucket("leak", "backward keeps its graph, first step"),
            _ => bucket("leak", "backward keeps its graph, later"),
        });
    }
    collects(f).then_some(bucket("leak", "outputs that are kept are joined"))
}

fn fragmentation(f: &Failure, limits: Limits) -> Option<Bucket> {
    let cause = "fragmentation";
    match f.phase.as_str() {
        "backward" if f.joined() < limits.joined && f.asked() >= limits.asked => {
            Some(bucket(cause, "backward, room if joined, a large request"))
        }
        "forward" if f.own && f.joined() < 0.8 && f.share() >= 0.3 => {
            Some(bucket(cause, "own allocation, room if joined, much idle"))
        }
        "forward" if f.joined() < 0.85 && f.asked() >= 1.0 => {
            Some(bucket(cause, "forward, room if joined, more than idle"))
        }
        _ => None,
    }
}

fn exhaustion(f: &Failure, limits: Limits) -> Bucket {
    let joined = f.joined();
    let name = match f.phase.as_str() {
        "backward" if joined < limits.joined => "backward, room if joined, a small request",
        "backward" if joined < 0.985 => "backward, nearly full if joined",
        "backward" => "backward, full",
        "forward" | "eval" if joined < 0.8 => "forward, room if joined",
        "forward" | "eval" if joined < 0.925 => "forward, little room if joined",
        "forward" | "eval" => "forward, nearly full if joined",
        "generate" => "generation",
        "load" => "loading",
        _ => "optimizer step",
    };
    bucket("exhaustion", name)
}

/// The card's label, or a leak where an evaluation keeps its outputs.
pub(crate) fn right(f: &Failure, said: Bucket) -> bool {
    let collects = f.program == "evaluate.py" || f.inner.ends_with(":torch_pad_and_concatenate");
    said.cause == f.label || collects && said.cause == "leak"
}

/// The fixes to try, the first one first, under the names of the table.
pub(crate) fn fixes(f: &Failure, said: Bucket) -> &'static [&'static str] {
    match said.cause {
        "cap" => &["raise-memory-cap", "lower-batch-size"],
        "contention" => &["stop-other-process", "lower-batch-size"],
        "oversized" => &["chunk-the-operation", "lower-batch-size"],
        "leak" if collects(f) => &["outputs-to-cpu", "expandable-segments"],
        "leak" => &["leak-mended", "lower-batch-size"],
        "fragmentation" => &["expandable-segments", "lower-batch-size"],
        _ => of_exhaustion(f),
    }
}

fn of_exhaustion(f: &Failure) -> &'static [&'static str] {
    match (f.phase.as_str(), f.kind.as_str()) {
        ("load", _) => &["low-precision-weights", "load-checkpoint-on-cpu"],
        ("optimizer", _) => &["memory-efficient-optimizer", "gradient-checkpointing"],
        ("backward", "image") => &["gradient-checkpointing", "lower-batch-size"],
        _ if f.line.contains("scores") || f.line.contains("softmax") => &["sdpa-attention"],
        _ => &["lower-batch-size"],
    }
}
