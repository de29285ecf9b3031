//! Documentation and source code hold the words of failures and are none: what a machine with Rust has of both, each file taken for
//! a log. It takes a minute, so that it runs only if asked for:
//! `cargo test --test it prose:: -- --ignored --nocapture`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{command, finish};
use serde_json::Value;

/// So many bytes of each place, so that about 100 MB are read in all.
const OF_EACH: u64 = 36 << 20;
/// Larger files are data.
const LARGEST: u64 = 2 << 20;
/// So many false finds are forgiven.
const FORGIVEN: usize = 1;

/// What a program prints, as the path of a folder; `None` where it is not there.
fn told(program: &str, arguments: &[&str]) -> Option<PathBuf> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim())).filter(|path| path.is_dir())
}

/// The folders: crates, Rust's documentation, Python's library, and what the system keeps of documents.
fn folders() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(home?.join(".cargo")));
    let python = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
    let rust = told("rustc", &["--print", "sysroot"]);
    let all = [
        cargo.map(|folder| folder.join("registry").join("src")),
        rust.map(|folder| folder.join("share").join("doc")),
        told("python3", &["-c", python]),
        Some(PathBuf::from("/usr/share/doc")),
    ];
    all.into_iter().flatten().filter(|f| f.is_dir()).collect()
}

/// The files below a folder, with their sizes, in the order of their names. Links are left out.
fn files(folder: &Path, into: &mut Vec<(PathBuf, u64)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match fs::symlink_metadata(&path) {
            Ok(of) if of.is_dir() => files(&path, into),
            Ok(of) if of.is_file() && of.len() <= LARGEST => into.push((path, of.len())),
            _ => {}
        }
    }
}

/// Every so many files of a folder, so that they are about [`OF_EACH`] bytes.
fn sample(folder: &Path) -> (Vec<PathBuf>, u64) {
    let mut all = Vec::new();
    files(folder, &mut all);
    let bytes: u64 = all.iter().map(|(_, bytes)| bytes).sum();
    let every = usize::try_from(bytes.div_ceil(OF_EACH).max(1)).unwrap();
    let taken: Vec<(PathBuf, u64)> = all.into_iter().step_by(every).collect();
    let bytes = taken.iter().map(|(_, bytes)| bytes).sum();
    (taken.into_iter().map(|(path, _)| path).collect(), bytes)
}

#[test]
#[expect(clippy::print_stdout, reason = "what is found is read by a person")]
#[ignore = "reads 100 MB of other people's documents, which differ from machine to machine"]
fn documentation_and_source_code_hold_no_failure() {
    let mut list = Vec::new();
    let mut all = 0;
    for folder in folders() {
        let (files, bytes) = sample(&folder);
        println!(
            "{}: {} files, {} MB",
            folder.display(),
            files.len(),
            bytes / 1_000_000
        );
        for file in files {
            list.extend_from_slice(file.as_os_str().as_encoded_bytes());
            list.push(0);
        }
        all += bytes;
    }
    assert!(all > 20_000_000, "{all} bytes are too few to tell");
    // Named, so that source files are read, too.
    let mut run = command(&["--files-from", "-", "--no-progress", "-f", "ndjson"]);
    run.stderr(std::process::Stdio::null());
    let run = finish(run, &list);
    let found: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for find in &found {
        let (source, line) = (
            find["source"].as_str().unwrap(),
            find["line"].as_u64().unwrap(),
        );
        let text = fs::read(source).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let text = text
            .lines()
            .nth(usize::try_from(line - 1).unwrap())
            .unwrap_or_default();
        println!("{source}:{line}: {}: {}", find["format"], text.trim());
    }
    println!("{} MB, {} finds", all / 1_000_000, found.len());
    assert!(found.len() <= FORGIVEN, "{} finds", found.len());
}
