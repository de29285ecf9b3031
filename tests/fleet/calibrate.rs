//! Fits the limits to the measured failures, and says how often each verdict and each first fix was right.
//!
//! `cargo run --example calibrate` fits on two thirds of the seeds; `-- --holdout` scores the last third with what was fitted.

#![expect(
    clippy::disallowed_methods,
    reason = "reads its own table in the repository"
)]

mod rules;
#[expect(dead_code, reason = "the rules look at fewer columns than there are")]
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use rules::{Bucket, Limits, fixes, judge, right};
use table::Failure;

const FOLDS: usize = 5;

/// How many of how many.
#[derive(Default, Clone, Copy)]
struct Tally {
    right: usize,
    all: usize,
}

impl Tally {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let per_mille = self.right * 1000 / self.all.max(1);
        let (percent, tenth) = (per_mille / 10, per_mille % 10);
        write!(f, "{:4}/{:<4} {percent:3}.{tenth} %", self.right, self.all)
    }
}

fn main() -> io::Result<()> {
    let failures = table::read()?;
    let (held, fit): (Vec<_>, Vec<_>) = failures.iter().partition(|f| f.held_out);
    let limits = best(&fit);
    let mut out = io::stdout().lock();
    writeln!(out, "{limits:?}, fitted on {} failures", fit.len())?;
    writeln!(out, "cross-validated by seed: {}", cross_validated(&fit))?;
    let scored = if std::env::args().any(|a| a == "--holdout") {
        writeln!(out, "\nscored on {} failures held out", held.len())?;
        &held
    } else {
        &fit
    };
    verdicts(&mut out, scored, limits)?;
    first_fixes(&mut out, scored, limits)?;
    every_fix(&mut out, scored)
}

/// The limits with the most right verdicts; the middle one of those that do equally well.
fn best(failures: &[&Failure]) -> Limits {
    let mut scored: Vec<(usize, Limits)> = grid()
        .into_iter()
        .map(|limits| (score(failures, limits).right, limits))
        .collect();
    let top = scored.iter().map(|(n, _)| *n).max().unwrap_or(0);
    scored.retain(|(n, _)| *n == top);
    let middle = scored.len() / 2;
    scored.get(middle).map_or(
        Limits {
            joined: 0.925,
            asked: 0.66,
            grown: 0.08,
        },
        |(_, limits)| *limits,
    )
}

fn grid() -> Vec<Limits> {
    let mut all = Vec::new();
    for joined in [0.80, 0.85, 0.875, 0.90, 0.915, 0.925, 0.935, 0.95, 0.97] {
        for asked in [0.0, 0.3, 0.5, 0.6, 0.66, 0.75, 0.85, 1.0] {
            for grown in [0.0, 0.05, 0.08, 0.12, 0.2] {
                all.push(Limits {
                    joined,
                    asked,
                    grown,
                });
            }
        }
    }
    all
}

fn score(failures: &[&Failure], limits: Limits) -> Tally {
    let mut tally = Tally::default();
    for f in failures {
        tally.count(right(f, judge(f, limits)));
    }
    tally
}

/// Each fold of the seeds is scored with limits that were fitted to the others.
fn cross_validated(failures: &[&Failure]) -> Tally {
    let seeds: BTreeSet<u64> = failures.iter().map(|f| f.seed).collect();
    let fold: BTreeMap<u64, usize> = seeds
        .into_iter()
        .enumerate()
        .map(|(i, s)| (s, i % FOLDS))
        .collect();
    let mut sum = Tally::default();
    for k in 0..FOLDS {
        let inside = |f: &&Failure| fold.get(&f.seed) == Some(&k);
        let (test, train): (Vec<&Failure>, Vec<&Failure>) =
            failures.iter().copied().partition(inside);
        let part = score(&test, best(&train));
        sum.right += part.right;
        sum.all += part.all;
    }
    sum
}

fn verdicts(out: &mut impl Write, failures: &[&Failure], limits: Limits) -> io::Result<()> {
    let mut buckets: BTreeMap<Bucket, Tally> = BTreeMap::new();
    for f in failures {
        let said = judge(f, limits);
        buckets.entry(said).or_default().count(right(f, said));
    }
    writeln!(out, "\nverdicts right: {}", score(failures, limits))?;
    for (bucket, tally) in &buckets {
        writeln!(out, "  {:14} {:44} {tally}", bucket.cause, bucket.name)?;
    }
    Ok(())
}

/// Failures that no measured fix mends are left out.
fn first_fixes(out: &mut impl Write, failures: &[&Failure], limits: Limits) -> io::Result<()> {
    let (mut all, mut folklore) = (Tally::default(), Tally::default());
    let mut firsts: BTreeMap<(&str, &str, &str, &str), Tally> = BTreeMap::new();
    for f in failures.iter().filter(|f| f.mended()) {
        let said = judge(f, limits);
        let measured = |id: &&&str| f.fixes.contains_key(**id);
        let first = fixes(f, said)
            .iter()
            .find(measured)
            .copied()
            .unwrap_or("nothing measured");
        let passed = f.fixes.get(first).copied().unwrap_or(false);
        all.count(passed);
        folklore.count(f.fixes.get("lower-batch-size").copied().unwrap_or(false));
        firsts
            .entry((said.cause, &f.kind, &f.phase, first))
            .or_default()
            .count(passed);
    }
    writeln!(
        out,
        "\nfirst fixes that work: {all}, halving the batch always: {folklore}"
    )?;
    for ((cause, kind, phase, first), tally) in &firsts {
        writeln!(out, "  {cause:14} {kind:10} {phase:10} {first:28} {tally}")?;
    }
    Ok(())
}

fn every_fix(out: &mut impl Write, failures: &[&Failure]) -> io::Result<()> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (id, &passed) in failures.iter().flat_map(|f| &f.fixes) {
        tallies.entry(id).or_default().count(passed);
    }
    writeln!(out, "\nevery fix, wherever it was measured")?;
    for (id, tally) in &tallies {
        writeln!(out, "  {id:28} {tally}")?;
    }
    Ok(())
}
