//! Where the memory of the device went: the rows of the memory bar, and which of them is the problem.

use crate::bytes::Bytes;
use crate::diagnose::Explained;
use crate::evidence::{FindingId, Program};
use crate::findings::Cause;

/// One part of the device's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name, short.
    pub name: &'static str,
    /// Its size, at the middle of what is known.
    pub bytes: u64,
    /// What it is made of.
    pub note: &'static str,
    /// True where this part is why memory ran out.
    pub problem: bool,
}

/// Where the memory of the device went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memories {
    /// All of it.
    pub total: u64,
    /// Its parts, then what was asked for, and a limit where one was set.
    pub parts: Vec<Part>,
}

/// Where the memory of the device went; `None` where its size is not known, or the figures cannot be of one device.
pub fn of(explained: &Explained) -> Option<Memories> {
    let balance = &explained.balance;
    let total = balance
        .total
        .filter(|t| t.mid() > 0 && !balance.paged)?
        .mid();
    let allocator = explained.incident.framework == Program::Pytorch;
    let mut parts = Vec::new();
    let mut add = |name, bytes: Option<Bytes>, note| {
        if let Some(bytes) = bytes.map(Bytes::mid).filter(|b| *b > 0) {
            parts.push(Part {
                name,
                bytes,
                note,
                problem: false,
            });
        }
    };
    add("tensors", balance.live, "");
    add(
        "private pools",
        balance.private_pools,
        "free, for CUDA graphs only",
    );
    if balance.live.is_none() && balance.idle.is_none() {
        add("allocator", balance.reserved, "tensors and idle memory");
    } else {
        add(
            "cache",
            balance.idle,
            if allocator {
                "kept by PyTorch"
            } else {
                "kept by the allocator"
            },
        );
    }
    add("outside", balance.outside, "context and libraries");
    add("others", balance.others, "other processes");
    let named: u64 = parts.iter().map(|p| p.bytes).fold(0, u64::saturating_add);
    let free = balance.free.map(Bytes::mid);
    // Only what exceeds a hundredth is worth a row: less is rounding.
    let rest = free.map(|free| total.saturating_sub(named).saturating_sub(free));
    add_rest(&mut parts, rest.filter(|rest| *rest > total / 100));
    add_asked(&mut parts, explained);
    (parts.len() > 1).then(|| Memories {
        total,
        parts: marked(parts, explained),
    })
}

fn add_rest(parts: &mut Vec<Part>, rest: Option<u64>) {
    let note = if parts.is_empty() {
        "by whom, the message does not say"
    } else {
        "not said by whom"
    };
    if let Some(bytes) = rest {
        parts.push(Part {
            name: "in use",
            bytes,
            note,
            problem: false,
        });
    }
}

/// What is free, then what was asked for, so that the eye compares the two; and the limit, where one was set.
fn add_asked(parts: &mut Vec<Part>, explained: &Explained) {
    let balance = &explained.balance;
    let capped = balance.limit.filter(|_| balance.capped());
    let rows = [
        ("free", balance.free, ""),
        ("limit", capped, "for this process"),
        ("requested", balance.tried, ""),
    ];
    for (name, bytes, note) in rows {
        if let Some(bytes) = bytes {
            parts.push(Part {
                name,
                bytes: bytes.mid(),
                note,
                problem: false,
            });
        }
    }
}

/// Marks the part that the first cause speaks of.
fn marked(mut parts: Vec<Part>, explained: &Explained) -> Vec<Part> {
    let Some(best) = explained.causes.first() else {
        return parts;
    };
    let names: &[&str] = match (best.finding.cause, best.finding.id) {
        (Cause::Fragmentation, FindingId::PrivatePools) => &["private pools", "cache"],
        (Cause::Fragmentation, _) => &["cache"],
        (Cause::Exhaustion, FindingId::AllAgainstAll | FindingId::LargeRequest) => {
            &["requested", "tensors"]
        }
        (Cause::Exhaustion | Cause::Leak, _) => &["tensors", "allocator"],
        (Cause::Contention, _) => &["others", "in use"],
        (Cause::Cap, _) => &["limit"],
        (Cause::Oversized, _) => &["requested"],
        (Cause::HostMemory | Cause::Unknown, _) => &[],
    };
    let found = names
        .iter()
        .find_map(|name| parts.iter().position(|part| part.name == *name));
    if let Some(part) = found.and_then(|index| parts.get_mut(index)) {
        part.problem = true;
    }
    parts
}
