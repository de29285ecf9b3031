//! The name of a failure that stays the same from run to run, so that systems know a failure again that they have seen.

use super::checkout;
use crate::diagnose::Explained;
use crate::evidence::{Frame, Incident, Key, Memory, Part};

/// 32 hexadecimal digits that two runs share where they fail in the same way at the same place of the program.
///
/// It is FNV-1a of 128 bits over these fields, each closed by a byte `0xff`, which no text holds: whose memory it was; the
/// message's format; the first cause and its finding; and of the user's frame its file, function and line of code. Without
/// a user's frame, the innermost one stands in for it; without any, the phase and what `placeless` finds. Sizes, ranks, devices, the number of the
/// code line and all places in the log are left out: they differ between runs of the same failure. So are the folders of a
/// CI checkout, those above the folder that a test's id begins in, and the file of a notebook's cell, which is named after the
/// process.
pub fn fingerprint(explained: &Explained) -> String {
    if let Some(taken) = &explained.fingerprint {
        return taken.clone();
    }
    let incident = &explained.incident;
    let mut hash = Fnv::new();
    hash.field(match incident.memory {
        Memory::Device => "device",
        Memory::Host => "host",
    });
    hash.field(incident.format.name());
    if let Some(best) = explained.causes.first() {
        hash.field(best.finding.cause.name());
        hash.field(best.finding.id.name());
    }
    let innermost = incident.traceback.frames.last();
    if let Some(frame) = incident.frame.as_ref().or(innermost) {
        hash.field(&file(frame, incident));
        hash.field(&frame.function);
        hash.field(frame.code.trim());
    } else {
        if let Some(phase) = incident.phase {
            hash.field(phase.name());
        }
        placeless(incident, &mut hash);
    }
    if let Some(test) = incident.who.get(Part::Test) {
        hash.field(test);
    }
    format!("{:032x}", hash.0)
}

/// What tells failures without a place apart: the test; else the program or the service, or without them what was requested, and
/// what the program said before: the nearest heading and the words in front of the message. A baseline must never take a new
/// failure for an old one.
fn placeless(incident: &Incident, hash: &mut Fnv) {
    const NAMES: [Part; 4] = [Part::Program, Part::Process, Part::Service, Part::Container];
    if incident.who.get(Part::Test).is_some() {
        return;
    }
    let names: Vec<&str> = NAMES
        .iter()
        .filter_map(|part| incident.who.get(*part))
        .collect();
    for name in &names {
        hash.field(name);
    }
    if names.is_empty() {
        let tried = incident.facts.fact(Key::Tried);
        hash.field(tried.map_or("", |fact| fact.text.as_str()));
    }
    hash.field(&incident.heading);
    hash.field(&lasting(&incident.lead));
}

/// The letters of the words before a message, in which digits are blanked, and digits right behind a letter; without ids in
/// hexadecimal.
fn lasting(lead: &str) -> String {
    const LONG_ID: usize = 8;
    let mut kept = String::new();
    let hex = |c: char| matches!(c, 'a'..='f' | 'A'..='F' | '#' | '-');
    let mut rest = lead;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !hex(c)).unwrap_or(rest.len());
        let end = end.max(first.len_utf8());
        let (run, after) = rest.split_at(end);
        rest = after;
        if run.contains('#') && run.len() >= LONG_ID {
            continue;
        }
        for c in run.chars() {
            let behind = kept.ends_with(|c: char| c.is_alphabetic() || c == '#');
            if c.is_alphabetic() || c == '#' && behind {
                kept.push(c);
            }
        }
    }
    kept
}

/// The file of a frame as every run names it, and every style of a runner's tracebacks: pytest's own are of paths below the folder
/// that its ids begin in, and Python's (`--tb=native`) of whole ones (pytest, `src/_pytest/_code/code.py`, `_makepath` and
/// `ReprEntryNative`).
fn file(frame: &Frame, incident: &Incident) -> String {
    let parts = checkout::parts(&frame.file);
    // `/tmp/ipykernel_PID/HASH.py` (ipykernel, compiler.py) and `<ipython-input-N-HASH>` (IPython, compilerop.py).
    let cell = |part: &&str| part.starts_with("ipykernel_") || part.starts_with("<ipython-input-");
    if parts.iter().any(cell) {
        return "cell".to_owned();
    }
    if let Some(inside) = below_root(frame, incident) {
        return inside;
    }
    checkout::inside(&frame.file).unwrap_or_else(|| parts.join("/"))
}

/// A whole path without the folder that the ids of the tests begin in, which is what stands before the test's own file in the stack.
fn below_root(frame: &Frame, incident: &Incident) -> Option<String> {
    let (test, _) = incident.who.get(Part::Test)?.split_once("::")?;
    let whole = |frame: &&Frame| checkout::is_absolute(&frame.file);
    let mut frames = incident.traceback.frames.iter().filter(whole);
    let root = frames.find_map(|frame| {
        frame
            .file
            .strip_suffix(test)
            .filter(|root| root.ends_with('/'))
    })?;
    let inside = frame.file.strip_prefix(root)?;
    Some(checkout::parts(inside).join("/"))
}

/// The same hash of any texts.
pub(super) fn hash(texts: &[&str]) -> String {
    let mut hash = Fnv::new();
    for text in texts {
        hash.field(text);
    }
    format!("{:032x}", hash.0)
}

/// FNV-1a of 128 bits (draft-eastlake-fnv, section 5): stable for ever, unlike the standard library's hashes.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn field(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 ^= u128::from(byte);
            self.0 = self
                .0
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(file: &str, line: u32, code: &str, tried: &str) -> String {
        format!(
            "Traceback (most recent call last):\n  File \"{file}\", line {line}, in main\n    {code}\n\
             torch.OutOfMemoryError: CUDA out of memory. Tried to allocate {tried}. GPU 0 has a total capacity of \
             23.64 GiB of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and \
             412.00 MiB is reserved by PyTorch but unallocated.\n"
        )
    }

    fn of(log: &str) -> String {
        let diagnosis = crate::diagnose("train.log", log.as_bytes());
        fingerprint(&diagnosis.incidents[0])
    }

    #[test]
    fn it_is_the_same_for_ever() {
        let mut hash = Fnv::new();
        // The published value for "a": one byte and no end of a field.
        hash.0 ^= u128::from(b'a');
        hash.0 = hash.0.wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        assert_eq!(
            format!("{:032x}", hash.0),
            "d228cb696f1a8caf78912b704e4a8964"
        );
    }

    #[test]
    fn another_line_number_size_checkout_or_place_in_the_log_changes_nothing() {
        let first = of(&log(
            "/builds/nlp/bert/train.py",
            87,
            "loss.backward()",
            "6.00 GiB",
        ));
        let later = log(
            "/home/runner/work/bert/bert/train.py",
            91,
            "loss.backward()",
            "6.02 GiB",
        );
        assert_eq!(first, of(&format!("epoch 1\nepoch 2\n{later}")));
        assert_eq!(first.len(), 32);
    }

    #[test]
    fn each_style_of_a_runner_s_traceback_gives_the_same() {
        const MESSAGE: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.40 GiB. GPU 0 has a total capacity of \
            31.74 GiB of which 1.20 GiB is free.";
        let report = |body: &str| {
            format!(
                "=================================== FAILURES ===================================\n\
                 ____________________________________ test_x ____________________________________\n{body}\n\
                 =========================== short test summary info ============================\n\
                 FAILED tests/test_a.py::test_x - {MESSAGE}\n"
            )
        };
        let short = format!(
            "tests/test_a.py:12: in test_x\n    y = f(x)\nlib/ops.py:7: in f\n    return x @ x.T\nE   {MESSAGE}"
        );
        let long = format!(
            "    def test_x():\n>       y = f(x)\n\ntests/test_a.py:12: \n_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\n\n\
             x = 1\n\n    def f(x):\n>       return x @ x.T\nE       {MESSAGE}\n\nlib/ops.py:7: OutOfMemoryError"
        );
        let native = format!(
            "Traceback (most recent call last):\n  File \"/srv/lab/tests/test_a.py\", line 12, in test_x\n    y = f(x)\n  \
             File \"/srv/lab/lib/ops.py\", line 7, in f\n    return x @ x.T\n{MESSAGE}"
        );
        let first = of(&report(&short));
        for style in [long, native] {
            assert_eq!(first, of(&report(&style)), "{style}");
        }
    }

    #[test]
    fn another_file_function_or_line_of_code_changes_it() {
        let first = of(&log("train.py", 87, "loss.backward()", "6.00 GiB"));
        for other in [
            log("eval.py", 87, "loss.backward()", "6.00 GiB"),
            log("train.py", 87, "y = model(x)", "6.00 GiB"),
            log("train.py", 87, "loss.backward()", "6.00 GiB").replace("in main", "in fit"),
        ] {
            assert_ne!(first, of(&other), "{other}");
        }
    }

    #[test]
    fn a_cell_of_a_notebook_keeps_its_name_when_the_kernel_restarts() {
        let cell = |file| of(&log(file, 1, "loss.backward()", "6.00 GiB"));
        assert_eq!(
            cell("/tmp/ipykernel_71/3381.py"),
            cell("/tmp/ipykernel_982/77.py")
        );
    }
}
