//! Every file below a folder, in the order of their paths.

use std::fs;
use std::path::{Path, PathBuf};

use super::Source;
use crate::error::Error;
use crate::sorting;

/// How the names of source files end. They hold the words of messages, and no failure; named by themselves they are read.
const SOURCE: [&str; 34] = [
    "py", "pyi", "pyx", "pxd", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "cu", "cuh", "go",
    "rs", "java", "kt", "scala", "js", "mjs", "jsx", "ts", "tsx", "jl", "rb", "swift", "cs", "php",
    "lua", "pl", "sh", "bash", "cmake",
];

/// True for a program's source, by its name.
fn is_source(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    end.is_some_and(|end| SOURCE.contains(&end.to_ascii_lowercase().as_str()))
}

/// Lists the files. Links to files count as files, as Kubernetes keeps its logs; links to folders are not followed, so
/// no loop of links can hold the walk. What a dot hides is read only if wished, and source code not at all. What is neither (pipes, sockets) would make it hang and is passed over.
pub(super) fn walk(top: &Path, hidden: bool) -> Vec<Result<Source, Error>> {
    let mut found = Vec::new();
    let mut waiting = vec![top.to_owned()];
    let mut left_out = false;
    while let Some(folder) = waiting.pop() {
        match list(&folder, hidden) {
            Ok(entries) => {
                for (path, is_folder) in entries {
                    if is_folder {
                        waiting.push(path);
                    } else if is_source(&path) {
                        left_out = true;
                    } else {
                        found.push((path.clone(), Ok(Source::File(path))));
                    }
                }
            }
            Err(reason) => found.push((folder.clone(), Err(failed(&folder, reason)))),
        }
    }
    if found.is_empty() {
        let words = if left_out {
            "the folder holds no files but source code, which is read only where it is named"
        } else {
            "the folder holds no files"
        };
        let reason = std::io::Error::other(words);
        return vec![Err(failed(top, reason))];
    }
    sorting::by(&mut found, |(a, _), (b, _)| a.cmp(b));
    found.into_iter().map(|(_, source)| source).collect()
}

fn failed(folder: &Path, reason: std::io::Error) -> Error {
    Error::Read {
        source: folder.to_string_lossy().into_owned(),
        reason,
    }
}

/// The files and folders right in a folder, and which of them are folders.
fn list(folder: &Path, hidden: bool) -> std::io::Result<Vec<(PathBuf, bool)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !hidden && entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type()?;
        // A link that leads nowhere stays in the list, so that opening it names it.
        let readable = if kind.is_symlink() {
            fs::metadata(&path).map_or(true, |target| target.is_file())
        } else {
            kind.is_file()
        };
        if kind.is_dir() || readable {
            entries.push((path, kind.is_dir()));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(top: &Path) -> Vec<String> {
        walk(top, false)
            .into_iter()
            .map(|found| match found {
                Ok(source) => source.name().replace(&*top.to_string_lossy(), ""),
                Err(error) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_paths_however_deep() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("b/c")).unwrap();
        for file in ["z.log", "b/c/x.log", "a.log", "b/y.log"] {
            fs::write(top.path().join(file), "text").unwrap();
        }
        assert_eq!(
            names(top.path()),
            ["/a.log", "/b/c/x.log", "/b/y.log", "/z.log"]
        );
    }

    #[test]
    fn hidden_files_and_folders_are_read_only_if_wished() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir(top.path().join(".git")).unwrap();
        for file in [".git/x.log", ".y.log", "z.log"] {
            fs::write(top.path().join(file), "text").unwrap();
        }
        assert_eq!(names(top.path()), ["/z.log"]);
        assert_eq!(walk(top.path(), true).len(), 3);
    }

    #[test]
    fn a_folder_without_files_is_an_error_and_not_a_clean_read() {
        let top = tempfile::tempdir().unwrap();
        let [only] = names(top.path()).try_into().unwrap();
        assert!(only.ends_with("the folder holds no files"), "{only}");
    }

    #[test]
    fn source_code_is_read_only_where_it_is_named() {
        let top = tempfile::tempdir().unwrap();
        for file in [
            "train.py",
            "kernel.CU",
            "run.sh",
            "run.sh.log",
            "notes.md",
            "py",
        ] {
            fs::write(top.path().join(file), "text").unwrap();
        }
        assert_eq!(names(top.path()), ["/notes.md", "/py", "/run.sh.log"]);
        let named = top.path().join("train.py");
        assert_eq!(super::super::find(named.as_os_str(), false).len(), 1);
        for file in ["run.sh.log", "notes.md", "py"] {
            fs::remove_file(top.path().join(file)).unwrap();
        }
        let [only] = names(top.path()).try_into().unwrap();
        assert!(only.contains("no files but source code"), "{only}");
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_does_not_hold_the_walk() {
        let top = tempfile::tempdir().unwrap();
        fs::write(top.path().join("a.log"), "text").unwrap();
        std::os::unix::fs::symlink(top.path(), top.path().join("loop")).unwrap();
        std::os::unix::fs::symlink(top.path().join("a.log"), top.path().join("link.log")).unwrap();
        assert_eq!(names(top.path()), ["/a.log", "/link.log"]);
    }
}
