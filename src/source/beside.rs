//! Knobs that stand beside a script: in the modules that it imports, and in the settings files that it names.

use std::path::{Path, PathBuf};

use super::code::{self, Code};
use super::{clues, project, read, written};
use crate::evidence::{Clue, ClueKind};

/// So many files beside one script are looked at.
const MOST: usize = 8;
/// What a settings file ends with.
const ENDS: [&str; 4] = [".yaml", ".yml", ".json", ".toml"];

/// The knobs of what a script imports and names, each file below the root.
pub(super) fn knobs(root: &Path, script: &Path, text: &str) -> Vec<Clue> {
    let mut found = Vec::new();
    let Some(tree) = code::parse(text) else {
        return found;
    };
    let Some(code) = Code::new(&tree, text) else {
        return found;
    };
    let mut names = modules(&code);
    names.extend(settings(&code));
    names.dedup();
    for name in names {
        let Some(path) = near(root, script, &name).filter(|path| path != script) else {
            continue;
        };
        let Some(text) = read(&path) else {
            continue;
        };
        let shown = project::shown(root, &path);
        let mut knobs = if path.extension().is_some_and(|end| end == "py") {
            constants(&text, &shown)
        } else {
            written::in_settings(&text, &shown)
        };
        for knob in &mut knobs {
            shown.clone_into(&mut knob.path);
        }
        found.extend(knobs);
    }
    found
}

/// The files below the root that a script imports.
pub(super) fn imports(root: &Path, script: &Path, text: &str) -> Vec<PathBuf> {
    let Some(tree) = code::parse(text) else {
        return Vec::new();
    };
    let Some(code) = Code::new(&tree, text) else {
        return Vec::new();
    };
    let names = modules(&code).into_iter();
    names.filter_map(|name| near(root, script, &name)).collect()
}

/// A file beside a script, or in a folder above it, up to the root.
fn near(root: &Path, script: &Path, name: &str) -> Option<PathBuf> {
    let folders = script.ancestors().skip(1);
    let mut folders = folders.take_while(|folder| folder.starts_with(root));
    folders.find_map(|folder| below(root, &folder.join(name)))
}

/// A file below the root, whatever links lead there.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let found = path.canonicalize().ok()?;
    (found.starts_with(root) && found.is_file()).then_some(found)
}

/// The files of what a script imports: `from settings.train import N` is `settings/train.py`.
fn modules(code: &Code<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for n in code.kind("import_from_statement") {
        let name = code.field(n, "module_name").trim_start_matches('.');
        found.push(name.to_owned());
        // `from . import config`
        let mut cursor = n.walk();
        for one in n.children_by_field_name("name", &mut cursor) {
            found.push(format!("{name}.{}", code.of(one)));
        }
    }
    for n in code.kind("import_statement") {
        let names = code.of(n).trim_start_matches("import").split(',');
        let first = names.filter_map(|name| name.split_ascii_whitespace().next());
        found.extend(first.map(str::to_owned));
    }
    let plain = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "_.".contains(c))
    };
    found.retain(plain);
    let files = found
        .iter()
        .map(|name| format!("{}.py", name.trim_matches('.').replace('.', "/")));
    files.take(MOST * 8).collect()
}

/// The settings files that a script names, and those of Hydra's `config_path` and `config_name` (hydra/main.py).
fn settings(code: &Code<'_>) -> Vec<String> {
    let bare = |text: &str| text.trim_matches(['"', '\'']).to_owned();
    let strings = code.kind("string").map(|n| bare(code.of(n)));
    let mut found: Vec<String> = strings
        .filter(|text| ENDS.iter().any(|end| text.ends_with(end)) && !text.starts_with('/'))
        .collect();
    let keyword = |name: &str| {
        let mut all = code.kind("keyword_argument");
        let one = all.find(|n| code.field(*n, "name") == name)?;
        Some(bare(code.field(one, "value")))
    };
    if let Some(name) = keyword("config_name") {
        let folder = keyword("config_path")
            .filter(|path| path != "None")
            .unwrap_or_default();
        let name = name.trim_end_matches(".yaml");
        found.push(
            format!("{folder}/{name}.yaml")
                .trim_start_matches('/')
                .to_owned(),
        );
    }
    found.truncate(MOST);
    found
}

/// The knobs that a module sets for whoever imports it: at its top, in a class, in a flag; not those of its functions' own calls.
fn constants(text: &str, file: &str) -> Vec<Clue> {
    let Some(tree) = code::parse(text) else {
        return Vec::new();
    };
    let Some(code) = Code::new(&tree, text) else {
        return Vec::new();
    };
    let mut found = clues::find(&code, file, &[]);
    found.retain(|clue| {
        let flag = clue.name.starts_with("--");
        let own = clue.function == "<module>" && !clue.code.contains("Loader(");
        let spelled = matches!(clue.kind, ClueKind::Adam | ClueKind::FullPrecision);
        spelled || clue.kind.knob() && clue.value.is_some() && (own || flag)
    });
    found
}
