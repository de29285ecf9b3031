//! The line of source right above a message, where people paste no more of a stack than that.

use crate::evidence::{Frame, Traceback};
use crate::text::Line;

/// No statement that people paste is longer.
const LONGEST: usize = 300;

/// Words above a line of source that tell it to be the one that failed.
const ANNOUNCE: [&str; 6] = [
    "error",
    "traceback",
    "the line",
    "this line",
    "oom",
    "out of memory",
];

/// A stack of the one statement above a message, and of the function named above that; `None` where something else stands there.
pub(super) fn statement(lines: &[Line], first: usize) -> Option<Traceback> {
    if !is_exception(&lines.get(first)?.text) {
        return None;
    }
    let at = first.checked_sub(1)?;
    if let Some(pointed) = pointed_at(lines, at) {
        return Some(pointed);
    }
    let line = lines.get(at).filter(|line| is_statement(&line.text))?;
    let above = at.checked_sub(1).and_then(|at| lines.get(at));
    // What somebody pastes of a script is no line that failed, even if an error follows.
    let announced = |line: &Line| {
        let text = line.text.to_ascii_lowercase();
        ANNOUNCE.iter().any(|word| text.contains(word))
    };
    let indent = |line: &Line| line.text.len() - line.text.trim_start().len();
    let deeper = lines
        .get(first)
        .is_some_and(|said| indent(line) > indent(said));
    // Where nothing stands above an operation, it was pasted as what failed; that a model is made there is mostly told of the run.
    let operation = ["= torch.", "= F."]
        .iter()
        .any(|call| line.text.contains(call));
    let first_of_all = line.number == 1 && operation;
    if !deeper && !first_of_all && !above.is_some_and(announced) {
        return None;
    }
    let function = above.map_or("", |line| line.text.trim());
    let function = if is_name(function) { function } else { "" };
    Some(of_one(line.text.trim().to_owned(), function, line.number))
}

/// The line that a box points at, where the box was pasted without its head: `❱ 905 │ return t.to(device, ...`.
fn pointed_at(lines: &[Line], bottom: usize) -> Option<Traceback> {
    /// Rich shows three lines below the one that failed.
    const BELOW: usize = 8;
    let closes = |line: &Line| line.text.trim_start().starts_with(['╰', '└']);
    lines.get(bottom).filter(|line| closes(line))?;
    let inside = lines.get(bottom.saturating_sub(BELOW)..bottom)?;
    let line = inside.iter().rev().find(|line| line.text.contains('❱'))?;
    let (_, shown) = line.text.split_once('❱')?;
    let (_, code) = shown.split_once('│')?;
    let code = code.trim_matches(['│', ' ']).to_owned();
    Some(of_one(code, "", line.number))
}

/// A stack of one line.
fn of_one(code: String, function: &str, at: u64) -> Traceback {
    Traceback {
        frames: vec![Frame {
            file: String::new(),
            line: 0,
            function: function.to_owned(),
            code,
            at,
        }],
        ..Traceback::default()
    }
}

/// True for the line of an exception that names itself: below source it is what the source raised.
fn is_exception(text: &str) -> bool {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let (name, rest) = text.split_at_checked(end.unwrap_or(0)).unwrap_or_default();
    name.ends_with("Error") && rest.starts_with(':')
}

/// True for a statement of Python that calls something: `y = f(x)`, `return f(x)`, `loss += f(x)`, `loss.backward()`.
fn is_statement(text: &str) -> bool {
    let text = text.trim();
    // What is printed looks alike: `loss = tensor(0.5, device='cuda:0')`.
    let printed = ["tensor(", "Namespace(", "print("];
    if text.len() > LONGEST || !text.contains('(') {
        return false;
    }
    // A comment of the source is no part of the call, and the call may go on below (torch/autograd/__init__.py).
    let text = text.split("  # ").next().unwrap_or(text).trim_end();
    if let Some(opened) = text.strip_suffix('(') {
        return is_path(opened.strip_prefix("return ").unwrap_or(opened));
    }
    if !balanced(text) {
        return false;
    }
    let called = |code: &str| {
        let name = code.split('(').next().unwrap_or_default();
        is_path(name) && code.ends_with([')', ']', ','])
    };
    let value = if let Some(value) = text.strip_prefix("return ") {
        value
    } else if let Some((target, value)) = text.split_once('=') {
        let target = target.trim_end_matches(['+', '-', '*', '/', '@', ' ']);
        let named = target.split(',').all(|name| is_target(name.trim()));
        if !named {
            return called(text);
        }
        value.trim_start()
    } else {
        return called(text);
    };
    let begins = value.starts_with(|c: char| c.is_alphabetic() || "_([-~".contains(c));
    begins
        && !printed.iter().any(|word| value.starts_with(word))
        && !value.ends_with(['.', ':', '?', '!'])
}

/// True where brackets close what they open.
fn balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// `self.net.layers`: names joined by dots.
fn is_path(text: &str) -> bool {
    text.split('.').all(is_name)
}

/// A path, or a part of what it names: `out[i]`, `self.h[layer]`.
fn is_target(text: &str) -> bool {
    is_path(text.split('[').next().unwrap_or_default())
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_from_prints_and_sentences() {
        for text in [
            "scores = torch.cat([left, right], dim=1)",
            "    total += torch.mean(torch.abs(a - b))",
            "loss.backward()",
            "return F.linear(x, self.weight, self.bias)",
            "y, h = self.rnn(x, h)",
            "out[i] = self.head(x)",
        ] {
            assert!(is_statement(text), "{text}");
        }
        for text in [
            "loss = tensor(0.2512, device='cuda:0')",
            "I use batch size = 4 (per GPU)",
            "epoch 3 (of 5)",
            "the line y = f(x) fails.",
            "step = 3",
            "$ python train.py (again)",
            "args = Namespace(batch_size=8)",
            "",
        ] {
            assert!(!is_statement(text), "{text}");
        }
    }

    #[test]
    fn only_what_stands_right_above_an_exception_is_its_line() {
        let lines = |text: &str| -> Vec<Line> {
            let numbered = text.lines().zip(1..);
            numbered
                .map(|(text, number)| Line {
                    number,
                    text: text.to_owned(),
                    ..Line::default()
                })
                .collect()
        };
        let said = lines("join_parts\n    y = torch.cat(parts)\nRuntimeError: CUDA out of memory.");
        let stack = statement(&said, 2).unwrap();
        assert!(stack.runs("torch.cat(") && stack.runs("join_parts"));
        let bare = lines("y = torch.cat(parts)\nCUDA out of memory.");
        assert_eq!(statement(&bare, 1), None);
        let script = lines("net = Net(width=64)\nRuntimeError: CUDA out of memory.");
        assert_eq!(statement(&script, 1), None);
        let told =
            lines("I get this error:\ny = torch.cat(parts)\nRuntimeError: CUDA out of memory.");
        assert!(statement(&told, 2).is_some());
        let apart = lines("y = torch.cat(parts)\n\nRuntimeError: CUDA out of memory.");
        assert_eq!(statement(&apart, 2), None);
    }
}
