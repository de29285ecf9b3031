//! One settings file: what it says, and on which line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table};

use crate::error::Error;
use crate::spelling::nearest;

/// A settings file.
pub(in crate::cli) struct File {
    pub(in crate::cli) path: PathBuf,
    text: String,
    pub(in crate::cli) table: Table,
    /// The path of the key that was called wrong last.
    wrong: RefCell<Option<String>>,
    /// The paths of keys and tables that were wrong, and are passed over where all else is to be checked, too.
    passed_over: BTreeSet<String>,
}

impl File {
    /// A file and what is in it.
    pub(in crate::cli) fn parsed(path: PathBuf, text: String) -> Result<Self, Error> {
        match text.parse::<Table>() {
            Ok(table) => Ok(Self {
                path,
                text,
                table,
                wrong: RefCell::default(),
                passed_over: BTreeSet::new(),
            }),
            Err(error) => {
                let before = error.span().and_then(|span| text.get(..span.start));
                let line = line(before.unwrap_or(""));
                // The mark of a pattern, `\d`, in the wrong quotes.
                let escape = error.message().contains("escaped value");
                let hint = if escape {
                    "; write a pattern in single quotes: '\\d+'"
                } else {
                    ""
                };
                let reason = format!("line {line}: {}{hint}", error.message());
                Err(wrong(&path, &reason))
            }
        }
    }

    /// An error at a key, by its path: `message[2].pattern`, counted from 1. Where the key is missing, its table is named.
    pub(in crate::cli) fn wrong(&self, key: &str, reason: &str) -> Error {
        self.wrong.replace(Some(key.to_owned()));
        let line = self.line(key);
        let words = line.map_or_else(String::new, |line| format!("line {line}: "));
        wrong(&self.path, &format!("{words}{reason}"))
    }

    /// Passes over what was called wrong last: the member of a list of tables, or the key. False where that is known already.
    pub(in crate::cli) fn pass_over(&mut self) -> bool {
        let wrong = self.wrong.take().map(|path| match path.split_once(']') {
            Some((member, _)) => format!("{member}]"),
            None => path,
        });
        wrong.is_some_and(|path| self.passed_over.insert(path))
    }

    /// True for a path that is passed over.
    pub(in crate::cli) fn passes_over(&self, path: &str) -> bool {
        self.passed_over.contains(path)
    }

    /// An error where the key is none of those known. `within` is the path of its table.
    pub(in crate::cli) fn check(
        &self,
        within: &str,
        key: &str,
        known: &[&str],
    ) -> Result<(), Error> {
        if known.contains(&key) {
            return Ok(());
        }
        let meant = nearest(key, known.iter().copied());
        let hint = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        let path = if within.is_empty() {
            key.to_owned()
        } else {
            format!("{within}.{key}")
        };
        Err(self.wrong(&path, &format!("unknown key `{key}`{hint}")))
    }

    fn line(&self, path: &str) -> Option<usize> {
        let whole = DeTable::parse(&self.text).ok()?;
        let mut table = whole.get_ref();
        let mut at = None;
        for part in path.split('.') {
            let (name, number) = part.split_once('[').unwrap_or((part, ""));
            let Some((key, mut value)) = table.iter().find(|(key, _)| key.get_ref() == name) else {
                break;
            };
            at = Some(key.span().start);
            if let Some(member) = member(value, number) {
                at = Some(member.span().start);
                value = member;
            }
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        self.text.get(..at?).map(line)
    }
}

/// The member of a list whose number, from 1, stands before a closing bracket.
fn member<'a, 'i>(
    list: &'a Spanned<DeValue<'i>>,
    number: &str,
) -> Option<&'a Spanned<DeValue<'i>>> {
    let number: usize = number.strip_suffix(']')?.parse().ok()?;
    list.get_ref().as_array()?.get(number.checked_sub(1)?)
}

/// The number of the line behind this text, from 1.
fn line(before: &str) -> usize {
    before.matches('\n').count() + 1
}

/// An error of a file as a whole.
pub(in crate::cli) fn wrong(file: &Path, reason: &str) -> Error {
    Error::Setting {
        place: file.to_string_lossy().into_owned(),
        reason: reason.to_owned(),
    }
}
