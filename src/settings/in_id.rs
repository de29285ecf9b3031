//! Precisions that name a test and set nothing: `test_forward[shape1-float16]`. Logs of tests are full of them, and to read each such
//! line takes as long as hundreds of others.

use std::ops::Range;

/// What ids are made of.
const PRECISIONS: [&[u8]; 4] = [b"bf16", b"fp16", b"float16", b"bfloat16"];
/// No id is longer.
const LONGEST: usize = 200;

/// True where a literal is one of these within the brackets behind a name, and nothing behind them gives it a value.
pub(crate) fn stands_in_id(bytes: &[u8], Range { start, end }: Range<usize>) -> bool {
    let literal = bytes.get(start..end).unwrap_or_default();
    let is = |precision: &&[u8]| precision.eq_ignore_ascii_case(literal);
    PRECISIONS.iter().any(is) && is_in_brackets(bytes, start, end)
}

fn is_in_brackets(bytes: &[u8], start: usize, end: usize) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = bytes.get(start.saturating_sub(LONGEST)..start);
    let before = before.unwrap_or_default();
    let opened = before.iter().rposition(|byte| !part(*byte));
    let (name, inside) = before
        .split_at_checked(opened.unwrap_or(0))
        .unwrap_or_default();
    let named = name.last().is_some_and(u8::is_ascii_alphanumeric);
    let first = inside.get(1).or_else(|| bytes.get(start));
    let opened = inside.first() == Some(&b'[') && first.is_some_and(u8::is_ascii_alphanumeric);
    if !named || !opened {
        return false;
    }
    let after = bytes
        .get(end..bytes.len().min(end + LONGEST))
        .unwrap_or_default();
    let closed = after.iter().position(|byte| !part(*byte));
    let Some([b']', behind @ ..]) = closed.and_then(|at| after.get(at..)) else {
        return false;
    };
    // A value may follow these.
    let next = behind.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    !next.is_some_and(|next| b"=:,(.\"'`\\]".contains(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(text: &str, literal: &str) -> bool {
        let start = text.find(literal).unwrap();
        stands_in_id(text.as_bytes(), start..start + literal.len())
    }

    #[test]
    fn a_precision_in_the_id_of_a_test_sets_nothing() {
        for text in [
            "tests/a.py::test_forward[shape7-float16] PASSED [ 12%]",
            "tests/a.py::test_forward[float16-shape7] PASSED [ 12%]",
            "tests/a.py::test_forward[torch.float16]",
            "FAILED tests/a.py::test_x[a-float16-b] - ValueError",
        ] {
            assert!(stands(text, "float16"), "{text}");
            assert!(super::super::tests::shown(text).iter().next().is_none());
        }
    }

    #[test]
    fn a_precision_that_may_be_set_is_read() {
        for text in [
            "precision [fp16] 1",
            "config[fp16] = True",
            "config[\"fp16\"] = True",
            "args: [--fp16] x",
            "x[a --fp16] y",
            "train.py --use-fp16 True",
            "Trainer(fp16=True)",
            "x[1, fp16] y",
        ] {
            assert!(!stands(text, "fp16"), "{text}");
        }
    }
}
