//! Python that somebody pasted beside a log: in a fence of Markdown, or plain.

use std::cell::RefCell;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::ByShape;

/// What runs a backward pass.
static BACKWARD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".backward("));

/// A line of such code: its number in the input, from 1, and its text with its indentation.
pub(crate) type Line = (u64, String);

/// People paste a part of their program, not all of it.
const MOST_LINES: usize = 400;
/// Shorter ones say nothing.
const LEAST_LINES: usize = 3;

thread_local! {
    /// Which lines can be of a loop, by their shape: all lines around a failure are asked.
    static LOOPS: RefCell<ByShape<bool>> = RefCell::default();
    /// The same of code.
    static CODE: RefCell<ByShape<bool>> = RefCell::default();
}

/// The blocks of code among the lines of one writer.
pub(crate) fn blocks(lines: &[super::Line]) -> Vec<Vec<Line>> {
    // Nothing can repeat without a loop.
    let any = LOOPS.with_borrow_mut(|known| lines.iter().any(|line| known.of(line, repeats)));
    if !any {
        return Vec::new();
    }
    let mut found: Vec<Vec<Line>> = Vec::new();
    let mut block: Vec<Line> = Vec::new();
    let mut fenced = false;
    let of_python =
        |line| CODE.with_borrow_mut(|known| known.of(line, |text| is_code(text.trim_end())));
    for whole in lines {
        let super::Line { number, text, .. } = whole;
        let line = text.trim_end();
        let fence = line.trim_start().starts_with("```");
        let code = fenced || line.is_empty() && !block.is_empty() || of_python(whole);
        let next = block.last().is_none_or(|(last, _)| last + 1 == *number);
        if fence || !code || !next || block.len() >= MOST_LINES {
            end(&mut block, &mut found);
            fenced ^= fence;
        }
        if code && !fence {
            block.push((*number, line.to_owned()));
        }
    }
    end(&mut block, &mut found);
    found
}

/// True for a line of a loop.
fn repeats(line: &str) -> bool {
    is_loop(line) || is_step(line)
}

/// True for the head of a loop.
fn is_loop(line: &str) -> bool {
    let line = line.trim();
    // All lines around a failure are asked.
    if !line.starts_with("for ") && !line.starts_with("while ") {
        return false;
    }
    let head = line.split("  #").next().unwrap_or(line);
    (head.starts_with("for ") && head.contains(" in ") || head.starts_with("while "))
        && head.ends_with(':')
}

/// True for a line that runs a backward pass: it is of a loop, whether its head is there or not.
fn is_step(line: &str) -> bool {
    BACKWARD.find(line.as_bytes()).is_some() && !line.contains("File \"")
}

/// Keeps a block that has a loop, with the indentation of all of it taken off.
fn end(block: &mut Vec<Line>, found: &mut Vec<Vec<Line>>) {
    let mut block = std::mem::take(block);
    let few = block.iter().filter(|(_, line)| !line.is_empty()).count() < LEAST_LINES;
    let loops = block.iter().any(|(_, line)| is_loop(line));
    let steps = !loops && block.iter().any(|(_, line)| is_step(line));
    if few || !loops && !steps {
        return;
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let filled = block.iter().filter(|(_, line)| !line.is_empty());
    let least = filled.map(|(_, line)| indent(line)).min().unwrap_or(0);
    for (_, line) in &mut block {
        let text = line.get(least..).unwrap_or_default();
        *line = if steps && !text.is_empty() {
            format!("    {text}")
        } else {
            text.to_owned()
        };
    }
    // People paste what their loop does, and not its head.
    if steps {
        let above = block.first().and_then(|(first, _)| first.checked_sub(1));
        let Some(above) = above.filter(|line| *line > 0) else {
            return;
        };
        block.insert(0, (above, "for batch in loader:".to_owned()));
    }
    found.push(block);
}

/// True for a line that can stand in a program in Python. What prints of a stack and of a log look like cannot.
fn is_code(line: &str) -> bool {
    // A sentence can begin with these, but ends in no colon.
    const BLOCKS: [&str; 4] = ["for ", "while ", "if ", "with "];
    const HEADS: [&str; 17] = [
        "elif ", "else:", "try:", "except", "finally:", "def ", "class ", "return", "import ", "@",
        "pass", "break", "continue", "del ", "assert ", "yield ", "#",
    ];
    let text = line.trim_start();
    if text.is_empty() || text.starts_with("File \"") || text.starts_with("Traceback (") {
        return false;
    }
    if BLOCKS.iter().any(|word| text.starts_with(word)) {
        return text.ends_with(':') || text.contains(":  #");
    }
    if text.starts_with("from ") {
        return text.contains(" import ");
    }
    if HEADS.iter().any(|head| text.starts_with(head)) || text.starts_with([')', ']', '}']) {
        return true;
    }
    let name = |c: char| c.is_ascii_alphanumeric() || "_.[]'\"".contains(c);
    let end = text.find(|c: char| !name(c)).unwrap_or(text.len());
    let (start, rest) = text.split_at(end);
    let named = start.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = rest.trim_start();
    let assigned = ["=", "+=", "-=", "*=", ", "]
        .iter()
        .any(|sign| rest.starts_with(sign))
        && rest.contains('=');
    named && (assigned || rest.starts_with('(') && !start.ends_with("Error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Vec<Line>> {
        let line = |(number, text): (u64, &str)| crate::text::Line {
            number,
            text: text.to_owned(),
            ..Default::default()
        };
        let lines: Vec<_> = (1..).zip(text.lines()).map(line).collect();
        blocks(&lines)
    }

    fn lines(text: &str) -> Vec<Vec<u64>> {
        let numbers = |block: Vec<Line>| block.into_iter().map(|(number, _)| number).collect();
        of(text).into_iter().map(numbers).collect()
    }

    #[test]
    fn no_digit_decides_what_is_code() {
        super::super::shapes::no_digit_decides(repeats);
        super::super::shapes::no_digit_decides(|text| is_code(text.trim_end()));
    }

    #[test]
    fn code_in_a_fence_and_code_without_one_is_found() {
        let fenced = "Here is my loop:\n```python\nfor x in data:\n    y = net(x)\n    kept.append(y)\n```\nRuntimeError: no";
        assert_eq!(lines(fenced), [[3, 4, 5]]);
        let plain = "my code\n\n    for epoch in range(3):\n        loss = net(x)\n        total += loss\n\nIt fails.";
        assert_eq!(lines(plain), [[3, 4, 5, 6]]);
    }

    #[test]
    fn a_stack_a_log_and_a_sentence_are_no_code() {
        for text in [
            "  File \"a.py\", line 3, in f\n    for x in data:\n  File \"b.py\", line 3, in g\n    y = net(x)\n",
            "for a few steps it works:\nthen it fails\nand nothing helps\n",
            "Epoch 1: loss 0.5\nEpoch 2: loss 0.4\nEpoch 3: loss 0.3\nfor x in y:\n",
        ] {
            assert!(lines(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_stands_around_all_of_it_is_taken_off() {
        let found = of("    for x in data:\n        y = net(x)\n        kept.append(y)\n");
        assert_eq!(found[0][0], (1, "for x in data:".to_owned()));
        assert_eq!(found[0][1].1, "    y = net(x)");
    }
}
