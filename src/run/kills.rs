//! Whether the kernel killed for want of host memory while a program ran. What it kills prints nothing, so nothing of it is
//! in the output.

use std::path::{Path, PathBuf};

use crate::probe::small_file;

/// A counter of the kernel's kills, as it stood at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counter {
    file: PathBuf,
    /// True where it counts for the whole machine, not for this program's control group.
    whole_machine: bool,
    count: u64,
}

/// The counters before a program ran.
#[derive(Default)]
pub(super) struct Kills {
    before: Vec<Counter>,
}

/// The kernel killed while a program ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Killed {
    /// How many processes.
    pub processes: u64,
    /// The file whose counter tells.
    pub file: PathBuf,
    /// True where the counter is that of the machine: it may have been another program.
    pub whole_machine: bool,
}

impl Kills {
    /// Reads the counters of the file tree at `root`.
    pub(super) fn now(root: &Path) -> Self {
        let own = small_file::text(&root.join("proc/self/cgroup")).unwrap_or_default();
        let groups = own.lines().filter_map(|line| group(root, line));
        let machine = (root.join("proc/vmstat"), true);
        let files = groups.map(|file| (file, false)).chain([machine]);
        let before = files.filter_map(|(file, whole_machine)| {
            let count = count(&small_file::text(&file)?)?;
            Some(Counter {
                file,
                whole_machine,
                count,
            })
        });
        Self {
            before: before.collect(),
        }
    }

    /// What was added since; the program's own group is asked first.
    pub(super) fn since(self) -> Option<Killed> {
        self.before.into_iter().find_map(|counter| {
            let now = count(&small_file::text(&counter.file)?)?;
            let processes = now.checked_sub(counter.count).filter(|more| *more > 0)?;
            Some(Killed {
                processes,
                file: counter.file,
                whole_machine: counter.whole_machine,
            })
        })
    }
}

/// The file that counts for the control group of a line of `/proc/self/cgroup`, "ID:CONTROLLERS:PATH" (cgroups(7)): version 2 has
/// no controllers there, version 1 has a tree for each.
fn group(root: &Path, line: &str) -> Option<PathBuf> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?.trim_start_matches('/'));
    let tree = root.join("sys/fs/cgroup");
    if controllers.is_empty() {
        // Documentation/admin-guide/cgroup-v2.rst, "memory.events". A mount of both versions has the second in a folder.
        let places = [tree.join(path), tree.join("unified").join(path)];
        let mut files = places.iter().map(|place| place.join("memory.events"));
        return files.find(|file| file.exists());
    }
    // Documentation/admin-guide/cgroup-v1/memory.rst, "memory.oom_control".
    let memory = controllers.split(',').any(|name| name == "memory");
    memory.then(|| tree.join("memory").join(path).join("memory.oom_control"))
}

/// The `oom_kill 3` on a line of its own: so it stands in both kinds of group and in `/proc/vmstat` (linux, mm/vmstat.c).
fn count(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A file tree with these files.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write(root.path(), path, text);
        }
        root
    }

    fn write(root: &Path, path: &str, text: &str) {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn the_groups_own_counter_tells_in_both_versions() {
        for (own, file) in [
            ("0::/job\n", "sys/fs/cgroup/job/memory.events"),
            (
                "3:cpu:/\n0::/job\n",
                "sys/fs/cgroup/unified/job/memory.events",
            ),
            (
                "4:cpu:/\n3:memory:/job\n0::/\n",
                "sys/fs/cgroup/memory/job/memory.oom_control",
            ),
        ] {
            let before = "low 0\noom 2\noom_kill 1\noom_group_kill 0\n";
            let root = tree(&[
                ("proc/self/cgroup", own),
                ("proc/vmstat", "pgfault 9\noom_kill 5\n"),
                (file, before),
            ]);
            assert_eq!(Kills::now(root.path()).since(), None, "{own}");
            let kills = Kills::now(root.path());
            write(root.path(), file, "low 0\noom 4\noom_kill 3\n");
            write(root.path(), "proc/vmstat", "oom_kill 7\n");
            let killed = Killed {
                processes: 2,
                file: root.path().join(file),
                whole_machine: false,
            };
            assert_eq!(kills.since(), Some(killed), "{own}");
        }
    }

    #[test]
    fn a_group_without_a_counter_leaves_that_of_the_machine() {
        let root = tree(&[
            ("proc/self/cgroup", "0::/\n"),
            ("proc/vmstat", "oom_kill 0\n"),
        ]);
        let kills = Kills::now(root.path());
        write(root.path(), "proc/vmstat", "oom_kill 1\n");
        assert!(kills.since().unwrap().whole_machine);
        assert_eq!(Kills::now(&root.path().join("none")).since(), None);
    }
}
