//! What is added to Python programs from outside, by a start-up file that a variable leads to: a look inside where GPU memory runs
//! out, and `PyTorch`'s memory history.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::evidence::Census;
use crate::inside;

/// What to add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Additions {
    /// The memory history, and a snapshot at a failure.
    pub history: bool,
    /// A census at a failure.
    pub census: bool,
}

/// The start-up file in its folder, and the folders for what programs leave.
pub(crate) struct Recorder {
    additions: Additions,
    start: PathBuf,
    kept: PathBuf,
    /// What an earlier run left there.
    before: Vec<Snapshot>,
}

/// What Python programs left.
#[derive(Default)]
pub(crate) struct Left {
    /// The snapshots that were written, by name.
    pub snapshots: Vec<PathBuf>,
    /// The censuses.
    pub censuses: Vec<Census>,
}

/// A snapshot, and when it was written.
type Snapshot = (PathBuf, Option<SystemTime>);

impl Recorder {
    /// Writes the start-up file below `folder`, which is made; snapshots and censuses go there too.
    pub(crate) fn new(folder: &Path, additions: Additions) -> io::Result<Self> {
        // The program and its children may run in other folders.
        let folder = std::path::absolute(folder)?;
        let recorder = Self {
            additions,
            start: folder.join("python"),
            before: snapshots(&folder),
            kept: folder,
        };
        inside::write_python(&recorder.start)?;
        // Those of an earlier run with the same folder say nothing of this one.
        let _ = std::fs::remove_dir_all(recorder.censuses());
        Ok(recorder)
    }

    fn censuses(&self) -> PathBuf {
        self.kept.join("censuses")
    }

    /// The variables that lead Python to it; `PYTHONPATH` keeps what it had.
    pub(crate) fn variables(&self, python_path: Option<&OsStr>) -> Vec<(OsString, OsString)> {
        let mut path = self.start.clone().into_os_string();
        if let Some(old) = python_path.filter(|old| !old.is_empty()) {
            path.push(":");
            path.push(old);
        }
        let mut variables = vec![(OsString::from("PYTHONPATH"), path)];
        let mut add = |name: &str, folder: PathBuf| {
            variables.push((OsString::from(name), folder.into_os_string()));
        };
        if self.additions.history {
            add("WHYOOM_SNAPSHOTS", self.kept.clone());
        }
        if self.additions.census {
            add("WHYOOM_CENSUS", self.censuses());
        }
        variables
    }

    /// Takes the start-up file away; what programs left.
    pub(crate) fn finish(self) -> Left {
        let _ = std::fs::remove_dir_all(&self.start);
        let mut found = snapshots(&self.kept);
        found.retain(|snapshot| !self.before.contains(snapshot));
        found.sort();
        let left = Left {
            snapshots: found.into_iter().map(|(path, _)| path).collect(),
            censuses: inside::censuses(&self.censuses()),
        };
        // Of a folder of its own nothing is left; one that holds anything stays.
        let _ = std::fs::remove_dir(&self.kept);
        left
    }

    /// Takes the censuses away too, where nobody asked to keep anything.
    pub(crate) fn finish_and_clear(self) -> Left {
        let (kept, censuses) = (self.kept.clone(), self.censuses());
        let left = self.finish();
        let _ = std::fs::remove_dir_all(censuses);
        let _ = std::fs::remove_dir(kept);
        left
    }
}

/// The snapshots in a folder.
fn snapshots(folder: &Path) -> Vec<Snapshot> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "pickle"))
        .map(|path| {
            let changed = path.metadata().and_then(|data| data.modified());
            (path, changed.ok())
        })
        .collect()
}
