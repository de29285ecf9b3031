//! The look inside of a Python process: the module that takes a census where GPU memory runs out, and what it wrote.

mod bytes;
mod files;
mod fits;
mod incident;
mod read;

use std::path::{Path, PathBuf};

pub(crate) use bytes::{Bytes, begins};
pub(crate) use files::{write_package, write_python};
pub(crate) use fits::fits;
pub(crate) use incident::incident;
pub(crate) use read::read;

use crate::evidence::Census;
use crate::sorting;

/// No census is larger: it lists the largest owners only.
const LARGEST: u64 = 16 << 20;
/// A job of many ranks, each of which fails a few times.
const MOST: usize = 4096;

/// The JSON Schema of a census, as far as it is read: more keys may be there, and `CENSUS.md` beside the module says what each means.
///
/// A test holds it to the types that read it.
pub(crate) fn schema() -> String {
    include_str!("schema.json").trim_end().to_owned()
}

/// The censuses that a program left in a folder, by process and in the order in which they were taken. What is no census is passed
/// over: the module writes a file whole or not at all.
pub(crate) fn censuses(folder: &Path) -> Vec<Census> {
    let mut found: Vec<Census> = paths(folder)
        .into_iter()
        .take(MOST)
        .filter(|path| std::fs::metadata(path).is_ok_and(|about| about.len() <= LARGEST))
        .filter_map(|path| read(&path.display().to_string(), &bytes_of(&path)?).ok())
        .flatten()
        .collect();
    sorting::by_key(&mut found, |census| {
        (census.rank, census.pid, census.number, census.device)
    });
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file of our own module's, whose size was looked at"
)]
fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

fn paths(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| is_census(path))
        .collect();
    paths.sort();
    paths
}

fn is_census(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("whyoom-census-"))
        && path
            .extension()
            .is_some_and(|extension| extension == "json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::written_schema;

    #[test]
    fn the_schema_is_that_of_the_types() {
        written_schema::is("inside/schema.json", &schemars::schema_for!(read::File));
    }
}
