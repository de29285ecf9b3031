//! A file that is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file that is written beside its place and moved there when it is whole, so that nobody reads half a report. What is no
/// plain file, as a device or a pipe, is written as it is.
pub(super) struct WholeFile {
    /// Its path as the user named it.
    named: PathBuf,
    /// Its place, and the file beside that, which is written; `None` where the place itself is.
    moves: Option<(PathBuf, PathBuf)>,
    out: BufWriter<File>,
}

impl WholeFile {
    /// Begins a file of this path.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let (moves, file) = begin(path).map_err(|reason| unwritten(path, reason))?;
        Ok(Self {
            named: path.to_owned(),
            moves,
            out: BufWriter::new(file),
        })
    }

    /// Begins a file that is read while it grows: its place is written, and emptied first.
    pub(super) fn growing(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(|reason| unwritten(path, reason))?;
        Ok(Self {
            named: path.to_owned(),
            moves: None,
            out: BufWriter::new(file),
        })
    }

    /// Writes more of it.
    pub(super) fn add(
        &mut self,
        text: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        text(&mut self.out).map_err(|error| self.of_this(error))
    }

    /// Hands on what was written so far.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        let flushed = self.out.flush();
        flushed.map_err(|reason| unwritten(&self.named, reason))
    }

    /// Moves it to its place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        let Some((place, beside)) = self.moves.take() else {
            return Ok(());
        };
        fs::rename(&beside, place).map_err(|reason| {
            // It would only be in the way.
            let _ = fs::remove_file(beside);
            unwritten(&self.named, reason)
        })
    }

    fn of_this(&self, error: Error) -> Error {
        match error {
            Error::Write(reason) => unwritten(&self.named, reason),
            other => other,
        }
    }
}

/// What was not finished is taken away.
impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some((_, beside)) = &self.moves {
            let _ = fs::remove_file(beside);
        }
    }
}

/// The place and the file beside it, and what is written.
fn begin(path: &Path) -> io::Result<(Option<(PathBuf, PathBuf)>, File)> {
    let place = match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => {
            return Ok((None, OpenOptions::new().write(true).open(path)?));
        }
        // A link stays one: what it leads to is written.
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_owned(),
    };
    let name = place.file_name().ok_or(ErrorKind::InvalidInput)?;
    let name = name.to_string_lossy().into_owned();
    let mut taken = ErrorKind::AlreadyExists.into();
    // One that a run which was killed left behind may have the name.
    for number in 0..64 {
        let beside = place.with_file_name(format!(".{name}.{}-{number}", std::process::id()));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)
        {
            Ok(file) => return Ok((Some((place, beside)), file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

fn unwritten(path: &Path, reason: io::Error) -> Error {
    Error::WriteFile {
        path: path.to_string_lossy().into_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        crate::cli::gates::whole(path).unwrap()
    }

    fn put(path: &Path, text: &str) -> Result<(), Error> {
        let mut file = WholeFile::create(path)?;
        file.add(|out| out.write_all(text.as_bytes()).map_err(Error::Write))?;
        file.finish()
    }

    #[test]
    fn it_is_the_old_one_until_the_new_one_is_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        put(&path, "old").unwrap();
        let half = WholeFile::create(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        drop(half);
        assert_eq!(text(&path), "old");
        put(&path, "new").unwrap();
        assert_eq!(text(&path), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_a_device_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        put(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(text(&file), "new");
        put(Path::new("/dev/null"), "text").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_folder_or_a_place_in_none_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none/a.json")] {
            let words = put(&path, "").unwrap_err().to_string();
            assert!(words.contains(&*path.to_string_lossy()), "{words}");
            assert_eq!(words.lines().count(), 1);
        }
    }
}
