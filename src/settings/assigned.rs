//! The value that a text gives to a name: `NAME=value`, `"NAME": "value"`, `os.environ["NAME"] = "value"`,
//! `setdefault("NAME", "value")`, `--name value`, `ENV NAME value`, `name ...... value`.

/// A name as it stands in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    /// What stands before it in its line.
    pub before: &'a str,
    /// The name as written, leading dashes off.
    pub name: &'a str,
    /// What stands behind it.
    pub after: &'a str,
}

/// Signs around names and values.
const QUOTES: [char; 4] = ['"', '\'', '`', '\\'];

/// Which bytes are parts of a name.
static PARTS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        #[expect(
            clippy::indexing_slicing,
            reason = "checked by the compiler, which runs it"
        )]
        {
            parts[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        }
        byte += 1;
    }
    parts
};

/// All identifiers of a line, with what stands around them. Dashes inside a name belong to it, those before do not.
pub(super) fn spots(text: &str) -> impl Iterator<Item = Spot<'_>> {
    let part = |byte: &u8| PARTS.get(usize::from(*byte)).is_some_and(|part| *part);
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(at..)?;
        let start = at + rest.iter().position(part)?;
        let word = text.as_bytes().get(start..)?;
        let end = start + word.iter().position(|b| !part(b)).unwrap_or(word.len());
        at = end;
        let word = text.get(start..end)?;
        let name = word.trim_start_matches('-').trim_end_matches('-');
        let from = end - word.trim_start_matches('-').len();
        Some(Spot {
            before: text.get(..from)?,
            name,
            after: text.get(from + name.len()..)?,
        })
    })
}

impl<'a> Spot<'a> {
    /// True where it is written as a flag of a command line: `--name`, and not in a usage text.
    pub(super) fn is_flag(&self) -> bool {
        // "--training.local_batch_size": the path belongs to the name.
        let path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let head = if self.before.ends_with('.') {
            self.before.trim_end_matches(path)
        } else {
            self.before
        };
        head.ends_with("--") && !head.ends_with("[--") || self.is_short_dashed()
    }

    /// True for a long name behind one dash, as `OpenNMT` and what came after it take them: `-batch_size 3000`.
    /// The shortest names of the batch are written so too: `-bs 8`.
    fn is_short_dashed(&self) -> bool {
        let long = self.name.contains('_') || matches!(self.name, "bs" | "bsz" | "mbs");
        self.before.ends_with(" -") && long && self.after.starts_with(' ')
    }

    /// True where the line is a comment, or gives advice before it comes to the name.
    pub(super) fn is_advice(&self) -> bool {
        const ADVICE: [&str; 17] = [
            "or use ",
            "set '",
            "try ",
            "trying ",
            "consider ",
            "you can ",
            "you may ",
            "you should ",
            "recommend",
            "please ",
            "suggest",
            "e.g.",
            "for example",
            "such as ",
            "instead of ",
            "could set ",
            "might ",
        ];
        // Who is trying to do something sets what they name.
        const OWN: [&str; 4] = ["am trying ", "'m trying ", "are trying ", "was trying "];
        let mut before = self.before.to_ascii_lowercase();
        for own in OWN {
            if before.contains(own) {
                before = before.replace(own, "");
            }
        }
        // A message that follows has a hint of its own.
        let after = self.after.split("out of memory.").next();
        let avoids = after.is_some_and(|after| after.contains(" to avoid "));
        let comment = before.trim_start().strip_prefix('#');
        comment.is_some_and(|rest| !begins_a_command(rest))
            || before.contains("[--")
            || ADVICE.iter().any(|word| begins_a_word(&before, word))
            || avoids
    }

    /// The value given to the name; `None` where none is.
    pub(super) fn value(&self) -> Option<&'a str> {
        let rest = self.set_to()?;
        let opened = rest.trim_start_matches('\\');
        if let Some(quote) = opened.chars().next().filter(|c| QUOTES.contains(c)) {
            let inside = opened.get(1..)?;
            return inside.split([quote, '\\']).next();
        }
        let end = rest.find(|c: char| c.is_whitespace() || ";)}\"'`".contains(c));
        rest.get(..end.unwrap_or(rest.len()))
    }

    /// All that stands behind the sign that gives a value to the name.
    pub(super) fn set_to(&self) -> Option<&'a str> {
        if self.is_operand() {
            return None;
        }
        let after = self.after.trim_start_matches(QUOTES);
        let after = after.strip_prefix(']').unwrap_or(after);
        let bare = after.trim_start();
        let rest = match bare.chars().next()? {
            // `setdefault("NAME", "8")` gives a value, `torch.randn(batch_size, 2048)` does not.
            ',' if after.len() == self.after.len() && self.is_argument() => return None,
            '=' | ':' | ',' | '(' => bare.get(1..)?,
            // A row of a table, and "batch_size -> 48".
            '|' if self.is_in_a_table() => bare.get(1..)?,
            '-' if bare.starts_with("-> ") && !self.is_flag() => bare.get(2..)?,
            '.' if bare.starts_with("...") || self.is_printed_by_deepspeed() => {
                bare.trim_start_matches('.')
            }
            _ if self.is_printed_by_deepspeed() => bare,
            _ if bare.len() < after.len() && (self.takes_bare() || self.is_yacs()) => bare,
            _ => return None,
        };
        Some(rest.trim_start_matches([' ', '=']))
    }

    /// True for the first cell of a row.
    fn is_in_a_table(&self) -> bool {
        self.before.trim() == "|"
    }

    /// True where it stands within the brackets of a call.
    fn is_argument(&self) -> bool {
        let count = |sign: char| self.before.matches(sign).count();
        count('(') > count(')')
    }

    /// True where it is a part of a formula, so that what follows is not its value: `max_num_batched_tokens / max_num_seqs = 20000`.
    fn is_operand(&self) -> bool {
        let signs = [" / ", " * ", " x ", " + ", " // "];
        let sign = signs
            .iter()
            .find_map(|sign| self.before.strip_suffix(sign))
            .and_then(|left| left.chars().next_back());
        let operand = sign.is_some_and(|left| left.is_alphanumeric() || matches!(left, ')' | ']'));
        operand && self.after.trim_start().starts_with('=')
    }

    /// True where `DeepSpeed` prints its configuration: as many dots as are left of 29 columns, for a long name none
    /// (deepspeed/runtime/config.py, `print`).
    fn is_printed_by_deepspeed(&self) -> bool {
        let alone = self.before.ends_with("  ") || self.before.is_empty();
        let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let dots = self.after.strip_prefix(" .. ").is_some_and(number);
        let none = self.after.strip_prefix("  ").is_some_and(number);
        alone && (dots || none && self.name == "train_micro_batch_size_per_gpu")
    }

    /// True for a key of detectron2's configuration on a command line: `SOLVER.IMS_PER_BATCH 8` (fvcore, yacs).
    fn is_yacs(&self) -> bool {
        let upper = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        self.before.strip_suffix('.').is_some_and(|before| {
            let section = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            section
                .into_iter()
                .next()
                .is_some_and(|s| !s.is_empty() && upper(s))
        }) && upper(self.name)
    }

    /// The text that sets it, with `{}` in the value's place: dashes, dotted path and quotes as they stand, the sign between
    /// name and value in the shortest form that means the same.
    pub(super) fn written(&self) -> String {
        let path = |c: char| !(c.is_ascii_alphanumeric() || "_./".contains(c));
        let start = self.before.rfind(path).map_or(0, |at| {
            at + self
                .before
                .get(at..)
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8)
        });
        let path = self
            .before
            .get(start..)
            .filter(|p| p.ends_with('.'))
            .unwrap_or("");
        // Python's own name of the configuration that is printed: "cfg.OPTIMIZATION.BATCH_SIZE_PER_GPU: 4".
        let printed = ["cfg.", "config.", "args.", "opt."];
        let typed = self.before.ends_with(&format!("--{path}"));
        let unprinted = printed
            .iter()
            .filter(|_| !typed)
            .find_map(|name| path.strip_prefix(name));
        let head = self
            .before
            .get(..self.before.len() - path.len())
            .unwrap_or("");
        let path = unprinted.unwrap_or(path);
        let flag = head.ends_with("--");
        if self.name.len() == 1 && head.ends_with(" -") {
            return format!("-{} {{}}", self.name);
        }
        let short = self.is_short_dashed();
        let dashes = match (flag, short) {
            (true, _) => "--",
            (_, true) => "-",
            _ => "",
        };
        let name = format!("{dashes}{path}{}", self.name);
        let after = self.after.trim_start_matches(']');
        let quoted = after.starts_with('"') && head.ends_with('"');
        let sign = after.trim_start_matches(['"', '\'', '`', '\\']);
        // It is typed into a file.
        if self.is_printed_by_deepspeed()
            || self.name == "train_micro_batch_size_per_gpu" && sign.trim_start().starts_with("...")
        {
            return format!("\"{name}\": {{}}");
        }
        // Megatron lists its arguments so; they are typed as flags.
        if sign.trim_start().starts_with("...") {
            return format!("--{} {{}}", self.name.replace('_', "-"));
        }
        let key = flag && head.trim_end_matches('-').ends_with('"') && after.starts_with('"');
        match sign.trim_start().chars().next() {
            Some(':') if quoted || key => format!("\"{name}\": {{}}"),
            Some(':') => format!("{name}: {{}}"),
            Some('=') => format!("{name}={{}}"),
            _ if flag || short || self.is_yacs() => format!("{name} {{}}"),
            _ => format!("{name}={{}}"),
        }
    }

    /// True where a blank may stand between name and value: flags, Dockerfiles, csh, Windows' setx.
    fn takes_bare(&self) -> bool {
        let word = self.before.trim_end().rsplit(char::is_whitespace).next();
        self.is_flag() || word.is_some_and(|w| matches!(w, "ENV" | "setenv" | "setx"))
    }
}

/// True for what a command begins with: behind the sign of a shell of root, and as Kaldi's `run.pl` heads the log of a job, which
/// `ESPnet` and icefall keep.
fn begins_a_command(rest: &str) -> bool {
    [
        "python ",
        "python3 ",
        "torchrun ",
        "accelerate launch ",
        "deepspeed ",
    ]
    .iter()
    .any(|command| rest.trim_start().starts_with(command))
}

/// True where the words stand in the text, and not as the end of a longer word ("retry ", "entry ").
fn begins_a_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text.get(..at).unwrap_or("");
        !before.ends_with(|c: char| c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        spots(text).find(|s| s.name == name)?.value()
    }

    #[test]
    fn a_value_is_found_in_every_way_of_writing_it() {
        for text in [
            "NAME=a:b",
            "export NAME=\"a:b\"",
            "+ NAME=a:b python train.py",
            "os.environ['NAME'] = 'a:b'",
            "os.environ.setdefault(\"NAME\", \"a:b\")",
            "{'NAME': 'a:b', 'X': 1}",
            r#"{\"NAME\": \"a:b\"}"#,
            "NAME: a:b",
            "ENV NAME a:b",
            "setenv NAME a:b",
            "$env:NAME = \"a:b\"",
            "docker run -e NAME=a:b image",
            "--NAME a:b",
            "  NAME ........ a:b",
        ] {
            assert_eq!(value(text, "NAME"), Some("a:b"), "{text}");
        }
    }

    #[test]
    fn a_name_in_prose_has_no_value() {
        for text in [
            "see NAME for more",
            "the NAME is a:b",
            "(OTHER / NAME = 20000)",
            "tokens x NAME = 20000",
            "NAME",
            "NAME_OTHER=a:b",
            "",
        ] {
            assert_eq!(value(text, "NAME"), None, "{text}");
        }
    }
}
