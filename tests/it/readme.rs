//! The README shows what the program does: its console blocks are run, and its flags are those of the help.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const OPEN: &str = "```console\n";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn page() -> String {
    fs::read_to_string(path()).unwrap().replace("\r\n", "\n")
}

/// What the program prints when it is not on a terminal.
fn run(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_whyoom"))
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    String::from_utf8(output.stdout).unwrap()
}

/// The page with the output of each console block made anew.
fn rerun(page: &str) -> String {
    let mut parts = page.split(OPEN);
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (block, rest) = part.split_once("```").unwrap();
        let command = block.lines().next().unwrap();
        let arguments = command.strip_prefix("$ whyoom ").unwrap();
        write!(out, "{OPEN}{command}\n{}```{rest}", run(arguments)).unwrap();
    }
    out
}

#[test]
fn every_console_block_is_what_the_program_prints() {
    let (kept, now) = (page(), rerun(&page()));
    assert!(kept.contains(OPEN), "the README shows no output");
    if std::env::var_os("WHYOOM_BLESS").is_some_and(|v| v == "1") {
        fs::write(path(), now).unwrap();
        return;
    }
    assert!(
        kept == now,
        "the README is out of date: WHYOOM_BLESS=1 cargo test --test it readme::"
    );
}

#[test]
fn every_flag_and_command_is_explained() {
    let (page, help) = (page(), run("--help"));
    let flags = help
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    let flags = flags.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric()));
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let commands = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands = commands.map(|line| line.split_whitespace().next().unwrap());
    let told = |word: &str| {
        page.contains(&format!("`{word}")) || page.contains(&format!("`whyoom {word}"))
    };
    for word in flags.chain(commands) {
        let plain = ["--help", "--version", "help"].contains(&word);
        assert!(
            plain || told(word),
            "the README does not say what `{word}` is for"
        );
    }
}

#[test]
fn it_names_paths_that_exist() {
    for word in page()
        .split('`')
        .filter(|word| word.starts_with("src/") || word.starts_with("fixtures/cases/h"))
    {
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(word).exists(),
            "{word} is not there"
        );
    }
}
