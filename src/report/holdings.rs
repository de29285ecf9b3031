//! Who held a GPU by a memory snapshot, in words: worked out once for every format.

use super::view::count;
use crate::bytes::{human, sum};
use crate::evidence::{Frame, HeldAt, HeldPart, Holdings, MemoryKind, Owner, PoolOf};

/// So many owners are named.
pub(super) const NAMED: usize = 10;

/// "Who held GPU 0 when the request was refused: 136 GiB in use".
pub(super) fn heading(held: &Holdings) -> String {
    let when = match held.at {
        HeldAt::Refusal => "when the request was refused",
        HeldAt::Peak => "at its peak",
        HeldAt::End => "when the snapshot was taken",
    };
    format!(
        "Who held GPU {} {when}: {} in use",
        held.device,
        human(held.allocated)
    )
}

/// The line of an owner, without the folders of its file: "train.py:87".
pub(super) fn line(owner: &Owner) -> String {
    place(owner.frame.as_ref(), owner.kind)
}

/// The same of a frame and what it holds.
pub(super) fn place(frame: Option<&Frame>, kind: MemoryKind) -> String {
    let Some(frame) = frame else {
        return match kind {
            MemoryKind::Backward | MemoryKind::Gradients => "backward pass".to_owned(),
            _ => "no stack recorded".to_owned(),
        };
    };
    let name = frame.file.rsplit(['/', '\\']).next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or(&frame.file);
    match frame.line {
        0 => frame.function.clone(),
        line => format!("{name}:{line}"),
    }
}

/// What there is to say of an owner: "activations, 1896 blocks; +3.8 GiB a round".
pub(super) fn note(owner: &Owner) -> String {
    // A line that is named for its kind has that said.
    let kind = match (&owner.frame, owner.kind) {
        (Some(_), _) | (None, MemoryKind::Gradients) => format!("{}, ", owner.kind.name()),
        (None, _) => String::new(),
    };
    match owner.accumulates {
        Some(piled) => format!("{kind}+{} a round", human(piled.per_round)),
        None => format!("{kind}{}", count(owner.blocks, "block")),
    }
}

/// The owners that are named, and what all others hold, with their number.
pub(super) fn named(held: &Holdings) -> (&[Owner], u64, usize) {
    let owners = held.owners.as_slice();
    let named = owners.get(..NAMED.min(owners.len())).unwrap_or_default();
    let shown = sum(named.iter().map(|owner| owner.bytes));
    let in_use = sum(held.kinds.iter().map(|(_, bytes)| *bytes));
    (
        named,
        in_use.saturating_sub(shown),
        owners.len() - named.len(),
    )
}

/// "activations 129 GiB, backward pass 2 GiB".
pub(super) fn kinds(held: &Holdings) -> String {
    let named = held.kinds.iter().filter(|(_, bytes)| *bytes > 0);
    let named = named.map(|(kind, bytes)| format!("{} {}", kind.name(), human(*bytes)));
    named.collect::<Vec<_>>().join(", ")
}

/// So many files, streams or pools are named.
const PARTS: usize = 6;

/// "By file: nets.py 134 GiB, train.py 2 GiB.", and the same by stream and by pool.
pub(super) fn parts(held: &Holdings) -> Vec<String> {
    let parts = &held.parts;
    let file = |file: &String| file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
    let stream = |stream: &i64| match stream {
        0 => "default".to_owned(),
        handle => format!("{handle:#x}"),
    };
    let pool = |pool: &PoolOf| match pool {
        PoolOf::Small => "up to 1 MiB".to_owned(),
        PoolOf::Large => "larger".to_owned(),
        PoolOf::Private(one, other) => format!("private ({one}, {other})"),
    };
    let lists = [
        ("file", listed(&parts.files, file)),
        ("stream", listed(&parts.streams, stream)),
        ("pool", listed(&parts.pools, pool)),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    lists
        .map(|(of, list)| format!("By {of}: {list}."))
        .collect()
}

fn listed<T>(parts: &[HeldPart<T>], name: impl Fn(&T) -> String) -> String {
    let of = |part: &HeldPart<T>| part.of.as_ref().map_or_else(|| "unknown".to_owned(), &name);
    let shown = parts.iter().take(PARTS);
    let mut words: Vec<String> = shown
        .map(|part| format!("{} {}", of(part), human(part.bytes)))
        .collect();
    let rest = sum(parts.iter().skip(PARTS).map(|part| part.bytes));
    if rest > 0 {
        words.push(format!("others {}", human(rest)));
    }
    words.join(", ")
}

/// What the free memory of the allocator could not be used for; `None` where there is none.
pub(super) fn idle(held: &Holdings) -> Option<String> {
    let idle = &held.idle;
    let largest = match idle.pieces {
        0 | 1 => String::new(),
        n => format!(" in {n} pieces, the largest of {}", human(idle.largest)),
    };
    let private = match idle.private_count {
        1 => "a private pool".to_owned(),
        n => format!("{n} private pools"),
    };
    let other = if idle.large {
        "requests up to 1 MiB"
    } else {
        "larger requests"
    };
    let parts = [
        (
            idle.usable,
            format!("{} usable{largest}", human(idle.usable)),
        ),
        (
            idle.private_pools,
            format!("{} in {private}", human(idle.private_pools)),
        ),
        (
            idle.other_streams,
            format!("{} of other streams", human(idle.other_streams)),
        ),
        (
            idle.other_size,
            format!("{} for {other} only", human(idle.other_size)),
        ),
    ];
    let parts = parts.into_iter().filter(|(bytes, _)| *bytes > 0);
    let parts: Vec<String> = parts.map(|(_, words)| words).collect();
    let pending = match idle.pending {
        0 => String::new(),
        bytes => format!(
            " {} was given back but waits for another stream.",
            human(bytes)
        ),
    };
    match (parts.is_empty(), pending.is_empty()) {
        (true, true) => None,
        (true, false) => Some(pending.trim_start().to_owned()),
        _ => Some(format!(
            "Free in PyTorch's cache: {}.{pending}",
            parts.join(", ")
        )),
    }
}

/// What would have been asked for after the refused request; `None` where no round before shows it.
pub(super) fn next(held: &Holdings) -> Option<String> {
    let next = held.next?;
    let rounds = match next.rounds {
        1 => "In the round before that came to this request".to_owned(),
        n => format!("In {n} rounds before that came to this request"),
    };
    let (low, high) = (human(next.low), human(next.high));
    let rise = match (next.low, next.high) {
        (_, 0) => {
            return Some(format!(
                "{rounds}, it was the peak: no more was needed after it."
            ));
        }
        (0, _) => format!("up to {high}"),
        _ if low == high => format!("another {low}"),
        _ => format!("another {low} to {high}"),
    };
    let so = if next.low > next.left {
        ": room for this request alone would not have been enough"
    } else {
        ""
    };
    Some(format!("{rounds}, memory rose by {rise} after it{so}."))
}

/// What else to know: how far the record reaches and what was taken back, as sentences.
pub(super) fn remarks(held: &Holdings) -> Vec<String> {
    let mut remarks = Vec::new();
    let over = match held.micros {
        0 => String::new(),
        micros => format!(" over {}", seconds(micros)),
    };
    if held.events > 0 {
        remarks.push(format!(
            "The record has {}{over}.",
            count(held.events, "event")
        ));
    }
    if held.events_after > 0 {
        let moment = match held.at {
            HeldAt::Refusal => "the request was refused",
            HeldAt::Peak | HeldAt::End => "this moment",
        };
        remarks.push(format!(
            "{} came after {moment}; {} taken back here.",
            count(held.events_after, "event"),
            if held.events_after == 1 {
                "it is"
            } else {
                "they are"
            }
        ));
    }
    if held.at == HeldAt::Peak {
        remarks.push("No request was refused in it, so this is its peak.".to_owned());
    }
    if held.refusals_before > 0 {
        let times = match held.refusals_before {
            1 => "1 request was".to_owned(),
            n => format!("{n} requests were"),
        };
        remarks.push(format!("{times} refused before in the same record."));
    }
    let before = match held.requests_before {
        0 => None,
        n => Some(format!("at least {} came before it", count(n, "request"))),
    };
    match (held.older, before) {
        (0, None) => {}
        (0, Some(before)) => remarks.push(format!("The record does not reach back: {before}.")),
        (older, None) => remarks.push(format!("{} is older than the record.", human(older))),
        (older, Some(before)) => {
            remarks.push(format!(
                "{} is older than the record: {before}.",
                human(older)
            ));
        }
    }
    remarks.extend(held.remarks.iter().cloned());
    remarks
}

/// What the picture of the course shows; how long it took stands in the remarks.
pub(super) const COURSE: &str = "In use, event by event";

/// A span of time as people say it.
pub(super) fn seconds(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..120_000_000 => {
            format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000)
        }
        _ => format!("{} min", micros / 60_000_000),
    }
}
