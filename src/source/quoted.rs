//! Source that the log itself shows: the line of each frame, and in notebooks the lines around it.

use super::clues_of;
use crate::evidence::{Clue, ClueKind, Frame, Incident, Phase, RunPlace, Shown};

/// The lines that may keep memory.
pub(super) fn look(incident: &Incident) -> Vec<Clue> {
    let frames = &incident.traceback.frames;
    // Then it runs again and again, whether its loop is shown or not.
    let repeats = incident
        .run
        .step
        .is_some_and(|steps| steps >= RunPlace::A_FEW);
    let innermost = frames.iter().rposition(Frame::steps);
    let trains = [Phase::Forward, Phase::Backward, Phase::Optimizer].map(Some);
    let learns = trains.contains(&incident.phase) || incident.run.first;
    let mut found = Vec::new();
    for (index, frame) in frames.iter().enumerate().filter(|(_, frame)| frame.steps()) {
        let shown = incident.traceback.shown.iter();
        let lines: Vec<&Shown> = shown.filter(|line| line.frame == index).collect();
        if lines.len() > 1 {
            found.extend(around(frame, &lines, repeats));
        } else if repeats || !learns && Some(index) == innermost && fills(&frame.code) {
            found.extend(alone(frame, index));
        }
    }
    found
}

/// True for `kept.append(model(x))`: a list that was there before is filled by what is called again and again.
fn fills(code: &str) -> bool {
    let code = code.trim_start();
    let name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
    let end = code.find(|c| !name(c)).unwrap_or(code.len());
    let (called, given) = code.split_at(end);
    called.ends_with(".append") && given.starts_with('(')
}

/// True where a text can hold a line that keeps something: most hold none, and need not be parsed.
fn may_keep(text: &str) -> bool {
    const WORDS: [&str; 7] = [
        "+=",
        "append",
        "extend",
        "cat(",
        "] = ",
        "batch_size",
        "max_length",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

/// Of a frame that shows its own line alone.
fn alone(frame: &Frame, index: usize) -> Vec<Clue> {
    let line = Shown {
        frame: index,
        line: frame.line,
        code: frame.code.clone(),
    };
    let found = around(frame, &[&line], true);
    // The line that ran out while it kept one more; what sets a number stands elsewhere.
    found.into_iter().filter(|clue| clue.kind.leaks()).collect()
}

/// Of a frame with lines around it.
fn around(frame: &Frame, lines: &[&Shown], repeats: bool) -> Vec<Clue> {
    // Colab prints "3 frames" between two.
    let broken = lines
        .windows(2)
        .position(|pair| !matches!(pair, [a, b] if a.line + 1 == b.line));
    let lines = lines
        .get(..broken.map_or(lines.len(), |at| at + 1))
        .unwrap_or(lines);
    if !lines.iter().any(|line| may_keep(&line.code)) {
        return Vec::new();
    }
    let (text, numbers) = whole(lines, repeats);
    let top = lines
        .iter()
        .any(|line| line.code.starts_with(|c: char| !c.is_whitespace()));
    let mut found = clues_of(&text, &frame.file, &[]).unwrap_or_default();
    found.retain_mut(|clue| {
        let at = usize::try_from(clue.line).unwrap_or(0).checked_sub(1);
        let number = at.and_then(|at| numbers.get(at).copied().flatten());
        // Lines at the top are all that there is around them.
        let evaluates = clue.kind == ClueKind::EvalWithGraph && top;
        let counts = clue.kind.leaks() || clue.kind.knob() || evaluates;
        let Some(number) = number.filter(|_| counts) else {
            return false;
        };
        clue.line = number.into();
        clue.during = None;
        if let Some(patch) = &mut clue.patch {
            patch.line = number.into();
            // What stands around it was partly put there.
            patch.before.clear();
            patch.after.clear();
        }
        true
    });
    found
}

/// The lines as a text that can be parsed, and the number of each in its file. Lines that are indented more than those behind them
/// stand in a block whose head is not shown: in a loop, where the work repeats.
fn whole(lines: &[&Shown], repeats: bool) -> (String, Vec<Option<u32>>) {
    let indent = |line: &Shown| line.code.len() - line.code.trim_start().len();
    let least = lines
        .iter()
        .filter(|line| !line.code.is_empty())
        .map(|line| indent(line))
        .min()
        .unwrap_or(0);
    let head = if repeats { "for _ in _:" } else { "if _:" };
    let deeper = lines
        .iter()
        .take_while(|line| line.code.is_empty() || indent(line) > least)
        .count();
    let mut text = String::new();
    let mut numbers = Vec::new();
    let mut put = |code: &str, number: Option<u32>| {
        text.push_str(code);
        text.push('\n');
        numbers.push(number);
    };
    let alone = lines.len() == 1;
    if least > 0 || alone && repeats {
        put(head, None);
    }
    if deeper > 0 {
        put(&format!("{:least$}{head}", ""), None);
    }
    for line in lines {
        let pad = if alone && least == 0 { "    " } else { "" };
        put(&format!("{pad}{}", line.code), Some(line.line));
    }
    (text, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, first: u32) -> Vec<Shown> {
        let lines = text.lines().zip(first..);
        lines
            .map(|(code, line)| Shown {
                frame: 0,
                line,
                code: code.to_owned(),
            })
            .collect()
    }

    fn kept(text: &str, repeats: bool) -> Vec<(ClueKind, u64)> {
        let frame = Frame {
            file: "Cell In[4]".to_owned(),
            line: 8,
            function: "<module>".to_owned(),
            code: String::new(),
            at: 1,
        };
        let lines = shown(text, 6);
        let found = around(&frame, &lines.iter().collect::<Vec<_>>(), repeats);
        found.iter().map(|clue| (clue.kind, clue.line)).collect()
    }

    #[test]
    fn a_loop_that_a_notebook_shows_is_read() {
        let cell = "    for xb, yb in loader:\n        out = model(xb)\n        loss = criterion(out, yb)\n        running_loss += loss\n";
        assert_eq!(kept(cell, false), [(ClueKind::AddedGraph, 9)]);
        let mended = cell.replace("+= loss", "+= loss.item()");
        assert!(kept(&mended, true).is_empty());
    }

    #[test]
    fn a_loop_whose_head_is_not_shown_counts_where_the_work_repeats() {
        let cell = "        out = model(xb)\n        kept.append(out)\n    print(len(kept))\n";
        assert_eq!(kept(cell, true), [(ClueKind::KeptOutputs, 7)]);
        assert!(kept(cell, false).is_empty());
    }

    #[test]
    fn one_line_counts_only_where_the_work_repeats() {
        let line = "embs.append(model(**tok(t)).last_hidden_state.mean(1))";
        assert_eq!(kept(line, true), [(ClueKind::KeptOutputs, 6)]);
        assert!(kept("embs.append(model(x).cpu())", true).is_empty());
        assert!(kept("y = model(x)", true).is_empty());
    }
}
