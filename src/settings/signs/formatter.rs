//! "ERROR 01-01 10:08:00 engine.py:135] ": the formatter of vLLM (vllm/logger.py), which `SGLang` up to 0.3 used too.

use memchr::memmem;

/// The levels of Python's logging.
const LEVELS: [&str; 4] = ["INFO ", "WARNING ", "ERROR ", "CRITICAL "];
/// The time behind the level; a zero stands for a digit.
const TIME: &[u8] = b"00-00 00:00:00 ";

/// Where the first line of that form says its level.
pub(super) fn find(raw: &[u8]) -> Option<usize> {
    let first = LEVELS.iter().filter_map(|level| {
        let mut places = memmem::find_iter(raw, level);
        places.find(|at| raw.get(at + level.len()..).is_some_and(goes_on))
    });
    first.min()
}

/// True for a time, the name of a file and a line behind a level.
fn goes_on(text: &[u8]) -> bool {
    let Some((time, rest)) = text.split_at_checked(TIME.len()) else {
        return false;
    };
    let like = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        sign => byte == sign,
    };
    let rest = rest.strip_prefix(b"[").unwrap_or(rest);
    let part = |b: &&u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_/".contains(b);
    let name = rest.iter().take_while(part).count();
    let line = rest.get(name..).and_then(|rest| rest.strip_prefix(b".py:"));
    let ends = |line: &[u8]| {
        let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && line.get(digits) == Some(&b']')
    };
    time.iter().zip(TIME).all(like) && (2..=60).contains(&name) && line.is_some_and(ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_a_pattern_would_find(
            parts in prop::collection::vec(
                prop_oneof![
                    "(INFO|WARNING|ERROR|CRITICAL) 01-0[0-9] 10:0[0-9]:00 \\[?[a-z_/]{0,4}\\.py:[0-9]{0,3}\\]?",
                    "[ -~]{0,4}",
                    "INFO ",
                    Just(format!("ERROR 01-01 10:08:00 {}.py:1]", "long".repeat(16))),
                ],
                0..6,
            ),
        ) {
            let pattern = r"(?:INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d \[?[a-z0-9_/]{2,60}\.py:\d+\]";
            let pattern = regex::Regex::new(pattern).unwrap();
            let text = parts.concat();
            prop_assert_eq!(find(text.as_bytes()), pattern.find(&text).map(|m| m.start()));
        }
    }
}
