//! The place of a failed check, as runners of compiled tests print it: they have no stack.

use super::Line;
use crate::evidence::Frame;

/// So far above its words stands the place of a check: between them are the values that were compared.
const ABOVE: usize = 12;

/// "scan.cc:31: Failure" (googletest, googletest/src/gtest-test-part.cc) above the message, and `    scan_test.go:31: …` (Go,
/// src/testing/testing.go, `decorate`) before it.
pub(super) fn place_of(lines: &[Line], at: usize) -> Option<Frame> {
    let own = lines.get(at)?;
    if let Some(frame) = of_go(own).or_else(|| of_go_panic(lines, at)) {
        return Some(frame);
    }
    let above = lines.get(at.saturating_sub(ABOVE)..at)?.iter().rev();
    let mut of_the_test = above.take_while(|line| !line.text.starts_with("[ "));
    of_the_test.find_map(of_gtest)
}

fn of_gtest(line: &Line) -> Option<Frame> {
    let place = line.text.trim_end().strip_suffix(": Failure")?;
    frame(place, line)
}

fn of_go(line: &Line) -> Option<Frame> {
    let text = line.text.trim_start();
    let (file, rest) = text.split_once("_test.go:")?;
    let (number, _) = rest.split_once(": ")?;
    frame(&format!("{file}_test.go:{number}"), line)
}

/// So far below a panic its stack begins, and so long it is looked through.
const STACK: usize = 40;

/// `panic: text`, below it `goroutine 23 [running]:`, and below each call its place, `\t/ci/pool_test.go:23 +0x27` (Go,
/// `src/runtime/traceback.go`). Go's own are in `src/runtime` and `src/testing` of its root.
fn of_go_panic(lines: &[Line], at: usize) -> Option<Frame> {
    lines.get(at)?.text.trim_start().strip_prefix("panic: ")?;
    let below = lines.get(at + 1..)?.iter().take(STACK);
    let mut stack = below.skip_while(|line| !line.text.trim_start().starts_with("goroutine "));
    stack.find_map(|line| {
        let (place, behind) = line.text.trim().split_once(" +0x")?;
        let own = ["/src/runtime/", "/src/testing/"];
        let of_go = own.iter().any(|folder| place.contains(folder));
        let whole = place.contains(".go:") && behind.bytes().all(|b| b.is_ascii_hexdigit());
        (whole && !of_go).then(|| frame(place, line)).flatten()
    })
}

fn frame(place: &str, line: &Line) -> Option<Frame> {
    let (file, number) = place.rsplit_once(':')?;
    let number = number.parse().ok()?;
    let path = !file.is_empty() && !file.contains([' ', '"', '\'']) && file.contains('.');
    path.then(|| Frame {
        file: file.to_owned(),
        line: number,
        function: String::new(),
        code: String::new(),
        at: line.number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Option<(String, u32)> {
        let lines = crate::text::clean(text.as_bytes(), 1);
        let frame = place_of(&lines, lines.len() - 1)?;
        Some((frame.file, frame.line))
    }

    #[test]
    fn a_check_tells_its_place_above_what_it_compared() {
        let gtest = "[ RUN      ] Sort.Asserts\ntests/sort.cc:8: Failure\nExpected equality of these values:\n  fake()\n    Which is: 2\n\
            cudaMalloc failed: out of memory";
        assert_eq!(place(gtest), Some(("tests/sort.cc".to_owned(), 8)));
        let go = "    scan_test.go:31: CUDA error: out of memory";
        assert_eq!(place(go), Some(("scan_test.go".to_owned(), 31)));
        for text in [
            "unknown file: Failure\nC++ exception with description \"CUDA error: out of memory\" thrown in the test body.",
            "tests/sort.cc:8: Failure\n[ RUN      ] Sort.Next\nCUDA error: out of memory",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
