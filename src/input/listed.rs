//! Paths from a list, as `find` and `git ls-files` write them.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;

use super::{Source, Stop, file, stdin};
use crate::error::Error;

/// The paths that a file names: with NUL between them if there is one, else a path a line. `-` is standard input.
pub fn listed(list: &OsStr) -> Result<Vec<OsString>, Error> {
    let mut bytes = Vec::new();
    let stop = Stop::default();
    let read = if list == "-" {
        stdin::open(&stop).and_then(|mut input| input.read_to_end(&mut bytes))
    } else {
        file::open(Path::new(list), &stop)?
            .0
            .read_to_end(&mut bytes)
    };
    read.map_err(|reason| Error::Read {
        source: match list.to_str() {
            Some("-") => Source::Stdin.name(),
            _ => list.to_string_lossy().into_owned(),
        },
        reason,
    })?;
    Ok(split(&bytes))
}

fn split(bytes: &[u8]) -> Vec<OsString> {
    let nul = bytes.contains(&0);
    let parts = bytes.split(|b| *b == if nul { 0 } else { b'\n' });
    let whole = |part: &'_ [u8]| match part {
        [line @ .., b'\r'] if !nul => line.len(),
        part => part.len(),
    };
    let paths = parts.filter_map(|part| part.get(..whole(part)));
    let paths = paths.filter(|path| !path.is_empty());
    paths.map(path).collect()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).to_owned()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_on_lines_or_between_nuls() {
        assert_eq!(split(b"a b\r\n\nc"), ["a b", "c"]);
        assert_eq!(split(b"a\nb\0c\r\0"), ["a\nb", "c\r"]);
        assert!(split(b"\n").is_empty());
    }
}
