//! Failures that the program itself handled and went on: a search for a batch size, a batch that was skipped, a slower way.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::evidence::{Incident, Memory, Phase, Program};
use crate::text::{Line, Words};

/// Words before a message, in lower case, of programs that expect it.
const EXPECTED: [&str; 13] = [
    "skipping",
    "skip batch",
    "oom with batch size",
    "oom with batch_size",
    "probe failed",
    "ran out of memory with exception",
    "ran out of memory in",
    "oom in batch",
    "oom for batch",
    "failed to clone() tensor",
    "caught oom",
    "recovered from oom",
    "will retry",
];

/// Words behind it, in lower case, of programs that go on.
const WENT_ON: [&str; 12] = [
    "decreasing batch size",
    "reducing batch size",
    "skipping batch",
    "skipping this batch",
    "attempting to recover from oom",
    "retrying with",
    "falling back",
    "trying batch size",
    "using batch size",
    "using batch-size",
    "batch size finder",
    "retry with tiled",
];

/// The word of a program that does not.
const GAVE_UP: &str = "irrecoverable";
/// What is said behind it belongs to another failure.
const NEXT: &str = "traceback (most recent call last)";

/// All of these, in lower case: few lines hold one.
static BEHIND: LazyLock<Words> = LazyLock::new(|| {
    let words = WENT_ON.iter().copied().chain([GAVE_UP, NEXT]);
    Words::new(&words.collect::<Vec<_>>())
});
static BEFORE: LazyLock<Words> = LazyLock::new(|| Words::new(&EXPECTED));

/// What a line says of a failure above it.
#[derive(Clone, Copy, Default)]
struct Said {
    went_on: bool,
    gave_up: bool,
    next: bool,
}

impl Said {
    fn of(line: &Line) -> Self {
        let text = line.text.to_ascii_lowercase();
        if !BEHIND.stand_in(&text) {
            return Self::default();
        }
        Self {
            went_on: WENT_ON.iter().any(|word| text.contains(word)) && !is_told(&text),
            gave_up: text.contains(GAVE_UP),
            next: text.contains(NEXT),
        }
    }
}

/// So many lines behind the message may tell that the program went on.
const REACH: usize = 12;

/// What a program says that goes on without the work that failed. Small letters.
const GOES_ON: [&str; 12] = [
    "skipping batch",
    "skipping this batch",
    "skipping the batch",
    "skip this batch",
    "skipped batch",
    "using fallback",
    "falling back",
    "fall back to",
    "will be skipped",
    "skipping it",
    "ignoring batch",
    "continuing without",
];

/// What the lines of one writer say of failures that were handled. Ten thousand failures may stand on one long line, so that
/// the last answer is kept, and failures may follow each other, so that what a line says is kept.
pub(crate) struct Handled<'a> {
    lines: &'a [Line],
    /// What the lines say that were asked.
    said: Vec<Option<Said>>,
    /// The text of a line by its number, prefixes and all.
    raw: &'a RawLine<'a>,
    last: Option<(Asked, Answer)>,
}

/// The text of a line by its number, prefixes and all.
type RawLine<'a> = dyn Fn(u64) -> Option<Cow<'a, str>> + 'a;

/// What an answer depends on: the line of the message, the line where its stack begins, and whether it has a stack.
type Asked = (u64, u64, bool);

#[derive(Clone, Copy)]
struct Answer {
    spoken: bool,
    saving: bool,
    warned: bool,
}

impl<'a> Handled<'a> {
    pub(crate) fn new(lines: &'a [Line], raw: &'a RawLine<'a>) -> Self {
        Self {
            lines,
            said: Vec::new(),
            raw,
            last: None,
        }
    }

    /// Marks a failure that the program handled: it says so before or behind the message, or the record above the stack is a
    /// warning. `begins` is the line where the stack begins.
    pub(crate) fn mark(&mut self, incident: &mut Incident, begins: u64) {
        let stack = !incident.traceback.frames.is_empty();
        let asked = (incident.place.line, begins, stack);
        let known = self.last.filter(|(last, _)| *last == asked);
        let answer = known.map_or_else(|| self.answer(asked), |(_, answer)| answer);
        self.last = Some((asked, answer));
        // Boltz skips what it was asked for, and ends without it.
        if incident.program() == Program::Boltz {
            return;
        }
        if answer.saving {
            incident.phase = incident.phase.or(Some(Phase::Save));
        }
        incident.caught =
            incident.caught || answer.spoken || incident.memory == Memory::Device && answer.warned;
    }

    fn answer(&mut self, asked: Asked) -> Answer {
        let (own, ..) = asked;
        let at = self.lines.partition_point(|line| line.number < own);
        let there = |at: &usize| self.lines.get(*at).is_some_and(|line| line.number == own);
        let at = Some(at).filter(there);
        let spoken = at.is_some_and(|at| self.says_so(at));
        let said = |at| lower(self.lines, at).contains("failed to clone() tensor");
        Answer {
            spoken,
            saving: spoken && at.is_some_and(said),
            warned: is_warned(asked, self.raw),
        }
    }

    /// True where the message is one that the program expects, or the lines behind it say that the program goes on.
    fn says_so(&mut self, at: usize) -> bool {
        let own = lower(self.lines, at);
        let before = own.split("out of memory").next().unwrap_or("");
        let expected = BEFORE.stand_in(&own)
            && EXPECTED.iter().any(|word| {
                before.contains(word)
                    || own.starts_with(word)
                    || own.contains(word) && !own.contains("error:")
            });
        let mut went_on = false;
        for at in at + 1..=at + REACH {
            let said = self.said(at);
            if said.next {
                break;
            }
            // fairseq/trainer.py: it tried again, and gave up.
            if said.gave_up {
                return false;
            }
            went_on |= said.went_on;
        }
        expected || went_on || announced(self.lines, at)
    }

    /// What the line with this index says of a failure above it.
    fn said(&mut self, at: usize) -> Said {
        let Some(line) = self.lines.get(at) else {
            return Said::default();
        };
        self.said.resize(self.lines.len(), None);
        let Some(known) = self.said.get_mut(at) else {
            return Said::of(line);
        };
        *known.get_or_insert_with(|| Said::of(line))
    }
}

/// True where a program tells that it goes on, and no person does.
fn goes_on(text: &str) -> bool {
    WENT_ON.iter().any(|word| text.contains(word)) && !is_told(text)
}

/// True where the line right above says that memory ran out and what comes next: "OOM with batch 64, retrying with 32".
fn announced(lines: &[Line], at: usize) -> bool {
    let above = at.checked_sub(1).and_then(|above| lines.get(above));
    let next_to = |line: &&Line| {
        lines
            .get(at)
            .is_some_and(|own| own.number == line.number + 1)
    };
    above.filter(next_to).is_some_and(|line| {
        let text = line.text.to_ascii_lowercase();
        let oom = text.contains("oom") || text.contains("out of memory");
        oom && goes_on(&text)
    })
}

/// True where a person tells of it: "also I am using batch size 16".
fn is_told(text: &str) -> bool {
    const PEOPLE: [&str; 6] = [
        "i am ",
        "i'm ",
        "i was ",
        "we are ",
        "we're ",
        "i have been ",
    ];
    PEOPLE.iter().any(|who| {
        let mut found = text.match_indices(who);
        found.any(|(at, _)| {
            text.get(..at)
                .is_some_and(|before| !before.ends_with(char::is_alphanumeric))
        })
    })
}

fn lower(lines: &[Line], at: usize) -> String {
    lines
        .get(at)
        .map_or_else(String::new, |line| line.text.to_ascii_lowercase())
}

/// True where the record above its stack, or its own, is a warning, or a warning beside it says that the work goes on.
fn is_warned((at, begins, stack): Asked, raw: &RawLine<'_>) -> bool {
    let above = raw(begins.saturating_sub(1)).filter(|_| stack && begins < at);
    let own = raw(at).filter(|_| at == begins);
    let recorded = own
        .as_deref()
        .is_some_and(|text| !stack && is_recorded(text));
    let warned = above.is_some_and(|text| is_warning(&text) && speaks_of_what_failed(&text));
    let beside = [begins.saturating_sub(1), at, at + 1, at + 2];
    let mut beside = beside.iter().filter_map(|number| raw(*number));
    let goes_on = beside.any(|text| {
        let goes_on = |small: &str| GOES_ON.iter().any(|words| small.contains(words));
        is_warning(&text) && goes_on(&text.to_ascii_lowercase())
    });
    warned || goes_on || recorded || own.is_some_and(|text| hands_on(&text))
}

/// The level of a record: Python's `logging`, loguru, structured logs.
fn is_warning(text: &str) -> bool {
    const LEVELS: [&str; 10] = [
        "WARNING:",
        "WARNING ",
        "WARNING]",
        "| WARNING",
        "- WARNING -",
        "[WARNING",
        "WARN ",
        "[WARN]",
        "\"level\":\"warn",
        "level=warn",
    ];
    if !text.contains("WARN") && !text.contains("warn") {
        return false;
    }
    let tight = text.replace("\": \"", "\":\"");
    LEVELS.iter().any(|level| tight.contains(level))
}

/// A record below an error that tells of the failure in its own words, as one does who has caught it: "INFO tuner: batch 64 did
/// not fit (CUDA out of memory. ...)".
fn is_recorded(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["INFO ", "INFO:", "[INFO", "| INFO", "- INFO -", "DEBUG"];
    let end = text.find("out of memory").unwrap_or(text.len());
    let before = text.get(..end).unwrap_or_default();
    let level = is_warning(before) || LEVELS.iter().any(|level| before.contains(level));
    let caught = |small: &str| CAUGHT.iter().any(|words| small.contains(words));
    level && caught(&before.to_ascii_lowercase())
}

/// What such a record says before the message. Small letters.
const CAUGHT: [&str; 7] = [
    "did not fit",
    "does not fit",
    "didn't fit",
    "doesn't fit",
    "too large",
    "too big",
    "failed with",
];

/// A record whose stack follows, and not any warning that happens to stand above a failure.
fn speaks_of_what_failed(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "fail",
        "error",
        "exception",
        "oom",
        "memory",
        "fallback",
        "falling back",
        "skip",
        "retry",
        "could not",
        "unable",
    ];
    // A logger's own name is no word of it, nor is how much of the memory is in use.
    let small = text.to_ascii_lowercase();
    let said = small.rsplit("warn").next().unwrap_or_default();
    let said = said.replace("memory usage", "").replace("memory use", "");
    WORDS.iter().any(|word| said.contains(word))
}

/// "WARNING: ran out of memory in worker, skipping batch" on one line.
fn hands_on(text: &str) -> bool {
    if !is_warning(text) {
        return false;
    }
    let small = text.to_ascii_lowercase();
    ["skip", "fallback", "falling back"]
        .iter()
        .any(|word| small.contains(word))
}
