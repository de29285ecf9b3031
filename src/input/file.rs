//! Files, devices and named pipes.

use std::fs::File;
use std::path::Path;

use crate::error::Error;

/// Opens one; also says its size, for plain files only: pipes have none, and what `/proc` says of its own is zero.
pub(super) fn open(path: &Path) -> Result<(File, Option<u64>), Error> {
    let named = |reason| Error::Read {
        source: path.to_string_lossy().into_owned(),
        reason,
    };
    let file = File::open(path).map_err(named)?;
    let about = file.metadata().map_err(named)?;
    Ok((file, about.is_file().then_some(about.len())))
}
