//! Where a process comes from: its parents, its group and its start, from `/proc`.

use std::path::Path;

use super::small_file;

/// When it started, in ticks since the machine did: field 22 of the file, counted from 1 with the name as the second.
pub(super) const START: usize = 19;

/// The fields of a `stat` file behind the name, which stands in brackets and may hold anything, brackets too (proc(5)); the
/// first is the state, which is the third field of the file.
pub(super) fn fields(stat: &str) -> Vec<&str> {
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().collect()
}

/// The state of the process of a `stat` file: 'R' runs, 'T' is stopped, 'Z' has ended.
pub(crate) fn state(stat: &Path) -> Option<char> {
    fields(&small_file::text(stat)?).first()?.chars().next()
}

/// What `/proc` tells of where a process comes from.
struct Origin {
    parent: u32,
    group: i64,
    /// In ticks since the machine started.
    start: u64,
}

impl Origin {
    fn of(pid: u32) -> Option<Self> {
        let stat = small_file::text(Path::new(&format!("/proc/{pid}/stat")))?;
        let fields = fields(&stat);
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            start: fields.get(START)?.parse().ok()?,
        })
    }
}

/// A longer chain of parents is a loop of ids that were given out again while it was read.
const DEEPEST: usize = 64;

/// True where a process of this machine belongs to a program: it is the program, was started by it or its children, or was left
/// behind by one of them.
pub(crate) fn belongs(pid: u32, program: u32) -> bool {
    let mut at = pid;
    let begun = Origin::of(program);
    for _ in 0..DEEPEST {
        if at == program {
            return true;
        }
        let Some(origin) = Origin::of(at) else {
            return false;
        };
        // Whose parent has ended belongs to init, and stays in its group. The group is often that of a whole script with all
        // that it starts, but then the script is in it, which is older than the program.
        let parent = Origin::of(origin.parent).map(|parent| parent.group);
        if let Some(begun) = &begun
            && origin.group == begun.group
            && parent != Some(begun.group)
            && origin.start >= begun.start
        {
            return true;
        }
        if origin.parent <= 1 {
            return false;
        }
        at = origin.parent;
    }
    false
}
