//! A command where a path is expected: misspelled, or behind a flag.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;

use crate::spelling::nearest;

/// What to tell who meant a command; `None` where a path is meant.
pub(super) fn mistaken<C: CommandFactory>(paths: &[OsString]) -> Option<String> {
    let word = paths.first()?.to_str()?;
    let plain = word.len() > 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
    if !plain || Path::new(word).exists() {
        return None;
    }
    if word == "mcp" && !cfg!(feature = "mcp") {
        let words = "this `whyoom` was built without `mcp`: `pip install .` or `cargo install --path . --features mcp` builds it";
        return Some(words.to_owned());
    }
    let commands = C::command();
    let names = commands.get_subcommands().map(clap::Command::get_name);
    match nearest(word, names)? {
        name if name == word => Some(format!(
            "`{word}` is a command and comes first: `whyoom {word} ...`"
        )),
        name => Some(format!(
            "there is no file `{word}`; did you mean `whyoom {name}`?"
        )),
    }
}
