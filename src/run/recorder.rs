//! `PyTorch`'s memory history, switched on from outside: a start-up file of Python that a variable leads to.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What Python runs at its start. It says itself what it does.
const START: &str = include_str!("sitecustomize.py");

/// The start-up file in its folder, and the folder for snapshots.
pub struct Recorder {
    folder: PathBuf,
    snapshots: PathBuf,
    /// What an earlier run left there.
    before: Vec<Snapshot>,
}

/// A snapshot, and when it was written.
type Snapshot = (PathBuf, Option<SystemTime>);

impl Recorder {
    /// Writes the start-up file below `folder`, which is made; snapshots go there too.
    pub fn new(folder: &Path) -> io::Result<Self> {
        // The program and its children may run in other folders.
        let folder = std::path::absolute(folder)?;
        let recorder = Self {
            folder: folder.join("python"),
            before: snapshots(&folder),
            snapshots: folder,
        };
        std::fs::create_dir_all(&recorder.folder)?;
        std::fs::write(recorder.folder.join("sitecustomize.py"), START)?;
        Ok(recorder)
    }

    /// The variables that lead Python to it; `PYTHONPATH` keeps what it had.
    pub fn variables(&self, python_path: Option<&OsStr>) -> Vec<(OsString, OsString)> {
        let mut path = self.folder.clone().into_os_string();
        if let Some(old) = python_path.filter(|old| !old.is_empty()) {
            path.push(":");
            path.push(old);
        }
        vec![
            (OsString::from("PYTHONPATH"), path),
            (
                OsString::from("WHYOOM_SNAPSHOTS"),
                self.snapshots.clone().into_os_string(),
            ),
        ]
    }

    /// Takes the start-up file away; the snapshots that were written, by name.
    pub fn finish(self) -> Vec<PathBuf> {
        let _ = std::fs::remove_dir_all(&self.folder);
        let mut found = snapshots(&self.snapshots);
        found.retain(|snapshot| !self.before.contains(snapshot));
        if found.is_empty() {
            // Of a folder of its own nothing is left; one that holds anything stays.
            let _ = std::fs::remove_dir(&self.snapshots);
        }
        found.sort();
        found.into_iter().map(|(path, _)| path).collect()
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
