//! `whyoom completions`: the command line, for shells to complete.

use std::fmt::Write as _;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::Exit;
use crate::error::Error;
use crate::report::catalogue;

/// Print completions for a shell
#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Exit, Error> {
        let ids = catalogue::entries(&catalogue::ids());
        let ids = ids.into_iter().map(|entry| {
            let title = entry.title.replace('`', "");
            PossibleValue::new(entry.id).help(title)
        });
        // Other words are understood too, so that only a shell is told the ids.
        let ids = PossibleValuesParser::new(ids);
        let mut command = super::command_line().mut_subcommand("explain", |explain| {
            explain.mut_arg("id", |id| id.value_parser(ids))
        });
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "whyoom", &mut script);
        let script = String::from_utf8_lossy(&script);
        super::print(mended(self.shell, &script, &command).as_bytes())?;
        Ok(Exit::CLEAN)
    }
}

/// The script with what `clap_complete` 4.6 leaves out: words after a command are completed for bash and zsh only, and zsh takes the
/// first word for a path and never for a command.
fn mended(shell: Shell, script: &str, command: &Command) -> String {
    match shell {
        Shell::Zsh => zsh(script),
        Shell::Fish => {
            let mut script = script.to_owned();
            for (name, words) in words(command) {
                for (word, help) in words {
                    // Within single quotes fish reads only these two by themselves; the value is read once more.
                    let help = help.replace('\\', "\\\\").replace('\'', "\\'");
                    let _ = writeln!(
                        script,
                        "complete -c whyoom -n \"__fish_whyoom_using_subcommand {name}\" -f -a '{word}' -d '{help}'"
                    );
                }
            }
            script
        }
        Shell::PowerShell => after_each_head(
            script,
            command,
            |name| format!("'whyoom;{name}' {{\n"),
            |word, help| {
                format!(
                    "            [CompletionResult]::new('{word}', '{word}', [CompletionResultType]::ParameterValue, '{help}')\n"
                )
            },
        ),
        Shell::Elvish => after_each_head(
            script,
            command,
            |name| format!("&'whyoom;{name}'= {{\n"),
            |word, help| format!("            cand {word} '{help}'\n"),
        ),
        _ => script.to_owned(),
    }
}

/// The words that may follow each command, each with what it is.
fn words(command: &Command) -> Vec<(&str, Vec<(String, String)>)> {
    let of = |command: &Command| {
        let values = command
            .get_positionals()
            .flat_map(clap::Arg::get_possible_values);
        let told = values.filter(|value| !value.is_hide_set()).map(|value| {
            let help = value
                .get_help()
                .map_or_else(String::new, ToString::to_string);
            let name = value.get_name().to_owned();
            (name.clone(), if help.is_empty() { name } else { help })
        });
        told.collect::<Vec<_>>()
    };
    let all = command
        .get_subcommands()
        .map(|command| (command.get_name(), of(command)));
    all.filter(|(_, words)| !words.is_empty()).collect()
}

/// The script with the words of each command behind the head of its part; a quote within quotes is written twice.
fn after_each_head(
    script: &str,
    command: &Command,
    head: impl Fn(&str) -> String,
    line: impl Fn(&str, &str) -> String,
) -> String {
    let mut script = script.to_owned();
    for (name, words) in words(command) {
        let head = head(name);
        let lines = words
            .iter()
            .map(|(word, help)| line(word, &help.replace('\'', "''")));
        let with: String = std::iter::once(head.clone()).chain(lines).collect();
        script = script.replacen(&head, &with, 1);
    }
    script
}

/// The first word is a command or a file, all others belong to the command, or are files.
fn zsh(script: &str) -> String {
    let lines = script.split_inclusive('\n');
    let lines = lines.filter(|line| !line.starts_with("'::paths --"));
    lines
        .collect::<String>()
        .replace("\":: :_whyoom_commands\" \\\n", "\"1: :{ _whyoom_commands; _files }\" \\\n")
        .replace("$line[2]", "$line[1]")
        .replacen(
            "    (whyoom)\n",
            "    (whyoom)\n        (( $+functions[_whyoom__subcmd__$line[1]_commands] )) || { _files && ret=0 }\n",
            1,
        )
}
