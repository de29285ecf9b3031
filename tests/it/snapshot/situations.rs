//! Situations of programs whose cause is known: what the snapshot alone says of them.

use super::made::{Value, event, pickle, segment, snapshot};
use whyoom::Diagnosis;
use whyoom::evidence::{FixId, HeldAt};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const BASE: u64 = 0x7f00_0000_0000;
const MODULE: &str = "/venv/lib/python3.12/site-packages/torch/nn/modules/module.py";
const LINEAR: &str = "/venv/lib/python3.12/site-packages/torch/nn/modules/linear.py";
const SERIALIZATION: &str = "/venv/lib/python3.12/site-packages/torch/serialization.py";

type Frames<'a> = &'a [(&'a str, &'a str, u64)];

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// Frames of a stack, outermost first.
fn frames(stack: Frames<'_>) -> Value {
    let frame = |(name, file, line): &(&str, &str, u64)| {
        Value::Dict(vec![
            ("name", text(name)),
            ("filename", text(file)),
            ("line", Value::Int(*line)),
        ])
    };
    Value::List(stack.iter().rev().map(frame).collect())
}

/// A program that asks for memory and gives it back, on a GPU on which so much is free to begin with.
struct Program {
    events: Vec<Value>,
    blocks: Vec<(u64, bool, Value)>,
    free: u64,
}

impl Program {
    fn with(free: u64) -> Self {
        Self {
            events: Vec::new(),
            blocks: Vec::new(),
            free,
        }
    }

    fn push(&mut self, action: &str, at: u64, size: u64, stack: Frames<'_>) {
        let mut event = event(action, at, size, self.events.len() as u64);
        if let Value::Dict(items) = &mut event {
            items.last_mut().unwrap().1 = frames(stack);
        }
        self.events.push(event);
    }

    /// Asks for a block; gives its number. It is as if each had a segment of its own.
    fn ask(&mut self, size: u64, stack: Frames<'_>) -> usize {
        let number = self.blocks.len();
        let at = BASE + number as u64 * GIB * 64;
        self.push("segment_alloc", at, size, stack);
        self.push("alloc", at, size, stack);
        self.free = self.free.saturating_sub(size);
        self.blocks.push((size, true, frames(stack)));
        number
    }

    fn give_back(&mut self, number: usize, stack: Frames<'_>) {
        let at = BASE + number as u64 * GIB * 64;
        let size = self.blocks[number].0;
        self.push("free_requested", at, size, stack);
        self.push("free_completed", at, size, stack);
        self.push("segment_free", at, size, stack);
        self.free += size;
        self.blocks[number].1 = false;
    }

    fn refused(&mut self, size: u64, stack: Frames<'_>) {
        self.push("oom", self.free, size, stack);
    }

    fn value(self) -> Value {
        let held = self.blocks.into_iter().enumerate();
        let held = held.filter(|(_, (_, used, _))| *used);
        let segments = held.map(|(number, (size, _, stack))| {
            let mut made = segment(BASE + number as u64 * GIB * 64, &[(size, true)]);
            if let Value::Dict(items) = &mut made
                && let Some((_, Value::List(blocks))) =
                    items.iter_mut().find(|(key, _)| *key == "blocks")
                && let Value::Dict(block) = &mut blocks[0]
            {
                block.last_mut().unwrap().1 = stack;
            }
            made
        });
        snapshot(segments.collect(), self.events)
    }

    fn diagnosed(self) -> Diagnosis {
        whyoom::diagnose("a.pickle", &pickle(&self.value(), 4))
    }
}

/// The best cause with its finding and its confidence, and the first fix.
fn best(diagnosis: &Diagnosis) -> (String, FixId) {
    let explained = &diagnosis.incidents[0];
    let cause = &explained.causes[0];
    let finding = format!("{} {:?}", cause.finding.id, cause.verdict.confidence);
    (finding, explained.fixes[0].fix.id)
}

const BUILD: Frames<'_> = &[
    ("<module>", "/work/train.py", 90),
    ("__init__", "/work/model.py", 5),
    ("__init__", LINEAR, 100),
];

/// A layer of a model that a line of the program calls.
fn layer(program: &mut Program, size: u64, call: (&str, u64), line: u64) -> usize {
    let stack = [
        ("<module>", "/work/train.py", 99),
        (call.0, "/work/train.py", call.1),
        ("_call_impl", MODULE, 1790),
        ("forward", "/work/model.py", line),
        ("_call_impl", MODULE, 1790),
        ("forward", LINEAR, 125),
    ];
    program.ask(size, &stack)
}

#[test]
fn outputs_that_one_line_collects_pile_up_though_the_model_was_built_elsewhere() {
    let mut program = Program::with(4 * GIB);
    for _ in 0..6 {
        program.ask(20 * MIB, BUILD);
    }
    for _ in 0..30 {
        let mut last = layer(&mut program, 40 * MIB, ("predict", 31), 20);
        for _ in 0..3 {
            let next = layer(&mut program, 40 * MIB, ("predict", 31), 21);
            program.give_back(last, BUILD);
            last = next;
        }
        layer(&mut program, 100 * MIB, ("predict", 31), 28);
        program.give_back(last, BUILD);
    }
    program.refused(2 * GIB, BUILD);
    let diagnosis = program.diagnosed();
    let held = diagnosis.incidents[0].incident.holdings.as_deref().unwrap();
    let line = held.accumulating().unwrap();
    assert_eq!(line.frame.as_ref().unwrap().line, 28);
    assert_eq!(line.accumulates.unwrap().per_round, 100 * MIB);
    assert_eq!(best(&diagnosis).0, "kept-outputs Likely");
}

#[test]
fn layers_of_one_call_are_no_rounds() {
    let mut program = Program::with(4 * GIB);
    program.ask(20 * MIB, BUILD);
    let embedded = layer(&mut program, 40 * MIB, ("predict", 31), 12);
    for _ in 0..30 {
        let worked = layer(&mut program, 40 * MIB, ("predict", 31), 20);
        layer(&mut program, 100 * MIB, ("predict", 31), 28);
        program.give_back(worked, BUILD);
    }
    program.give_back(embedded, BUILD);
    program.refused(2 * GIB, BUILD);
    let diagnosis = program.diagnosed();
    let held = diagnosis.incidents[0].incident.holdings.as_deref().unwrap();
    assert_eq!(held.accumulating(), None);
}

#[test]
fn a_retry_inside_except_is_told_by_what_the_failed_attempt_holds() {
    let attempt = |retried: u64, lets_go: bool| {
        let mut program = Program::with(4 * GIB);
        program.ask(200 * MIB, BUILD);
        let made: Vec<usize> = (0..10)
            .map(|n| layer(&mut program, 300 * MIB, ("step", 70), 20 + n))
            .collect();
        program.refused(
            GIB,
            &[
                ("<module>", "/work/train.py", 99),
                ("step", "/work/train.py", 70),
                ("_call_impl", MODULE, 1790),
                ("forward", "/work/model.py", 40),
            ],
        );
        for number in made.into_iter().filter(|_| lets_go) {
            program.give_back(number, BUILD);
        }
        for n in 0..2 {
            layer(&mut program, 150 * MIB, ("step", retried), 20 + n);
        }
        program.refused(
            GIB,
            &[
                ("<module>", "/work/train.py", 99),
                ("step", "/work/train.py", retried),
                ("_call_impl", MODULE, 1790),
                ("forward", "/work/model.py", 22),
            ],
        );
        program.diagnosed()
    };
    let held = attempt(82, false);
    let (finding, fix) = best(&held);
    assert_eq!(
        (finding.as_str(), fix),
        ("exception-frames Likely", FixId::RetryOutsideExcept)
    );
    assert!(
        held.incidents[0].causes[0]
            .verdict
            .because
            .contains("train.py:70")
    );
    // The same line again, or an attempt that was let go of, is no such retry.
    for other in [attempt(70, false), attempt(82, true)] {
        assert!(!best(&other).0.starts_with("exception-frames"));
    }
}

#[test]
fn weights_that_torch_load_puts_beside_the_model_are_there_twice() {
    let mut program = Program::with(4 * GIB);
    for _ in 0..8 {
        program.ask(300 * MIB, BUILD);
    }
    let load = [
        ("<module>", "/work/train.py", 99),
        ("resume", "/work/train.py", 48),
        ("load", SERIALIZATION, 1500),
        ("_load", SERIALIZATION, 2100),
        ("default_restore_location", SERIALIZATION, 600),
    ];
    for _ in 0..5 {
        program.ask(300 * MIB, &load);
    }
    program.refused(300 * MIB, &load);
    let (finding, fix) = best(&program.diagnosed());
    assert_eq!(
        (finding.as_str(), fix),
        ("duplicate-weights Likely", FixId::LoadCheckpointOnCpu)
    );
}

#[test]
fn one_request_many_times_what_all_others_hold_is_told_though_no_total_is_known() {
    let mut program = Program::with(15 * GIB);
    program.ask(200 * MIB, BUILD);
    program.refused(60 * GIB, &[("<module>", "/work/train.py", 99)]);
    let diagnosis = program.diagnosed();
    assert_eq!(best(&diagnosis).0, "large-request Likely");
    let because = &diagnosis.incidents[0].causes[0].verdict.because;
    assert!(because.contains("15 GiB in all"), "{because}");
}

#[test]
fn a_file_that_breaks_off_behind_the_events_still_tells_the_refusal() {
    let mut program = Program::with(GIB);
    program.ask(900 * MIB, BUILD);
    program.refused(GIB, BUILD);
    let raw = pickle(&program.value(), 4);
    for cut in [3, 4] {
        let diagnosis = whyoom::diagnose("a.pickle", &raw[..raw.len() - cut]);
        assert!(!diagnosis.complete);
        let held = diagnosis.incidents[0].incident.holdings.as_deref().unwrap();
        assert_eq!(held.at, HeldAt::Refusal);
    }
}

#[test]
fn segments_with_stacks_and_no_events_do_not_claim_that_no_line_is_known() {
    let mut program = Program::with(GIB);
    program.ask(900 * MIB, BUILD);
    program.events.clear();
    let diagnosis = program.diagnosed();
    let remarks = diagnosis.holdings[0].remarks.join(" ");
    assert!(remarks.contains("what led to this moment"), "{remarks}");
}
