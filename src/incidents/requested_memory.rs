//! How much memory the job's own script or command asks for, and the line that does.

use std::collections::BTreeSet;

use crate::bytes::{self, Bytes};
use crate::evidence::{Asked, Fact, FactSource, Keeper};
use crate::text::{Lane, Line};

/// How a launcher is asked: what its line begins with, the option, who reads it, what a number without a unit counts, and whether the
/// amount is that of the whole job.
struct Ask(&'static str, &'static str, Keeper, u64, bool);

const MIB: u64 = 1 << 20;

/// Without a unit Slurm, `HTCondor` and Snakemake count in MiB, Docker and PBS in bytes. What is asked for each CPU, GPU, slot or chunk
/// is no limit of the job: Slurm multiplies it by what was allocated (slurm.schedmd.com, sbatch, `--mem-per-cpu`), Grid Engine by
/// the slots (`sge_queue_conf(5)`). LSF counts in the unit that its administrator chose (`LSF_UNIT_FOR_LIMITS`).
const ASKS: [Ask; 26] = [
    Ask("#SBATCH ", "--mem=", Keeper::Slurm, MIB, true),
    Ask("#SBATCH ", "--mem ", Keeper::Slurm, MIB, true),
    Ask("#SBATCH ", "--mem-per-cpu=", Keeper::Slurm, MIB, false),
    Ask("#SBATCH ", "--mem-per-cpu ", Keeper::Slurm, MIB, false),
    Ask("#SBATCH ", "--mem-per-gpu=", Keeper::Slurm, MIB, false),
    Ask("#SBATCH ", "--mem-per-gpu ", Keeper::Slurm, MIB, false),
    Ask("srun ", "--mem=", Keeper::Slurm, MIB, true),
    Ask("srun ", "--mem-per-cpu=", Keeper::Slurm, MIB, false),
    Ask("sbatch ", "--mem=", Keeper::Slurm, MIB, true),
    Ask("sbatch ", "--mem-per-cpu=", Keeper::Slurm, MIB, false),
    Ask("sbatch ", "--mem-per-gpu=", Keeper::Slurm, MIB, false),
    Ask("salloc ", "--mem=", Keeper::Slurm, MIB, true),
    Ask("salloc ", "--mem-per-cpu=", Keeper::Slurm, MIB, false),
    // Of several chunks each has its own.
    Ask("#PBS ", "select=1:", Keeper::Pbs, 1, true),
    Ask("#PBS ", "select=", Keeper::Pbs, 1, false),
    Ask("#PBS ", "mem=", Keeper::Pbs, 1, true),
    Ask("qsub ", "mem=", Keeper::Pbs, 1, true),
    Ask("#BSUB ", "rusage[mem=", Keeper::Lsf, 0, false),
    Ask("#BSUB ", "-M ", Keeper::Lsf, 0, true),
    Ask("#$ ", "h_vmem=", Keeper::GridEngine, 1, false),
    Ask("qsub ", "h_vmem=", Keeper::GridEngine, 1, false),
    Ask("docker run ", "--memory=", Keeper::Docker, 1, true),
    Ask("docker run ", "--memory ", Keeper::Docker, 1, true),
    Ask("docker run ", " -m ", Keeper::Docker, 1, true),
    Ask("request_memory", "=", Keeper::Condor, MIB, true),
    Ask("resources: ", "mem_mb=", Keeper::Snakemake, MIB, true),
];

/// A line that asks, and how much that is for the whole job, where it tells.
pub(super) struct Asks {
    line: u64,
    pub(super) asked: Asked,
    pub(super) fact: Option<Fact>,
}

/// All lines that ask. What is asked for each CPU is the job's limit where another line tells how many it has.
pub(super) fn all(lanes: &[Lane]) -> Vec<Asks> {
    let lines = || lanes.iter().flat_map(|lane| &lane.lines);
    let mut rule: Option<String> = None;
    let read = |line: &Line| {
        rule = rule_of(&line.text)
            .map(str::to_owned)
            .or_else(|| rule.take());
        let (mut asked, fact) = read(line)?;
        if asked.of == Keeper::Snakemake {
            asked.whose.clone_from(&rule);
        }
        Some(Asks {
            line: line.number,
            asked,
            fact,
        })
    };
    let mut all: Vec<Asks> = lines().filter_map(read).collect();
    let of_each = |asks: &Asks| asks.fact.is_none() && asks.asked.before.contains("--mem-per-cpu");
    if all.iter().any(of_each) {
        let cpus = lines().find_map(|line| cpus(&line.text));
        for asks in all.iter_mut().filter(|asks| of_each(asks)) {
            asks.fact = cpus.and_then(|cpus| of_cpus(asks, cpus));
        }
    }
    all
}

/// `rule fold:` and `localrule fold:`, which stand above what the job of a rule asks for (snakemake, src/snakemake/logging.py).
fn rule_of(text: &str) -> Option<&str> {
    let text = text.trim().strip_suffix(':')?;
    let text = text.strip_prefix("local").unwrap_or(text);
    let name = text.strip_prefix("rule ")?;
    (!name.contains(' ')).then_some(text)
}

/// The limit of a job with so many CPUs.
fn of_cpus(asks: &Asks, cpus: u64) -> Option<Fact> {
    let Asked { number, after, .. } = &asks.asked;
    let unit = after.split([' ', '#']).next()?;
    let each = if unit.is_empty() {
        MIB
    } else {
        bytes::unit(unit)?
    };
    let bytes = number.checked_mul(each)?.checked_mul(cpus)?;
    Some(Fact {
        bytes: Bytes::exact(bytes),
        text: format!("{cpus} x {number}{unit}"),
        line: asks.line,
        source: FactSource::Message,
    })
}

/// The line that asks one of these, nearest above the failure, else the first.
pub(super) fn nearest<'a>(
    all: &'a [Asks],
    at: u64,
    keepers: &BTreeSet<Keeper>,
) -> Option<&'a Asks> {
    let own = || all.iter().filter(|asks| keepers.contains(&asks.asked.of));
    let above = own().filter(|asks| asks.line < at);
    above.max_by_key(|asks| asks.line).or_else(|| own().next())
}

/// What one line asks for, and how much that is for the whole job, where it tells.
pub(super) fn read(line: &Line) -> Option<(Asked, Option<Fact>)> {
    let text = line
        .text
        .trim_start_matches(['>', '+', '$', ' '])
        .trim_end();
    let (ask, at) = ASKS.iter().find_map(|ask| {
        let rest = text.strip_prefix(ask.0)?;
        let found = rest.find(ask.1)? + ask.1.len();
        // The chunk of a selection names its memory behind its size.
        let inner = if ask.1.starts_with("select=") {
            rest.get(found..)?.find("mem=")? + "mem=".len()
        } else {
            0
        };
        Some((ask, text.len() - rest.len() + found + inner))
    })?;
    let (before, value) = text.split_at_checked(at)?;
    let spaces = value.len() - value.trim_start().len();
    let (before, value) = text.split_at_checked(before.len() + spaces)?;
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = value.split_at_checked(digits)?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let asked = Asked {
        of: ask.2,
        before: before.to_owned(),
        number,
        after: after.to_owned(),
        whose: None,
    };
    let unit = after.split([' ', ',', ':', ']', '#']).next()?;
    let each = if unit.is_empty() {
        Some(ask.3).filter(|each| *each > 0)
    } else {
        bytes::unit(unit)
    };
    let bytes = each.and_then(|each| number.checked_mul(each));
    let fact = bytes.filter(|_| ask.4).map(|bytes| Fact {
        bytes: Bytes::exact(bytes),
        text: if unit.is_empty() && each == Some(MIB) {
            format!("{number} MiB")
        } else {
            format!("{number}{unit}")
        },
        line: line.number,
        source: FactSource::Message,
    });
    Some((asked, fact))
}

/// How many CPUs a line gives each task: what `--mem-per-cpu` is multiplied by.
pub(super) fn cpus(text: &str) -> Option<u64> {
    let option = |key: &str| {
        let (before, rest) = text.split_once(key)?;
        let own = before.trim_start_matches(['>', ' ']).starts_with("#SBATCH")
            || before.contains("sbatch")
            || before.contains("srun");
        let digits: String = rest
            .trim_start()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        own.then(|| digits.parse().ok()).flatten()
    };
    option("--cpus-per-task=")
        .or_else(|| option("--cpus-per-task "))
        .or_else(|| option(" -c "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<(Keeper, String, u64, String, Option<u64>)> {
        let line = Line {
            number: 1,
            text: text.to_owned(),
            ..Line::default()
        };
        let (asked, fact) = read(&line)?;
        let bytes = fact.map(|fact| fact.bytes.low() >> 20);
        Some((asked.of, asked.before, asked.number, asked.after, bytes))
    }

    /// A line; of whom it asks; what stands before the number, the number, and what stands behind it; MiB for the whole job.
    type Read = (
        &'static str,
        Keeper,
        &'static str,
        u64,
        &'static str,
        Option<u64>,
    );
    const READ: &[Read] = &[
        (
            "#SBATCH --mem=64G",
            Keeper::Slurm,
            "#SBATCH --mem=",
            64,
            "G",
            Some(65536),
        ),
        (
            "#SBATCH --mem 4000",
            Keeper::Slurm,
            "#SBATCH --mem ",
            4000,
            "",
            Some(4000),
        ),
        (
            "#SBATCH --mem-per-cpu=4G",
            Keeper::Slurm,
            "#SBATCH --mem-per-cpu=",
            4,
            "G",
            None,
        ),
        (
            "+ sbatch --mem-per-cpu=4000 -c 8 fit.sh",
            Keeper::Slurm,
            "sbatch --mem-per-cpu=",
            4000,
            " -c 8 fit.sh",
            None,
        ),
        (
            "#PBS -l mem=16gb",
            Keeper::Pbs,
            "#PBS -l mem=",
            16,
            "gb",
            Some(16384),
        ),
        (
            "#PBS -l select=1:ncpus=8:mem=16gb:ngpus=1",
            Keeper::Pbs,
            "#PBS -l select=1:ncpus=8:mem=",
            16,
            "gb:ngpus=1",
            Some(16384),
        ),
        (
            "#PBS -l select=4:ncpus=8:mem=16gb",
            Keeper::Pbs,
            "#PBS -l select=4:ncpus=8:mem=",
            16,
            "gb",
            None,
        ),
        (
            "#BSUB -M 8GB",
            Keeper::Lsf,
            "#BSUB -M ",
            8,
            "GB",
            Some(8192),
        ),
        ("#BSUB -M 8000", Keeper::Lsf, "#BSUB -M ", 8000, "", None),
        (
            "#$ -l h_vmem=8G,gpu=1",
            Keeper::GridEngine,
            "#$ -l h_vmem=",
            8,
            "G,gpu=1",
            None,
        ),
        (
            "request_memory = 8GB",
            Keeper::Condor,
            "request_memory = ",
            8,
            "GB",
            Some(8192),
        ),
        (
            "    resources: mem_mb=6000, disk_mb=1000",
            Keeper::Snakemake,
            "resources: mem_mb=",
            6000,
            ", disk_mb=1000",
            Some(6000),
        ),
    ];

    #[test]
    fn each_launcher_s_words_are_read_with_what_stands_around_the_number() {
        for (text, of, before, number, after, mib) in READ {
            let expected = (
                *of,
                (*before).to_owned(),
                *number,
                (*after).to_owned(),
                *mib,
            );
            assert_eq!(one(text), Some(expected), "{text}");
        }
        for text in [
            "#SBATCH --mem=...",
            "#SBATCH --time=04:00:00",
            "resources: disk_mb=1",
            "echo --mem=4G",
        ] {
            assert_eq!(one(text), None, "{text}");
        }
        assert_eq!(cpus("#SBATCH --cpus-per-task=8"), Some(8));
        assert_eq!(cpus("cut -c 8"), None);
    }
}
