//! A loss that is added up with its graph keeps every step's activations; its number keeps nothing.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, SettingKind};

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
    let at = s.at_here();
    if let Some(line) = without_retaining(s) {
        let how = format!(
            "{line}{at}\nstate = state.detach()  # before the next step; state: what is carried on"
        );
        return Some(
            Offer::unmeasured(how)
                .titled("Let each step's graph go, and detach the state that is carried on"),
        );
    }
    Some(Offer::unmeasured(format!(
        "total += loss.item(){at}\n# and outputs.append(y.detach()) for tensors that are kept"
    )))
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
            ("loss.backward()", "total += loss.item()  # rnn.py:51"),
        ] {
            let trial = CaseBuilder::new().frame("/home/me/rnn.py", 51, code);
            assert_eq!(trial.line(&FIX), line);
        }
    }
}
