//! How a line of the program is named and changed in writing.

use super::Clue;

impl Clue {
    /// `train.py:31`; of a notebook `Cell In[17]:10`, however the version of `IPython` names the cell.
    pub fn place(&self) -> String {
        let file = self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file);
        let older = file.strip_prefix("<ipython-input-");
        if let Some((number, _)) = older.and_then(|rest| rest.split_once('-')) {
            return format!("Cell In[{number}]:{}", self.line);
        }
        format!("{file}:{}", self.line)
    }

    /// True where a change of a file would mend it: of a line that only the log shows, nobody knows the file.
    pub(crate) fn mends_a_file(&self) -> bool {
        self.patch.is_some() && !self.path.is_empty()
    }

    /// The change as a unified diff, which `patch -p1` and `git apply` take.
    pub fn diff(&self) -> Option<String> {
        let patch = self.patch.as_ref().filter(|_| self.mends_a_file())?;
        let (before, after) = (patch.before.len(), patch.after.len());
        let first = patch.line.saturating_sub(before as u64);
        let around = before + after;
        let mut text = format!(
            "--- a/{path}\n+++ b/{path}\n@@ -{first},{} +{first},{} @@\n",
            around + 1,
            around + patch.new.len(),
            path = self.path,
        );
        let open = "\\ No newline at end of file\n";
        let last = patch.open_end && after == 0;
        let mut add = |sign: char, lines: &[String], open_end: bool| {
            for line in lines {
                text.push(sign);
                text.push_str(line);
                text.push('\n');
            }
            text.push_str(if open_end { open } else { "" });
        };
        add(' ', &patch.before, false);
        add('-', std::slice::from_ref(&patch.old), last);
        add('+', &patch.new, last);
        add(' ', &patch.after, patch.open_end && !last);
        Some(text)
    }
}
