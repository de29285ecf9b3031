//! Files, devices and named pipes.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::stop::{Stop, Stoppable};
use crate::error::Error;

/// Opens one; also says its size, for plain files only: pipes have none, and what `/proc` says of its own is zero.
pub(super) fn open(path: &Path, stop: &Stop) -> Result<(Stoppable<File>, Option<u64>), Error> {
    let named = |reason| Error::Read {
        source: path.to_string_lossy().into_owned(),
        reason,
    };
    let pipe = fs::metadata(path).is_ok_and(|about| is_pipe(&about));
    let file = if pipe {
        await_writer(path, stop)
    } else {
        File::open(path)
    };
    let file = file.map_err(named)?;
    let about = file.metadata().map_err(named)?;
    let size = about.is_file().then_some(about.len());
    Ok((Stoppable::new(file, size.is_none(), stop), size))
}

#[cfg(unix)]
fn is_pipe(about: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    about.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Opens a named pipe, which waits for somebody to write to it. The wait is another thread's, so that a request to stop is
/// heard; it is left behind then, and ends with the program.
fn await_writer(path: &Path, stop: &Stop) -> io::Result<File> {
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
    let path = path.to_owned();
    let (send, opened) = std::sync::mpsc::channel();
    std::thread::spawn(move || send.send(File::open(path)));
    loop {
        match opened.recv_timeout(PAUSE) {
            Ok(opened) => return opened,
            Err(_) if stop.asked() => return Err(Stop::error()),
            Err(_) => {}
        }
    }
}
