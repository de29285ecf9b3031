//! A line that failed while it made what it adds to a list: what a model answers, round after round.

use crate::evidence::{Frame, Memory, Phase, RunPlace};
use crate::findings::{Case, Confidence, Verdict};

/// The list to which the program's own line adds what it was making when it failed. A loop of the program's stands around it: what
/// a model lists in its forward pass ends with that, and what a step learns from is no answer that is kept.
pub(crate) fn list<'a>(case: &Case<'a>) -> Option<&'a str> {
    let incident = case.incident;
    let makes = matches!(incident.phase, Some(Phase::Forward | Phase::Eval));
    // Where some rounds had fitted, a line that is known to keep something is believed, and told with more of it.
    let known = incident.run.step >= Some(RunPlace::A_FEW)
        && incident.clues.iter().any(|clue| clue.kind.leaks());
    if incident.memory != Memory::Device || !makes || known {
        return None;
    }
    let frames = &incident.traceback.frames;
    let own = frames
        .iter()
        .skip_while(|frame| !frame.steps())
        .take_while(|frame| frame.steps());
    let name = own.last().and_then(added_to)?;
    // Its last frame is the program's own: nothing was called that could have answered.
    (!incident.traceback.ends_in_own_code()).then_some(name)
}

/// `outputs` of `outputs.append(model(x))`; `None` where what is added is a number, or is moved to the host first.
fn added_to(frame: &Frame) -> Option<&str> {
    const MOVED: [&str; 10] = [
        ".cpu()",
        ".item()",
        ".tolist()",
        ".numpy()",
        "to(\"cpu",
        "to('cpu",
        "len(",
        "float(",
        "int(",
        "str(",
    ];
    // What one backward pass learns from: the terms of a loss, the steps of an episode or of a sequence.
    const LEARNED: [&str; 8] = [
        "loss", "reward", "logp", "log_p", "value", "entrop", "hidden", "state",
    ];
    let (name, added) = frame.code.trim().split_once(".append(")?;
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let lower = name.to_ascii_lowercase();
    let answers = added.contains('(') && !MOVED.iter().any(|word| added.contains(word));
    (answers && name.chars().all(plain) && !LEARNED.iter().any(|word| lower.contains(word)))
        .then_some(name)
}

/// That it keeps what it makes.
pub(crate) fn verdict(case: &Case<'_>) -> Option<Verdict> {
    let name = list(case)?;
    let because = format!(
        "The line that failed adds what it makes to `{name}`: each answer stays on the GPU, and without no_grad what led to it, too."
    );
    let settle = "move each answer to the CPU as it comes (.detach().cpu()): does it pass?";
    // It had been gone through a few times, and one more answer did not fit.
    let late = case.incident.run.step >= Some(RunPlace::A_FEW);
    let sure = if late {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some(Verdict::settled_by(sure, because, settle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_answers_is_told_from_numbers_and_from_what_is_learned_from() {
        let of = |code: &str| {
            let frame = Frame {
                file: "train.py".to_owned(),
                line: 1,
                function: "<module>".to_owned(),
                code: code.to_owned(),
                at: 1,
            };
            added_to(&frame).map(str::to_owned)
        };
        for (code, name) in [
            ("samples.append(net(pictures).softmax(1))", Some("samples")),
            ("self.maps.append(model(x)[0])", Some("self.maps")),
            ("preds.append(model(x).argmax(1).cpu())", None),
            ("rewards.append(reward(h))", None),
            ("losses.append(criterion(model(x), y))", None),
            ("names.append(path)", None),
            ("f(a, b).append(g(x))", None),
        ] {
            assert_eq!(of(code), name.map(str::to_owned), "{code}");
        }
    }
}
