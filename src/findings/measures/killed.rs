//! What the witnesses of a killed process say together: how sure it was memory, and whose limit held what.

use crate::bytes::Bytes;
use crate::evidence::{Keeper, Key, Kill, MessageId, Part, SettingKind, Witness};
use crate::findings::{Case, Confidence, Verdict};

/// The verdict on a killed process, as sure as its best witness.
pub(in crate::findings) fn verdict(case: &Case<'_>, because: String) -> Verdict {
    let kill = case.incident.kill.as_ref();
    let confidence = match kill.map(|kill| kill.witness) {
        Some(Witness::Keeper) => Confidence::Proven,
        Some(Witness::Signal) => Confidence::Possible,
        Some(Witness::Guess) | None => Confidence::Likely,
    };
    Verdict::settled_unless_proven(confidence, because, settle(case))
}

/// Where the one who knows can be asked.
fn settle(case: &Case<'_>) -> &'static str {
    let shows = |keeper| keepers(case).is_some_and(|kill| kill.keepers.contains(&keeper));
    if shows(Keeper::Slurm) {
        "`sacct -j JOB --format=JobID,State,ExitCode,MaxRSS,ReqMem`"
    } else if shows(Keeper::Kubernetes) {
        "`kubectl describe pod POD`, whose last state names the reason"
    } else if shows(Keeper::Nextflow) {
        "`nextflow log RUN -f name,status,exit,peak_rss`"
    } else if shows(Keeper::CircleCi) {
        "the tab Resources of the job's page"
    } else if shows(Keeper::Github) || shows(Keeper::Gitlab) || shows(Keeper::Azure) {
        "`free -m` in a loop beside the step, or the memory graph of the runner"
    } else if shows(Keeper::Docker) {
        "`docker inspect --format '{{.State.OOMKilled}}' CONTAINER`"
    } else {
        "`dmesg -T | grep -i -E 'out of memory|oom'` on that host"
    }
}

fn keepers<'a>(case: &'a Case<'_>) -> Option<&'a Kill> {
    case.incident.kill.as_ref()
}

/// "The container's limit of 8 GiB was reached: python3 (pid 88) held 7.7 GiB."
pub(in crate::findings) fn limit(case: &Case<'_>) -> String {
    let whose = whose(case);
    let limit = size(case, Key::Limit).map_or(String::new(), |limit| format!(" of {limit}"));
    let mut words = format!("{whose} memory limit{limit} was reached");
    if let Some(held) = size(case, Key::ProcessInUse) {
        let _ = std::fmt::Write::write_fmt(
            &mut words,
            format_args!(": {} held {held}", process(case, "the process")),
        );
    } else if let Some(process) = named(case) {
        let _ = std::fmt::Write::write_fmt(&mut words, format_args!(": {process} was killed"));
    }
    format!("{words}. GPU memory plays no part.")
}

/// Whose limit it is, as a possessive.
fn whose(case: &Case<'_>) -> &'static str {
    const WHOSE: [(Keeper, &str); 18] = [
        (Keeper::Heroku, "The dyno's"),
        (Keeper::Lambda, "The function's"),
        (Keeper::Nomad, "The task's"),
        (Keeper::CloudRun, "The container's"),
        (Keeper::Woodpecker, "The container's"),
        (Keeper::Kubernetes, "The container's"),
        (Keeper::Docker, "The container's"),
        (Keeper::Bitbucket, "The container's"),
        (Keeper::Cloud, "The container's"),
        (Keeper::Yarn, "The container's"),
        (Keeper::Slurm, "The job's"),
        (Keeper::Pbs, "The job's"),
        (Keeper::Lsf, "The job's"),
        (Keeper::Condor, "The job's"),
        (Keeper::Flux, "The job's"),
        (Keeper::GridEngine, "The job's"),
        (Keeper::Systemd, "The service's"),
        (Keeper::Dask, "The worker's"),
    ];
    let kill = keepers(case);
    let shown = WHOSE
        .iter()
        .find(|(keeper, _)| kill.is_some_and(|kill| kill.keepers.contains(keeper)));
    shown.map_or("The control group's", |(_, whose)| whose)
}

/// What is known of a process that the kernel or somebody else killed for the whole machine.
pub(in crate::findings) fn machine(case: &Case<'_>) -> String {
    let kill = keepers(case);
    let witness = kill.map(|kill| kill.witness);
    let shows = |keeper| kill.is_some_and(|kill| kill.keepers.contains(&keeper));
    // What a unit held is told of all of its processes.
    let unit = case.incident.format == MessageId::ServiceOom
        && size(case, Key::ProcessInUse).is_some()
        && case.incident.who.get(Part::Service).is_some();
    let victim = process(case, if unit { "the unit" } else { "a process" });
    let full = fullness(case);
    // In the unit of what it is compared with.
    let held = if full.is_empty() {
        size(case, Key::ProcessInUse).map(|held| held.to_string())
    } else {
        printed(case, Key::ProcessInUse)
    };
    let held = held.map_or(String::new(), |held| format!(", which held {held},"));
    if case.incident.format == MessageId::RunnerLost && shows(Keeper::Jenkins) {
        return "The agent stopped answering: its machine or its container was ended, memory ran out there, or its network was cut.".to_owned();
    }
    if case.incident.format == MessageId::RunnerLost {
        let (who, of_what) = if shows(Keeper::Azure) {
            ("The agent", "CPU")
        } else {
            ("The runner", "CPU or memory")
        };
        return format!(
            "{who} stopped answering. Its service names three reasons: it was ended, it was starved of {of_what}, or its network was cut."
        );
    }
    if case.incident.format == MessageId::RayActorDied {
        return "A process of Ray ended without a word of Python, and Ray does not know why. It names three reasons: the kernel's killer when RAM runs out, `ray stop --force`, or a crash.".to_owned();
    }
    if let Some(pressure) = case.incident.settings.get(SettingKind::HostPressure) {
        let unit = case.incident.who.get(Part::Service).unwrap_or("a unit");
        let (was, limit) = pressure.value.split_once(" > ").unwrap_or_default();
        return format!(
            "The daemon systemd-oomd ended {unit}: its group waited for memory {was} of the time, and {limit} is its limit. GPU memory plays no part."
        );
    }
    match witness {
        Some(Witness::Keeper) => format!(
            "The host had no memory left{full}, so {victim}{held} was killed. GPU memory plays no part."
        ),
        Some(Witness::Signal) => format!(
            "{} got SIGKILL, and the log does not say why. The kernel sends it when RAM runs out{full}, and so does whoever ends a process by hand.",
            ended(case)
        ),
        _ if shows(Keeper::Compiler) && full.is_empty() => format!(
            "While it compiled, {} was killed. Hardly anything but a lack of RAM does that.",
            process(case, "the compiler")
        ),
        _ => format!(
            "{}{held} was killed from outside{full}, as the kernel does when RAM runs out. GPU memory plays no part.",
            capital(&process(case, "the process"))
        ),
    }
}

/// What got the signal: its command, where the log has it.
fn ended(case: &Case<'_>) -> String {
    const LONGEST: usize = 60;
    let who = &case.incident.who;
    match who.get(Part::Program) {
        Some(program) if program.len() <= LONGEST => format!("The command `{program}`"),
        _ => who.get(Part::Process).map_or_else(
            || "A process".to_owned(),
            |process| format!("The process {process}"),
        ),
    }
}

/// " (240.10 GB of 251.00 GB was in use)", or nothing.
fn fullness(case: &Case<'_>) -> String {
    match (printed(case, Key::HostInUse), printed(case, Key::Total)) {
        (Some(used), Some(total)) => format!(" ({used} of {total} was in use)"),
        (Some(used), None) => format!(" ({used} of host memory was in use before it)"),
        _ => match size(case, Key::Free) {
            Some(free) => format!(" ({free} was left)"),
            None => String::new(),
        },
    }
}

fn size(case: &Case<'_>, key: Key) -> Option<Bytes> {
    case.incident.facts.get(key)
}

/// A size as the log has it, unless nobody reads its unit.
fn printed(case: &Case<'_>, key: Key) -> Option<String> {
    let fact = case.incident.facts.fact(key)?;
    let small = !fact.text.ends_with('B') || fact.text.to_ascii_lowercase().ends_with("kb");
    Some(if small {
        fact.bytes.to_string()
    } else {
        fact.text.clone()
    })
}

fn named(case: &Case<'_>) -> Option<String> {
    let who = &case.incident.who;
    let name = who
        .get(Part::Process)
        .or_else(|| who.get(Part::Actor))
        .or_else(|| who.get(Part::Task).filter(|_| who.get(Part::Pid).is_some()))
        .or_else(|| who.get(Part::Container));
    let name = name.map(str::to_owned);
    match (name, who.get(Part::Pid)) {
        (Some(name), Some(pid)) => Some(format!("{name} (pid {pid})")),
        (Some(name), None) => Some(name),
        (None, Some(pid)) => Some(format!("process {pid}")),
        (None, None) => None,
    }
}

fn process(case: &Case<'_>, otherwise: &str) -> String {
    named(case).unwrap_or_else(|| otherwise.to_owned())
}

/// A sentence's beginning; a name in small letters keeps them.
fn capital(words: &str) -> String {
    const OURS: [(&str, &str); 2] = [("the ", "The "), ("process ", "Process ")];
    let ours = OURS
        .iter()
        .find_map(|(small, large)| Some((large, words.strip_prefix(small)?)));
    let small = words.starts_with(char::is_lowercase);
    match ours {
        Some((large, rest)) => format!("{large}{rest}"),
        None if small => format!("Process {words}"),
        None => words.to_owned(),
    }
}
