//! Which census belongs to which failure.

use crate::evidence::{Census, Incident, Key, Memory, Program};

/// True where a census may be of this failure: of its device and rank, and of a request as large as the message says.
pub(crate) fn fits(incident: &Incident, census: &Census) -> bool {
    let same = |a: Option<u32>, b: Option<u32>| a.zip(b).is_none_or(|(a, b)| a == b);
    let asked = incident.facts.get(Key::Tried);
    let as_much = asked.zip(census.requested).is_none_or(|(asked, exact)| {
        // A message rounds; the allocator too, to what it asks the driver for.
        (asked.low().saturating_sub(512)..=asked.high().saturating_add(512)).contains(&exact)
    });
    incident.memory == Memory::Device
        && matches!(incident.framework, Program::Pytorch | Program::Cuda)
        && same(incident.device, Some(census.device))
        && same(incident.rank, census.rank)
        && as_much
}
