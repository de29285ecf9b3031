//! What Rust prints of a panic: `thread 'pool::grows' (6401) panicked at src/pool.rs:17:21:` above the message, and before 1.73 `thread
//! 'pool::grows' panicked at 'message', src/pool.rs:17:21` (`library/std/src/panicking.rs`, `default_hook`). The thread of a test has the
//! test's name (`library/test/src/lib.rs`, `run_test`).

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{ABOVE, Line};
use crate::evidence::Frame;

/// So far above a line of its message a panic may be told.
const MESSAGE: usize = 8;

/// The test in whose thread the panic was, and whether it ended well, as the runner says of it elsewhere.
pub(super) fn test_of(lines: &[Line], at: usize) -> Option<(String, bool)> {
    if let Some((thread, _)) = panic(lines, at) {
        let near = lines.get(at.saturating_sub(ABOVE)..)?;
        let mut ends = near.iter().filter_map(|line| ended(&line.text));
        if let Some((name, well)) = ends.find(|(name, _)| *name == thread) {
            return Some((name.to_owned(), well));
        }
        // Pasted without the line that tells how it ended; threads that are none of a test have no path for a name.
        let mut results = near.iter().map(|line| line.text.trim_start());
        let failed = results.any(|text| text.starts_with("test result: FAILED."));
        return (failed && thread.contains("::")).then(|| (thread.to_owned(), false));
    }
    // A test that returns an error writes it before the runner tells how the test ended.
    let own = lines.get(at)?.text.starts_with("Error: ");
    let (name, well) = ended(&lines.get(at + 1)?.text).filter(|_| own)?;
    (!well).then(|| (name.to_owned(), false))
}

/// The place of the panic in whose message a line stands, unless it is a library's.
pub(super) fn place_of(lines: &[Line], at: usize) -> Option<Frame> {
    let (_, frame) = panic(lines, at)?;
    let library = ["/.cargo/", "/rustc/", "/rustlib/"];
    let of_a_library =
        library.iter().any(|part| frame.file.contains(part)) || frame.file.split('/').any(is_crate);
    (!of_a_library).then_some(frame)
}

/// `wgpu-core-0.12.2`: the folder of a crate of a registry.
fn is_crate(folder: &str) -> bool {
    let version = folder.rsplit_once('-').map_or("", |(_, version)| version);
    let mut numbers = version.split('.');
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.by_ref().take(3).filter(|text| number(text)).count() == 3
}

/// Words of the line that is looked for. Each failure asks for the lines above it, and most logs have none.
static PANICKED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("panicked at "));

/// The thread and the place.
fn panic(lines: &[Line], at: usize) -> Option<(&str, Frame)> {
    let own = lines.get(at.saturating_sub(MESSAGE)..=at)?.iter().rev();
    let behind = ["stack backtrace", "note: ", "---- ", "test ", "FAILED"];
    let of_message = own.take_while(|line| {
        let text = line.text.trim_start();
        !behind.iter().any(|begin| text.starts_with(begin))
    });
    of_message.into_iter().find_map(|line| {
        PANICKED.find(line.text.as_bytes())?;
        let (_, rest) = line.text.split_once("thread '")?;
        let (thread, rest) = rest.split_once('\'')?;
        let (between, place) = rest.split_once("panicked at ")?;
        let numbered = between.trim().trim_matches(['(', ')']);
        if !numbered.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let place = place.trim_end().trim_end_matches(':');
        let place = place.rsplit_once("', ").map_or(place, |(_, place)| place);
        Some((thread, frame(place, line)?))
    })
}

/// `src/pool.rs:17:21`.
fn frame(place: &str, line: &Line) -> Option<Frame> {
    let (place, _) = place.rsplit_once(':')?;
    let (file, number) = place.rsplit_once(':')?;
    (file.strip_suffix(".rs").is_some() && !file.contains(['"', '\''])).then_some(Frame {
        file: file.to_owned(),
        line: number.parse().ok()?,
        function: String::new(),
        code: String::new(),
        at: line.number,
    })
}

/// `test pool::grows ... FAILED`, `test pool::refuses - should panic ... ok`.
fn ended(text: &str) -> Option<(&str, bool)> {
    let (name, end) = text.trim().strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    match end {
        "ok" => Some((name, true)),
        "FAILED" => Some((name, false)),
        _ => None,
    }
}
