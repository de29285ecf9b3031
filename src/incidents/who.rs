//! The platform's own names of who wrote a line, out of the raw line with all its prefixes.

use std::borrow::Cow;

use crate::evidence::{Incident, Part, Setting, SettingKind};
use crate::text::{self, Lane};

/// Adds the names that a raw line carries.
pub(crate) fn name(incident: &mut Incident, raw: &str) {
    pod(incident, raw);
    actor(incident, raw);
    service(incident, raw);
    host(incident, raw);
    record(incident, raw);
    if let Some(worker) = text::around(raw, "[gw").and_then(|(_, rest)| rest.split_once(']')) {
        let number = worker.0;
        if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
            incident.who.add(Part::Worker, format!("gw{number}"));
        }
    }
}

/// Names the workers of pytest-xdist that a neighbourhood shows, where there are several.
pub(crate) fn name_workers(incidents: &mut [Incident], lanes: &[Lane], raw: &[u8]) {
    let ends = memchr::memmem::find_iter(raw, b"[gw").map(|at| at + 3);
    let numbers = ends.filter_map(|at| {
        let digits: Vec<u8> = raw
            .get(at..)?
            .iter()
            .copied()
            .take_while(u8::is_ascii_digit)
            .take(4)
            .collect();
        let closed = raw.get(at + digits.len()) == Some(&b']');
        let text = String::from_utf8(digits).ok().filter(|_| closed)?;
        text.parse::<u32>().ok()
    });
    // Colours may stand within the brackets, and the writer of a line is known by then.
    let words = lanes
        .iter()
        .flat_map(|lane| lane.name.split(|c: char| !c.is_alphanumeric()));
    let writers = words.filter_map(|word| word.strip_prefix("gw")?.parse().ok());
    let mut workers: std::collections::BTreeSet<u32> = numbers.chain(writers).collect();
    // They are numbered from 0.
    if let (1, Some(last)) = (workers.len(), workers.last().copied()) {
        workers.extend(0..last.min(MOST_UNSEEN));
    }
    if workers.len() < 2 && !asks_for_workers(raw) {
        return;
    }
    let names: Vec<String> = workers.iter().map(|number| format!("gw{number}")).collect();
    for incident in incidents {
        if names.len() > 1 {
            incident.who.add(Part::Workers, names.join(", "));
        }
        if !incident.settings.has(SettingKind::Siblings) {
            // The line of the failure stands for those around it, which say so.
            incident.settings.insert(Setting {
                kind: SettingKind::Siblings,
                name: "[gw]".to_owned(),
                value: "pytest-xdist".to_owned(),
                line: incident.place.line,
                written: String::new(),
            });
        }
    }
}

/// Of a worker alone, so many before it are named.
const MOST_UNSEEN: u32 = 16;

/// `pytest tests -n 4`, `py.test -n auto`, `--numprocesses=8`: a command that starts several workers.
fn asks_for_workers(raw: &[u8]) -> bool {
    memchr::memmem::find_iter(raw, b"test ").any(|at| {
        let line = raw.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len()).min(1000);
        let before = raw.get(at.saturating_sub(3)..at).unwrap_or_default();
        let line = String::from_utf8_lossy(line.get(..end).unwrap_or_default());
        let words = || line.split([' ', '=']);
        let mut asked = words().zip(words().skip(1));
        [&b"py."[..], b" py", b"/py", b"\npy"]
            .iter()
            .any(|p| before.ends_with(p))
            && asked.any(|(flag, count)| {
                let several = count
                    .parse()
                    .map_or(["auto", "logical"].contains(&count), |n: u32| n > 1);
                (flag == "-n" || flag == "--numprocesses") && several
            })
    })
}

/// Names the worker of pytest-xdist that ran a failed test: `[gw2] linux -- Python 3.11.4` stands below the banner of the test's
/// report (pytest, `src/_pytest/reports.py`, `getworkerinfoline`), so far above the message at most.
pub(crate) fn name_test_worker<'a>(
    incident: &mut Incident,
    raw_line: &dyn Fn(u64) -> Option<Cow<'a, str>>,
) {
    const ABOVE: u64 = 400;
    if incident.who.get(Part::Test).is_none() || incident.who.get(Part::Worker).is_some() {
        return;
    }
    let last = incident.place.line;
    for number in (last.saturating_sub(ABOVE)..last).rev() {
        let Some(text) = raw_line(number) else {
            return;
        };
        if text.contains("______") || text.contains("======") {
            return;
        }
        let worker = text
            .split_once("[gw")
            .and_then(|(_, rest)| rest.split_once("] "))
            .filter(|(_, rest)| rest.contains(" -- Python "));
        if let Some((number, _)) = worker {
            incident.who.add(Part::Worker, format!("gw{number}"));
            return;
        }
    }
}

/// `[pod/fit-worker-2/pytorch] `: `kubectl logs --prefix`.
fn pod(incident: &mut Incident, raw: &str) {
    let names = text::around(raw, "[pod/").and_then(|(_, rest)| rest.split_once(']'));
    if let Some((pod, container)) = names.and_then(|(names, _)| names.split_once('/')) {
        incident.who.add(Part::Pod, pod);
        incident.who.add(Part::Container, container);
    }
}

/// `(train_fn pid=548, ip=10.0.0.9) `: Ray, and engines that print like it.
fn actor(incident: &mut Incident, raw: &str) {
    let Some(at) = raw.find("pid=") else { return };
    let (before, after) = raw.split_at_checked(at).unwrap_or_default();
    let Some(open) = opening(before) else { return };
    let name = before.get(open + 1..).unwrap_or_default();
    let name = name.trim().trim_end_matches(',');
    let name = name.split([' ', ',']).next().unwrap_or_default();
    let Some((inner, _)) = after.split_once(')') else {
        return;
    };
    if name.is_empty() || before.get(..open).is_some_and(|text| text.contains(": ")) {
        return;
    }
    // Ray names an actor by its class and a task by its function.
    let of_function = name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.contains('.')
        && !name.ends_with(|c: char| c.is_ascii_digit());
    let part = if of_function { Part::Task } else { Part::Actor };
    incident.who.add(part, name);
    let pid: String = inner
        .chars()
        .skip(4)
        .take_while(char::is_ascii_digit)
        .collect();
    incident.who.add(Part::Pid, pid);
    if let Some((_, ip)) = inner.split_once("ip=") {
        incident
            .who
            .add(Part::Host, ip.split([',', ' ']).next().unwrap_or_default());
    }
}

/// The bracket that opens the name of an actor, which may hold brackets itself.
fn opening(before: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth == 0 => return Some(at),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `fit-1  | `: Docker Compose.
fn service(incident: &mut Incident, raw: &str) {
    let Some((name, _)) = text::around(raw, " | ") else {
        return;
    };
    let name = name.trim();
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if first
        && name.len() < 60
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
    {
        incident.who.add(Part::Service, name);
    }
}

/// `Jan  2 03:04:05 gpu-1 kernel: ` of syslog, `gpu-1: ` of pdsh and `[1,mpirank:2,algo-1]<stderr>:` of `SageMaker`.
fn host(incident: &mut Incident, raw: &str) {
    /// Programs whose names end like those of machines.
    const TOOLS: [&str; 6] = ["collect2", "cc1", "lto1", "f951", "python3", "python2"];
    const UNITS: [&str; 6] = [
        "kernel",
        "kubelet",
        "slurmstepd",
        "slurmd",
        "systemd",
        "earlyoom",
    ];
    if let Some((labels, _)) = raw.strip_prefix('[').and_then(|t| t.split_once("]<std")) {
        if let Some(name) = labels
            .rsplit(',')
            .next()
            .filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            incident.who.add(Part::Host, name);
        }
        return;
    }
    let mut words = raw.split_whitespace();
    let (mut last, mut timed) = ("", false);
    for word in words.by_ref().take(6) {
        let unit = word
            .trim_end_matches(':')
            .split('[')
            .next()
            .unwrap_or_default();
        let plain = !last.is_empty()
            && last
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        if word.ends_with(':')
            && (UNITS.contains(&unit) || timed && word.ends_with("]:"))
            && plain
            && last.contains(|c: char| c.is_ascii_alphabetic())
        {
            incident.who.add(Part::Host, last);
            return;
        }
        // A time stands before the host.
        timed = last.contains(|c: char| c.is_ascii_digit()) && last.matches(':').count() >= 2;
        last = word;
    }
    let (name, rest) = raw.split_once(": ").unwrap_or_default();
    let numbered = name.ends_with(|c: char| c.is_ascii_digit())
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    let tool = TOOLS.contains(&name)
        || ["gcc-", "g++-", "clang-"]
            .iter()
            .any(|of| name.contains(of));
    if numbered && plain && !tool && name.len() < 64 && !named_after_work(name) && !rest.is_empty()
    {
        incident.who.add(Part::Host, name);
    }
}

/// `worker-1: `, `rank3: `: a member of the job, and no machine.
fn named_after_work(name: &str) -> bool {
    let rank = name.strip_prefix("rank");
    name.contains("worker") || rank.is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// Labels of a record in JSON, as collectors of logs add them.
fn record(incident: &mut Incident, raw: &str) {
    const LABELS: [(&str, Part); 12] = [
        ("\"pod\":\"", Part::Pod),
        ("\"pod_name\":\"", Part::Pod),
        ("\"k8s.pod.name\":\"", Part::Pod),
        ("\"kubernetes.pod_name\":\"", Part::Pod),
        ("\"container\":\"", Part::Container),
        ("\"container_name\":\"", Part::Container),
        ("\"host\":\"", Part::Host),
        ("\"hostname\":\"", Part::Host),
        ("\"node_name\":\"", Part::Host),
        ("\"nodeName\":\"", Part::Host),
        ("\"_HOSTNAME\":\"", Part::Host),
        ("\"service\":\"", Part::Service),
    ];
    if !raw.trim_start().starts_with('{') {
        return;
    }
    let tight = raw.replace("\": \"", "\":\"").replace("\" : \"", "\":\"");
    for (label, part) in LABELS {
        if let Some((value, _)) = tight
            .split_once(label)
            .and_then(|(_, rest)| rest.split_once('"'))
        {
            incident.who.add(part, value);
        }
    }
    let rank = text::around(raw, "\"rank\":").map(|(_, rest)| rest.trim_start());
    let digits: Option<String> =
        rank.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect());
    incident.rank = incident
        .rank
        .or(digits.and_then(|digits| digits.parse().ok()));
}
