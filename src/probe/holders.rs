//! Who the processes are that a driver lists by id: from `/proc`, as far as it can be seen from here.

use std::path::Path;

use super::family::{START, fields};
use super::small_file;
use crate::bytes::MIB;
use crate::evidence::{Devices, Gpu, Holder, Sight};
use crate::sorting;

/// Ticks a second in `/proc/PID/stat`: fixed for user space on Linux (`USER_HZ`, include/uapi/asm-generic/param.h).
const TICKS: u64 = 100;
/// Longer command lines are cut.
const LONGEST_COMMAND: usize = 300;
/// What a driver may hold beyond its processes without somebody unseen: page tables and rounding, on an H200 some
/// 9 MiB for a holder of 20 GiB.
const ROUNDING: u64 = 256 * MIB;

/// Fills in what `/proc` under this root says of each process, and what the sum of all says of each GPU.
pub(super) fn identify(devices: &mut Devices, root: &Path) {
    let uptime = small_file::text(&root.join("proc/uptime"))
        .and_then(|t| t.split('.').next()?.trim().parse::<u64>().ok());
    let passwd = small_file::text(&root.join("etc/passwd")).unwrap_or_default();
    for gpu in &mut devices.gpus {
        for holder in &mut gpu.processes {
            look(holder, root, uptime, &passwd);
        }
        sorting::by_key(&mut gpu.processes, |h| (std::cmp::Reverse(h.bytes), h.pid));
        add_up(gpu);
        gpu.notes.extend(notes(gpu));
    }
}

/// One process. A file that cannot be read leaves its field open.
fn look(holder: &mut Holder, root: &Path, uptime: Option<u64>, passwd: &str) {
    let folder = root.join("proc").join(holder.pid.to_string());
    let Some(stat) = small_file::text(&folder.join("stat")) else {
        holder.state = Sight::NotVisible;
        return;
    };
    let fields = fields(&stat);
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    holder.state = match fields.first() {
        Some(&"Z" | &"X") => Sight::Zombie,
        _ => Sight::Running,
    };
    holder.parent = number(1).and_then(|n| u32::try_from(n).ok());
    let started = number(START).map(|ticks| ticks / TICKS);
    holder.age = uptime
        .zip(started)
        .map(|(now, then)| now.saturating_sub(then));
    holder.command = command(&folder).or_else(|| name(&stat));
    holder.user = small_file::text(&folder.join("status")).and_then(|s| user(&s, passwd));
    holder.unit = small_file::text(&folder.join("cgroup")).and_then(|s| unit(&s));
    holder.rank = small_file::bytes(&folder.join("environ")).and_then(|e| rank(&e));
}

fn command(folder: &Path) -> Option<String> {
    let raw = small_file::bytes(&folder.join("cmdline"))?;
    let text = String::from_utf8_lossy(&raw);
    let words: Vec<&str> = text.split('\0').filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().take(LONGEST_COMMAND).collect();
    (!line.is_empty()).then_some(line)
}

/// The short name, in square brackets as `ps` shows a process without a command line.
fn name(stat: &str) -> Option<String> {
    let (_, rest) = stat.split_once('(')?;
    let (name, _) = rest.rsplit_once(')')?;
    Some(format!("[{name}]"))
}

fn user(status: &str, passwd: &str) -> Option<String> {
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    let id = line.split_whitespace().next()?;
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    Some(name.unwrap_or_else(|| id.to_owned()))
}

/// The container, pod, job or service that a cgroup path names; `None` for a plain session.
fn unit(cgroup: &str) -> Option<String> {
    let path = cgroup
        .lines()
        .filter_map(|line| line.splitn(3, ':').nth(2))
        .max_by_key(|path| path.len())?;
    let parts: Vec<&str> = path.split('/').collect();
    let last = |test: &dyn Fn(&str) -> Option<String>| parts.iter().rev().find_map(|p| test(p));
    last(&|part| Some(format!("slurm job {}", part.strip_prefix("job_")?)))
        .or_else(|| last(&container))
        .or_else(|| {
            last(&|part| part.ends_with(".service").then(|| part.to_owned()))
                .filter(|unit| !unit.starts_with("user@"))
        })
}

/// "docker-0a1b….scope", "cri-containerd-….scope", "libpod-…", or a bare id of 64 digits under a runtime's folder.
fn container(part: &str) -> Option<String> {
    let bare = part.strip_suffix(".scope").unwrap_or(part);
    let (runtime, id) = bare.rsplit_once('-').unwrap_or(("", bare));
    let hex = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    if !hex {
        return None;
    }
    let short: String = id.chars().take(12).collect();
    Some(match runtime {
        "" => format!("container {short}"),
        runtime => format!("{runtime} {short}"),
    })
}

/// The rank that a launcher gave it. Nothing else is taken from the environment, which can hold secrets.
fn rank(environ: &[u8]) -> Option<u32> {
    const NAMES: [&[u8]; 4] = [
        b"RANK",
        b"OMPI_COMM_WORLD_RANK",
        b"PMI_RANK",
        b"SLURM_PROCID",
    ];
    let value = |name: &[u8]| {
        environ
            .split(|b| *b == 0)
            .find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))
    };
    let text = NAMES.iter().find_map(|name| value(name))?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// What no listed process accounts for. With a process whose memory the driver does not tell, nothing can be said.
fn add_up(gpu: &mut Gpu) {
    let Some(memory) = &gpu.memory else { return };
    if gpu.processes.iter().any(|p| p.bytes.is_none()) {
        return;
    }
    let mut named: u64 = 0;
    let mut seen = Vec::new();
    for holder in &gpu.processes {
        if !seen.contains(&(holder.pid, holder.instance)) {
            seen.push((holder.pid, holder.instance));
            named = named.saturating_add(holder.bytes.unwrap_or(0));
        }
    }
    let rest = memory.used.saturating_sub(named);
    gpu.unattributed = (rest > ROUNDING.max(memory.total / 200)).then_some(rest);
}

/// What the processes together say.
fn notes(gpu: &Gpu) -> Vec<String> {
    let mut notes = Vec::new();
    for holder in gpu.processes.iter().filter(|h| h.state == Sight::Zombie) {
        notes.push(format!(
            "Process {} has ended and still holds its memory: its parent{} has not taken its exit status, or a thread of it hangs in the driver.",
            holder.pid,
            holder.parent.map_or_else(String::new, |p| format!(" ({p})"))
        ));
    }
    notes.extend(ranks(gpu));
    notes
}

/// Two ranks of one job on this GPU: the same parent, and different ranks or one and the same command.
fn ranks(gpu: &Gpu) -> Option<String> {
    let running: Vec<&Holder> = gpu
        .processes
        .iter()
        .filter(|h| h.state == Sight::Running && h.kinds.iter().any(|k| k == "compute"))
        .collect();
    let one_job = |a: &Holder, b: &Holder| {
        let family = a.parent.is_some() && a.parent == b.parent && a.parent != Some(1);
        let apart = a.instance == b.instance && a.pid != b.pid;
        family && apart && a.rank.is_some() && b.rank.is_some() && a.rank != b.rank
    };
    let first = running
        .iter()
        .find(|a| running.iter().any(|b| one_job(a, b)))?;
    let mut job: Vec<&&Holder> = running
        .iter()
        .filter(|b| b.pid == first.pid || one_job(first, b))
        .collect();
    sorting::by_key(&mut job, |h| h.rank);
    let names: Vec<String> = job
        .iter()
        .filter_map(|h| Some(format!("{} (process {})", h.rank?, h.pid)))
        .collect();
    Some(format!(
        "Ranks {} of one job share this GPU: each should have its own.",
        names.join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::MemoryNow;
    use std::fs;

    fn machine() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::create_dir_all(root.path().join("proc")).unwrap();
        fs::write(
            root.path().join("etc/passwd"),
            "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n",
        )
        .unwrap();
        fs::write(root.path().join("proc/uptime"), "8000.25 100.0\n").unwrap();
        root
    }

    fn process(root: &Path, pid: u32, state: char, parent: u32, environ: &str) {
        let folder = root.join(format!("proc/{pid}"));
        fs::create_dir_all(&folder).unwrap();
        let stat =
            format!("{pid} (a) b) {state} {parent} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 80000 0 0");
        fs::write(folder.join("stat"), stat).unwrap();
        fs::write(folder.join("cmdline"), "python3\0train.py\0--lr=1\0").unwrap();
        fs::write(
            folder.join("status"),
            "Name:\tpython3\nUid:\t1000\t1000\t1000\t1000\n",
        )
        .unwrap();
        fs::write(
            folder.join("cgroup"),
            format!("0::/system.slice/docker-{}.scope\n", "0a".repeat(32)),
        )
        .unwrap();
        fs::write(folder.join("environ"), environ).unwrap();
    }

    fn devices(pids: &[u32], used: u64) -> Devices {
        let holder = |pid: &u32| Holder {
            pid: *pid,
            bytes: Some(10 * GIB),
            kinds: vec!["compute".to_owned()],
            ..Holder::default()
        };
        Devices {
            gpus: vec![Gpu {
                memory: Some(MemoryNow {
                    total: 80 * GIB,
                    used,
                    free: 80 * GIB - used,
                    ..MemoryNow::default()
                }),
                processes: pids.iter().map(holder).collect(),
                ..Gpu::default()
            }],
            ..Devices::default()
        }
    }

    #[test]
    fn a_process_is_named_with_its_owner_age_and_container() {
        let root = machine();
        process(root.path(), 7, 'S', 3, "SECRET=x\0RANK=2\0");
        let mut seen = devices(&[7], 10 * GIB);
        identify(&mut seen, root.path());
        let holder = &seen.gpus[0].processes[0];
        assert_eq!(holder.command.as_deref(), Some("python3 train.py --lr=1"));
        assert_eq!(holder.user.as_deref(), Some("ada"));
        assert_eq!(holder.age, Some(7200));
        assert_eq!(holder.unit.as_deref(), Some("docker 0a0a0a0a0a0a"));
        assert_eq!((holder.parent, holder.rank), (Some(3), Some(2)));
        assert_eq!(holder.state, Sight::Running);
        assert_eq!(seen.gpus[0].unattributed, None);
    }

    #[test]
    fn an_id_that_is_not_here_is_not_visible_and_memory_without_an_owner_is_counted() {
        let root = machine();
        let mut seen = devices(&[7], 30 * GIB);
        identify(&mut seen, root.path());
        assert_eq!(seen.gpus[0].processes[0].state, Sight::NotVisible);
        assert_eq!(seen.gpus[0].unattributed, Some(20 * GIB));
    }

    #[test]
    fn a_dead_process_that_holds_memory_is_pointed_at() {
        let root = machine();
        process(root.path(), 7, 'Z', 3, "");
        let mut seen = devices(&[7], 10 * GIB);
        identify(&mut seen, root.path());
        assert_eq!(seen.gpus[0].processes[0].state, Sight::Zombie);
        assert!(seen.gpus[0].notes[0].contains("Process 7 has ended"));
    }

    #[test]
    fn two_ranks_of_one_launcher_on_one_gpu_are_noted_and_two_jobs_are_not() {
        let root = machine();
        process(root.path(), 7, 'S', 3, "RANK=0\0");
        process(root.path(), 8, 'S', 3, "RANK=1\0");
        process(root.path(), 9, 'S', 4, "RANK=2\0");
        let mut seen = devices(&[8, 7, 9], 30 * GIB);
        identify(&mut seen, root.path());
        assert_eq!(
            seen.gpus[0].notes,
            [
                "Ranks 0 (process 7) and 1 (process 8) of one job share this GPU: each should have its own."
            ]
        );
        let mut apart = devices(&[7, 9], 20 * GIB);
        identify(&mut apart, root.path());
        assert!(apart.gpus[0].notes.is_empty());
    }

    #[test]
    fn cgroups_name_what_a_person_started() {
        let id = "ab".repeat(32);
        let name = |path: &str| unit(&format!("0::{path}\n"));
        assert_eq!(
            name(&format!(
                "/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"
            )),
            Some("cri-containerd abababababab".to_owned())
        );
        assert_eq!(
            name(&format!("/docker/{id}")),
            Some("container abababababab".to_owned())
        );
        assert_eq!(
            name("/system.slice/jupyter.service"),
            Some("jupyter.service".to_owned())
        );
        assert_eq!(
            name("/system.slice/slurmstepd.scope/job_123/step_0"),
            Some("slurm job 123".to_owned())
        );
        assert_eq!(name("/user.slice/user-0.slice/session-2.scope"), None);
        assert_eq!(name("/"), None);
        assert_eq!(unit(""), None);
    }
}
