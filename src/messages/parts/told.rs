//! What the messages of killed processes have in common: who says it, and how names and sizes come out of them.

use crate::bytes::{self, Bytes};
use crate::evidence::{
    Fact, FactSource, Flag, Incident, Keeper, Key, Kill, Part, Setting, SettingKind, Witness,
};
use crate::messages::{Match, cached, capture};

/// The one who keeps a limit says that it was reached.
pub(in crate::messages) fn limit(incident: &mut Incident, keepers: &[Keeper]) {
    incident.flags.insert(Flag::OomKiller);
    incident.flags.insert(Flag::Cgroup);
    incident.kill = Some(Kill::of(Witness::Keeper, keepers));
}

/// The one who killed says that the machine had no memory left.
pub(in crate::messages) fn machine(incident: &mut Incident, keepers: &[Keeper]) {
    incident.flags.insert(Flag::OomKiller);
    incident.kill = Some(Kill::of(Witness::Keeper, keepers));
}

/// It is what hardly anything but a lack of memory does.
pub(in crate::messages) fn guess(incident: &mut Incident, keepers: &[Keeper]) {
    incident.flags.insert(Flag::OomKiller);
    incident.kill = Some(Kill::of(Witness::Guess, keepers));
}

/// Only the signal is known.
pub(in crate::messages) fn signal(incident: &mut Incident, keepers: &[Keeper]) {
    incident.flags.insert(Flag::OomKiller);
    incident.kill = Some(Kill::of(Witness::Signal, keepers));
}

/// A name as a pattern captures it in the message's own line.
pub(in crate::messages) fn name(
    hit: &Match<'_>,
    incident: &mut Incident,
    part: Part,
    pattern: &'static str,
) {
    name_in(hit.own_line(), incident, part, pattern);
}

/// A name as a pattern captures it in some squeezed text.
pub(in crate::messages) fn name_in(
    text: &str,
    incident: &mut Incident,
    part: Part,
    pattern: &'static str,
) {
    if let Some(name) = capture(pattern, text) {
        incident.who.add(part, name);
    }
}

/// The last size of a pattern in some squeezed text near the message: a number and its unit, as kernels and schedulers print them.
pub(in crate::messages) fn size(
    hit: &Match<'_>,
    incident: &mut Incident,
    (key, text): (Key, &str),
    pattern: &'static str,
) {
    let found = cached(pattern).and_then(|p| p.captures_iter(text).last());
    let Some((number, unit)) = found.and_then(|f| Some((f.get(1)?, f.get(2)?))) else {
        return;
    };
    let label = unit.as_str();
    // Kubernetes writes "Gi"; "m" is a thousandth there and no unit of memory.
    let label = label.strip_suffix(['i', 'I']).unwrap_or(label);
    let label = if label.is_empty() { "bytes" } else { label };
    let Some(bytes) = bytes::parse(number.as_str(), label) else {
        return;
    };
    add(
        hit,
        incident,
        key,
        bytes,
        format!(
            "{} {}",
            number.as_str(),
            if unit.is_empty() {
                label
            } else {
                unit.as_str()
            }
        ),
    );
}

/// A number of kilobytes without a unit, or of bytes where it is too large for that.
pub(in crate::messages) fn bare(
    hit: &Match<'_>,
    incident: &mut Incident,
    key: Key,
    pattern: &'static str,
) {
    /// Slurm printed kilobytes until 18.08 and bytes since (`src/slurmd/common/jobacct_gather.c`): no job has a limit of 8 MiB, and few of 2 TiB.
    const LEAST_BYTES: u64 = 1 << 31;
    let Some(text) = capture(pattern, hit.own_line()) else {
        return;
    };
    let Ok(number) = text.parse::<u64>() else {
        return;
    };
    let unit = if number < LEAST_BYTES { "kB" } else { "bytes" };
    if let Some(bytes) = bytes::parse(&text, unit) {
        add(hit, incident, key, bytes, format!("{text} {unit}"));
    }
}

/// What a program says to do about it, in its line or the next: "try reducing --num-pages".
pub(in crate::messages) fn advice(hit: &Match<'_>, incident: &mut Incident) {
    const SAYS: &str = r"\b(?:try|consider|please|suggest(?:ion)?:?)\s+(?:to\s+)?((?:reduc|decreas|lower|increas|rais|clos|split|shrink)[a-z]{0,4}\s[A-Za-z0-9 _./=`'<>-]{3,90}[A-Za-z0-9`'>])";
    let texts = [hit.line_text, hit.line_below()];
    let Some(value) = texts.iter().find_map(|text| capture(SAYS, text)) else {
        return;
    };
    setting(hit, incident, (SettingKind::Advice, "advice"), value);
}

/// Keeps what the message itself says to be set.
pub(in crate::messages) fn setting(
    hit: &Match<'_>,
    incident: &mut Incident,
    (kind, name): (SettingKind, &str),
    value: impl Into<String>,
) {
    incident.settings.insert(Setting {
        kind,
        name: name.to_owned(),
        value: value.into(),
        line: (hit.line_number)(0),
        written: String::new(),
    });
}

/// Adds a fact of the message itself, unless one is known.
pub(in crate::messages) fn add(
    hit: &Match<'_>,
    incident: &mut Incident,
    key: Key,
    bytes: Bytes,
    text: String,
) {
    if incident.facts.get(key).is_none() {
        let fact = Fact {
            bytes,
            text,
            line: (hit.line_number)(0),
            source: FactSource::Message,
        };
        incident.facts.insert(key, fact);
    }
}
