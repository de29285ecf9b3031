//! A loss that is added up with its graph keeps every step's activations; its number keeps nothing.

use super::{Fix, Offer, Situation};
use crate::evidence::{ClueKind, FindingId, FixId, OwnerHeld, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ItemOrDetach,
    cost: ".item() waits for the GPU; once every few steps is cheap",
    page: include_str!("item-or-detach.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.has(SettingKind::NoGrad) {
        return None;
    }
    if let Some(how) = carried(s) {
        let how = match without_retaining(s) {
            Some(line) => format!("{how}\n{line}{}", s.at_here()),
            None => how,
        };
        let title = "Cut the graph of what is carried on".to_owned();
        return Some(Offer::unmeasured(how).titled(title));
    }
    let at = s.at_here();
    if let Some(line) = without_retaining(s) {
        let how = match state_by_source(s) {
            Some(state) => format!(
                "{line}{at}\n{state} = {state}.detach()  # before each step; an LSTM has two: tuple(t.detach() for t in {state})"
            ),
            None => format!(
                "{line}{at}\nstate = state.detach()  # before the next step; state: what is carried on"
            ),
        };
        return Some(
            Offer::unmeasured(how)
                .titled("Let each step's graph go, and detach the state that is carried on"),
        );
    }
    if let Some(line) = added_up(s) {
        let how = format!("{line}{at}\n# a number keeps no graph; a tensor keeps all that made it");
        return Some(Offer::unmeasured(how));
    }
    let at = s.in_its_loop();
    Some(Offer::unmeasured(format!(
        "total += loss.item(){at}\n# and outputs.append(y.detach()) for tensors that are kept"
    )))
}

/// The line that failed, where it adds one value to another, with its number in place of the tensor.
pub(super) fn added_up(s: &Situation<'_>) -> Option<String> {
    let code = s.incident.frame.as_ref()?.code.trim();
    let (total, value) = code.split_once(" += ")?;
    let plain = |name: &str| {
        let part = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
        (1..=40).contains(&name.len())
            && name.chars().all(part)
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    (s.finding.leaks() && plain(total) && plain(value))
        .then(|| format!("{total} += {value}.item()"))
}

/// The line that failed, where it keeps its graph on purpose, without that.
fn without_retaining(s: &Situation<'_>) -> Option<String> {
    const WORD: &str = "retain_graph=True";
    let code = &s.incident.frame.as_ref()?.code;
    let (before, behind) = code.split_once(WORD)?;
    let before = before.trim().trim_end_matches(',');
    let behind = behind.trim_start();
    let first = behind.strip_prefix(',').filter(|_| before.ends_with('('));
    Some(format!("{before}{}", first.unwrap_or(behind).trim_start()))
}

/// The same by the line of source that carries it on.
fn state_by_source<'a>(s: &Situation<'a>) -> Option<&'a str> {
    let mut clues = s.incident.clues.iter();
    let clue = clues.find(|clue| clue.kind == ClueKind::CarriedState)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let name = clue.name.as_str();
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// A state that goes from step to step with its graph, by the name that the census found: no number stands for it.
fn carried(s: &Situation<'_>) -> Option<String> {
    const NUMBERS: [&str; 5] = ["loss", "total", "sum", "err", "acc"];
    let census = s.incident.census.as_deref()?;
    let passes = |row: &&OwnerHeld| row.graph.map_or(0, |graph| graph.passes);
    let number = |row: &&OwnerHeld| {
        let name = row.name.as_deref().unwrap_or_default().to_ascii_lowercase();
        NUMBERS.iter().any(|word| name.contains(word))
    };
    // A graph that is kept on purpose is one of a state: the loss at its end leads to it, too.
    let on_purpose = without_retaining(s).is_some();
    let rows = census.owners.iter().filter(|row| row.user);
    let row = rows
        .filter(|row| !on_purpose || !number(row))
        .max_by_key(|row| (passes(row), row.graph_tensors))
        .filter(|row| passes(row) > 1 && s.finding == FindingId::KeptGraph)?;
    let name = row.name.as_deref()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if number(&row) || !name.chars().all(plain) {
        return None;
    }
    match row.container.as_deref() {
        Some("tuple") => Some(format!(
            "{name} = tuple(t.detach() for t in {name})  # before each step uses it again"
        )),
        None => Some(format!(
            "{name} = {name}.detach()  # before each step uses it again"
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn a_line_that_keeps_its_graph_is_shown_without_that() {
        for (code, line) in [
            (
                "loss.backward(retain_graph=True)",
                "loss.backward()  # rnn.py:51",
            ),
            (
                "loss.backward(grad, retain_graph=True)",
                "loss.backward(grad)  # rnn.py:51",
            ),
            (
                "loss.backward(retain_graph=True, inputs=x)",
                "loss.backward(inputs=x)  # rnn.py:51",
            ),
            (
                "loss.backward()",
                "total += loss.item()  # in the loop around rnn.py:51",
            ),
        ] {
            let trial = CaseBuilder::new().frame("/home/me/rnn.py", 51, code);
            assert_eq!(trial.line(&FIX), line);
        }
    }
}
