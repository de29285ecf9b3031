//! Which test a failure is of, by what its runner prints around it, and which command ran.

mod by_order;
pub(super) mod go;
mod green;
mod heads;
mod lines;
mod places;
mod results;
mod rust;
mod xml;

pub(crate) use lines::Tests;

use heads::{ends, named, of_rust, started, word};

use super::headings::{heading, is_heading};
use super::runners::{BADLY, ends_section, unpercented};
use super::summary::dotted;
use crate::evidence::{Incident, Part};
use crate::stack::pytest;
use crate::text::{Lane, Line, OF_CTEST, PASSED};

/// So far above a failure its test may be named.
const ABOVE: usize = 400;
/// So far below.
const BELOW: usize = 60;
/// So few lines above it one tells of a test that was ended in its middle.
const LATEST: usize = 3;

/// The id of a line of pytest's short summary: `FAILED tests/a.py::test_x - torch.OutOfMemoryError: …`.
fn summary(text: &str) -> Option<String> {
    let text = unpercented(text.trim());
    if let Some(rest) = text.strip_prefix("SUBFAIL") {
        return subtest(rest.strip_prefix("ED").unwrap_or(rest));
    }
    let rest = BADLY
        .iter()
        .find_map(|word| text.strip_prefix(word)?.strip_prefix(' '))?;
    let (id, _) = timeless(rest).split_once(" - ")?;
    is_id(id).then(|| id.to_owned())
}

/// `[wide] (n=3) tests/a.py::test_x - …` behind `SUBFAILED`: the id, and what the banner of the report has behind it (pytest,
/// `src/_pytest/subtests.py`, from 9).
fn subtest(rest: &str) -> Option<String> {
    let (own, _) = rest.split_once(" - ")?;
    let at = own.rfind(' ').map_or(0, |at| at + 1);
    let (description, id) = own.split_at_checked(at)?;
    let description = description.trim();
    is_id(id).then(|| {
        if description.is_empty() {
            id.to_owned()
        } else {
            format!("{id} {description}")
        }
    })
}

/// Without the time that `PyTorch`'s own plugin writes before an id: `[0.0003s] tests/a.py::test_x` (`test/pytest_shard_custom.py` and
/// `test/conftest.py`).
fn timeless(text: &str) -> &str {
    let timed = text
        .strip_prefix('[')
        .and_then(|text| text.split_once("s] "));
    let timed = timed.filter(|(took, _)| took.parse::<f64>().is_ok());
    timed.map_or(text, |(_, rest)| rest)
}

/// The command that a line runs: `+ python fit.py` of a shell that traces, `$ python fit.py` of GitLab and of people, and
/// `##[group]Run python fit.py` of GitHub. Only what may fail for memory: programs of Python, their launchers, own programs. It is empty
/// for a command that only shows what happened elsewhere.
fn command(text: &str) -> Option<&str> {
    const RUNS: [&str; 4] = ["+ ", "++ ", "$ ", "##[group]Run "];
    const PROGRAMS: [&str; 9] = [
        "python",
        "torchrun",
        "accelerate",
        "deepspeed",
        "mpirun",
        "srun",
        "vllm",
        "pytest",
        "./",
    ];
    let text = text.trim_start_matches(['>', ' ']);
    if !text.starts_with(['+', '$', '#']) {
        return None;
    }
    let text = text.trim_end();
    let command = RUNS.iter().find_map(|run| text.strip_prefix(run))?.trim();
    if asks(command) {
        // What runs elsewhere is named behind the dashes: `kubectl exec fit-0 -- python fit.py`.
        return Some(command.split_once(" -- ").map_or("", |(_, inner)| inner));
    }
    // Variables for the command stand before it.
    let mut words = command.split(' ');
    let program = words.find(|word| !word.contains('='))?;
    let runs = PROGRAMS.iter().any(|name| program.starts_with(name));
    (runs && command.len() < 400).then_some(command)
}

/// True for a command that shows what ran elsewhere: what it prints is none of a program that ran above it.
fn asks(command: &str) -> bool {
    const ASKS: [&str; 11] = [
        "kubectl ",
        "oc ",
        "docker ",
        "podman ",
        "sacct",
        "seff ",
        "scontrol ",
        "journalctl",
        "dmesg",
        "sudo dmesg",
        "sudo journalctl",
    ];
    ASKS.iter().any(|program| command.starts_with(program))
}

fn is_id(id: &str) -> bool {
    let (file, _) = id.split_once("::").unwrap_or((id, ""));
    [".py", ".pyx", ".txt", ".rst", ".md"]
        .iter()
        .any(|end| file.ends_with(end))
        && !file.contains(' ')
}

impl Tests {
    /// Names the command, the heading and the test of a failure, and says whether its line only repeats it in a summary.
    pub(crate) fn name(&self, incident: &mut Incident, lane: &Lane, at: usize) {
        let lines = &lane.lines;
        name_test(self, incident, lines, at);
        incident.caught |= green::holds(&self.runs, at);
        if incident.who.get(Part::Test).is_some() && incident.frame.is_none() {
            incident.frame = places::place_of(lines, at);
        }
        if incident.frame.is_none() {
            incident.frame = rust::place_of(lines, at);
        }
        if let Some(test) = lane.name.strip_prefix(OF_CTEST) {
            let passed = test.strip_prefix(PASSED);
            incident.caught |= passed.is_some();
            incident.who.add(Part::Test, passed.unwrap_or(test));
        }
        if let Some(program) = nearest(&self.commands, lines, at).and_then(command) {
            incident.who.add(Part::Program, program);
        }
        if let Some(words) = nearest(&self.headings, lines, at).and_then(heading) {
            incident.heading = words;
        }
    }
}

/// The text of the last of these lines that stands above one, where it is near.
fn nearest<'a>(of: &[usize], lines: &'a [Line], at: usize) -> Option<&'a str> {
    let before = of.partition_point(|line| *line < at);
    let nearest = *of.get(before.checked_sub(1)?)?;
    let near = nearest >= at.saturating_sub(ABOVE);
    lines
        .get(nearest)
        .filter(|_| near)
        .map(|line| line.text.as_str())
}

fn name_test(tests: &Tests, incident: &mut Incident, lines: &[Line], at: usize) {
    let Some(own) = lines.get(at) else { return };
    if let Some(id) = summary(&own.text) {
        incident.who.add(Part::Test, id);
        incident.summary = true;
        return;
    }
    if let Some(id) = started(&own.text) {
        incident.caught |= passes_alone(lines.get(at + 1..).unwrap_or_default());
        incident.who.add(Part::Test, id);
        return;
    }
    if let Some(name) = heads::in_python(&own.text) {
        incident.caught |= passes_in_python(lines.get(at + 1..).unwrap_or_default());
        incident.who.add(Part::Test, name);
        return;
    }
    if let Some(name) = of_rust(&own.text) {
        incident.caught |= passes_in_rust(lines.get(at + 1..).unwrap_or_default());
        incident.who.add(Part::Test, name);
        return;
    }
    let told = rust::test_of(lines, at);
    if let Some((name, well)) = told.or_else(|| results::test_of(&tests.results, lines, at)) {
        incident.caught |= well;
        incident.who.add(Part::Test, name);
        return;
    }
    let told = by_order::test_of(lines, at).or_else(|| go::test_of(lines, at));
    if let Some(id) = told {
        incident.who.add(Part::Test, id);
        return;
    }
    for above in tests.above(at) {
        let text = lines.get(above).map_or("", |line| line.text.trim_end());
        if ends(text) {
            break;
        }
        let name = named(text, at - above - 1);
        if let Some(name) = name.or_else(|| heads::described(lines, above)) {
            let below = lines.get(at..).unwrap_or_default();
            incident.caught |= passes(&name, below)
                || text.trim_start().starts_with("PASS [")
                || heads::in_python(text).is_some() && passes_in_python(below)
                || xml::passes(&name, lines, at)
                || of_rust(text).is_some() && passes_in_rust(below);
            let of_xml = xml::named(text).and_then(|name| xml::pytest_id(&name, incident));
            let whole = of_xml.unwrap_or_else(|| whole_id(&name, lines, incident));
            incident.who.add(Part::Test, whole);
            return;
        }
    }
    let below = tests.below(at).and_then(|below| lines.get(below));
    if let Some(name) = below.and_then(|line| failed_below(&line.text)) {
        incident.who.add(Part::Test, name);
    }
}

/// `--- FAIL: TestX (0.01s)`, "[  FAILED  ] A.b (3 ms)", "12/40 Test #12: fit ...***Failed": what a runner prints when a test has failed.
fn failed_below(text: &str) -> Option<String> {
    let text = text.trim_start();
    if text.starts_with(['-', '[']) {
        let begins = ["--- FAIL: ", "[  FAILED  ] "];
        if let Some(name) = begins.iter().find_map(|word| text.strip_prefix(word)) {
            return word(name);
        }
        // `[gw2] [ 16%] FAILED tests/a.py::test_x`: what pytest-xdist prints of a worker's test when it ends, the worker taken off.
        let share = unpercented(text);
        let ended = share.strip_prefix("FAILED ").map(str::trim_end);
        if let Some(id) = ended.filter(|id| share.len() < text.len() && is_id(id)) {
            return Some(id.to_owned());
        }
    }
    // Few lines hold a star, and of those that do most hold one.
    memchr::memchr(b'*', text.as_bytes())?;
    let (_, after) = text.split_once("Test ").filter(|_| text.contains("***"))?;
    let (number, name) = after.trim_start().strip_prefix('#')?.split_once(": ")?;
    number
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| word(name))
        .flatten()
}

/// True where the runner says below that this test ended well: it expected the failure.
fn passes(name: &str, below: &[Line]) -> bool {
    let words = [
        format!("[       OK ] {name}"),
        format!("--- PASS: {name}"),
        format!("test {name} ... ok"),
    ];
    // "3/4 Test #3: fine .......   Passed    0.01 sec" of ctest.
    let of_ctest = format!(": {name} .");
    below.iter().take(ABOVE).any(|line| {
        let text = line.text.trim_start();
        words.iter().any(|w| text.starts_with(w.as_str()))
            || text.contains(" Passed ") && text.contains(&of_ctest) && text.contains("Test #")
    })
}

/// True where `PASSED` stands alone on a line below what a test of pytest wrote (`-v -s`), before another test.
fn passes_alone(below: &[Line]) -> bool {
    let mut ends = below.iter().take(ABOVE).map(|line| line.text.trim());
    let end = ends.find(|text| {
        let first = text.split(' ').next().unwrap_or_default();
        first == "PASSED" || BADLY.contains(&first) || started(text).is_some()
    });
    end.is_some_and(|text| text.starts_with("PASSED"))
}

/// True where unittest's verbose runner says so, alone on a line, below what the test wrote.
fn passes_in_python(below: &[Line]) -> bool {
    let mut ends = below.iter().take(ABOVE).map(|line| line.text.trim_end());
    let end = ends.find(|text| {
        ["ok", "FAIL", "ERROR", "expected failure"].contains(text)
            || heads::in_python(text).is_some()
    });
    end.is_some_and(|text| text == "ok" || text == "expected failure")
}

/// True where Rust's runner says so, alone on a line, below what the test wrote.
fn passes_in_rust(below: &[Line]) -> bool {
    let mut ends = below.iter().take(ABOVE).map(|line| line.text.as_str());
    ends.find(|text| ["ok", "FAILED"].contains(text) || of_rust(text).is_some()) == Some("ok")
}

/// The name of a report's banner as the id that pytest takes: from the lines around that name it, or with the file of its first
/// frame.
fn whole_id(name: &str, lines: &[Line], incident: &Incident) -> String {
    let end = format!("::{}", dotted(name));
    let ids = lines.iter().filter_map(|line| {
        let text = unpercented(line.text.trim());
        let text = BADLY
            .iter()
            .find_map(|word| text.strip_prefix(word))
            .unwrap_or(text)
            .trim_start();
        let at = text.find(&end)? + end.len();
        let id = text.get(..at)?;
        let ends = text.get(at..)?.starts_with([' ', '\t']) || text.len() == at;
        (ends && is_id(id)).then_some(id)
    });
    if let Some(id) = ids.into_iter().next() {
        return id.to_owned();
    }
    let first = incident.traceback.frames.first();
    let file = first.filter(|frame| {
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        file.starts_with("test_") || file.ends_with("_test.py") || file == "conftest.py"
    });
    let banner = lines
        .iter()
        .any(|line| pytest::banner(&line.text).is_some());
    file.filter(|_| banner && !name.contains("::"))
        .map_or_else(|| name.to_owned(), |frame| format!("{}{end}", frame.file))
}
