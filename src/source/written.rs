//! What the program's own source writes for the knobs that a fix turns: the batch, the length, the workers, the precision, the optimizer.
//! Only plain values are read, so that what is shown is what stands there.

use tree_sitter::Node;

use super::code::changed;
use super::finder::Finder;
use super::spelled;
use crate::evidence::{Clue, ClueKind, knob_names};

/// What people call each knob: what programs call it, and what stands in source alone, between spaces.
const NAMES: [(ClueKind, &str, &str); 4] = [
    (
        ClueKind::Batch,
        knob_names::BATCH,
        "batchsize batch bs train_batch_size train_batch",
    ),
    (ClueKind::EvalBatch, knob_names::EVAL_BATCH, "eval_batch"),
    (
        ClueKind::Length,
        knob_names::LENGTH,
        "seqlen context_length",
    ),
    (
        ClueKind::Workers,
        "",
        "num_workers dataloader_num_workers n_workers num_data_workers workers",
    ),
];
/// Words of what is not the loop that trains.
const EVALUATES: [&str; 5] = ["eval", "val_", "valid", "test", "val="];

impl<'t> Finder<'_, 't> {
    /// The value that a node writes for a knob.
    pub(super) fn written(&self, node: Node<'t>) -> Option<Clue> {
        let (name, value) = match node.kind() {
            "keyword_argument" | "default_parameter" | "typed_default_parameter" => {
                ("name", "value")
            }
            "assignment" => ("left", "right"),
            "pair" => ("key", "value"),
            "call" => return self.flag(node).or_else(|| self.optimizer(node)),
            _ => return None,
        };
        let name = self.code.field(node, name);
        let value = node.child_by_field_name(value)?;
        self.knob(node, name, value)
    }

    fn knob(&self, node: Node<'t>, name: &str, value: Node<'t>) -> Option<Clue> {
        let plain = plain(name);
        if let Some(clue) = self.spelled(node, name, value) {
            return Some(clue);
        }
        let value = self.literal(value)?;
        let number = self.number(value)?;
        let mut kind = known(&plain)?;
        let short = ["bs", "batch"].contains(&plain.as_str());
        let whole = self.statement(node);
        if kind == ClueKind::Batch && EVALUATES.iter().any(|word| whole.contains(word)) {
            kind = ClueKind::EvalBatch;
        }
        // "batch = 0" counts batches, and a length of a few is one of something else.
        let least = match kind {
            ClueKind::Length => 32,
            _ if short => 4,
            _ => 2,
        };
        if number < least {
            return None;
        }
        let mut clue = self.clue(kind, node, name);
        clue.value = Some(number);
        let new = number.div_ceil(2).to_string();
        Some(self.patched(clue, value, &new))
    }

    /// What a number is written in: itself, the default of a field or flag, that of a variable of the environment.
    fn literal(&self, value: Node<'t>) -> Option<Node<'t>> {
        // dataclasses, pydantic, attrs, typer; `int(os.environ.get("BATCH_SIZE", 32))`.
        const HOLDS: [&str; 8] = [
            "field", "Field", "ib", "Option", "Argument", "int", "get", "getenv",
        ];
        let code = self.code;
        let (mut value, mut deep) = (value, 3);
        while value.kind() == "call" && deep > 0 {
            let called = code.field(value, "function").rsplit('.').next()?;
            let arguments = value
                .child_by_field_name("arguments")
                .filter(|_| HOLDS.contains(&called))?;
            let mut cursor = arguments.walk();
            let all: Vec<Node<'t>> = arguments.named_children(&mut cursor).collect();
            let default = all.iter().find(|n| code.field(**n, "name") == "default");
            let default = default.and_then(|n| n.child_by_field_name("value"));
            let first = || {
                all.iter()
                    .find(|n| matches!(n.kind(), "integer" | "call" | "string") && self.holds(**n))
            };
            value = default.or_else(|| first().copied())?;
            deep -= 1;
        }
        Some(value)
    }

    /// True for a number, a number in quotes, and a call that may hold one.
    fn holds(&self, node: Node<'t>) -> bool {
        node.kind() != "string" && !self.code.of(node).is_empty()
    }

    /// `parser.add_argument("--batch-size", type=int, default=32)`, `click.option("--batch-size", default=32)`.
    fn flag(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let called = code.field(call, "function");
        if ![".add_argument", ".option", "option"]
            .iter()
            .any(|end| called.ends_with(end))
        {
            return None;
        }
        let arguments = call.child_by_field_name("arguments")?;
        let mut cursor = arguments.walk();
        let arguments: Vec<Node<'t>> = arguments.named_children(&mut cursor).collect();
        let names = arguments.iter().filter(|a| a.kind() == "string");
        let flag = names
            .map(|name| code.of(*name).trim_matches(['"', '\'']))
            .find(|name| name.starts_with("--") && known(&plain(name)).is_some())?;
        let default = arguments
            .iter()
            .filter(|a| a.kind() == "keyword_argument")
            .find(|a| code.field(**a, "name") == "default")?;
        self.knob(call, flag, default.child_by_field_name("value")?)
    }

    /// A number that stands there as one.
    fn number(&self, value: Node<'t>) -> Option<u64> {
        let text = self.code.of(value).replace('_', "");
        text.parse().ok().filter(|_| value.kind() == "integer")
    }

    /// The line of a node up to it, and the call that it is an argument of, in lower case.
    fn statement(&self, node: Node<'t>) -> String {
        let mut around = self.code.around(node);
        let whole = around.find(|n| {
            let kind = n.kind();
            kind.ends_with("_statement") || kind == "assignment" || kind == "function_definition"
        });
        let first = whole
            .filter(|n| n.kind() != "function_definition")
            .unwrap_or(node);
        let text: String = self.code.of(first).chars().take(300).collect();
        text.to_ascii_lowercase()
    }
}

/// The knobs of a settings file: lines `batch_size: 32` of YAML, `"batch_size": 32` of JSON, `batch_size = 32` of TOML.
pub(super) fn in_settings(text: &str, file: &str) -> Vec<Clue> {
    let lines = text.split('\n').enumerate().take(10_000);
    let knobs = lines.flat_map(|(row, whole)| {
        // Several of one line stand between braces and commas.
        let parts = whole.split(['{', '}', ',']).take(64);
        let numbers = parts.filter_map(move |part| setting(text, file, row, whole, part));
        numbers.chain(spelled::in_settings(text, file, row, whole))
    });
    knobs.take(64).collect()
}

/// The knob that a part of a line of a settings file sets.
fn setting(text: &str, file: &str, row: usize, whole: &str, part: &str) -> Option<Clue> {
    let (name, rest) = part.split_once([':', '='])?;
    let name = name.trim().trim_matches(['"', '\'', '-', ' ']);
    let value = rest.split('#').next()?.trim();
    let number: u64 = value.replace('_', "").parse().ok().filter(|n| *n > 1)?;
    let kind = known(&plain(name)).filter(|kind| *kind != ClueKind::Length || number >= 32)?;
    let half = rest.replacen(value, &number.div_ceil(2).to_string(), 1);
    let (before, behind) = whole.split_once(part)?;
    let head = part.get(..part.len() - rest.len())?;
    Some(Clue {
        value: Some(number),
        patch: changed(text, row, vec![format!("{before}{head}{half}{behind}")]),
        ..set((file, row, whole), kind, name)
    })
}

/// What a line of settings gives a name, wherever a value and a patch of it come from. The line is the file's, its row from 0 and its text.
pub(super) fn set((file, row, line): (&str, usize, &str), kind: ClueKind, name: &str) -> Clue {
    Clue {
        kind,
        file: file.to_owned(),
        path: String::new(),
        line: row as u64 + 1,
        code: line.trim().chars().take(200).collect(),
        name: name.to_owned(),
        lasting: false,
        no_graph: false,
        learns: false,
        during: None,
        function: "<module>".to_owned(),
        value: None,
        patch: None,
    }
}

/// A name without quotes, dashes and the object that it belongs to.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim_matches(['"', '\'']).trim_start_matches('-');
    let name = name.rsplit('.').next().unwrap_or(name);
    name.to_ascii_lowercase().replace('-', "_")
}

/// The knob of a name.
fn known(name: &str) -> Option<ClueKind> {
    let mut knobs = NAMES.iter();
    let listed = |names: &str| names.split_ascii_whitespace().any(|known| known == name);
    let knob = knobs.find(|(_, shared, own)| listed(shared) || listed(own));
    knob.map(|(kind, ..)| *kind)
}

#[cfg(test)]
mod tests {
    use super::super::clues_of;
    use super::*;

    /// The knobs of a text: kind, line, value, and the line with half of it.
    fn read(text: &str) -> Vec<(ClueKind, u64, Option<u64>, String)> {
        let clues = clues_of(text, "train.py", &[]).unwrap().into_iter();
        let knobs = clues.filter(|clue| clue.kind.knob());
        let row = |clue: Clue| {
            let new = clue.patch.map_or(String::new(), |patch| patch.new.concat());
            (clue.kind, clue.line, clue.value, new.trim().to_owned())
        };
        knobs.map(row).collect()
    }

    #[test]
    fn a_knob_is_read_wherever_people_write_it() {
        for (text, new) in [
            ("batch_size = 32\n", "batch_size = 16"),
            ("BATCH_SIZE = 32  # fits\n", "BATCH_SIZE = 16  # fits"),
            ("self.batch_size = 32\n", "self.batch_size = 16"),
            (
                "loader = DataLoader(data, batch_size=32, shuffle=True)\n",
                "loader = DataLoader(data, batch_size=16, shuffle=True)",
            ),
            (
                "args = TrainingArguments(per_device_train_batch_size=32)\n",
                "args = TrainingArguments(per_device_train_batch_size=16)",
            ),
            (
                "config = {\"batch_size\": 32}\n",
                "config = {\"batch_size\": 16}",
            ),
            (
                "def main(batch_size=32):\n    pass\n",
                "def main(batch_size=16):",
            ),
            (
                "def main(batch_size: int = 32):\n    pass\n",
                "def main(batch_size: int = 16):",
            ),
            (
                "class Config:\n    batch_size: int = 32\n",
                "batch_size: int = 16",
            ),
            (
                "parser.add_argument(\"--batch-size\", type=int, default=32)\n",
                "parser.add_argument(\"--batch-size\", type=int, default=16)",
            ),
            (
                "model.train(data=d, batch=32)\n",
                "model.train(data=d, batch=16)",
            ),
            (
                "class A:\n    batch_size: int = field(default=32, metadata={})\n",
                "batch_size: int = field(default=16, metadata={})",
            ),
            (
                "class A(BaseModel):\n    batch_size: int = Field(32, ge=1)\n",
                "batch_size: int = Field(16, ge=1)",
            ),
            (
                "@click.option(\"--batch-size\", default=32)\ndef main(batch_size):\n    pass\n",
                "@click.option(\"--batch-size\", default=16)",
            ),
            (
                "BATCH_SIZE = int(os.environ.get(\"BATCH_SIZE\", 32))\n",
                "BATCH_SIZE = int(os.environ.get(\"BATCH_SIZE\", 16))",
            ),
        ] {
            let found = read(text);
            let [(ClueKind::Batch, _, Some(32), written)] = &found[..] else {
                panic!("{text}: {found:?}")
            };
            assert_eq!(written, new);
        }
    }

    #[test]
    fn each_knob_is_told_from_the_others() {
        let text = "val_loader = DataLoader(val, batch_size=64)\nmax_length = 2048\nloader = DataLoader(d, num_workers=16)\n\
                    args = TrainingArguments(bf16=False)\nopt = torch.optim.AdamW(net.parameters(), lr=1e-4)\n";
        let kinds: Vec<ClueKind> = read(text).into_iter().map(|row| row.0).collect();
        assert_eq!(
            kinds,
            [
                ClueKind::EvalBatch,
                ClueKind::Length,
                ClueKind::Workers,
                ClueKind::FullPrecision,
                ClueKind::Adam
            ]
        );
    }

    #[test]
    fn what_is_computed_or_counts_something_else_is_left_alone() {
        for text in [
            "batch_size = args.batch_size\n",
            "batch_size = 2 ** 5\n",
            "batch = 0\n",
            "max_length = 8\n",
            "batch_size = 1\n",
            "batch = next(loader)\n",
            "parser.add_argument(\"--batch-size\", type=int)\n",
            "if batch_size == 32:\n    pass\n",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
