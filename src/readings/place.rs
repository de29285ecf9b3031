//! Where in the run the last line with a step stands.

use std::cell::RefCell;
use std::sync::LazyLock;

use super::bars::{self, Bar};
use super::no_progress::{is_build, is_command, is_launcher};
use super::{no_progress, steps};
use crate::evidence::RunPlace;
use crate::text::{Line, Quiet, Words};

/// Words of bars that count something else than the run: files, shards, bytes.
static ASIDE: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "loading",
        "download",
        "fetching",
        "map:",
        "map (",
        "filter",
        "tokeniz",
        "generating train split",
        "checkpoint shards",
        "saving",
        "capturing",
        "b/s]",
        "compil",
        "collecting",
        // What schedulers and engines of data count: tasks of a step, attempts, epochs of a shuffle.
        "exited prematurely",
        "cpus-per-task",
        "cpus/task",
        "ntasks",
        "executor",
        "currentattempt",
    ])
});

/// Where in the run each of several failures among the same lines stands: its step bars, epochs and iterations. What was read
/// for one is not read again for the next: a log can hold thousands of failures and no step.
#[derive(Default)]
pub(crate) struct Places(Vec<Known>);

/// What is known of the lines before an index.
#[derive(Clone, Default)]
struct Known {
    end: usize,
    last: RunPlace,
    /// True where one of them tells that the run went on from its start.
    started: bool,
    /// The newest bar, and the place of a longer one that it was drawn within.
    bar: Option<Bar>,
    outer: Option<RunPlace>,
}

impl Places {
    /// Where in the run the last of the lines before the index `end` stands.
    pub(crate) fn before(&mut self, lines: &[Line], end: usize) -> RunPlace {
        let after = self.0.partition_point(|known| known.end <= end);
        let earlier = after.checked_sub(1).and_then(|at| self.0.get(at));
        let known = Known::of(lines, end, earlier.cloned().unwrap_or_default());
        let last = known.last.clone();
        self.0.insert(after, known);
        last
    }
}

impl Known {
    /// Reads the lines up to `end` from where an earlier reading ended.
    fn of(lines: &[Line], end: usize, earlier: Self) -> Self {
        let code = |at: usize| lines.get(at).is_some_and(|line| in_stack(&line.text));
        // The line below `File "…", line 7, in f` is code, whatever it counts.
        let printed = (earlier.end..end)
            .rev()
            .filter(|at| !code(*at) && !at.checked_sub(1).is_some_and(code));
        let mut found = AsAsked {
            rest: printed.filter_map(|at| read(lines.get(at)?)),
            read: Vec::new(),
        };
        let Some(newest) = found.get(0).cloned() else {
            return Self { end, ..earlier };
        };
        let outer = newest.bar.and_then(|bar| {
            let other = found.find(|found| !found.is_of(bar));
            match other {
                Some(found) => found.around(bar),
                None if earlier.is_of(bar) => earlier.outer.clone(),
                None => earlier.around(bar),
            }
        });
        let done = newest.bar.is_some_and(Bar::is_done);
        let last = outer.clone().filter(|_| done);
        let last = last.unwrap_or(newest.place);
        let (begins, bar) = (newest.begins, newest.bar);
        let mut started = !begins || earlier.started;
        let mut most = earlier.last.reached().max(last.reached());
        // More is not asked for, and a log can hold thousands of failures.
        let open = |started: bool, most: Option<(u64, u64)>| {
            !(started && most.is_some_and(|(steps, _)| steps >= RunPlace::MANY))
        };
        let mut at = 1;
        while open(started, most)
            && let Some(Found { place, begins, .. }) = found.get(at)
        {
            started |= !begins || place.step > Some(0);
            most = most.max(place.reached());
            at += 1;
        }
        let same = |other: &RunPlace| {
            other.step_name == last.step_name && other.step < last.step && other.step.is_some()
        };
        // Of steps nobody asks, and all lines would be read for it.
        let behind = last.round().is_some()
            && (same(&earlier.last)
                || earlier.last.behind && earlier.last.step_name == last.step_name
                || found.find(|found| same(&found.place)).is_some());
        let last = RunPlace {
            behind,
            first: !started,
            most: most.filter(|most| Some(*most) > last.reached()),
            ..last
        };
        Self {
            end,
            last,
            started,
            bar,
            outer,
        }
    }
}

/// What lines tell, each of which is read where it is first asked for: mostly the nearest ones tell all.
struct AsAsked<I> {
    rest: I,
    read: Vec<Found>,
}

impl<I: Iterator<Item = Found>> AsAsked<I> {
    fn get(&mut self, at: usize) -> Option<&Found> {
        while self.read.len() <= at {
            self.read.push(self.rest.next()?);
        }
        self.read.get(at)
    }

    fn find(&mut self, fits: impl Fn(&Found) -> bool) -> Option<&Found> {
        let mut at = 0;
        while !fits(self.get(at)?) {
            at += 1;
        }
        self.get(at)
    }
}

/// A frame of a Python stack.
fn in_stack(text: &str) -> bool {
    text.trim_start().starts_with("File \"")
}

/// What one line tells of the place.
#[derive(Clone)]
struct Found {
    place: RunPlace,
    /// True where nothing is done yet: a bar at 0.
    begins: bool,
    bar: Option<Bar>,
}

/// A place with its bar, of a line or of all lines before.
trait Drawn {
    fn drawn(&self) -> (&RunPlace, Option<Bar>);

    /// True where it is a bar over as much.
    fn is_of(&self, bar: Bar) -> bool {
        self.drawn().1.is_some_and(|own| own.whole == bar.whole)
    }

    /// Its place, where its bar is longer and goes on: an evaluation is within a run, which is where it was before.
    fn around(&self, inner: Bar) -> Option<RunPlace> {
        let (place, bar) = self.drawn();
        let bar = bar.filter(|bar| !bar.is_done() && inner.whole.is_some())?;
        (bar.whole > inner.whole).then(|| place.clone())
    }
}

impl Drawn for Found {
    fn drawn(&self) -> (&RunPlace, Option<Bar>) {
        (&self.place, self.bar)
    }
}

impl Drawn for Known {
    fn drawn(&self) -> (&RunPlace, Option<Bar>) {
        (&self.last, self.bar)
    }
}

thread_local! {
    /// Lines that tell no place: the message of the failure before.
    static NO_PLACE: RefCell<Quiet> = RefCell::default();
}

/// What one line tells of the place.
fn read(line: &Line) -> Option<Found> {
    let told = |text: &[u8]| str::from_utf8(text).is_ok_and(|text| told(text, 0).is_some());
    let text = line.text.as_str();
    let quiet = NO_PLACE.with_borrow_mut(|known| known.holds(text.as_bytes(), told));
    if quiet {
        None
    } else {
        self::told(text, line.number)
    }
}

/// What the text of this line tells.
fn told(text: &str, number: u64) -> Option<Found> {
    // A bar is drawn over itself; the last is what stood there.
    let text = text.rsplit('\r').find(|part| !part.trim().is_empty())?;
    // "Trial 3 finished with value: 0.8 and parameters: {…}": what a trial is given counts nothing (optuna/study/study.py).
    let text = text
        .split_once(" parameters: {")
        .map_or(text, |(head, _)| head);
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let drawn = bars::find(text);
    let (step, name) = if let Some(bar) = drawn {
        (bar.at, "step")
    } else {
        let steps = steps::find(text);
        let sized = steps::by_design(steps.name).is_some();
        // Most lines with a number count nothing: what else they may be is asked behind that.
        let step = steps.step.filter(|_| !sized)?;
        if no_progress::is_one(text, &steps) {
            return None;
        }
        (step, steps.name)
    };
    let lower = text.to_ascii_lowercase();
    if ASIDE.stand_in(&lower.replace("dataloading", ""))
        || is_launcher(&lower)
        || is_command(text)
        || is_build(text)
    {
        return None;
    }
    let begins = step == 0 && drawn.is_some();
    let place = RunPlace {
        step: Some(step),
        step_name: name.to_owned(),
        most: None,
        behind: false,
        first: false,
        line: number,
    };
    Some(Found {
        place,
        begins,
        bar: drawn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (Option<u64>, String, bool) {
        let lines: Vec<Line> = text
            .split('\n')
            .zip(1..)
            .map(|(text, number)| Line {
                number,
                text: text.to_owned(),
                ..Line::default()
            })
            .collect();
        let place = Places::default().before(&lines, lines.len());
        let mut places = Places::default();
        let each = (0..=lines.len()).map(|end| places.before(&lines, end));
        assert_eq!(each.last().as_ref(), Some(&place));
        (place.step, place.step_name, place.first)
    }

    #[test]
    fn the_last_step_before_the_failure_is_found_in_every_spelling() {
        for (text, step, name) in [
            (
                " 12%|█▏        | 120/1000 [00:12<01:28,  9.93it/s]",
                120,
                "step",
            ),
            ("120it [00:12,  9.93it/s]", 120, "step"),
            (
                "Validating:  15%|█▍  | 421/3000 [1:52:07<11:26:40, 15.98s/it]Traceback (most recent call last):",
                421,
                "step",
            ),
            (
                "Validation ━━━━━━━━━━╸    161/200 0:00:09 • 0:00:02 16.61it/s",
                161,
                "step",
            ),
            (
                "| epoch   1 |    55/ 2323 batches | lr 20.00 | loss  8.52",
                55,
                "batch",
            ),
            ("Epoch 3 [120/500]", 120, "step"),
            ("Epoch: [3][120/500]  loss 2.1", 120, "step"),
            ("{'loss': 2.1, 'global_step': 4100}", 4100, "step"),
            (
                "iter 4100: loss 2.3456, time 123.45ms, mfu 31.20%",
                4100,
                "iteration",
            ),
            ("step: 20  loss: 11.83", 20, "step"),
            ("{'step': 10, 'loss': 9.1}", 10, "step"),
            (
                "Epoch 3:  24%|##   | 240/1000 [00:24<01:12, 9.8it/s, loss=0.4]",
                240,
                "step",
            ),
        ] {
            assert_eq!(
                at(&format!("{text}\nTraceback (most recent call last):")),
                (Some(step), name.into(), false),
                "{text}"
            );
        }
    }

    #[test]
    fn a_bar_at_nought_is_the_first_step_unless_another_went_on_before() {
        let bar = "  0%|          | 0/1000 [00:00<?, ?it/s]";
        assert_eq!(at(bar), (Some(0), "step".into(), true));
        assert!(!at(&format!("step 500: loss 1.0\n{bar}")).2);
    }

    #[test]
    fn a_run_is_where_it_was_before_an_evaluation_that_is_done() {
        let run = " 25%|██▌       | 120/480 [1:02:11<3:06:30, 31.1s/it]";
        let within = " 50%|█████     | 22/44 [00:35<00:35,  1.60s/it]";
        let done = "100%|██████████| 44/44 [01:10<00:00,  1.60s/it]";
        assert_eq!(at(&format!("{run}\n{within}\n{done}")).0, Some(120));
        assert_eq!(at(&format!("{run}\n{within}")).0, Some(22));
        let epochs = "  8%|▊         | 2/25 [00:35<00:35,  1.60s/it]";
        assert_eq!(at(&format!("{epochs}\n{done}")).0, Some(44));
    }

    #[test]
    fn a_bar_of_shards_files_or_bytes_is_no_place_in_the_run() {
        for text in [
            "Loading checkpoint shards: 100%|██████| 4/4 [00:05<00:00,  1.3s/it]",
            "model.safetensors:  12%|█  | 120/1000 [00:12<01:28, 9.93MB/s]",
            "Map: 10%|█ | 100/1000 [00:01<00:09, 99 examples/s]",
            "nothing here",
        ] {
            assert_eq!(at(text).0, None, "{text}");
        }
    }

    #[test]
    fn what_a_command_is_given_is_no_place_in_the_run() {
        for text in [
            "ns-train nerfacto --pipeline.datamanager.train-num-rays-per-batch=512 --vis viewer",
            "    --batch 16 \\",
            "esm-fold -i a.fasta --chunk 64 --epochs 3",
        ] {
            assert_eq!(at(text).0, None, "{text}");
        }
    }

    #[test]
    fn code_in_a_stack_is_no_place_in_the_run() {
        let stack = "step 7 done\n  File \"train.py\", line 20, in main\n    step = 3\n";
        assert_eq!(at(stack).0, Some(7));
    }

    #[test]
    fn of_a_bar_drawn_over_itself_the_last_state_counts() {
        assert_eq!(
            at("\r 1%|  | 10/1000 [00:01<01:28, 9it/s]\r 2%|  | 20/1000 [00:02<01:28, 9it/s]").0,
            Some(20)
        );
    }
}
