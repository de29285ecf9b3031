//! A shell's bare "Killed": all that is left of a process that got SIGKILL.

use crate::evidence::{Incident, Keeper, Memory, MessageId, Part, Program};
use crate::messages::parts::{builds, told};
use crate::messages::{Match, Message, capture, holds};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KilledLine,
    printed_by: "bash jobs.c, zsh Src/jobs.c",
    memory: Memory::Host,
    framework: Program::System,
    // The word is rare in logs that do not speak of an end, so that a look around it costs little.
    // Then in the words of glibc's catalogues (po/*.po, "Killed") of those who paste their terminals most.
    signatures: &[
        "Killed",
        "已杀死",
        "已砍掉",
        "強制終了",
        "Getötet",
        "Убито",
        "Processus arrêté",
    ],
    head: r"Killed|已杀死|已砍掉|強制終了|Getötet|Убито|Processusarrêté",
    accepts: Some(accepts),
    reach: 100,
    more: Some(more),
    texts: &[
        "epoch 1 step 130 loss 2.31\nKilled",
        " 30%|###       | 12/40 [00:10<00:24,  1.15it/s]Killed",
        "./train.sh: line 12:  4711 Killed                  python train.py --batch 8",
        "zsh: killed     python train.py",
        "@ours/web: Killed",
        "epoch 1 step 130 loss 2.31\n已杀死",
        "epoch 1 step 130 loss 2.31\n**Killed**",
        "[@ours/fit]: Killed",
        "      FAILED: k.o\n      /usr/local/cuda/bin/nvcc -c k.cu -o k.o\n      Killed\n      ninja: build stopped: subcommand failed.",
    ],
    silent: &[
        // The word in a sentence is no failure.
        "Killed the old workers, starting new ones",
        "3 workers Killed",
        "INFO killed",
        "Killed: 0, finished: 12",
        "the memory while the task is being\nkilled",
        "    Killed",
        "Running\nKilled\nDone",
        "states:\n- Done\nKilled",
        "State: Killed",
        "job_state: Killed",
        "Runs that were Killed",
        "the 3 of them: Killed",
    ],
    ..Message::EMPTY
};

/// In the words in which a shell or `make` names the job, or behind a progress bar that was not done, or alone on its line.
/// The line's white space counts here.
fn accepts(hit: &Match<'_>) -> bool {
    const JOB: &str = r"(?:[!-~]{1,200}: line \d+:\s*\d+ Killed(?:\s{2,}[!-~]|$)|^zsh: killed\s{2,}[!-~]|^\[\d+\]\s*[+-]?\s*\d*\s+Killed\s{2,}[!-~]|^g?make(?:\[\d+\])?: \*\*\* \[[!-Z^-~ ]{1,200}\] Killed$|^#\d{1,4} \d{1,6}\.\d{1,3} Killed$)";
    const BAR: &str = r"(?:it/s|s/it)[ -\\^-~]{0,80}\]\s*Killed$";
    let line = hit.line_text.trim_start_matches('>').trim_end();
    let line = line.strip_prefix(' ').unwrap_or(line);
    // No shell prints it alone in small letters, or indented: prose, lists and enumerations do.
    let bold = line
        .strip_prefix("**")
        .and_then(|line| line.strip_suffix("**"));
    let word = bold.unwrap_or(line);
    let alone = (word == "Killed" || OTHERS.contains(&word))
        && !listed(hit.lines_above().next().unwrap_or_default())
        && !listed(hit.line_below());
    alone
        || labelled(line)
        || builds::unnumbered(line) == "Killed" && in_a_build(hit)
        || [JOB, BAR].iter().any(|form| cased(form, line))
}

/// True where the lines around it are of a build, which pip prints indented.
fn in_a_build(hit: &Match<'_>) -> bool {
    const ABOVE: usize = 3;
    builds::compiles(hit.line_below()) || hit.lines_above().take(ABOVE).any(builds::compiles)
}

/// `@ours/web: Killed`, `[ours/fit]: Killed`, `fit-1 | Killed`: what runs several commands side by side names the one that a line is of.
/// Each word of the name holds more than letters, and it is not that of a field: "State: Killed".
fn labelled(line: &str) -> bool {
    const MOST: usize = 4;
    const FIELDS: [&str; 6] = ["state", "status", "reason", "result", "signal", "phase"];
    let mut words = std::iter::once(&"Killed").chain(&OTHERS);
    let Some(label) = words.find_map(|word| line.strip_suffix(word)) else {
        return false;
    };
    let label = label.trim_end();
    let Some(label) = label.strip_suffix([':', '|']) else {
        return false;
    };
    let small = label.trim_end().to_ascii_lowercase();
    let mut words = 0;
    let named = label.split_whitespace().all(|word| {
        words += 1;
        let word = word.trim_end_matches(':');
        word.len() < 100 && word.chars().any(|c| !c.is_alphabetic())
    });
    named && (1..=MOST).contains(&words) && !FIELDS.iter().any(|field| small.ends_with(field))
}

/// The word in other languages, alone on its line.
const OTHERS: [&str; 6] = [
    "已杀死",
    "已砍掉",
    "強制終了",
    "Getötet",
    "Убито",
    "Processus arrêté",
];

/// True where a neighbour shows that the word is one of a list, or ends a sentence.
fn listed(line: &str) -> bool {
    let line = line.trim_end();
    let word = line.trim_start_matches(['-', '*', '+', ' ']);
    let one = !word.is_empty() && word.len() < 24 && word.chars().all(char::is_alphabetic);
    let prose = line.ends_with(" is")
        || line.ends_with(" be")
        || line.ends_with(" being")
        || line.ends_with(" was");
    one && word != "Killed" && word != "Terminated" || prose || line.ends_with([',', '|', '='])
}

/// True where the line has this form, letter case and all but for zsh's own.
fn cased(form: &'static str, line: &str) -> bool {
    capture(form, line).is_some() && (line.contains("Killed") || line.starts_with("zsh:"))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const COMMAND: &str = r"(?i-u:killed)\s{2,}([!-~][ -~]{0,200})$";
    const PID: &str = r": line \d+:\s*(\d{1,10}) Killed";
    let line = hit.line_text.trim_end();
    let keepers: &[Keeper] = if holds(line, "/slurmd/") {
        &[Keeper::Slurm]
    } else if holds(line, "/home/runner/") {
        &[Keeper::Github]
    } else {
        &[]
    };
    let command = capture(COMMAND, line);
    let program = command.as_deref().and_then(|c| c.split_whitespace().next());
    let compiler = program.filter(|program| builds::is_compiler(program));
    if compiler.is_some() || line.trim().ends_with("Killed") && in_a_build(hit) {
        // Hardly anybody ends a compiler by hand.
        told::guess(incident, &[Keeper::Compiler]);
    } else {
        told::signal(incident, keepers);
    }
    if let Some(command) = &command {
        incident.who.add(Part::Program, command.trim());
    }
    if let Some(compiler) = compiler {
        let name = compiler.rsplit('/').next().unwrap_or_default();
        incident.who.add(Part::Process, name);
    }
    if labelled(line) {
        let label = line.split_whitespace().rev().nth(1).unwrap_or_default();
        let label = label.trim_matches(['[', ']', ':', '|']);
        incident.who.add(Part::Program, label);
    }
    if let Some(pid) = capture(PID, line) {
        incident.who.add(Part::Pid, pid);
    }
}
