//! A runner's summary repeats each failure on one line, cut at the width of the terminal.

use crate::evidence::{Incident, Part};

/// True where a line of the summary is of this failure: the same test, or the figures that were not cut off.
pub(super) fn is_of(line: &Incident, earlier: &Incident) -> bool {
    if line.memory != earlier.memory {
        return false;
    }
    let named = |incident: &Incident| incident.who.get(Part::Test).map(str::to_owned);
    match (named(line), named(earlier)) {
        (Some(line), Some(earlier)) => return same_test(&line, &earlier),
        (Some(_), None) if earlier.summary => return false,
        _ => {}
    }
    let told = |(key, fact): (_, &crate::evidence::Fact)| {
        let other = earlier.facts.fact(key);
        other.is_some_and(|other| other.text == fact.text)
    };
    line.facts.iter().all(told) && (line.format == earlier.format || line.facts.is_empty())
}

/// True where two ids name one test: a banner has no file and no folders.
pub(super) fn same_test(id: &str, name: &str) -> bool {
    id == name
        || name.ends_with(&format!("::{}", dotted(id)))
        || id.ends_with(&format!("::{}", dotted(name)))
        || name.ends_with(&format!("/{id}"))
}

/// `TestA.test_x[0.5]` of a banner as an id ends with it: `TestA::test_x[0.5]`. What stands in brackets is no name.
pub(super) fn dotted(name: &str) -> String {
    let (names, parameters) = name.split_at(name.find(['[', '(']).unwrap_or(name.len()));
    format!("{}{parameters}", names.replace('.', "::"))
}
