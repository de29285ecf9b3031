//! What a name of the program keeps and should let go of.

use super::{Shown, graphs, models, words};
use crate::bytes::{Bytes, human};
use crate::evidence::{Census, OwnerHeld, OwnerKind};
use crate::findings::exhaustion::kv_cache;
use crate::findings::leak::{cycles, exception_frames, hooks, kept_objects, kept_outputs};
use crate::findings::oversized::whole_dataset;
use crate::findings::{Case, Confidence, Verdict};

/// The least that a container must hold to grow.
pub(super) const FEW: u64 = 3;
/// So many hundredths of all that is held are the reason, where they grow.
const MUCH: u64 = 25;
/// Names below which key-value caches are kept, in transformers and in code written by hand.
const CACHES: [&str; 6] = [
    "past_key",
    "kv",
    "key_cache",
    "value_cache",
    "cache",
    "past",
];

/// What the census shows to be kept, most telling first.
pub(super) fn shown(case: &Case<'_>, census: &Census) -> Option<Shown> {
    exception(census)
        .or_else(|| unreachable(census))
        .or_else(|| graphs::kept(case, census))
        .or_else(|| models::copies(case, census))
        .or_else(|| container(case, census))
        .or_else(|| models::state_dict(case, census))
        .or_else(|| dataset(census))
}

/// All that containers, attributes, closures and module variables keep.
pub(super) fn by_names(census: &Census) -> u64 {
    const KINDS: [OwnerKind; 6] = [
        OwnerKind::Container,
        OwnerKind::Attribute,
        OwnerKind::Closure,
        OwnerKind::Global,
        OwnerKind::Object,
        OwnerKind::Unreachable,
    ];
    KINDS.into_iter().map(|kind| census.sum(kind)).sum()
}

pub(super) fn at_least(bytes: u64, percent: u64, census: &Census) -> bool {
    u128::from(bytes) * 100 >= u128::from(census.allocated) * u128::from(percent)
}

/// The frames of a failed call that is still being handled, with the graph behind their tensors.
fn exception(census: &Census) -> Option<Shown> {
    let rows: Vec<&OwnerHeld> = census.of(OwnerKind::Exception).collect();
    let first = rows.first()?;
    let bytes: u64 = rows.iter().map(|row| row.bytes).sum();
    let graph = rows.iter().any(|row| row.graph_tensors > 0);
    let behind = if graph { census.activations() } else { 0 };
    if !at_least(bytes.saturating_add(behind), 30, census) || bytes < census.allocated / 500 {
        return None;
    }
    let saved = if graph {
        format!(
            ", and what was saved for their backward pass, {}",
            human(behind)
        )
    } else {
        String::new()
    };
    // One call has one tensor under a name; so many under one are of calls that failed one after another.
    if census.keeps_exceptions() {
        let because = format!(
            "Exceptions that the program keeps hold the frames of {} calls that failed: {} in each, {} in all{saved}.",
            first.tensors,
            words::named(first),
            human(bytes),
        );
        let verdict = Verdict::new(Confidence::Proven, because);
        return Some((&kept_objects::FINDING, verdict));
    }
    let because = format!(
        "An exception is being handled, and keeps the frames of the call that failed: {} and {} more tensors, {}{saved}.",
        words::named(first),
        rows.iter()
            .map(|row| row.tensors)
            .sum::<u64>()
            .saturating_sub(1),
        human(bytes),
    );
    Some((
        &exception_frames::FINDING,
        Verdict::new(Confidence::Proven, because),
    ))
}

/// Objects that only Python's collector could free.
fn unreachable(census: &Census) -> Option<Shown> {
    let row = census.of(OwnerKind::Unreachable).next()?;
    if !at_least(row.bytes, 25, census) {
        return None;
    }
    let collector = if census.collector_off {
        "Python's garbage collector is switched off"
    } else {
        "Python's garbage collector has not run since"
    };
    let because = format!(
        "{} objects that hold only each other keep {} in `{}`; nothing else leads to them, and {collector}.",
        row.items.unwrap_or(row.tensors),
        words::share(row.bytes, census),
        row.name.as_deref().unwrap_or("their attributes"),
    );
    Some((&cycles::FINDING, Verdict::new(Confidence::Proven, because)))
}

/// A list, a dict or the like that holds most of it.
fn container(case: &Case<'_>, census: &Census) -> Option<Shown> {
    // Where no model runs, the data that a program collects is its work.
    if census.sum(OwnerKind::Parameters) == 0 {
        return None;
    }
    let row = census
        .owners
        .iter()
        .filter(|row| matches!(row.kind, OwnerKind::Container | OwnerKind::Object))
        .filter(|row| !ends_with_the_pass(row, census))
        .chain(
            census
                .of(OwnerKind::Library)
                .filter(|row| !of_a_running_module(row, census) && grows(row, census)),
        )
        .max_by_key(|row| row.bytes)?;
    let (grows, least) = growing(row, case, census);
    let of_a_step = one_for_each_weight(row, census) && !grows;
    if many(row) < FEW
        || !at_least(row.bytes, least, census)
        || models::is_state_dict(row, census)
        || of_a_step
    {
        return None;
    }
    let each = row.bytes / row.tensors.max(1);
    let shape = row.shapes.first().map_or_else(String::new, |shape| {
        format!(", most of them {}", words::shape(shape))
    });
    let because = format!(
        "{} holds {} tensors, {}: {} each{shape}.",
        words::named(row),
        row.tensors,
        words::share(row.bytes, census),
        human(each),
    );
    let because = match row.grown(census) {
        Some(bytes) => format!(
            "{because} It grew by {} since the failure before.",
            human(bytes)
        ),
        None => because,
    };
    if !grows && is_cache(row, census) {
        return Some((&kv_cache::FINDING, of_cache(because, case, census)));
    }
    let finding = if by_a_hook(row, census) {
        &hooks::FINDING
    } else if of_objects(row, census) {
        &kept_objects::FINDING
    } else {
        &kept_outputs::FINDING
    };
    let much = at_least(row.bytes, MUCH, census) || each_has_its_graph(row);
    let verdict = if grows && much {
        Verdict::new(Confidence::Proven, because)
    } else {
        let settle = "print its len() at every step: does it grow?";
        Verdict::settled_by(Confidence::Likely, because, settle)
    };
    Some((finding, verdict))
}

impl OwnerHeld {
    /// By how much it grew since the census before.
    fn grown(&self, census: &Census) -> Option<u64> {
        let same = |row: &&crate::evidence::Grown| row.kind == self.kind && row.name == self.name;
        census.grown.iter().find(same).map(|row| row.bytes)
    }
}

/// Whether a container grows for certain, and so many hundredths of all that it must hold to be the reason.
fn growing(row: &OwnerHeld, case: &Case<'_>, census: &Census) -> (bool, u64) {
    // One graph for each item is one for each step: that explains the failure if it holds what was missing.
    if each_has_its_graph(row) && row.bytes >= missing(case, census) {
        return (true, 8);
    }
    let missing = missing(case, census);
    let explains = row.user && missing > 0 && row.bytes >= missing;
    match grows(row, census) {
        true if explains => (true, 8),
        true => (true, MUCH),
        false => (false, 50),
    }
}

/// True for what a library's module works on while it runs: the parts of a block, the layers of a cache. They end with the call,
/// however many there are by now.
fn of_a_running_module(row: &OwnerHeld, census: &Census) -> bool {
    let mut frames = census.work.frames.iter();
    frames.any(|frame| {
        frame.module.is_some()
            && row.file.as_deref() == Some(frame.file.as_str())
            && row.line == Some(frame.line)
    })
}

/// True for a list that `forward` makes and works on: the branches of a U-Net that its decoder takes up again. However many there are
/// by now, they end with the pass.
fn ends_with_the_pass(row: &OwnerHeld, census: &Census) -> bool {
    let local = row.name.as_deref().is_some_and(|name| !name.contains('.'));
    let inside = row.function.as_deref().filter(|f| f.ends_with(".forward"));
    let mut frames = census.work.frames.iter();
    local
        && inside.is_some_and(|function| {
            frames.any(|frame| {
                frame.module.is_some()
                    && frame.function == function
                    && row.file.as_deref() == Some(frame.file.as_str())
            })
        })
}

/// A cache: where all that lies idle would have served the request, its pieces are the question.
fn of_cache(because: String, case: &Case<'_>, census: &Census) -> Verdict {
    if missing(case, census) > 0 {
        return Verdict::new(Confidence::Proven, because);
    }
    let settle = "run once with PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True: does it pass?";
    Verdict::settled_by(Confidence::Possible, because, settle)
}

/// What was asked for and not there, free or idle.
pub(super) fn missing(case: &Case<'_>, census: &Census) -> u64 {
    let idle = census.reserved.saturating_sub(census.allocated);
    let there = case.balance.headroom.map_or(0, Bytes::mid);
    let asked = census.requested.unwrap_or(0);
    asked.saturating_sub(there.saturating_add(idle))
}

/// How much a container holds: its items, or the tensors of one shape somewhere below it.
pub(super) fn many(row: &OwnerHeld) -> u64 {
    let one_shape = match row.shapes.as_slice() {
        [shape] if row.user && shape.tensors == row.tensors => row.tensors,
        _ => 0,
    };
    row.items.unwrap_or(0).max(one_shape)
}

/// True where a container keeps as many passes as it has items.
fn each_has_its_graph(row: &OwnerHeld) -> bool {
    let passes = row.graph.map_or(0, |graph| graph.passes);
    let items = many(row);
    row.user && passes >= graphs::MANY_PASSES && row.graph_tensors >= items && passes + 1 >= items
}

/// The data itself, put onto the GPU part by part without a model.
fn dataset(census: &Census) -> Option<Shown> {
    let row = census
        .of(OwnerKind::Container)
        .filter(|row| row.user)
        .max_by_key(|row| row.bytes)?;
    let none = census.sum(OwnerKind::Parameters) == 0;
    if !none || many(row) < FEW || !at_least(row.bytes, 75, census) {
        return None;
    }
    let because = format!(
        "No model is there yet. {} holds {} tensors of data, {}.",
        words::named(row),
        row.tensors,
        words::share(row.bytes, census),
    );
    let settle = "move a batch where it is used, not before: does it fit then?";
    let verdict = Verdict::settled_by(Confidence::Likely, because, settle);
    Some((&whole_dataset::FINDING, verdict))
}

/// True where a container has one tensor for each weight of the model: gradients that a step works on, as those of every sample.
fn one_for_each_weight(row: &OwnerHeld, census: &Census) -> bool {
    row.items == Some(row.tensors) && models::tensors(census) == Some(row.tensors)
}

/// True where a container has as many items as steps were done, or a few times as many: it takes some at every step.
pub(super) fn grows(row: &OwnerHeld, census: &Census) -> bool {
    let items = many(row);
    if items < FEW {
        return false;
    }
    let hooked = if by_a_hook(row, census) { 64 } else { 4 };
    let per_step = |steps: u64| {
        steps >= FEW && (1..=hooked).any(|k| items + k >= steps * k && items <= (steps + 1) * k + 1)
    };
    let steps = census.work.steps.iter();
    row.grown(census).is_some()
        || steps
            .filter_map(|(_, step)| u64::try_from(*step).ok())
            .any(per_step)
}

/// True where a function that a model calls uses the name.
fn by_a_hook(row: &OwnerHeld, census: &Census) -> bool {
    let Some(name) = &row.name else { return false };
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut uses = census.work.hooks.iter().flat_map(|hook| &hook.uses);
    name.contains("_hooks") || uses.any(|used| used == last)
}

fn of_objects(row: &OwnerHeld, census: &Census) -> bool {
    let name = row.name.as_deref().unwrap_or_default();
    let items = row.items.unwrap_or(1).max(1);
    // Models and states have tensors of many shapes; the same few over and over are results, whatever they lie in.
    let listed: u64 = row.shapes.iter().map(|shape| shape.tensors).sum();
    let whole = models::tensors(census).is_some_and(|n| n >= 4 && row.tensors / items >= n);
    let alike = row.shapes.len() <= 2 && listed == row.tensors && row.tensors >= 8 && !whole;
    if alike && row.kind != OwnerKind::Object {
        return false;
    }
    let dict = row.container.as_deref().is_some_and(|c| c.contains("ict"));
    dict || name.contains("[...].") || row.kind == OwnerKind::Object || row.tensors / items >= 4
}

/// True for a cache of keys and values while text is generated.
fn is_cache(row: &OwnerHeld, census: &Census) -> bool {
    let name = row.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let class = row.class.as_deref().unwrap_or_default();
    let no_graph = census.work.inference || !census.work.grad;
    no_graph && (CACHES.iter().any(|word| name.contains(word)) || class.contains("Cache"))
}
