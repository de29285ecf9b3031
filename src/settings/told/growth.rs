//! Growth over time, in the words of who tells it.

use super::Keep;
use crate::evidence::{GROWTH_SEEN, SettingKind as K};

/// The same in Chinese, German, French, Spanish and Russian.
const IN_OTHER_TONGUES: [&str; 18] = [
    "显存一直增",
    "显存不断增",
    "显存持续增",
    "显存逐渐增",
    "显存越来越",
    "显存一直在涨",
    "显存一直涨",
    "显存不断上涨",
    "显存缓慢增",
    "speicher steigt",
    "speicher wächst",
    "speicherverbrauch steigt",
    "mémoire augmente",
    "mémoire ne cesse d'augmenter",
    "memoria aumenta",
    "memoria crece",
    "память растет",
    "память растёт",
];

/// "memory keeps increasing", "after a few hundred iterations I get OOM".
pub(super) fn grows(lower: &str, keep: Keep<'_>) {
    const RISES: [&str; 9] = [
        "increas",
        "grow",
        "climb",
        "creep",
        "rises",
        "rising",
        "goes up",
        "going up",
        "builds up",
    ];
    // Else it may be that of one step.
    const SLOWLY: [&str; 12] = [
        "keeps ",
        "slowly",
        "gradual",
        "steadil",
        "every",
        "each ",
        "over time",
        "continu",
        "constantly",
        "more and more",
        "as training",
        "until",
    ];
    const MANY: [&str; 6] = ["few ", "some ", "several ", "hundred", "thousand", "many "];
    const ROUNDS: [&str; 4] = ["iteration", "epoch", "step", "batches"];
    const FAILS: [&str; 6] = [
        "oom",
        "out of memory",
        "out-of-memory",
        "error",
        "crash",
        "fails",
    ];
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let memory = lower.contains("memory") || lower.contains("vram");
    let own = lower.replace("vram", "gpu");
    let hosts = ["ram usage", "cpu memory", "host memory", "system memory"];
    let of_the_host = hosts.iter().any(|word| own.contains(word));
    let rises = memory && has(&RISES) && has(&SLOWLY) && !of_the_host;
    let rises = rises || IN_OTHER_TONGUES.iter().any(|words| lower.contains(words));
    let late = lower.split_once("after ").is_some_and(|(_, behind)| {
        let behind: String = behind.chars().take(40).collect();
        (MANY.iter().any(|word| behind.contains(word)) || counts_many(&behind))
            && ROUNDS.iter().any(|word| behind.contains(word))
    });
    if rises {
        keep(K::GrowthTold, "memory", GROWTH_SEEN);
    } else if (late || passed_one_epoch(lower)) && has(&FAILS) {
        keep(K::GrowthTold, "memory", "told");
    }
}

/// "about 200 iterations".
fn counts_many(text: &str) -> bool {
    const MANY: u64 = 20;
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut counts = words.take(4).filter_map(|word| word.parse::<u64>().ok());
    counts.any(|count| count >= MANY)
}

/// "the first epoch is fine, at the second it crashes".
fn passed_one_epoch(lower: &str) -> bool {
    const FIRST: [(&str, &[&str]); 3] = [
        ("first epoch", &["second", "next", "2"]),
        ("epoch 0", &["epoch 1", "second"]),
        ("epoch 1", &["epoch 2", "second"]),
    ];
    const FITS: [&str; 6] = [" works", " fine", " ok", " passes", " completes", " runs"];
    FIRST.iter().any(|(first, then)| {
        lower.split_once(first).is_some_and(|(_, behind)| {
            FITS.iter().any(|word| behind.contains(word))
                && then.iter().any(|word| behind.contains(word))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_by_a_word_of_time() {
        let told = |text: &str| {
            let mut found = false;
            grows(text, &mut |kind, _, _| found |= kind == K::GrowthTold);
            found
        };
        for text in [
            "nvidia-smi shows memory slowly climbing from 5.1gb to 7.9gb before it dies",
            "the vram usage keeps increasing with each batch",
            "it gives oom every time after about 200 iterations",
            "after a few hundred steps i get out of memory",
        ] {
            assert!(told(text), "{text}");
        }
        for text in [
            "memory grows with the square of the length",
            "oom after 2 iterations",
            "host memory is fine",
            "ram usage keeps growing",
        ] {
            assert!(!told(text), "{text}");
        }
    }
}
