//! The same log as other machines would have kept it. None of it may change what a report says.

/// Prefixes that loggers, launchers and log collectors put before each line. The last word of one that tells the rank is
/// "rank": a report may then say more.
const PREFIXES: &[(&str, &str)] = &[
    ("a rank", "[rank3]: "),
    ("torchrun with a rank", "[default0]:"),
    ("torchrun and a rank", "[default3]:[rank3]: "),
    ("kubernetes", "2026-01-02T03:04:05.678901234Z "),
    ("docker compose", "trainer-1  | "),
    ("kubectl", "[pod/train-0/main] "),
    (
        "GitHub's log archive",
        "train\tRun python train.py\t2026-01-02T03:04:05.6789012Z ",
    ),
    ("GitLab", "2026-01-02T03:04:05.678901Z 01O "),
    (
        "Python's logging",
        "2026-01-02 03:04:05,678 - trainer - ERROR - ",
    ),
    (
        "a bracketed logger",
        "[2026-01-02 03:04:05,678] [ERROR] [trainer.py:87:main] ",
    ),
    (
        "loguru",
        "2026-01-02 03:04:05.678 | ERROR    | trainer:main:87 - ",
    ),
    ("vLLM", "ERROR 01-02 03:04:05 [core.py:396] "),
    (
        "vLLM's engine",
        "(EngineCore_DP0 pid=77) ERROR 01-02 03:04:05 [core.py:396] ",
    ),
    ("vLLM's worker with a rank", "(VllmWorker rank=1 pid=254) "),
    ("Ray", "(train_loop pid=4242, ip=10.0.0.7) "),
    ("mpirun with a rank", "[1,0]<stderr>:"),
    ("srun with a rank", "0: "),
    ("journald", "Jan 02 03:04:05 node7 train[4242]: "),
    ("glog", "E0102 03:04:05.678901    4242 trainer.py:87] "),
    ("a quote", "> "),
    ("an indent", "    "),
];

/// A log in disguise, and how many lines its own lines have moved down.
pub(crate) struct Disguise {
    /// What was done to it.
    pub(crate) what: String,
    /// The bytes.
    pub(crate) raw: Vec<u8>,
    /// Lines added above.
    pub(crate) shift: u64,
}

impl Disguise {
    /// True where it tells the rank, which is news: another finding of the same cause may then hold, and other
    /// fixes help.
    pub(crate) fn tells_the_rank(&self) -> bool {
        self.what.ends_with("rank")
    }
}

impl Disguise {
    /// True where it tells the program, which is news likewise: it has causes and knobs of its own.
    pub(crate) fn tells_the_program(&self) -> bool {
        self.what.contains("vLLM")
    }
}

/// All disguises of a log.
pub(crate) fn all(raw: &[u8]) -> Vec<Disguise> {
    let still = |what: &str, raw: Vec<u8>| Disguise {
        what: what.to_owned(),
        raw,
        shift: 0,
    };
    let mut all = vec![
        still("with CRLF", map_lines(raw, |line| [line, b"\r"].concat())),
        still("in colour", map_lines(raw, coloured)),
        surrounded(raw),
    ];
    all.extend(PREFIXES.iter().map(|(who, prefix)| {
        still(
            &format!("behind the prefix of {who}"),
            map_lines(raw, |line| [prefix.as_bytes(), line].concat()),
        )
    }));
    all
}

fn map_lines(raw: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let lines: Vec<&[u8]> = raw
        .strip_suffix(b"\n")
        .unwrap_or(raw)
        .split(|b| *b == b'\n')
        .collect();
    let mut out = Vec::new();
    for line in lines {
        out.extend(change(line.strip_suffix(b"\r").unwrap_or(line)));
        out.push(b'\n');
    }
    out
}

/// Red from its start to its end, and each number bold, as Rich and log viewers do it.
fn coloured(line: &[u8]) -> Vec<u8> {
    let mut out = b"\x1b[1;31m".to_vec();
    let mut in_number = false;
    for byte in line {
        let number = byte.is_ascii_digit() || (in_number && *byte == b'.');
        if number != in_number {
            out.extend(if number {
                b"\x1b[1m".as_slice()
            } else {
                b"\x1b[22m"
            });
            in_number = number;
        }
        out.push(*byte);
    }
    out.extend(b"\x1b[0m\x1b[K");
    out
}

/// Lines above and below that have nothing to do with memory.
fn surrounded(raw: &[u8]) -> Disguise {
    let above =
        "Requirement already satisfied: pip in /usr/lib/python3/dist-packages (24.0)\n".repeat(90);
    let below = "\nUploading artifacts... done\nCleaning up project directory\n".repeat(40);
    let end: &[u8] = if raw.ends_with(b"\n") { b"" } else { b"\n" };
    Disguise {
        what: "between unrelated lines".to_owned(),
        raw: [above.as_bytes(), raw, end, below.as_bytes()].concat(),
        shift: 90,
    }
}
