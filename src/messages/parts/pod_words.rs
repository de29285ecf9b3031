//! `Pod fit-0 failed: OOMKilled`, `Container 'base' was OOMKilled`: what operators and people write of a state, with the name before it.

use crate::evidence::{Incident, Part};
use crate::messages::{Match, capture};

/// True where the words tell of one pod or container, and are no sentence about the state: one is named before them, or they end
/// their line, as a field does.
pub(in crate::messages) fn told(hit: &Match<'_>) -> bool {
    const BEHIND: &str =
        r#"^(?:\(exitcode:?\d{1,3}\)|,?(?:with)?exitcode:?\d{1,3})?["')\].,;}]*(?:$|["')\].,;}(])"#;
    const ABOUT: [&str; 9] = [
        "if", "when", "once", "whenever", "usually", "often", "unless", "should", "means",
    ];
    let line = hit.line_text.to_ascii_lowercase();
    let about = line
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| ABOUT.contains(&word));
    let quoted = hit.line_before().ends_with(['`', '*']) || hit.line_after().starts_with('`');
    // "was OOMKilled at 10:00, limit 8Gi" goes on.
    let passive = ["was", "been", "got"];
    let passive = passive.iter().any(|word| hit.folded.starts_with(word));
    let ends = capture(BEHIND, hit.line_after()).is_some();
    // "status OOMKilled" without a sign is what people write of any.
    let own = hit.text.get(..hit.head).unwrap_or_default();
    let field = own.contains([':', '=', '(']) && !own.contains(['"', '\'']);
    let last = hit.line_before().to_ascii_lowercase().ends_with("last");
    let who = names(hit.line_text).next().is_some();
    !about && !quoted && (who && (passive || ends) || ends && !passive && (field || last))
}

/// Adds the pod and the container that the line names.
pub(in crate::messages) fn add(hit: &Match<'_>, incident: &mut Incident) {
    for (part, name) in names(hit.line_text) {
        incident.who.add(part, name);
    }
}

/// The words behind "pod" and "container" that can be names: with a digit, a dash or in quotes. A namespace before it goes.
fn names(line: &str) -> impl Iterator<Item = (Part, &str)> {
    let words = || {
        line.split([' ', '=', ':', ','])
            .filter(|word| !word.is_empty())
    };
    let mut pairs = words().zip(words().skip(1));
    std::iter::from_fn(move || {
        pairs.find_map(|(kind, word)| {
            let kind = kind.trim_matches(|c: char| !c.is_ascii_alphabetic());
            let part = match kind.to_ascii_lowercase().as_str() {
                "pod" | "pod_name" | "podname" => Part::Pod,
                "container" | "container_name" => Part::Container,
                _ => return None,
            };
            let quoted = word.starts_with(['"', '\'', '`']);
            let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let name = name.rsplit('/').next().unwrap_or(name);
            let plain = !name.is_empty()
                && name.len() < 254
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
            let tells = quoted || name.contains('-') || name.contains(|c: char| c.is_ascii_digit());
            (plain && tells).then_some((part, name))
        })
    })
}
