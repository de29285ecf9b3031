//! Patterns for paths, as lists of inputs hold them where no shell has put names in their place: `*`, `?` and `[abc]` within a
//! name, `**` for any folders.

use std::fs;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

/// The paths that fit, in order; empty where none does, or where it is no pattern. Links to folders are followed where a name
/// of the pattern fits theirs, and never by `**`, so that no loop of links can hold it.
pub(super) fn expand(path: &Path, hidden: bool) -> Vec<PathBuf> {
    let Some(steps) = path.components().map(Step::of).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    if steps.iter().all(|step| matches!(step, Step::Plain(_))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let options = MatchOptions {
        require_literal_leading_dot: !hidden,
        ..MatchOptions::new()
    };
    walk(PathBuf::new(), &steps, options, &mut found);
    found.sort();
    found.dedup();
    found
}

/// One part of a pattern.
enum Step<'a> {
    /// As it stands.
    Plain(Component<'a>),
    /// Every name that fits.
    Names(Pattern),
    /// Any folders, or none.
    Folders,
}

impl<'a> Step<'a> {
    /// `None` where it is no pattern that anybody means.
    fn of(part: Component<'a>) -> Option<Self> {
        let text = match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        };
        match text {
            Some("**") => Some(Self::Folders),
            Some(text) if text.contains(['*', '?', '[']) => {
                Pattern::new(text).ok().map(Self::Names)
            }
            _ => Some(Self::Plain(part)),
        }
    }
}

fn walk(base: PathBuf, steps: &[Step<'_>], options: MatchOptions, found: &mut Vec<PathBuf>) {
    let Some((step, rest)) = steps.split_first() else {
        if fs::symlink_metadata(&base).is_ok() {
            found.push(base);
        }
        return;
    };
    match step {
        Step::Plain(part) => walk(base.join(part), rest, options, found),
        Step::Names(pattern) => {
            for (name, path, _) in entries(&base) {
                if pattern.matches_with(&name, options) {
                    walk(path, rest, options, found);
                }
            }
        }
        // One after the other they say no more than one.
        Step::Folders if matches!(rest.first(), Some(Step::Folders)) => {
            walk(base, rest, options, found);
        }
        Step::Folders => {
            for (name, path, folder) in entries(&base) {
                if folder && !(options.require_literal_leading_dot && name.starts_with('.')) {
                    walk(path, steps, options, found);
                }
            }
            walk(base, rest, options, found);
        }
    }
}

/// What is right in a folder: its name, its path, and whether it is a folder itself and no link to one. What cannot be listed
/// holds nothing that fits.
fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf, bool)> + use<> {
    let here = folder.as_os_str().is_empty();
    let listed = fs::read_dir(if here { Path::new(".") } else { folder });
    let folder = folder.to_owned();
    listed.into_iter().flatten().flatten().map(move |entry| {
        let name = entry.file_name();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = folder.join(&name);
        (name.to_string_lossy().into_owned(), path, is_folder)
    })
}
