//! What changed in memory terms against a run that passed.

use crate::bytes::{Bytes, human};
use crate::diagnose::Diagnosis;
use crate::evidence::{Counter, Key, SettingKind, Settings};

/// A value and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The value, as printed where it was printed.
    pub value: String,
    /// The line of the raw input, from 1.
    pub line: u64,
}

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The input that was set against the passing run.
    pub source: String,
    /// What changed.
    pub what: String,
    /// How it was; `None` where the passing run does not say.
    pub before: Option<Told>,
    /// How it is; `None` where the input does not say.
    pub after: Option<Told>,
}

/// Settings that change how much memory a run needs or may use, in the order of the report.
const SETTINGS: [(SettingKind, &str); 19] = [
    (SettingKind::BatchSize, "batch size"),
    (SettingKind::SequenceLength, "sequence length"),
    (SettingKind::TorchVersion, "PyTorch"),
    (SettingKind::AllocatorConfig, "allocator settings"),
    (SettingKind::MallocAsync, "cudaMallocAsync"),
    (SettingKind::MemoryFraction, "memory fraction"),
    (SettingKind::VisibleDevices, "visible devices"),
    (SettingKind::Checkpointing, "activation checkpointing"),
    (SettingKind::MixedPrecision, "mixed precision"),
    (SettingKind::HalfWeights, "weights"),
    (SettingKind::Quantized, "quantization"),
    (SettingKind::SmallOptimizer, "optimizer"),
    (SettingKind::FlashAttention, "attention"),
    (SettingKind::DeepSpeed, "DeepSpeed"),
    (SettingKind::Fsdp, "FSDP"),
    (SettingKind::Container, "container"),
    (SettingKind::Wsl, "WSL"),
    (SettingKind::Windows, "Windows"),
    (SettingKind::Rocm, "ROCm"),
];

/// Counters, in the order of the report.
const COUNTERS: [Counter; 7] = [
    Counter::Allocated,
    Counter::PeakAllocated,
    Counter::Reserved,
    Counter::PeakReserved,
    Counter::Process,
    Counter::DeviceUsed,
    Counter::Other,
];

/// Everything in an input that is not as it was in the run that passed. What both leave unsaid is not there.
pub(crate) fn since(good: &Diagnosis, now: &Diagnosis) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |what: String, before: Option<Told>, after: Option<Told>| {
        changes.push(Change {
            source: now.source.clone(),
            what,
            before,
            after,
        });
    };
    for (kind, what) in SETTINGS {
        let (before, after) = (told(&good.settings, kind), told(&now.settings, kind));
        let same = before.as_ref().map(|t| &t.value) == after.as_ref().map(|t| &t.value);
        if !same {
            add(what.to_owned(), before, after);
        }
    }
    let mut sizes = vec![("size of the card".to_owned(), card(good), card(now))];
    for counter in COUNTERS {
        let what = format!("highest reading of {}", counter.name());
        sizes.push((what, highest(good, counter), highest(now, counter)));
    }
    for (what, before, after) in sizes {
        if let (Some(before), Some(after)) = (before, after)
            && differ(before.0, after.0)
        {
            add(what, Some(sized(before)), Some(sized(after)));
        }
    }
    changes
}

/// A setting that the log itself shows; what only follows from the wording of a failure has no counterpart in a run that passed.
fn told(settings: &Settings, kind: SettingKind) -> Option<Told> {
    let setting = settings.get(kind).filter(|setting| setting.line > 0)?;
    let value = match setting.value.as_str() {
        "" => "on",
        value => value,
    };
    Some(Told {
        value: value.to_owned(),
        line: setting.line,
    })
}

fn sized((bytes, line): (Bytes, u64)) -> Told {
    Told {
        value: human(bytes.mid()),
        line,
    }
}

/// Surely different, and by more than a hundredth: readings of two equal runs are never quite the same.
fn differ(before: Bytes, after: Bytes) -> bool {
    let (before_mid, after_mid) = (before.mid(), after.mid());
    before.meet(after).is_none() && before_mid.abs_diff(after_mid) > before_mid.max(after_mid) / 100
}

fn highest(diagnosis: &Diagnosis, counter: Counter) -> Option<(Bytes, u64)> {
    let of = diagnosis.series.iter().filter(|s| s.counter == counter);
    let points = of.flat_map(|s| &s.points).map(|p| (p.bytes, p.line));
    points.max_by_key(|(bytes, line)| (bytes.mid(), std::cmp::Reverse(*line)))
}

/// The size of the card by its own line, else by the failure's message.
fn card(diagnosis: &Diagnosis) -> Option<(Bytes, u64)> {
    let told = diagnosis.cards.iter().map(|c| (c.total, c.line)).next();
    told.or_else(|| {
        let mut facts = diagnosis
            .incidents
            .iter()
            .filter_map(|e| e.incident.facts.fact(Key::Total));
        facts.next().map(|fact| (fact.bytes, fact.line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "torch version: 2.3.0\nbatch_size=8 max_seq_length=1024\nPYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n\
        step 1 memory allocated: 11.00 GiB\nstep 2 memory allocated: 12.00 GiB\n";

    fn changes(good: &str, now: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let good = crate::diagnose("good.log", good.as_bytes());
        let now = crate::diagnose("bad.log", now.as_bytes());
        let changes = since(&good, &now).into_iter();
        changes
            .map(|c| (c.what, c.before.map(|t| t.value), c.after.map(|t| t.value)))
            .collect()
    }

    #[test]
    fn a_run_set_against_itself_shows_no_change() {
        assert_eq!(changes(GOOD, GOOD), []);
    }

    #[test]
    fn batch_length_version_settings_and_peaks_are_told() {
        let now = GOOD
            .replace("batch_size=8", "batch_size=16")
            .replace("1024", "4096")
            .replace("2.3.0", "2.4.1")
            .replace("PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True", "")
            .replace("12.00 GiB", "23.00 GiB");
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            changes(GOOD, &now),
            [
                ("batch size".to_owned(), some("8"), some("16")),
                ("sequence length".to_owned(), some("1024"), some("4096")),
                ("PyTorch".to_owned(), some("2.3.0"), some("2.4.1")),
                (
                    "allocator settings".to_owned(),
                    some("expandable_segments:True"),
                    None
                ),
                (
                    "highest reading of allocated".to_owned(),
                    some("12 GiB"),
                    some("23 GiB")
                ),
            ]
        );
    }

    #[test]
    fn readings_that_differ_by_less_than_a_hundredth_are_the_same() {
        assert_eq!(changes(GOOD, &GOOD.replace("12.00", "12.05")), []);
    }
}
