//! Prefixes that only the other lines tell from text: `0: ` of `srun --label` may also begin a list.
//!
//! They go where most lines have one, and the same few again and again: a list counts up, ranks repeat.

use std::collections::{BTreeMap, BTreeSet};

use super::prefixes::{self, Cursor, Labels, Prefix, Stripped, When};
use super::{Drawn, Line, settle};

/// What the lane of a test that `ctest` runs begins with.
pub(crate) const OF_CTEST: &str = "ctest ";
/// What follows there for a test that ended well.
pub(crate) const PASSED: &str = "passed: ";
/// The prefix of `srun --label`.
const SRUN: &str = "slurm";
/// Fewer lines show no habit.
const ENOUGH: usize = 3;

/// Takes them off, as long as any is a habit of these lines.
pub(super) fn strip(lines: &mut Vec<Line>) {
    if lines.len() < ENOUGH {
        return;
    }
    while let Some(prefix) = habit(lines) {
        let tests = tests_of_ctest(lines);
        let mut stripped = Vec::with_capacity(lines.len());
        for line in lines.drain(..) {
            match taken(prefix, &line.text) {
                Some(found) => {
                    let mut labels = Labels {
                        rank: line.rank,
                        lane: line.lane,
                        error: line.error,
                    };
                    match found.rank.and_then(|number| tests.get(&number)) {
                        Some(test) => labels.add(None, &format!("{OF_CTEST}{test}")),
                        None => labels.add(found.rank, &found.lane),
                    }
                    settle(
                        &found.rest,
                        line.number,
                        (labels, Drawn::Shown),
                        &mut stripped,
                    );
                }
                None => stripped.push(line),
            }
        }
        *lines = stripped;
    }
}

/// The first that is a habit of these lines.
fn habit(lines: &[Line]) -> Option<&'static Prefix> {
    // Most cannot be one: too few lines begin with what they do.
    let mut begin = [0_usize; 256];
    for first in lines.iter().filter_map(|line| line.text.bytes().next()) {
        if let Some(begin) = begin.get_mut(usize::from(first)) {
            *begin += 1;
        }
    }
    let with = |first: u8| begin.get(usize::from(first)).copied().unwrap_or(0);
    let all: usize = begin.iter().sum();
    let can = |p: &Prefix| {
        let with: usize = p.starts.bytes().map(with).sum();
        p.starts.is_empty() || p.id == SRUN && with > 0 || with >= ENOUGH && with * 2 >= all
    };
    let mut habits = prefixes::ALL.iter().filter(|p| p.when == When::Habit);
    let habit = habits.find(|p| can(p) && (is_habit(p, lines) || is_block(p, lines)));
    habit.copied()
}

/// True where [`ENOUGH`] lines and half of those with text begin with the prefix, and few different ones of it.
fn is_habit(prefix: &Prefix, lines: &[Line]) -> bool {
    let mut writers = BTreeSet::new();
    let (mut with, mut all) = (0_usize, 0_usize);
    for line in lines.iter().filter(|line| !line.text.is_empty()) {
        all += 1;
        if let Some(found) = taken(prefix, &line.text) {
            with += 1;
            writers.insert((found.rank, found.lane));
        }
    }
    with >= ENOUGH && with * 2 >= all && writers.len() * 2 <= with
}

/// True where a part of the log is one that `srun --label` wrote: so many lines in a row begin with few numbers that repeat.
fn is_block(prefix: &Prefix, lines: &[Line]) -> bool {
    if prefix.id != SRUN {
        return false;
    }
    let mut numbers = BTreeSet::new();
    let (mut with, mut longest) = (0_usize, 0_usize);
    for line in lines.iter().filter(|line| !line.text.is_empty()) {
        match taken(prefix, &line.text) {
            Some(found) => {
                with += 1;
                numbers.insert(found.rank);
                longest = longest.max(with);
            }
            None => with = 0,
        }
    }
    longest >= ENOUGH && numbers.len() * 2 <= longest || is_named(prefix, lines)
}

/// True where `srun` itself names the task that a line begins with: "srun: error: n2: task 4: Exited with exit code 1".
fn is_named(prefix: &Prefix, lines: &[Line]) -> bool {
    let ended = lines.iter().filter_map(|line| {
        let rest = line.text.strip_prefix("srun: error: ")?;
        let (_, task) = rest.split_once(": task ")?;
        task.split(':').next()?.parse::<u32>().ok()
    });
    let ended: BTreeSet<u32> = ended.collect();
    let task = |line: &Line| taken(prefix, &line.text)?.rank;
    !ended.is_empty()
        && lines
            .iter()
            .filter_map(task)
            .any(|task| ended.contains(&task))
}

/// The tests that `ctest -V` numbers, where it wrote the log: "    Start 2: grows", and then "2: " before each line of that test
/// (`CMake`, `Source/CTest/cmCTestRunTest.cxx`).
fn tests_of_ctest(lines: &[Line]) -> BTreeMap<u32, String> {
    let started = lines.iter().filter_map(|line| {
        let rest = line.text.trim_start().strip_prefix("Start ")?;
        let (number, name) = rest.trim_start().split_once(": ")?;
        Some((number.parse().ok()?, name.trim().to_owned()))
    });
    let mut tests: BTreeMap<u32, String> = started.collect();
    if !tests.is_empty() {
        for number in lines.iter().filter_map(|line| passed(&line.text)) {
            tests
                .entry(number)
                .and_modify(|name| name.insert_str(0, PASSED));
        }
    }
    tests
}

/// The number of a test that passed: "3/4 Test #3: ok ...............   Passed    0.00 sec". One that was to fail and did is one.
fn passed(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once(" Test ")?;
    let (number, rest) = rest.trim_start().strip_prefix('#')?.split_once(": ")?;
    let (_, took) = rest.split_once("   Passed ")?;
    took.trim_end()
        .ends_with("sec")
        .then(|| number.parse().ok())?
}

/// The line without the prefix.
fn taken<'a>(prefix: &Prefix, text: &'a str) -> Option<Stripped<'a>> {
    let first = text.bytes().next()?;
    if !prefix.starts.is_empty() && !prefix.starts.bytes().any(|b| b == first) {
        return None;
    }
    (prefix.strip)(Cursor::new(text))
}
