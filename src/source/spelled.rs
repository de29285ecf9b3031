//! Precision and optimizer as a program's own source spells them: full precision where two bytes would do, Adam where smaller states would.

use tree_sitter::Node;

use super::code::changed;
use super::finder::Finder;
use crate::evidence::{Clue, ClueKind};

/// Switches of half precision (transformers, `training_args.py`; own scripts).
const SWITCHES: [&str; 6] = ["bf16", "fp16", "use_amp", "amp", "use_bf16", "use_fp16"];
/// Adam under the names of `optim` (transformers, `training_args.py`: `OptimizerNames`).
const ADAM: [&str; 5] = [
    "adamw_torch",
    "adamw_torch_fused",
    "adamw_hf",
    "adam",
    "adamw",
];
/// Optimizers that keep eight bytes and more for each weight.
const CLASSES: [&str; 6] = [
    "torch.optim.Adam",
    "torch.optim.AdamW",
    "optim.Adam",
    "optim.AdamW",
    "Adam",
    "AdamW",
];
/// Arguments that the 8-bit ones do not have (bitsandbytes, optim/adamw.py).
const OWN: [&str; 5] = [
    "fused",
    "foreach",
    "capturable",
    "maximize",
    "differentiable",
];

/// What a name with a value is, and what is written instead of the value, in quotes where those are `quoted`.
fn spelled(name: &str, value: &str, quoted: bool) -> Option<(ClueKind, Option<String>)> {
    let low = value.to_ascii_lowercase();
    let text = |new: &str| {
        Some(if quoted {
            format!("\"{new}\"")
        } else {
            new.to_owned()
        })
    };
    let full = ClueKind::FullPrecision;
    match name {
        name if SWITCHES.contains(&name) && low == "false" => {
            let yes = if value == "false" { "true" } else { "True" };
            Some((full, Some(yes.to_owned())))
        }
        // Lightning, `plugins/precision`.
        "precision" if ["32", "32-true"].contains(&low.as_str()) => {
            Some((full, text("bf16-mixed")))
        }
        // Accelerate, `accelerator.py`.
        "mixed_precision" if low == "no" => Some((full, text("bf16"))),
        "torch_dtype" | "dtype" if ["torch.float32", "torch.float"].contains(&low.as_str()) => {
            Some((full, Some("torch.bfloat16".to_owned())))
        }
        "torch_dtype" if low == "float32" => Some((full, text("bfloat16"))),
        "optim" if ADAM.contains(&low.as_str()) => Some((ClueKind::Adam, text("adamw_bnb_8bit"))),
        "optimizer" | "optimizer_name" | "optimizer_type" if ADAM.contains(&low.as_str()) => {
            Some((ClueKind::Adam, None))
        }
        _ => None,
    }
}

impl<'t> Finder<'_, 't> {
    /// `bf16=False`, `precision=32`, `torch_dtype=torch.float32`, `optim="adamw_torch"`.
    pub(super) fn spelled(&self, node: Node<'t>, name: &str, value: Node<'t>) -> Option<Clue> {
        let text = self.code.of(value).trim_matches(['"', '\'']);
        // The type of some tensor is none of the weights.
        let of_weights = || {
            let mut around = self.code.around(node);
            let call = around.find(|n| n.kind() == "call");
            call.is_some_and(|n| self.code.field(n, "function").ends_with("from_pretrained"))
        };
        let plain = super::written::plain(name);
        let (kind, new) = spelled(&plain, text, value.kind() != "false")?;
        if plain == "dtype" && !of_weights() {
            return None;
        }
        let clue = self.clue(kind, node, name);
        Some(match new {
            Some(new) => self.patched(clue, value, &new),
            None => clue,
        })
    }

    /// `torch.optim.AdamW(model.parameters())`, and the same with states of one byte.
    pub(super) fn optimizer(&self, call: Node<'t>) -> Option<Clue> {
        let code = self.code;
        let function = call.child_by_field_name("function")?;
        let class = code.of(function);
        let arguments = code.field(call, "arguments");
        let made = CLASSES.contains(&class);
        let mut clue = made.then(|| self.clue(ClueKind::Adam, call, class))?;
        let row = function.start_position().row;
        let name = class.rsplit('.').next()?;
        let whole = function.end_position().row == row && clue.line == row as u64 + 1;
        if whole && !OWN.iter().any(|word| arguments.contains(word)) {
            let line = code.line_at(row)?;
            let statement = code.around(call).find(|n| n.kind().ends_with("_statement"));
            let begins = statement.is_some_and(|n| n.start_position().row == row);
            let space: String = line.chars().take_while(|c| c.is_whitespace()).collect();
            let columns = function.start_position().column..function.end_position().column;
            let (before, after) = (line.get(..columns.start)?, line.get(columns.end..)?);
            let new = format!("{before}bitsandbytes.optim.{name}8bit{after}");
            clue.patch = begins
                .then(|| code.patch(row, vec![format!("{space}import bitsandbytes"), new]))
                .flatten();
        }
        Some(clue)
    }
}

/// The same of a line of a settings file, `bf16: false`, `"precision": "32-true"`.
pub(super) fn in_settings(text: &str, file: &str, row: usize, whole: &str) -> Option<Clue> {
    let (name, rest) = whole.split_once([':', '='])?;
    let name = name.trim().trim_matches(['"', '\'', '-', ' ']);
    let value = rest
        .split('#')
        .next()?
        .trim()
        .trim_end_matches(',')
        .trim_end();
    let bare = value.trim_matches(['"', '\'']);
    let (kind, new) = spelled(&super::written::plain(name), bare, value != bare)?;
    let head = whole.get(..whole.len() - rest.len())?;
    let line = new.map(|new| format!("{head}{}", rest.replacen(value, &new, 1)));
    Some(Clue {
        patch: line.and_then(|line| changed(text, row, vec![line])),
        ..super::written::set((file, row, whole), kind, name)
    })
}
