//! The Python files, as they are put beside a program.

use std::io;
use std::path::Path;

/// What Python runs at its start. It says itself what it does.
const START: &str = include_str!("sitecustomize.py");

/// The files of the package.
const PACKAGE: &[(&str, &str)] = &[
    ("__init__.py", include_str!("python/whyoom/__init__.py")),
    ("_census.py", include_str!("python/whyoom/_census.py")),
    ("_code.py", include_str!("python/whyoom/_code.py")),
    ("_graph.py", include_str!("python/whyoom/_graph.py")),
    ("_lost.py", include_str!("python/whyoom/_lost.py")),
    ("_margin.py", include_str!("python/whyoom/_margin.py")),
    ("_models.py", include_str!("python/whyoom/_models.py")),
    ("_notebook.py", include_str!("python/whyoom/_notebook.py")),
    ("_pieces.py", include_str!("python/whyoom/_pieces.py")),
    ("_reads.py", include_str!("python/whyoom/_reads.py")),
    ("_report.py", include_str!("python/whyoom/_report.py")),
    ("_start.py", include_str!("python/whyoom/_start.py")),
    ("_walk.py", include_str!("python/whyoom/_walk.py")),
    ("_work.py", include_str!("python/whyoom/_work.py")),
    (
        "hugging_face.py",
        include_str!("python/whyoom/hugging_face.py"),
    ),
    ("lightning.py", include_str!("python/whyoom/lightning.py")),
    ("py.typed", include_str!("python/whyoom/py.typed")),
    (
        "pytest_plugin.py",
        include_str!("python/whyoom/pytest_plugin.py"),
    ),
];

/// Writes the start-up file and the package into a folder for `PYTHONPATH`, which is made.
pub(crate) fn write_python(folder: &Path) -> io::Result<()> {
    // One folder further down: what the program imports as `whyoom` is its own affair.
    write_package(&folder.join("inside"))?;
    std::fs::write(folder.join("sitecustomize.py"), START)
}

/// Writes the package `whyoom` into a folder, which is made.
pub(crate) fn write_package(folder: &Path) -> io::Result<()> {
    let package = folder.join("whyoom");
    std::fs::create_dir_all(&package)?;
    for (name, text) in PACKAGE {
        std::fs::write(package.join(name), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_package_is_put_beside_the_program() {
        let below = concat!(env!("CARGO_MANIFEST_DIR"), "/src/inside/python/whyoom");
        let entries = std::fs::read_dir(below).unwrap();
        let mut there: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| [Some("py"), Some("typed")].contains(&name.rsplit('.').next()))
            .collect();
        there.sort();
        let known: Vec<&str> = PACKAGE.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, known);
    }
}
