//! Inputs that a list names, by their paths or by patterns.

use std::fs;
use std::path::Path;

use super::MESSAGE;
use crate::process::{command, finish};

/// What is read of a list in a folder: the names of the inputs, and the exit code.
fn read(folder: &Path, list: &str, arguments: &[&str]) -> (Vec<String>, Option<i32>) {
    let mut command = command(&["--no-config", "-f", "json", "--files-from", "-"]);
    command.args(arguments).current_dir(folder);
    let run = finish(command, list.as_bytes());
    let report = run.json();
    let inputs = report.get("inputs").unwrap().as_array().unwrap().iter();
    let names = inputs.map(|i| i.get("source").unwrap().as_str().unwrap().to_owned());
    (names.collect(), run.code)
}

#[test]
fn patterns_stand_for_what_fits_them_and_a_path_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "a.log",
        "b[1].log",
        "runs/1/err.log",
        "runs/1/out.txt",
        "runs/22/err.log",
        "runs/.old/err.log",
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, MESSAGE).unwrap();
    }
    // Two loops, which would double at every step.
    #[cfg(unix)]
    for name in ["loop", "runs/up"] {
        std::os::unix::fs::symlink(folder.path(), folder.path().join(name)).unwrap();
    }
    for (list, expected) in [
        ("*.log", &["a.log", "b[1].log"][..]),
        ("b[1].log\r\n", &["b[1].log"]),
        ("b[[]1].log\0", &["b[1].log"]),
        ("runs/?/err.log\0a.log", &["runs/1/err.log", "a.log"]),
        ("runs/**/*.log", &["runs/1/err.log", "runs/22/err.log"]),
        ("**/**/out.*", &["runs/1/out.txt"]),
        ("runs/2*", &["runs/22/err.log"]),
        ("loop/runs/1/*.txt", &["loop/runs/1/out.txt"]),
        ("./[!b].log", &["./a.log"]),
    ] {
        let (read, code) = read(folder.path(), list, &[]);
        assert_eq!(
            (read.as_slice(), code),
            (
                &expected.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()[..],
                Some(1)
            ),
            "{list}"
        );
    }
    let (hidden, _) = read(folder.path(), "runs/*/err.log", &["--hidden"]);
    assert_eq!(hidden.len(), 3, "{hidden:?}");
}

#[test]
fn a_pattern_that_nothing_fits_is_named_and_no_clean_read() {
    let folder = tempfile::tempdir().unwrap();
    for list in ["*.log", "[", "no/**/such"] {
        let (inputs, code) = read(folder.path(), list, &[]);
        assert_eq!((inputs, code), (vec![list.to_owned()], Some(3)));
    }
}
