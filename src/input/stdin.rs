//! Standard input.

use std::io::{self, Read};

use super::stop::{Stop, Stoppable};

/// Opens it, without a buffer that would hide from a wait what is there already.
#[cfg(unix)]
pub(super) fn open(stop: &Stop) -> io::Result<impl Read> {
    use std::fs::File;
    use std::os::fd::AsFd;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let plain = file.metadata().is_ok_and(|about| about.is_file());
    Ok(Stoppable::new(file, !plain, stop))
}

/// Opens it.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where opening it can fail")]
pub(super) fn open(stop: &Stop) -> io::Result<impl Read> {
    Ok(Stoppable::new(io::stdin(), false, stop))
}
