//! The step, iteration or epoch that a line names.

use std::sync::LazyLock;

use super::dictionary::Dictionary;
use super::numbers::{self, Number};

/// How far a line's counting reaches. The finest of a line is its step; the next coarser says when it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// The size of the work itself: not a step at all, yet what the readings are printed over.
    Size,
    /// A fold, a trial, a run.
    Outer,
    /// An epoch.
    Epoch,
    /// "12/1000" with nothing said.
    Bare,
    /// A step.
    Step,
    /// The count of a bar, which is finer than what its description counts.
    Bar,
    /// A step of the whole run.
    Global,
}

/// What a line counts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// The step; `None` where the line names none.
    pub(super) step: Option<u64>,
    /// What it counts.
    pub(super) name: &'static str,
    /// How many there are in all, where the line says.
    pub(super) total: Option<u64>,
    /// The epoch, fold or trial that the step lies in.
    pub(super) outer: Option<u64>,
    /// True where the word is a plural, as of a total.
    pub(super) plural: bool,
    /// True where it is an option of a command: `--epoch 3`.
    pub(super) option: bool,
    /// The device that the line names.
    pub(super) device: Option<u32>,
    level: Option<Level>,
}

/// Names of counts that are the size of the work, and why growth over them is no leak.
pub(super) fn by_design(name: &str) -> Option<&'static str> {
    match name {
        "token" => Some("a KV cache grows with every token that is generated"),
        "batch size" => Some("the batch itself grows from reading to reading"),
        "sequence length" => Some("the sequence itself grows from reading to reading"),
        "resolution" => Some("the input itself grows from reading to reading"),
        _ => None,
    }
}

/// The step of a line.
pub(super) fn find(text: &str) -> Steps {
    let mut steps = Steps::default();
    let mut from = 0;
    while let Some(number) = numbers::next(text, from) {
        from = number.end;
        steps.take(text, number);
    }
    steps
}

impl Steps {
    /// Takes the next number of the line; true where it is a step or the index of a device, and so no part of a reading's
    /// words.
    pub(super) fn take(&mut self, text: &str, number: Number) -> bool {
        let before = word_before(text, number.start);
        if let Some((name, level)) = counted(text, number, before) {
            self.offer(text, number, name, level);
            return true;
        }
        let device = device(text, number, before.0);
        self.device = self.device.or(device);
        device.is_some()
    }

    fn offer(&mut self, text: &str, number: Number, name: &'static str, level: Level) {
        let Some(value) = number.whole() else { return };
        // "[0/25][45/60]", as DCGAN's example prints it: the second counts within the first.
        let head = text.get(..number.start).unwrap_or_default();
        let within = self.level == Some(Level::Bare) && head.trim_end().ends_with("][");
        if self.level.is_some_and(|l| l >= level) && !within {
            if level >= Level::Outer && self.level > Some(level) {
                self.outer = Some(value);
            }
            return;
        }
        if self.level >= Some(Level::Outer) {
            self.outer = self.step;
        }
        let (word, start, _) = word_before(text, number.start);
        let running = ["num_updates", "global", "current"];
        let own = running.iter().any(|own| word.starts_with(own));
        let before = lookup(word).is_some();
        self.plural = level != Level::Bar
            && level != Level::Bare
            && !own
            && (!before && total(text, number).is_none() || word.ends_with('s') && word != "bs");
        self.option = before && text.get(..start).is_some_and(|head| head.ends_with("--"));
        self.step = Some(value);
        self.name = name;
        self.total = total(text, number);
        self.level = Some(level);
    }
}

/// The number behind a slash.
fn total(text: &str, number: Number) -> Option<u64> {
    whole(text, number)?.whole()
}

/// The same with its place: "20/873", "20 / 873", and right-aligned "55/ 2323".
fn whole(text: &str, number: Number) -> Option<Number> {
    let tail = text.get(number.end..)?;
    let slash = tail
        .strip_prefix('/')
        .or_else(|| tail.strip_prefix(" / "))?;
    let blanks = slash.len() - slash.trim_start_matches(' ').len();
    numbers::at(text, text.len() - slash.len() + blanks)
}

/// Names that count what goes through, and as often say how much may.
const MEDIA: [&str; 2] = ["image", "sample"];

/// What the number counts, by the word before it, the bracket or bar around it, or the word behind it.
fn counted(
    text: &str,
    number: Number,
    (word, start, joint): (&str, usize, u8),
) -> Option<(&'static str, Level)> {
    if number.decimals > 0 {
        return None;
    }
    let tail = text.get(number.end..)?.as_bytes();
    if tail.first() == Some(&b'%') {
        return None;
    }
    // `images[0]` is an index in code.
    let attached = text.get(start + word.len()..)?.starts_with('[') && tail.first() == Some(&b']');
    if attached && word.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    // In a dictionary's print a name of anything but a step is a limit or a size: "{'image': 4096, 'video': 9000}".
    let quoted = text
        .get(start + word.len()..)
        .is_some_and(|after| after.starts_with(['\'', '"']));
    let known = known(text, word, start);
    let known = known.filter(|(name, _)| !quoted || !MEDIA.contains(name));
    if is_id(text, number, word) || is_place(text, number, start) {
        return None;
    }
    if let Some(found) = known {
        return Some(found);
    }
    // "[   1/60]", "[3][ 50/500]" and tqdm's "| 120/1000 [00:12<".
    let opened = matches!(joint, b'[' | b'|') || number.start == 0;
    if opened && tail.first() == Some(&b'/') && word.is_empty() {
        let whole = whole(text, number)?;
        let rest = text.get(whole.end..)?.trim_start();
        let bar = joint == b'[' && (rest.starts_with(']') || is_share(text, number, rest))
            || rest.starts_with('[');
        let level = if rest.starts_with('[') {
            Level::Bar
        } else {
            Level::Bare
        };
        return if bar {
            Some(("step", level))
        } else {
            behind(text, number)
        };
    }
    behind(text, number)
}

/// "Running job 8841 on node n12": the id that a scheduler or a queue gave it, and not how many came before.
fn is_id(text: &str, number: Number, word: &str) -> bool {
    word.eq_ignore_ascii_case("job") && total(text, number).is_none()
}

/// loguru's "worker:run:88 - ": a module, its function and a line.
fn is_place(text: &str, number: Number, start: usize) -> bool {
    let ends = |at: usize| text.get(..at).is_some_and(|before| before.ends_with(':'));
    ends(number.start) && ends(start)
}

/// timm's "Train: 3 [ 150/1251 ( 12%)]" (train.py). PyTorch's example of MNIST counts samples so, and names the epoch.
fn is_share(text: &str, number: Number, rest: &str) -> bool {
    let head = text.get(..number.start).unwrap_or_default();
    let share = rest
        .strip_prefix('(')
        .and_then(|rest| rest.split_once("%)]"));
    let digits = share.is_some_and(|(share, _)| {
        share
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'.'))
    });
    digits && !head.contains("poch")
}

/// "after 2 iterations", "generated 128 tokens"; of "55/ 2323 batches" the first is counted, and the second is how many there are.
fn behind(text: &str, number: Number) -> Option<(&'static str, Level)> {
    let before = text.get(..number.start)?.trim_end_matches(' ');
    if before.strip_suffix('/').is_some_and(|head| {
        head.trim_end_matches(' ')
            .ends_with(|c: char| c.is_ascii_digit())
    }) {
        return None;
    }
    let end = whole(text, number).map_or(number.end, |whole| whole.end);
    let tail = text.get(end..)?.strip_prefix(' ')?;
    let length = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = tail.get(..length)?;
    let plural = word.ends_with('s') && !word.eq_ignore_ascii_case("bs");
    // "120 tokens/s" is a rate.
    let rate = tail.get(length..)?.starts_with('/');
    // "Loaded 310 images": what there is, and not how far it came.
    let before = text.get(..number.start)?.trim_end();
    let all = ["oaded", "ound", "oading"]
        .iter()
        .any(|w| before.ends_with(w));
    if plural && !rate && !all {
        lookup(word)
    } else {
        None
    }
}

/// The word before a number over blanks, quotes and signs, and the nearest sign that opens something.
fn word_before(text: &str, start: usize) -> (&str, usize, u8) {
    let bytes = text.as_bytes();
    let mut end = start;
    let mut joint = b' ';
    while let Some(byte) = end.checked_sub(1).and_then(|i| bytes.get(i)) {
        match byte {
            b' ' | b'\t' | b':' | b'=' | b'\'' | b'"' | b'#' | b'(' => {}
            b'[' | b'|' if joint == b' ' => joint = *byte,
            // "Epoch(train) [1]".
            b')' => {
                let before = bytes.get(..end).unwrap_or_default();
                let inside = before.iter().rev().take_while(|b| **b != b'(').count();
                end = end.saturating_sub(inside);
                continue;
            }
            _ => break,
        }
        end -= 1;
        if start - end > 12 {
            break;
        }
    }
    let word = bytes.get(..end).unwrap_or_default();
    let length = word
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic() || **b == b'_')
        .count();
    (
        text.get(end - length..end).unwrap_or(""),
        end - length,
        joint,
    )
}

/// What a word counts, and how far that reaches; "batch size" is two words.
fn known(text: &str, word: &str, start: usize) -> Option<(&'static str, Level)> {
    let before = text.get(..start)?;
    // ms-swift's 'global_step/max_steps': '20/873'.
    if word == "max_steps" && before.ends_with("global_step/") {
        return Some(("step", Level::Global));
    }
    // "/job:worker/replica:0/task:0" names a device of TensorFlow.
    if word == "task" && before.ends_with('/') {
        return None;
    }
    // A part of one optimizer step: what grows within it is not what grows from step to step.
    let micro = before.len().checked_sub(6).and_then(|at| before.get(at..));
    if word.eq_ignore_ascii_case("batch") && micro.is_some_and(|m| m.eq_ignore_ascii_case("micro-"))
    {
        return Some(("micro-batch", Level::Step));
    }
    if !word.eq_ignore_ascii_case("size") {
        return lookup(word);
    }
    let before = before.trim_end().as_bytes();
    let batch = before.last_chunk::<5>()?.eq_ignore_ascii_case(b"batch");
    batch.then_some(("batch size", Level::Size))
}

/// Words that count, what they count, and how far that reaches.
static WORDS: LazyLock<Dictionary<(&'static str, Level)>> = LazyLock::new(|| {
    Dictionary::new(&[
        (&["step", "steps", "train_step"], ("step", Level::Step)),
        (
            &["global_step", "global_steps", "current_steps"],
            ("step", Level::Global),
        ),
        (
            &["iter", "iters", "iteration", "iterations", "it", "itr"],
            ("iteration", Level::Step),
        ),
        (
            &["batch", "batches", "batch_idx", "minibatch", "minibatches"],
            ("batch", Level::Step),
        ),
        (&["num_updates"], ("update", Level::Global)),
        (&["update", "updates"], ("update", Level::Step)),
        (
            &[
                "round", "rounds", "attempt", "attempts", "loop", "cycle", "cycles",
            ],
            ("round", Level::Step),
        ),
        (
            &[
                "request", "requests", "query", "queries", "prompt", "prompts",
            ],
            ("request", Level::Step),
        ),
        (&["call", "calls"], ("call", Level::Step)),
        (&["episode", "episodes"], ("episode", Level::Step)),
        (&["rollout", "rollouts"], ("rollout", Level::Step)),
        (&["chunk", "chunks"], ("chunk", Level::Step)),
        (&["sample", "samples"], ("sample", Level::Step)),
        (&["image", "images"], ("image", Level::Step)),
        (&["frame", "frames"], ("frame", Level::Step)),
        (&["file", "files"], ("file", Level::Step)),
        (&["document", "documents"], ("document", Level::Step)),
        (&["task", "tasks", "job", "jobs"], ("task", Level::Step)),
        (&["epoch", "epochs", "ep"], ("epoch", Level::Epoch)),
        (&["fold", "folds"], ("fold", Level::Outer)),
        (&["trial", "trials"], ("trial", Level::Outer)),
        (&["run", "runs"], ("run", Level::Outer)),
        (&["batch_size", "bs"], ("batch size", Level::Size)),
        (
            &["token", "tokens", "new_tokens", "num_tokens"],
            ("token", Level::Size),
        ),
        (
            &["seq_len", "seqlen", "seq_length", "sequence_length"],
            ("sequence length", Level::Size),
        ),
        (&["resolution"], ("resolution", Level::Size)),
    ])
});

fn lookup(word: &str) -> Option<(&'static str, Level)> {
    WORDS.get(word.as_bytes())
}

/// "GPU 0", "cuda:1", "device=2".
fn device(text: &str, number: Number, word: &str) -> Option<u32> {
    let named = ["gpu", "cuda", "device"]
        .iter()
        .any(|w| w.eq_ignore_ascii_case(word));
    let sized = number.decimals > 0 || numbers::unit(text, number.end).is_some();
    // "GPU: 5.2/15.8 GB" is a reading.
    let share = text.get(number.end..)?.trim_start().starts_with('/');
    let value = number.whole().filter(|v| *v < 1024)?;
    (named && !sized && !share).then(|| u32::try_from(value).ok())?
}

#[cfg(test)]
mod tests;
