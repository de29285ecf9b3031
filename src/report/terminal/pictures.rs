//! Pictures of whole reports, on failures made up for the purpose, and what holds for all of them.

use super::write;
use crate::bytes::{Bytes, parse};
use crate::diagnose::{Diagnosis, Explained};
use crate::evidence::{
    Balance, Counter, Fact, FactSource, FindingId, FixId, Frame, Incident, Key, Memory, MessageId,
    Phase, Program, Series, Share, Trend, TrendVerdict,
};
use crate::findings::{Cause, Confidence, Finding, Judged, Rerun, Verdict};
use crate::fixes::{Enough, Fix, Offer, Ranked};
use crate::place::Place;
use crate::report::wrap::columns;
use crate::report::{Look, Options, Styles};
use proptest::prelude::*;

static PIECES: Finding = finding(
    FindingId::SplitSegments,
    Cause::Fragmentation,
    "# Enough is idle, in pieces",
);
static WORK: Finding = finding(
    FindingId::Activations,
    Cause::Exhaustion,
    "# The work needs more than there is",
);
static OPEN: Finding = finding(
    FindingId::Unexplained,
    Cause::Unknown,
    "# The evidence does not settle it",
);
static GROW: Fix = fix(
    FixId::ExpandableSegments,
    "nothing known",
    "# Let segments grow",
);
static HALVE: Fix = fix(
    FixId::LowerBatchSize,
    "more steps, each of them less busy, and a learning rate that may have to follow",
    "# Lower the batch size",
);

const fn finding(id: FindingId, cause: Cause, page: &'static str) -> Finding {
    Finding {
        id,
        cause,
        page,
        fixes: &[],
        decide: |_| None,
    }
}

const fn fix(id: FixId, cost: &'static str, page: &'static str) -> Fix {
    Fix {
        id,
        cost,
        page,
        offer: |_| None,
    }
}

fn incident(figures: &[(Key, &str)]) -> Incident {
    let place = Place {
        source: "train.log".to_owned(),
        line: 412,
    };
    let mut incident = Incident::new(
        place,
        Memory::Device,
        Program::Pytorch,
        MessageId::PytorchCuda,
    );
    for (key, text) in figures {
        let (number, unit) = text.split_once(' ').unwrap();
        let fact = Fact {
            bytes: parse(number, unit).unwrap(),
            text: (*text).to_owned(),
            line: 412,
            source: FactSource::Message,
        };
        incident.facts.insert(*key, fact);
    }
    incident
}

fn judged(
    finding: &'static Finding,
    confidence: Confidence,
    because: &str,
    settle: &str,
) -> Judged {
    Judged {
        finding,
        verdict: Verdict {
            confidence,
            finding_confidence: None,
            measured: None,
            because: because.to_owned(),
            settle: (!settle.is_empty()).then(|| settle.to_owned()),
        },
    }
}

fn fragmented() -> Explained {
    let mut incident = incident(&[
        (Key::Tried, "33.55 GiB"),
        (Key::Total, "139.80 GiB"),
        (Key::Free, "16.25 GiB"),
        (Key::ProcessInUse, "123.55 GiB"),
        (Key::Allocated, "61.51 GiB"),
        (Key::ReservedUnallocated, "61.53 GiB"),
    ]);
    incident.device = Some(0);
    incident.shares = [0, 1, 6, 3, 2]
        .into_iter()
        .map(|rank| Share {
            rank,
            device: None,
            own: None,
            allocated: None,
            line: 412,
        })
        .collect();
    incident.repeats = 5;
    incident.echoes = vec![520, 631, 632, 640];
    incident.run.step = Some(1200);
    incident.phase = Some(Phase::Backward);
    incident.frame = Some(Frame {
        file: "train.py".to_owned(),
        line: 87,
        function: "main".to_owned(),
        code: String::new(),
        at: 400,
    });
    let because = "33.6 GiB was requested. 16.3 GiB is free, and 61.5 GiB lies idle. Together that is enough.";
    Explained {
        balance: Balance::of(&incident),
        incident,
        causes: vec![
            judged(
                &PIECES,
                Confidence::Likely,
                because,
                "run once with growing segments",
            ),
            judged(
                &WORK,
                Confidence::Possible,
                "Tensors hold 61.5 GiB.",
                "a summary before the line that fails",
            ),
        ],
        fixes: fixes(),
        rerun: Rerun::Maybe,
        notes: vec!["The line that failed is only the last straw.".to_owned()],
        now: None,
        fingerprint: None,
    }
}

fn fixes() -> Vec<Ranked> {
    let (gain, cost) = (Some(Bytes::between(0, 66 << 30)), None);
    let first = "ALLOC_CONF=expandable_segments:True\n# before the first use of CUDA";
    let offers = [
        (&GROW, first, gain, Enough::Yes),
        (&HALVE, "with no_grad():\n    step()", None, Enough::Unknown),
    ];
    let ranked = offers.into_iter().map(|(fix, how, gain, enough)| Ranked {
        fix,
        offer: Offer {
            title: None,
            how: how.to_owned(),
            gain,
            at_least: false,
            enough,
            cost,
        },
    });
    ranked.collect()
}

fn open() -> Explained {
    let incident = incident(&[]);
    let because = "The text says neither how much was requested nor how much there was.";
    Explained {
        balance: Balance::of(&incident),
        incident,
        causes: vec![judged(
            &OPEN,
            Confidence::Possible,
            because,
            "nvidia-smi at that moment",
        )],
        fixes: Vec::new(),
        rerun: Rerun::Maybe,
        notes: Vec::new(),
        now: None,
        fingerprint: None,
    }
}

fn series() -> Series {
    Series {
        source: "train.log".to_owned(),
        counter: Counter::Allocated,
        running_peak: false,
        label: String::new(),
        step_name: "step".to_owned(),
        rank: None,
        device: None,
        count: 240,
        points: Vec::new(),
        trend: Trend {
            verdict: TrendVerdict::Grows,
            per_step: Some((40 << 20, 0)),
            since: Some(12),
            grown: 9 << 30,
            by_design: None,
            caution: None,
        },
    }
}

fn read(source: &str, bytes: u64, incidents: Vec<Explained>) -> Diagnosis {
    let mut diagnosis = crate::diagnose(source, b"");
    diagnosis.bytes = bytes;
    diagnosis.incidents = incidents;
    diagnosis
}

fn draw(diagnoses: &[Diagnosis], look: Look) -> String {
    let options = Options {
        look,
        ..Options::default()
    };
    let mut out = Vec::new();
    write(diagnoses, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn wide(width: usize, unicode: bool) -> Look {
    Look {
        width,
        unicode,
        styles: Styles::default(),
    }
}

#[test]
fn a_failure_at_80_columns() {
    let mut diagnosis = read("train.log", 48_211, vec![fragmented()]);
    diagnosis.series.push(series());
    insta::assert_snapshot!(draw(&[diagnosis], wide(80, true)), @r"
    The GPUs ran out of memory in the backward pass: train.py:87, ranks 0-3, 6
      train.log:412
    Fragmentation, likely: enough is idle, in pieces. 33.6 GiB was requested.
    16.3 GiB is free, and 61.5 GiB lies idle. Together that is enough.

    Do this (17.3 GiB is missing)
      1. Let segments grow: frees up to 66 GiB, enough
         ALLOC_CONF=expandable_segments:True
      2. Lower the batch size
         with no_grad():
             step()

    Good to know
      • The line that failed is only the last straw.

    If that does not help: exhaustion, possible: the work needs more than there is.
      Tensors hold 61.5 GiB. To tell: a summary before the line that fails.

    To be sure: run once with growing segments.

    Memory grows: allocated rose by 9 GiB over 240 readings, 40 MiB each step, since
      step 12.

    More: whyoom explain split-segments
    ");
}

#[test]
fn a_failure_at_60_columns_in_ascii() {
    let diagnosis = read("train.log", 48_211, vec![fragmented()]);
    insta::assert_snapshot!(draw(&[diagnosis], wide(60, false)), @r"
    The GPUs ran out of memory in the backward pass:
      train.py:87, ranks 0-3, 6
      train.log:412
    Fragmentation, likely: enough is idle, in pieces. 33.6 GiB
    was requested. 16.3 GiB is free, and 61.5 GiB lies idle.
    Together that is enough.

    Do this (17.3 GiB is missing)
      1. Let segments grow: frees up to 66 GiB, enough
         ALLOC_CONF=expandable_segments:True
      2. Lower the batch size
         with no_grad():
             step()

    Good to know
      - The line that failed is only the last straw.

    If that does not help: exhaustion, possible: the work needs
      more than there is. Tensors hold 61.5 GiB. To tell: a
      summary before the line that fails.

    To be sure: run once with growing segments.

    More: whyoom explain split-segments
    ");
}

#[test]
fn an_open_case_says_what_would_settle_it() {
    let mut cut = read("half.log", 9, Vec::new());
    cut.complete = false;
    cut.problem = Some("it became shorter while it was read".to_owned());
    let found = read("train.log", 48_211, vec![open(), open()]);
    insta::assert_snapshot!(draw(&[found, cut], wide(80, true)), @r"
    The GPU ran out of memory                                          train.log:412
    Unknown: the evidence does not settle it. The text says neither how much was
    requested nor how much there was.

    What would settle it: nvidia-smi at that moment.

    The message at train.log:412 holds no figures.

    More: whyoom explain unexplained

    The GPU ran out of memory                                          train.log:412
    Unknown: the evidence does not settle it. The text says neither how much was
    requested nor how much there was.

    What would settle it: nvidia-smi at that moment.

    The message at train.log:412 holds no figures.

    More: whyoom explain unexplained

    Read 2 inputs, 47.1 KiB: 2 failures, 1 distinct, in 1 input; 1 input was not
      read to its end.
    Not all was read: `half.log`: it became shorter while it was read.
    ");
}

#[test]
fn nothing_found_says_what_was_read() {
    let mut binary = read("core", 3 << 20, Vec::new());
    binary.remark = Some("binary data; only the text in it was looked at".to_owned());
    insta::assert_snapshot!(draw(&[binary], wide(80, true)), @r"
    No out-of-memory failure found in `core` (3 MiB read).
    `core` is binary data; only the text in it was looked at.
    If memory did run out, give the lines from `Traceback` to the end of the error
      message.
    ");
}

#[test]
fn colours_change_no_word() {
    let plain = draw(&[read("x", 1, vec![fragmented()])], wide(80, true));
    let look = Look {
        styles: Styles::colored(),
        ..wide(80, true)
    };
    let colored = draw(&[read("x", 1, vec![fragmented()])], look);
    assert!(colored.contains('\u{1b}'));
    let escape = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(escape.replace_all(&colored, ""), plain);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_line_is_wider_than_the_width_and_none_acts(text in "(?s).{0,120}", width in 60usize..=100, unicode: bool) {
        let mut failed = fragmented();
        failed.incident.place.source.clone_from(&text);
        failed.incident.frame.as_mut().unwrap().file.clone_from(&text);
        failed.causes[0].verdict.because.clone_from(&text);
        failed.causes[1].verdict.settle = Some(text.clone());
        failed.fixes[0].offer.how.clone_from(&text);
        let mut unread = read(&text, 0, Vec::new());
        unread.complete = false;
        unread.problem = Some(text);
        for line in draw(&[read("x", 1, vec![failed, open()]), unread], wide(width, unicode)).lines() {
            prop_assert!(columns(line) <= width, "{line:?}");
            prop_assert!(!line.contains(crate::report::sanitize::acts), "{line:?}");
        }
    }
}
