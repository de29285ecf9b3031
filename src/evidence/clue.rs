//! What the program's own source shows: plain data.

/// What a line of source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClueKind {
    /// A tensor with its graph is added up in a loop.
    AddedGraph,
    /// The losses of a loop are added up with their graphs, and backward runs once behind it.
    BackwardAtEnd,
    /// Results are put into a container at every step.
    KeptOutputs,
    /// Losses are put into a container with their graphs.
    KeptGraph,
    /// Models, optimizers or their states are put into a container.
    KeptObjects,
    /// A hook stores what it is given.
    StoringHook,
    /// A state goes from step to step with its graph.
    CarriedState,
    /// A retry runs inside of the handler of the failure.
    RetryInExcept,
    /// An evaluation runs without switching the graph off.
    EvalWithGraph,
    /// A checkpoint is read onto the device that it was saved from.
    LoadOnDevice,
}

/// A change of one place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The line that it replaces, from 1.
    pub line: u64,
    /// The line as it is.
    pub old: String,
    /// What stands there then.
    pub new: Vec<String>,
}

/// One line of the program that can be the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clue {
    /// What it does.
    pub kind: ClueKind,
    /// The file, as the traceback names it.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The line itself, without its indentation.
    pub code: String,
    /// The name that keeps something, where there is one.
    pub name: String,
    /// True where that name lives longer than the function.
    pub lasting: bool,
    /// What would mend it.
    pub patch: Option<Patch>,
}

impl Clue {
    /// "train.py:31".
    pub fn place(&self) -> String {
        let file = self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file);
        format!("{file}:{}", self.line)
    }

    /// The change as a unified diff, which `patch` and `git apply` take.
    pub fn diff(&self) -> Option<String> {
        use std::fmt::Write;
        let patch = self.patch.as_ref()?;
        let mut text = format!(
            "--- {file}\n+++ {file}\n@@ -{line},1 +{line},{count} @@\n-{}\n",
            patch.old,
            file = self.file,
            line = patch.line,
            count = patch.new.len()
        );
        for line in &patch.new {
            let _ = writeln!(text, "+{line}");
        }
        Some(text)
    }
}
