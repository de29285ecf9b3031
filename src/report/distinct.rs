//! Failures that are the same one, seen in several inputs or at several places of one: systems that track failures want
//! each once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Options;
use super::fingerprint::fingerprint;
use crate::diagnose::{Diagnosis, Explained};
use crate::findings::Cause;
use crate::sorting;

/// One failure and all places that it was seen at.
pub(super) struct Distinct<'a> {
    /// Its fingerprint.
    pub(super) fingerprint: String,
    /// The failures that share it, in the order of the inputs; never empty.
    pub(super) seen: Vec<&'a Explained>,
    /// The first of them that counts, else the first: where one fails the run, the failure is shown as an error.
    pub(super) first: &'a Explained,
}

impl Distinct<'_> {
    /// How often it was seen, repeats in one log included.
    pub(super) fn count(&self) -> u64 {
        let repeats = self.seen.iter().map(|explained| explained.incident.repeats);
        repeats.fold(0, u64::saturating_add)
    }

    /// Whether an earlier run had it; `None` where none was given.
    pub(super) fn known(&self, options: &Options) -> Option<bool> {
        options.compared.knows(&self.fingerprint)
    }

    /// The finding's id.
    pub(super) fn finding(&self) -> &'static str {
        let best = self.first.causes.first();
        best.map_or("unexplained", |best| best.finding.id.name())
    }
}

/// Each failure once: new ones before those that an earlier run had, the surest first and the open ones last, so that what
/// has room for some shows those that matter most.
pub(super) fn best_first<'a>(diagnoses: &'a [Diagnosis], options: &Options) -> Vec<Distinct<'a>> {
    let mut all = distinct(diagnoses, options);
    sorting::by_key(&mut all, |one| {
        let best = one.first.causes.first();
        let sure = best.filter(|best| best.finding.cause != Cause::Unknown);
        let confidence = sure.map(|best| best.verdict.confidence);
        (one.known(options) == Some(true), Reverse(confidence))
    });
    all
}

/// Each failure once, in the order of the inputs.
pub(super) fn distinct<'a>(diagnoses: &'a [Diagnosis], options: &Options) -> Vec<Distinct<'a>> {
    let gate = &options.compared.gate;
    let mut all: Vec<Distinct<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for explained in diagnoses.iter().flat_map(|d| &d.incidents) {
        let fingerprint = fingerprint(explained);
        let known = places.get(&fingerprint).and_then(|at| all.get_mut(*at));
        if let Some(known) = known {
            known.seen.push(explained);
            if !gate.counts(known.first) && gate.counts(explained) {
                known.first = explained;
            }
            continue;
        }
        places.insert(fingerprint.clone(), all.len());
        all.push(Distinct {
            fingerprint,
            seen: vec![explained],
            first: explained,
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(file: &str) -> String {
        format!(
            "Traceback (most recent call last):\n  File \"{file}\", line 7, in main\n    y = model(x)\n\
             torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of \
             23.64 GiB of which 1.12 GiB is free. Of the allocated memory 21.40 GiB is allocated by PyTorch, and \
             412.00 MiB is reserved by PyTorch but unallocated.\n"
        )
    }

    #[test]
    fn the_same_failure_in_two_logs_is_one_and_another_stays_apart() {
        let read = |name, file| crate::diagnose(name, log(file).as_bytes());
        let diagnoses = [
            read("a.log", "train.py"),
            read("b.log", "eval.py"),
            read("c.log", "train.py"),
        ];
        let all = distinct(&diagnoses, &Options::default());
        let sources: Vec<Vec<&str>> = all
            .iter()
            .map(|one| {
                one.seen
                    .iter()
                    .map(|e| e.incident.place.source.as_str())
                    .collect()
            })
            .collect();
        assert_eq!(sources, [vec!["a.log", "c.log"], vec!["b.log"]]);
        assert_eq!(all[0].count(), 2);
    }
}
