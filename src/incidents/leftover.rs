//! Tests of one process that fail one behind the other: what fills the GPU is what tests before them left.

use std::collections::BTreeSet;

use crate::evidence::{Family, Incident, Key, Memory, Part, Setting, SettingKind};

/// A test does not need this part of the GPU: what is missing is small.
const SMALL: u64 = 2;
/// The process of the tests holds so many hundredths of the GPU itself.
const OWN: u64 = 50;

/// True for a test that failed at a small request, while its own process held most of the GPU.
fn failed_at_little(incident: &Incident) -> bool {
    let of = |key| incident.facts.get(key);
    let (Some(tried), Some(total)) = (of(Key::Tried), of(Key::Total)) else {
        return false;
    };
    let reserved = of(Key::Reserved).or_else(|| {
        let idle = of(Key::ReservedUnallocated)?;
        Some(of(Key::Allocated)?.plus(idle))
    });
    let own = of(Key::ProcessInUse)
        .or_else(|| held_by_self(incident))
        .or(reserved);
    incident.memory == Memory::Device
        && incident.framework.family() == Family::Torch
        && incident.who.get(Part::Test).is_some()
        && tried.high() <= total.percent(SMALL).high()
        && own.is_some_and(|own| own.low() >= total.percent(OWN).low())
}

/// What the listed process holds that is the failing one itself.
fn held_by_self(incident: &Incident) -> Option<crate::bytes::Bytes> {
    let mut own = incident.processes.iter().filter(|process| process.own);
    own.next().map(|process| process.bytes)
}

/// Notes how many tests failed so, where there were several.
pub(crate) fn note(incidents: &mut [Incident]) {
    let tests: BTreeSet<&str> = incidents
        .iter()
        .filter(|incident| failed_at_little(incident))
        .filter_map(|incident| incident.who.get(Part::Test))
        .collect();
    let count = tests.len();
    if count < 2 {
        return;
    }
    for incident in incidents.iter_mut().filter(|i| failed_at_little(i)) {
        incident.settings.insert(Setting {
            kind: SettingKind::PassesAlone,
            name: "tests".to_owned(),
            value: count.to_string(),
            line: incident.place.line,
            written: String::new(),
        });
    }
}
