//! Which test a failure is of, by what its runner prints around it, and which command ran.

use super::headings::heading;
use super::runners::{BADLY, ends_section, unpercented};
use crate::evidence::{Incident, Part};
use crate::stack::pytest;
use crate::text::Line;

/// So far above a failure its test may be named.
const ABOVE: usize = 400;
/// So far below.
const BELOW: usize = 60;
/// So few lines above it one tells of a test that was ended in its middle.
const LATEST: usize = 3;

/// The id and the rest of a line of pytest's short summary: `FAILED tests/a.py::test_x - torch.OutOfMemoryError: …`.
fn summary(text: &str) -> Option<&str> {
    let text = unpercented(text.trim());
    let rest = BADLY
        .iter()
        .find_map(|word| text.strip_prefix(word)?.strip_prefix(' '))?;
    let (id, _) = rest.split_once(" - ")?;
    is_id(id).then_some(id)
}

/// The command that a line runs: `+ python fit.py` of a shell that traces, `$ python fit.py` of GitLab and of people, and
/// `##[group]Run python fit.py` of GitHub. Only what may fail for memory: programs of Python, their launchers, own programs.
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
    let text = text.trim_start_matches(['>', ' ']).trim_end();
    let command = RUNS.iter().find_map(|run| text.strip_prefix(run))?.trim();
    // Variables for the command stand before it.
    let mut words = command.split(' ');
    let program = words.find(|word| !word.contains('='))?;
    let runs = PROGRAMS.iter().any(|name| program.starts_with(name));
    (runs && command.len() < 400).then_some(command)
}

fn is_id(id: &str) -> bool {
    let (file, _) = id.split_once("::").unwrap_or((id, ""));
    [".py", ".pyx", ".txt", ".rst", ".md"]
        .iter()
        .any(|end| file.ends_with(end))
        && !file.contains(' ')
}

/// The lines on which runners tell of tests: they are read once for all failures among them.
pub(crate) struct Tests {
    /// Where lines begin a test or end a section, in order.
    begin: Vec<usize>,
    /// Where lines tell that a test failed, in order.
    failed: Vec<usize>,
    /// Where lines are commands that are run, in order.
    commands: Vec<usize>,
    /// Where lines say what the program does next, in order.
    headings: Vec<usize>,
}

impl Tests {
    /// Those among these lines.
    pub(crate) fn of(lines: &[Line]) -> Self {
        let told = |tells: &dyn Fn(&str) -> bool| {
            let with = (0..).zip(lines).filter(|(_, line)| tells(&line.text));
            with.map(|(at, _)| at).collect()
        };
        Self {
            begin: told(&|text| {
                let text = text.trim_end();
                ends_section(text) || named(text, LATEST).is_some()
            }),
            failed: told(&|text| failed_below(text).is_some()),
            commands: told(&|text| command(text).is_some()),
            headings: told(&|text| heading(text).is_some()),
        }
    }

    /// Where lines above one can tell of its test, from below: the nearest ones, and the nearest that tells for sure.
    fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        let near = at.saturating_sub(LATEST);
        let before = self.begin.partition_point(|begin| *begin < near);
        let farther = before.checked_sub(1).and_then(|i| self.begin.get(i));
        let farther = farther.filter(|begin| **begin >= at.saturating_sub(ABOVE));
        (near..at).rev().chain(farther.copied())
    }

    /// Where the nearest line below one tells that a test failed.
    fn below(&self, at: usize) -> Option<usize> {
        let before = self.failed.partition_point(|failed| *failed <= at);
        let failed = *self.failed.get(before)?;
        (failed <= at + BELOW).then_some(failed)
    }

    /// Names the command, the heading and the test of a failure, and says whether its line only repeats it in a summary.
    pub(crate) fn name(&self, incident: &mut Incident, lines: &[Line], at: usize) {
        name_test(self, incident, lines, at);
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
        incident.who.add(Part::Test, id);
        return;
    }
    for above in tests.above(at) {
        let text = lines.get(above).map_or("", |line| line.text.trim_end());
        if ends_section(text) {
            break;
        }
        if let Some(name) = named(text, at - above - 1) {
            incident.caught |= passes(&name, lines.get(at..).unwrap_or_default());
            let whole = whole_id(&name, lines, incident);
            incident.who.add(Part::Test, whole);
            return;
        }
    }
    let below = tests.below(at).and_then(|below| lines.get(below));
    if let Some(name) = below.and_then(|line| failed_below(&line.text)) {
        incident.who.add(Part::Test, name);
    }
}

/// The test that a line begins: the banner of a report, or what a runner prints before it runs it.
fn named(text: &str, back: usize) -> Option<String> {
    if let Some(name) = pytest::banner(text) {
        const PARTS: [&str; 5] = [
            "ERROR at setup of ",
            "ERROR at teardown of ",
            "ERROR at call of ",
            "ERROR collecting ",
            "ERROR ",
        ];
        let name = PARTS
            .iter()
            .find_map(|part| name.strip_prefix(part))
            .unwrap_or(name);
        return Some(name.to_owned());
    }
    let trimmed = text.trim_start();
    if let Some(rest) = ["ERROR: ", "FAIL: "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
    {
        return python_test(rest);
    }
    let run = ["[ RUN      ] ", "=== RUN   ", "=== CONT  "];
    if let Some(name) = run.iter().find_map(|word| text.strip_prefix(word)) {
        return word(name);
    }
    if let Some(name) = text
        .strip_prefix("---- ")
        .and_then(|t| t.strip_suffix(" stdout ----"))
    {
        return word(name);
    }
    if let Some((number, name)) = trimmed
        .strip_prefix("Start ")
        .and_then(|t| t.trim_start().split_once(": "))
    {
        return number
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| word(name))
            .flatten();
    }
    // A verbose run that was ended in the middle of a test.
    (back < LATEST)
        .then(|| started(text))
        .flatten()
        .map(str::to_owned)
}

/// `test_x (tests.test_a.TestA.test_x)` of unittest, `tests.test_a.test_x` of nose.
fn python_test(text: &str) -> Option<String> {
    let Some((name, class)) = text.split_once(" (") else {
        let only = word(text)?;
        return (only.contains('.') && only.len() == text.trim().len()).then_some(only);
    };
    let class = class.split(')').next()?;
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
    };
    if !plain(name) || !plain(class) {
        return None;
    }
    let full = class.ends_with(&format!(".{name}"));
    Some(if full {
        class.to_owned()
    } else {
        format!("{class}.{name}")
    })
}

/// `tests/test_a.py::test_x `: printed before the test runs, and finished when it ends.
fn started(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let text = BADLY
        .iter()
        .find_map(|word| text.split_once(&format!(" {word}")).map(|(id, _)| id))
        .unwrap_or(text);
    (text.contains(".py::") && is_id(text)).then_some(text)
}

fn word(text: &str) -> Option<String> {
    let name = text.split_whitespace().next()?;
    Some(name.to_owned())
}

/// `--- FAIL: TestX (0.01s)`, "[  FAILED  ] A.b (3 ms)", "12/40 Test #12: fit ...***Failed": what a runner prints when a test has failed.
fn failed_below(text: &str) -> Option<String> {
    let text = text.trim_start();
    if let Some(name) = ["--- FAIL: ", "[  FAILED  ] "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
    {
        return word(name);
    }
    // `[gw2] [ 16%] FAILED tests/a.py::test_x`: what pytest-xdist prints of a worker's test when it ends, the worker taken off.
    let share = unpercented(text);
    let ended = share.strip_prefix("FAILED ").map(str::trim_end);
    if let Some(id) = ended.filter(|id| share.len() < text.len() && is_id(id)) {
        return Some(id.to_owned());
    }
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
    below.iter().take(ABOVE).any(|line| {
        words
            .iter()
            .any(|w| line.text.trim_start().starts_with(w.as_str()))
    })
}

/// The name of a report's banner as the id that pytest takes: from the lines around that name it, or with the file of its first
/// frame.
fn whole_id(name: &str, lines: &[Line], incident: &Incident) -> String {
    let end = format!("::{}", name.replace('.', "::"));
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
