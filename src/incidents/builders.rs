//! Whether what was killed built something: then its compilers took the memory, whoever tells of the kill.

use crate::evidence::{Incident, Keeper, Part};
use crate::text::{Lane, Line};

/// So far above a kill its command stands.
const ABOVE: u64 = 200;
/// What stands before a command that a shell, GitHub or a builder of images shows.
const SHOWN: [&str; 5] = ["+ ", "$ ", "##[group]Run ", "Run ", "RUN "];
/// What starts compilers, and who that is.
const BUILDERS: [(&str, Keeper); 10] = [
    ("make", Keeper::Make),
    ("gmake", Keeper::Make),
    ("ninja", Keeper::Make),
    ("cmake --build", Keeper::Make),
    ("cargo build", Keeper::Cargo),
    ("bazel build", Keeper::Bazel),
    ("bazel test", Keeper::Bazel),
    ("go build", Keeper::Go),
    ("python setup.py", Keeper::Pip),
    ("python3 setup.py", Keeper::Pip),
];
/// What installs, and starts compilers only where it has to build.
const INSTALLERS: [(&str, Keeper); 4] = [
    ("pip install", Keeper::Pip),
    ("pip3 install", Keeper::Pip),
    ("pip wheel", Keeper::Pip),
    ("uv pip install", Keeper::Pip),
];
/// What installers print where they do.
const BUILDS: [&str; 3] = ["building wheel", "running setup.py", "building '"];

/// Who builds, where the command that was killed, or else the nearest above it, does.
pub(super) fn ran(incident: &Incident, lanes: &[Lane]) -> Option<Keeper> {
    let at = incident.place.line;
    let lines = lanes.iter().flat_map(|lane| &lane.lines);
    let above = || {
        let lines = lines.clone();
        lines.filter(|line| line.number < at && at - line.number <= ABOVE)
    };
    if let Some(program) = incident.who.get(Part::Program) {
        return builds(program, above());
    }
    let shown = above().filter_map(|line| Some((line.number, shown(&line.text)?)));
    let (from, command) = shown.max_by_key(|(number, _)| *number)?;
    builds(command, above().filter(|line| line.number > from))
}

fn builds<'a>(command: &str, mut below: impl Iterator<Item = &'a Line>) -> Option<Keeper> {
    let mut words = command.split(' ').filter(|word| !word.contains('='));
    let first = words.next().unwrap_or_default();
    let name = first.rsplit('/').next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let command = format!("{name} {}", rest.join(" "));
    let command = command.strip_prefix("python -m ").unwrap_or(&command);
    let of = |all: &[(&str, Keeper)]| {
        let found = all.iter().find(|(words, _)| {
            let rest = command.strip_prefix(words);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        found.map(|(_, keeper)| *keeper)
    };
    of(&BUILDERS).or_else(|| {
        let installer = of(&INSTALLERS)?;
        let builds = below.any(|line| {
            let small = line.text.to_ascii_lowercase();
            BUILDS.iter().any(|words| small.contains(words))
        });
        builds.then_some(installer)
    })
}

/// The command of a line that shows one: `+ make -j8`, `#14 [7/9] RUN pip install .`.
fn shown(text: &str) -> Option<&str> {
    let text = text.trim();
    let step = text.split_once("] RUN ").filter(|(count, _)| {
        count.starts_with(['#', '[']) && count.ends_with(|c: char| c.is_ascii_digit())
    });
    let step = step.map(|(_, command)| command);
    step.or_else(|| SHOWN.iter().find_map(|sign| text.strip_prefix(sign)))
}
