//! Reading the small files of `/proc` and `/sys`, never more than a little of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// No file that is read here is longer; a command line may be, and is cut.
const MOST: u64 = 64 * 1024;

/// The bytes of a file; `None` where it cannot be read, which is no error: processes end, and rights differ.
pub(super) fn bytes(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(MOST)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Option<String> {
    bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A number that is all of a file.
pub(super) fn number(path: &Path) -> Option<u64> {
    text(path)?.trim().parse().ok()
}
