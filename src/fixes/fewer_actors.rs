//! Ray places as many tasks on a node as it has cores, whatever memory each takes.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper, Key, MessageId};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerActors,
    cost: "fewer tasks at once",
    page: include_str!("fewer-actors.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.format == MessageId::RayObjectStore {
        // docs.ray.io, "Memory Management": it takes 30 % of the node's RAM unless told.
        let how = "ray.init(object_store_memory=...)  # bytes; 30 % of the node's RAM unless told\n# and delete references: del ref, or results in smaller parts";
        return Some(Offer::unmeasured(how).titled("Give Ray's object store more room"));
    }
    if !s.kept_by(Keeper::Ray) {
        return None;
    }
    let held = s.incident.facts.get(Key::ProcessInUse);
    let memory = held.map_or_else(
        // docs.ray.io, "Resources": a task books one core unless told.
        || "@ray.remote(num_cpus=2)  # a task books 1 core unless told: half as many run at once".to_owned(),
        |held| {
            let gib = held.high().div_ceil(1 << 30);
            format!("@ray.remote(memory={gib} * 1024**3)  # what this one held: a node runs no more than fit")
        },
    );
    Some(Offer::unmeasured(format!(
        "{memory}\n# a full object store: ray.init(object_store_memory=...), and delete references"
    )))
}
