//! The samples of one step, where a sentence tells them and no name.

use super::phrases::spot;
use crate::evidence::SettingKind;

/// Words before "batch size" that make it another one than that of a step on one GPU.
const OTHER_BATCHES: [&str; 10] = [
    "total",
    "global",
    "effective",
    "eval",
    "evaluation",
    "validation",
    "val",
    "test",
    "max",
    "maximum",
];

/// "Batch size: 8", "Instantaneous batch size per device = 8", and with a translation between: "batch size per device /
/// バッチサイズ: 4" (kohya-ss/sd-scripts, `train_network.py`).
pub(super) fn read(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    const PHRASES: [&str; 3] = ["batch size per device", "batch size per gpu", "batch size"];
    if titan(text, keep) || dorado(text, keep) {
        return;
    }
    let found = PHRASES.iter().find_map(|p| find(text, p).map(|at| (p, at)));
    let Some((phrase, at)) = found else { return };
    let Some(mut spot) = spot(text, at, phrase.len()) else {
        return;
    };
    if let Some(translated) = spot.after.strip_prefix(" / ") {
        spot.after = translated.trim_start_matches(|c: char| !c.is_ascii());
    }
    let before = spot.before.to_ascii_lowercase();
    let other = before
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| OTHER_BATCHES.contains(&word));
    let value = spot.value().map(|v| v.trim_end_matches([',', '.']));
    let number =
        value.filter(|v| !v.is_empty() && v.len() <= 6 && v.bytes().all(|b| b.is_ascii_digit()));
    if let Some(number) = number.filter(|_| !other && !spot.is_advice()) {
        // The Trainer prints it so where it evaluates, and never where it trains (transformers/trainer.py, `evaluation_loop`).
        if spot.name == "Batch size" && spot.after.starts_with(" = ") && before.trim().is_empty() {
            keep(SettingKind::EvalBatchSize, spot.name, number);
        }
        keep(SettingKind::BatchSize, spot.name, number);
    }
}

/// " - set batch size for cuda:0 to 512" (nanoporetech/dorado, `api/runner_creation.cpp`).
fn dorado(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) -> bool {
    let told = text.split_once("set batch size for cuda:");
    let number = told
        .and_then(|(_, rest)| rest.split_once(" to "))
        .map(|(_, n)| n.trim());
    let number =
        number.filter(|n| (1..=6).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()));
    if let Some(number) = number {
        keep(SettingKind::BatchSize, "batch size", number);
    }
    number.is_some()
}

/// "Training starts at step 1, with local batch size 8, global batch size 64, sequence length 8192", and since it has a `Trainer`
/// "Trainer is initialized with local batch size 8, …" (torchtitan, `train.py`).
fn titan(text: &str, keep: &mut dyn FnMut(SettingKind, &str, &str)) -> bool {
    const HEADS: [&str; 2] = ["raining starts at step ", "rainer is initialized with "];
    let Some((_, rest)) = HEADS.iter().find_map(|head| text.split_once(head)) else {
        return false;
    };
    let number = |name: &str| {
        let (_, after) = rest.split_once(name)?;
        let end = after.find(|c: char| !c.is_ascii_digit());
        after
            .get(..end.unwrap_or(after.len()))
            .filter(|n| !n.is_empty() && n.len() <= 7)
    };
    if let Some(batch) = number("local batch size ") {
        keep(SettingKind::BatchSize, "local_batch_size", batch);
    }
    if let Some(length) = number("sequence length ") {
        keep(SettingKind::SequenceLength, "seq_len", length);
    }
    true
}

/// Where a phrase stands, whatever its letter case.
fn find(text: &str, phrase: &str) -> Option<usize> {
    let (bytes, phrase) = (text.as_bytes(), phrase.as_bytes());
    let first = *phrase.first()?;
    // Few places begin with the letter, so most of the line is passed over at once.
    memchr::memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        bytes,
    )
    .find(|at| {
        let found = bytes.get(*at..at + phrase.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(phrase))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_shows;
    use super::*;

    #[test]
    fn only_the_batch_of_one_step_on_one_gpu_is_the_batch_size() {
        use SettingKind::BatchSize;
        assert_shows("Batch size: 8", BatchSize, Some("8"));
        let titan = "Training starts at step 1, with local batch size 8, global batch size 64, sequence length 8192, total steps 9";
        assert_shows(titan, BatchSize, Some("8"));
        assert_shows(titan, SettingKind::SequenceLength, Some("8192"));
        assert_shows(
            "  batch size per device / バッチサイズ: 4",
            BatchSize,
            Some("4"),
        );
        assert_shows(
            "  Instantaneous batch size per device = 4",
            BatchSize,
            Some("4"),
        );
        assert_shows(
            "  Total train batch size (w. parallel) = 64",
            BatchSize,
            None,
        );
        assert_shows("  Batch size = 32", SettingKind::EvalBatchSize, Some("32"));
        assert_shows("Batch size: 32", SettingKind::EvalBatchSize, None);
        assert_shows("Eval batch size: 16", BatchSize, None);
        assert_shows("the batch size is too large", BatchSize, None);
    }
}
