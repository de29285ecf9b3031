//! Whether words without figures stand where a message stands, or are only spoken of.
//!
//! White space is gone, so that a class name cannot be told from the prose before it by its shape: only classes that are
//! known to carry such messages count, and only at the start of a line or behind something that is no word.

use super::nearby::place_in;
use super::{Match, holds, is_in, start, tail};

/// What stands right before the message of an exception.
const RAISED: &str = r"(?:(?:torch|cuda|c10|std|builtins|exceptions|_inductor|exc|distributed)(?:\.|::))*(?:OutOfMemoryError|RuntimeError|AcceleratorError|DistBackendError|InductorError|ValueError|AssertionError|MemoryError|TVMError|BackendCompilerFailed|CudaAPIError|CUDARuntimeError|runtime_error|Exception|Error|what\(\)|Exceptionduringprocessing!!!):?[\[\d\]]{0,4}$";
/// The class of an exception of any program.
const CLASS: &str =
    r"(?:[A-Za-z_][A-Za-z0-9_]{0,40}\.){0,6}[A-Z][A-Za-z0-9]{0,40}(?:Error|Exception):$";
/// A field of a structured log that carries an exception's message.
const FIELD: &str = r#"["'](?:message|error|err|msg|detail|details|exception|exception_message|reason|exc_value|stderr)["']?[:=]["']?$"#;
/// The level of a log record that reports an error, and what stands between it and the message.
const LOGGED: &str = r#"(?:(?:^|[^A-Za-z])(?-i:ERROR|CRITICAL|FATAL)|\[(?:error|fatal|critical)\]|level["']?[=:]["']?(?:error|fatal)|^[EF]\d{4})(?:[^A-Za-z]|$)"#;
/// How the text goes on where it is a message: as the framework prints it.
const FOLLOWS: &str = r"^(?:$|[^A-Za-z]|(?:CUDA|HIP)kernelerrors|Searchfor|Compilewith|Fordebugging|TheCUDAdriver|Exceptionraised|currentdevice|whencalling|at[/.]|at[A-Za-z_][\w./+-]{0,200}[:(]\d|frame#|Traceback)";

/// True where the head is the message of an exception, of an error record or of a structured log's field.
pub(super) fn reported(hit: &Match<'_>) -> bool {
    let says = || raised(hit) || logged(hit) || in_field(hit) || of_a_test(hit) || unwrapped(hit);
    goes_on_as_message(hit) && says()
}

/// True where a logger wrote the line at the level of an error, and the head opens what it says, but for the name of a part.
pub(super) fn in_a_record(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let named = before.ends_with([':', ']', '-', '|', '>']) && !before.contains(['"', '\'', '`']);
    let stripped = hit.in_an_error_record() && (before.is_empty() || named);
    // Behind an indentation the prefix is still there.
    let whole = || is_in(TIMED, before) && logged(hit);
    !hit.line_after().contains('?') && (stripped || whole())
}

/// A record begins with its date and time.
const TIMED: &str = r"^\[?\d{4}-\d{2}-\d{2}T?\d{2}:\d{2}";

/// "called `Result::unwrap()` on an `Err` value: \"…\"" (Rust, `library/core/src/result.rs`), and `Error: "…"` of a `main` or a test that
/// returns a text as its error (`library/std/src/process.rs`, `Termination`).
fn unwrapped(hit: &Match<'_>) -> bool {
    const SHOWN: &str = r#"(?:`Err`value:|^Error:)(?:[A-Z][A-Za-z0-9]{0,40}\(){0,4}"$"#;
    // The first line of a panic's message, unless it is a check that quotes what it compares.
    let panicked = hit.lines_above().next().is_some_and(|above| {
        above.contains("thread '")
            && above.contains("panicked at ")
            && above.trim_end().ends_with(':')
    });
    if panicked && !hit.line_before().starts_with("assertion") {
        return true;
    }
    is_in(SHOWN, hit.line_before())
}

/// `pool_test.go:30: CUDA error: out of memory`: Go's `t.Log` and `t.Fatal` name the line of the test (testing.go, `decorate`). `C++
/// exception with description "…" thrown in the test body.` is gtest's (googletest/src/gtest.cc, `FormatCxxExceptionMessage`). `panic: fit:
/// CUDA error: out of memory` ends any program of Go (src/runtime/panic.go, `printpanics`).
fn of_a_test(hit: &Match<'_>) -> bool {
    const GO: &str = r#"^(?:[\w./-]{1,200}_test\.go:\d{1,6}|panic):(?:[^"'`]{0,120}[:=])?$"#;
    const GTEST: &str = r#"C\+\+exceptionwithdescription"$"#;
    let before = hit.line_before();
    is_in(GO, before) || is_in(GTEST, before)
}

/// True where the line begins with the head, but for numbers and punctuation.
pub(super) fn opens_line(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    goes_on_as_message(hit)
        && !before.contains(|c: char| c.is_alphabetic())
        && !before.ends_with(['"', '\'', '`'])
}

/// True where an exception's class stands right before the head, and begins its line or follows what is no word.
pub(super) fn raised(hit: &Match<'_>) -> bool {
    let before = tail(hit.before, 120);
    // Any class of an exception, where it begins its line.
    let own = place_in(CLASS, before).map(|place| place.start);
    // Java's java.lang.Throwable (printStackTrace), of an exception below another.
    let below = |at: usize| {
        let cause = before.get(..at).unwrap_or_default();
        holds(tail(cause, 9), "causedby:")
    };
    if own.is_some_and(|at| hit.begins_line(before.len() - at) || below(at))
        && !titled(hit.line_text)
    {
        return true;
    }
    let Some(found) = place_in(RAISED, before).map(|place| place.start) else {
        return false;
    };
    let word = before
        .get(..found)
        .and_then(|text| text.chars().next_back())
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    !word || hit.begins_line(before.len() - found)
}

/// True where words stand before the class: "How to fix `RuntimeError`: ...". A single letter is pytest's mark.
fn titled(line: &str) -> bool {
    let class = ["Error:", "Exception:"]
        .iter()
        .find_map(|end| line.find(end));
    let words = line.get(..class.unwrap_or(0)).unwrap_or_default();
    let words = words
        .trim_start()
        .strip_prefix("Caused by: ")
        .unwrap_or(words);
    let long = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    words.split_whitespace().filter(long).count() > 1
}

fn logged(hit: &Match<'_>) -> bool {
    let line = hit.line_before();
    let ends_as_prefix = line.ends_with(|c: char| !c.is_alphanumeric() && !"\"'`(".contains(c))
        || line.ends_with("ERROR");
    ends_as_prefix && is_in(LOGGED, tail(line, 300))
}

fn in_field(hit: &Match<'_>) -> bool {
    is_in(FIELD, tail(hit.before, 40))
}

/// Prose goes on with a word, a question with its mark.
fn goes_on_as_message(hit: &Match<'_>) -> bool {
    let after = hit.line_after();
    !after.contains('?') && is_in(FOLLOWS, after)
}

/// True where the line that names the status speaks of a failure before it, and is no line of code.
pub(super) fn call_reported(hit: &Match<'_>) -> bool {
    const SAYS: [&str; 14] = [
        "error",
        "fail",
        "panic",
        "exception",
        "abort",
        "fatal",
        "couldnot",
        "cannot",
        "result",
        "returned",
        "allocatememory",
        "vk::",
        "ggml_vulkan",
        "unable",
    ];
    const CODE: [&str; 6] = ["case", "if(", "#define", "//", "return", "=="];
    let (before, after) = (hit.line_before(), hit.line_after());
    let code = CODE.iter().any(|word| before.starts_with(word))
        || before.ends_with("==")
        || after.starts_with('=')
        || after.ends_with(';')
        || after.contains('?');
    // A wrapped line breaks anywhere.
    let (near, next) = (tail(hit.before, 100), start(hit.text, 90));
    let speaks = SAYS
        .iter()
        .any(|word| holds(near, word) || holds(next.get(hit.head..).unwrap_or(""), word));
    !code && (speaks || before.is_empty() && after.is_empty())
}
