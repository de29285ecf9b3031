//! The line of one frame, in the forms of Python, IPython and Rich.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::text::Words;

/// What a frame of Python has, and with it nearly all frames there are.
static FILE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("File \""));
/// The end of a file's name.
static PY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".py"));

/// One of these stands in each line of a stack that says more than the code of the frame above, but for those of notebooks and
/// generated code, which are known by how they begin. All lines around a failure are asked.
static TELLS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "(most recent call last)",
        "above exception",
        "File \"",
        ".py",
    ])
});

/// False for what neither begins nor chains a stack, and is no line of a frame, whole or cut.
pub(super) fn can_tell(text: &str) -> bool {
    const BEGINS: [&str; 5] = ["<", "[", "Cell In", "Input In", "File "];
    let start = text.trim_start();
    BEGINS.iter().any(|begin| start.starts_with(begin)) || TELLS.stand_in(text)
}

/// What a frame's line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The file.
    pub(super) file: &'a str,
    /// The line in it; 0 where it stands elsewhere.
    pub(super) line: u32,
    /// The function, or empty.
    pub(super) function: &'a str,
}

/// A frame's line in any of the forms.
pub(super) fn parse(text: &str) -> Option<Place<'_>> {
    python(text).or_else(|| {
        let alone = text.trim();
        cell(alone)
            .or_else(|| ipython(alone))
            .or_else(|| bare(alone))
    })
}

/// True where a text holds what begins a frame of Python.
pub(super) fn names_file(text: &str) -> bool {
    FILE.find(text.as_bytes()).is_some()
}

/// `File "/home/user/train.py", line 12, in main`. What a terminal's wrap joins without spaces is read as well.
fn python(text: &str) -> Option<Place<'_>> {
    let at = FILE.find(text.as_bytes())?;
    let after = text.get(at + FILE.needle().len()..)?;
    let (file, after) = after.split_once('"')?;
    let after = after.strip_prefix(',')?.trim_start().strip_prefix("line")?;
    let (line, after) = number(after.trim_start())?;
    let function = after
        .strip_prefix(',')
        .and_then(|after| after.trim_start().strip_prefix("in"))
        .map_or("", |after| function(after.trim_start()));
    Some(Place {
        file,
        line,
        function,
    })
}

/// `Cell In[3], line 1`, `Cell In[3], line 12, in fn(x)` and `Input In [3], in <cell line: 5>()`: cells of Jupyter.
fn cell(text: &str) -> Option<Place<'_>> {
    if !text.starts_with("Cell In") && !text.starts_with("Input In") {
        return None;
    }
    let (file, after) = text.split_once(',')?;
    if !file.ends_with(']') {
        return None;
    }
    let after = after.trim_start();
    let (line, after) = match after.strip_prefix("line ") {
        Some(after) => number(after)?,
        None => (0, after),
    };
    let name = after.trim_start_matches([',', ' ']).strip_prefix("in ");
    Some(Place {
        file,
        line,
        function: name.map_or("", function),
    })
}

/// `File ~/x.py:12, in fn(args)`: IPython 8.
fn ipython(text: &str) -> Option<Place<'_>> {
    let text = text.strip_prefix("File ")?;
    let (place, name) = match text.split_once(", in ") {
        Some((place, name)) => (place, function(name)),
        None => (text, ""),
    };
    let (file, line) = place.rsplit_once(':')?;
    (is_file(file) && !file.contains(": ")).then_some(Place {
        file,
        line: line.trim().parse().ok()?,
        function: name,
    })
}

/// `/x/train.py:290 in train` of Rich, `/x/train.py in fn(args)` and `<ipython-input-3-abc> in <module>` of IPython to 7.
fn bare(text: &str) -> Option<Place<'_>> {
    // Colab copies paths as links.
    let linked = text
        .strip_prefix('[')
        .and_then(|t| t.split_once("]("))
        .and_then(|(path, after)| Some((path, after.split_once(')')?.1)));
    let (path, after) = if let Some(parts) = linked {
        parts
    } else {
        text.split_at_checked(file_end(text)?)?
    };
    let (line, after) = match after.strip_prefix(':') {
        Some(after) => number(after)?,
        None => (0, after),
    };
    let name = after.trim_start().strip_prefix("in")?;
    let name = if line == 0 {
        name.strip_prefix(' ')?
    } else {
        name
    };
    let function = function(name.trim_start());
    (is_file(path) && !function.is_empty()).then_some(Place {
        file: path,
        line,
        function,
    })
}

/// Where the file at the start of a text ends.
fn file_end(text: &str) -> Option<usize> {
    if text.starts_with('<') {
        return text.find('>').map(|at| at + 1);
    }
    let end = PY.find(text.as_bytes())? + PY.needle().len();
    // Paths with spaces are rare, and prose with a file's name is not.
    (!text.get(..end)?.contains(' ')).then_some(end)
}

/// True for what can be the file of a frame.
fn is_file(file: &str) -> bool {
    let generated = file.starts_with('<') && file.ends_with('>');
    generated || [".py", ".pyx"].iter().any(|end| file.ends_with(end))
}

/// A number and what follows it.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, after) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, after))
}

/// The name of a function at the start of a text: to its arguments, or to the first space.
fn function(text: &str) -> &str {
    let end = match text.strip_prefix('<') {
        Some(inner) => inner.find('>').map(|at| at + 2),
        None => text.find(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '\\' | ',' | '}')),
    };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The marked line of source: `----> 12 code` of IPython, `❱ 290 │   code` of Rich. Its number and code.
pub(super) fn marked(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let after = match text.strip_prefix('❱') {
        Some(after) => after,
        None => text
            .strip_prefix('-')?
            .trim_start_matches('-')
            .strip_prefix('>')?,
    };
    let (line, code) = number(after.trim_start())?;
    Some((line, code.trim_start_matches(['│', ' ']).trim_end()))
}

/// A line of source with its number, as notebooks and Rich show some around each frame, marked or not: `      6     for x in data:`,
/// `❱ 40 │   out = model(x)`.
pub(super) fn numbered(text: &str) -> Option<(u32, String)> {
    const LONGEST: usize = 400;
    let text = text.trim_start().trim_start_matches(['❱', '-', '>', ' ']);
    let (line, rest) = number(text)?;
    // Rich draws a line where each block is indented.
    let code = match rest.strip_prefix(' ') {
        Some(code) => code.replace('│', " "),
        None if rest.is_empty() => String::new(),
        None => return None,
    };
    (code.len() <= LONGEST).then(|| (line, code.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_frame_is_read() {
        for (text, file, line, function) in [
            (
                "  File \"/a/b.py\", line 12, in main",
                "/a/b.py",
                12,
                "main",
            ),
            (
                "  File \"<string>\", line 1, in <module>  [105/2572]",
                "<string>",
                1,
                "<module>",
            ),
            ("10%|#  |  File \"a.py\", line 3, in f", "a.py", 3, "f"),
            ("File \"a b.py\", line 3", "a b.py", 3, ""),
            ("File \"a.py\", line12, inforward", "a.py", 12, "forward"),
            (
                "File ~/x.py:12, in Net.forward(self, x)",
                "~/x.py",
                12,
                "Net.forward",
            ),
            ("File /a/x.py:12", "/a/x.py", 12, ""),
            ("/a/x.py in forward(self, *args)", "/a/x.py", 0, "forward"),
            (
                "<ipython-input-3-ab> in <module>()",
                "<ipython-input-3-ab>",
                0,
                "<module>",
            ),
            (
                "[/a/x.py](https://localhost:8080/#) in run(x)",
                "/a/x.py",
                0,
                "run",
            ),
            ("Cell In[3], line 1", "Cell In[3]", 1, ""),
            ("Cell In [3], line 12, in fit(x)", "Cell In [3]", 12, "fit"),
            (
                "Input In [3], in <cell line: 5>()",
                "Input In [3]",
                0,
                "<cell line: 5>",
            ),
            ("/a/train.py:290 in train", "/a/train.py", 290, "train"),
        ] {
            assert_eq!(
                parse(text),
                Some(Place {
                    file,
                    line,
                    function
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn prose_and_other_stacks_are_no_frames() {
        for text in [
            "see train.py in the repository",
            "the file a.py in x",
            "File not found: a.py:12",
            "frame #0: c10::Error",
            "Cell In the table, line 3",
            "/a/b.py: warning",
            "File \"a.py\" is missing",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_marked_line_gives_its_number_and_code() {
        assert_eq!(
            marked("---> 12     loss.backward()"),
            Some((12, "loss.backward()"))
        );
        assert_eq!(marked(" ❱ 290 │   │   y = f(x)"), Some((290, "y = f(x)")));
        assert_eq!(marked("     11 x = 1"), None);
        assert_eq!(marked("> 12"), None);
    }
}
