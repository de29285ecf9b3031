//! How many processes a command or a setting starts side by side: half of them need half of the memory.

use std::collections::BTreeMap;

use crate::evidence::Keeper;

/// More than any machine has cores, so that it is no such number.
const MOST: u64 = 4096;

/// What a line must hold (or nothing), what stands before the number, and who is told. All in small letters.
const TOLD: [(&str, &str, Keeper); 29] = [
    ("", "max_jobs=", Keeper::Compiler),
    // torch/utils/cpp_extension.py, `_get_num_workers`.
    ("", "using envvar max_jobs (", Keeper::Compiler),
    ("", "cmake_build_parallel_level=", Keeper::Compiler),
    ("", "cargo_build_jobs=", Keeper::Compiler),
    ("make", " -j", Keeper::Compiler),
    ("make", " --parallel ", Keeper::Compiler),
    ("make", " --parallel=", Keeper::Compiler),
    ("ninja", " -j", Keeper::Compiler),
    ("bazel", "--jobs=", Keeper::Compiler),
    ("bazel", "--jobs ", Keeper::Compiler),
    ("cargo", " -j", Keeper::Compiler),
    ("cargo", "--jobs ", Keeper::Compiler),
    ("cargo", "--jobs=", Keeper::Compiler),
    // joblib/parallel.py: "[Parallel(n_jobs=11)]: Using backend LokyBackend with 11 concurrent workers."
    ("parallel(", "n_jobs=", Keeper::Pool),
    ("concurrent workers", "backend with ", Keeper::Pool),
    ("", "n_jobs=", Keeper::Pool),
    ("poolexecutor(", "max_workers=", Keeper::Pool),
    ("pool(", "pool(processes=", Keeper::Pool),
    ("mpirun", " -np ", Keeper::Mpi),
    ("mpirun", " -n ", Keeper::Mpi),
    ("mpiexec", " -np ", Keeper::Mpi),
    ("mpiexec", " -n ", Keeper::Mpi),
    ("gunicorn", " --workers ", Keeper::WebServer),
    ("gunicorn", " --workers=", Keeper::WebServer),
    ("gunicorn", " -w ", Keeper::WebServer),
    ("celery", "--concurrency=", Keeper::Celery),
    ("celery", "--concurrency ", Keeper::Celery),
    // celery/apps/worker.py, in its banner.
    ("(prefork)", "concurrency: ", Keeper::Celery),
    ("uwsgi", "--processes ", Keeper::Uwsgi),
];

/// The last number that each is told, where it is more than one.
pub(super) fn counts(text: &str) -> BTreeMap<Keeper, u64> {
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        for (holds, before, keeper) in TOLD {
            let told = line.contains(holds).then(|| number(line, before)).flatten();
            if let Some(count) = told.filter(|count| (2..=MOST).contains(count)) {
                counts.insert(keeper, count);
            }
        }
    }
    counts
}

/// The number behind some words.
fn number(line: &str, before: &str) -> Option<u64> {
    let (_, rest) = line.split_once(before)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_banners_tell_how_many_run_at_once() {
        for (line, keeper, count) in [
            ("+ max_jobs=8 pip install .", Keeper::Compiler, Some(8)),
            ("make -j16 all", Keeper::Compiler, Some(16)),
            ("make -j", Keeper::Compiler, None),
            (
                "[parallel(n_jobs=11)]: using backend",
                Keeper::Pool,
                Some(11),
            ),
            ("n_jobs=1", Keeper::Pool, None),
            ("mpirun -np 16 ./solve", Keeper::Mpi, Some(16)),
            ("gunicorn --workers 4 app:app", Keeper::WebServer, Some(4)),
            (
                " -- ******* ---- .> concurrency: 8 (prefork)",
                Keeper::Celery,
                Some(8),
            ),
        ] {
            assert_eq!(counts(line).get(&keeper).copied(), count, "{line}");
        }
    }
}
