//! What the path of an input tells of its writer: launchers keep a file for each rank.
//!
//! A path is a weaker witness than a line: where lines name a rank, they are right.

/// A place of an input in a job of several processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The job: equal for all its files, and for no other's.
    pub job: String,
    /// The rank that the path names; on one host, the local one.
    pub rank: u32,
    /// Which start of the job it is, from 0; torchrun starts a failed one anew.
    pub attempt: u32,
    /// True where the path itself says that its number is a rank. A bare number, as in `slurm-123_4.out`, may as well be a
    /// task of an array: then the lines must say so too.
    pub sure: bool,
}

/// Words before a number that make it a rank.
const WORDS: [&str; 2] = ["rank", "worker"];
/// Endings of packed files.
const PACKED: [&str; 5] = [".gz", ".zst", ".xz", ".bz2", ".lz4"];
/// Endings of logs and memory snapshots whose last number may be a rank.
const NUMBERED: [&str; 7] = [".out", ".err", ".log", ".txt", ".stdout", ".pickle", ".pkl"];
/// No job has more ranks.
const MOST: u32 = 1 << 20;

/// The place of an input of this name in a job; `None` where the name tells of none.
pub(crate) fn member(source: &str) -> Option<Member> {
    let path = source.replace('\\', "/");
    let path = PACKED
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(&path);
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    torchrun(folder, file)
        .or_else(|| in_folder_of_rank(folder, file))
        .or_else(|| named(folder, file))
        .or_else(|| numbered(folder, file))
}

/// `⟨log_dir⟩/⟨run id⟩_⟨random⟩/attempt_⟨n⟩/⟨local rank⟩/stderr.log`, `stdout.log` and `error.json`
/// (torch/distributed/elastic/multiprocessing/api.py, `DefaultLogsSpecs`).
fn torchrun(folder: &str, file: &str) -> Option<Member> {
    if !matches!(file, "stdout.log" | "stderr.log" | "error.json") {
        return None;
    }
    let (attempts, rank) = folder.rsplit_once('/')?;
    let (run, attempt) = attempts.rsplit_once('/').unwrap_or(("", attempts));
    Some(Member {
        job: format!("{run}/attempt_#/#/"),
        rank: whole(rank)?,
        attempt: whole(attempt.strip_prefix("attempt_")?)?,
        sure: true,
    })
}

/// `⟨dir⟩/1/rank.0/stdout` of `mpirun --output-filename` (Open MPI 2 to 4: `⟨name⟩/⟨job⟩/rank.⟨rank⟩/stdout`), and folders such as
/// `rank_3/train.log`.
fn in_folder_of_rank(folder: &str, file: &str) -> Option<Member> {
    let (parent, own) = folder.rsplit_once('/').unwrap_or(("", folder));
    let bare = ["local_", "global_"]
        .iter()
        .find_map(|p| own.strip_prefix(p));
    let bare = bare.unwrap_or(own);
    let number = WORDS.iter().find_map(|word| bare.strip_prefix(word))?;
    let number = number.strip_prefix(['.', '_', '-', '=']).unwrap_or(number);
    Some(Member {
        job: format!("{parent}/rank #/{}", either_stream(file)),
        rank: whole(number)?,
        attempt: 0,
        sure: true,
    })
}

/// `rank_3.log`, `rank3.txt`, `train.rank-3.out`, `worker-0.log`.
fn named(folder: &str, file: &str) -> Option<Member> {
    let lower = file.to_ascii_lowercase();
    let found = WORDS.iter().find_map(|word| {
        let hits = lower.match_indices(word);
        let spots = hits.filter_map(|(at, _)| {
            let before = lower.get(..at)?;
            if before.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                return None;
            }
            let behind = at + word.len();
            let sign = lower.get(behind..)?.starts_with(['.', '_', '-', '=']);
            let start = behind + usize::from(sign);
            let digits = lower
                .get(start..)?
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            let rest = lower.get(start + digits..)?;
            let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            let number = whole(lower.get(start..start + digits)?).filter(|_| ends)?;
            Some((number, start, start + digits))
        });
        spots.last()
    });
    let (rank, start, end) = found?;
    let (head, tail) = (file.get(..start)?, file.get(end..)?);
    Some(Member {
        job: format!("{folder}/{head}#{}", either_stream(tail)),
        rank,
        attempt: 0,
        sure: true,
    })
}

/// `log_3.txt`, `slurm-123_3.out`, `train-123-node04-3.out`: `srun --output` with `%t`, `%j_%t` and `%j-%N-%t`. The host goes where
/// the number of the Slurm job names the job.
fn numbered(folder: &str, file: &str) -> Option<Member> {
    let stem = NUMBERED.iter().find_map(|end| file.strip_suffix(end))?;
    let start = stem.len() - stem.bytes().rev().take_while(u8::is_ascii_digit).count();
    let rank = whole(stem.get(start..)?).filter(|_| stem.len() - start <= 4)?;
    let head = stem.get(..start)?;
    let (last, sign) = (
        head.strip_suffix(['-', '_', '.'])?,
        head.get(head.len().checked_sub(1)?..)?,
    );
    let cut = last.rfind(['-', '_', '.']).map_or(0, |at| at + 1);
    let (rest, host) = last.split_at_checked(cut)?;
    let has = |text: &str, fits: fn(&char) -> bool| text.chars().any(|c| fits(&c));
    let names_host = has(host, char::is_ascii_alphabetic) && has(host, char::is_ascii_digit);
    let mut parts = rest.split(['-', '_', '.']);
    let slurm = parts.any(|part| part.len() >= 4 && part.bytes().all(|b| b.is_ascii_digit()));
    let head = if names_host && slurm {
        format!("{rest}*{sign}")
    } else {
        head.to_owned()
    };
    Some(Member {
        job: format!("{folder}/{head}#"),
        rank,
        attempt: 0,
        sure: false,
    })
}

/// The end of a file's name without what tells standard output from standard error.
fn either_stream(name: &str) -> String {
    ["stdout", "stderr", "out", "err"]
        .iter()
        .fold(name.to_owned(), |name, stream| {
            let ends = [
                format!(".{stream}"),
                format!("_{stream}.log"),
                format!(".{stream}.log"),
            ];
            if name == *stream || name == format!("{stream}.log") || ends.contains(&name) {
                "std".to_owned()
            } else {
                name
            }
        })
}

/// A number and nothing else.
fn whole(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| plain && *n < MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> Option<(u32, bool)> {
        member(source).map(|m| (m.rank, m.sure))
    }

    #[test]
    fn launchers_and_people_name_files_after_ranks() {
        for (source, expected) in [
            ("logs/none_x1y2/attempt_0/3/stderr.log", Some((3, true))),
            ("logs/none_x1y2/attempt_0/3/error.json", Some((3, true))),
            ("attempt_1/0/stdout.log", Some((0, true))),
            ("out/1/rank.07/stdout", Some((7, true))),
            ("out/rank_3/train.log", Some((3, true))),
            ("out\\local_rank_3\\train.log", Some((3, true))),
            ("rank_3.log", Some((3, true))),
            ("rank3.txt.gz", Some((3, true))),
            ("run/train.rank-12.out", Some((12, true))),
            ("worker-0.log", Some((0, true))),
            ("slurm-48211_3.out", Some((3, false))),
            ("log_11.txt", Some((11, false))),
            ("snapshot_1.pickle.gz", Some((1, false))),
            ("iteration_10/rank3_memory_snapshot.pickle", Some((3, true))),
            ("train-48211-node04-3.out", Some((3, false))),
            ("train.log", None),
            ("pagerank3.log", None),
            ("rank_best.log", None),
            ("rank_3b.log", None),
            ("train-20241120.log", None),
            ("logs/3/stderr.log", None),
            ("<stdin>", None),
        ] {
            assert_eq!(told(source), expected, "{source}");
        }
    }

    #[test]
    fn files_of_one_job_share_its_name_and_those_of_two_never_do() {
        let job = |source: &str| member(source).unwrap().job;
        for (a, b) in [
            (
                "l/r_1/attempt_0/3/stderr.log",
                "l/r_1/attempt_1/0/stdout.log",
            ),
            ("out/1/rank.0/stdout", "out/1/rank.1/stderr"),
            ("a/rank_0.out", "a/rank_1.err"),
            ("a/rank_0.log", "a/rank_1.log.gz"),
            ("slurm-48211_0.out", "slurm-48211_1.out"),
            ("x-48211-node01-0.out", "x-48211-node02-8.out"),
        ] {
            assert_eq!(job(a), job(b), "{a} {b}");
        }
        for (a, b) in [
            (
                "l/r_1/attempt_0/0/stderr.log",
                "l/r_2/attempt_0/1/stderr.log",
            ),
            ("out/1/rank.0/stdout", "out/2/rank.1/stdout"),
            ("a/rank_0.log", "b/rank_1.log"),
            ("jobA_rank0.log", "jobB_rank1.log"),
            ("rank_0/train.log", "rank_1/eval.log"),
            ("slurm-48211_0.out", "slurm-48212_1.out"),
            ("x-node01-0.out", "x-node02-1.out"),
            ("worker-0.log", "rank-1.log"),
        ] {
            assert_ne!(job(a), job(b), "{a} {b}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics(source in "(rank|worker|attempt_|/|[0-9]{1,12}|[a-z._=-]|\\PC|\\.log|\\.out|stderr\\.log){0,12}") {
            let _ = member(&source);
        }
    }
}
