//! `PyTorch`'s memory history, switched on from outside: a start-up file of Python that a variable leads to.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// What Python runs at its start. It says itself what it does.
const START: &str = include_str!("sitecustomize.py");

/// The start-up file in its folder, and the folder for snapshots.
pub struct Recorder {
    folder: PathBuf,
    snapshots: PathBuf,
}

impl Recorder {
    /// Writes the start-up file below `folder`, which is made; snapshots go there too.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let recorder = Self {
            folder: folder.join("python"),
            snapshots: folder.to_owned(),
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
        let Ok(entries) = std::fs::read_dir(&self.snapshots) else {
            return Vec::new();
        };
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "pickle"))
            .collect();
        found.sort();
        found
    }
}
