//! The call stacks that hold memory as a flame graph: what is called hangs below what calls it, as wide as what it holds.
//!
//! Drawn here and not by the crate `inferno`: its picture carries a script (with `no_javascript`, too, an element and an `onload`), its
//! rules of style reach the whole page, and its colours are fixed, so that they fit no dark page (0.12.8, `src/flamegraph/svg.rs`). A
//! page for a ticket runs nothing. What `--format folded` writes is what `inferno-flamegraph` reads.

use std::fmt::Write as _;

use super::markup::text;
use crate::bytes::{human, sum};
use crate::evidence::HeldStack;

/// The size of the picture, and of one row in it.
const WIDE: u64 = 1000;
const ROW: u64 = 21;
/// A narrower box is not drawn.
const LEAST: u64 = 3;
/// Rows that a page has room for.
const DEEPEST: usize = 40;
/// Columns that a letter takes, in tenths.
const LETTER: u64 = 79;

/// A call, and what is called from it.
struct Call<'a> {
    name: &'a str,
    own: bool,
    bytes: u64,
    calls: Vec<Call<'a>>,
}

/// The picture; nothing where no stack is known.
pub(super) fn flame(stacks: &[HeldStack]) -> String {
    let mut root = Call {
        name: "",
        own: false,
        bytes: sum(stacks.iter().map(|stack| stack.bytes)),
        calls: Vec::new(),
    };
    for stack in stacks {
        let names = stack.frames.split(';').take(DEEPEST).enumerate();
        let names = names.map(|(place, name)| (name, stack.own.contains(&place)));
        add(&mut root, names, stack.bytes);
    }
    if root.bytes == 0 || root.calls.iter().all(|call| call.calls.is_empty()) {
        return String::new();
    }
    let mut boxes = String::new();
    let mut deepest = 0;
    draw(&root, (0, WIDE), 0, &mut |call, (left, width), row| {
        deepest = deepest.max(row + 1);
        boxes += &one(call, (left, width), row);
    });
    let high = deepest * ROW;
    format!(
        "<details open>\n<summary>By call stack</summary>\n<figure>\n<svg class=\"flame\" viewBox=\"0 0 {WIDE} {high}\" role=\"img\" \
         aria-label=\"Call stacks that hold memory\">\n{boxes}</svg>\n<figcaption>What is called stands below what calls it, as wide as \
         what it holds; the program's own lines are coloured</figcaption>\n</figure>\n</details>\n"
    )
}

/// Adds bytes to the call of these names below another, and to all between.
fn add<'a>(at: &mut Call<'a>, mut names: impl Iterator<Item = (&'a str, bool)>, bytes: u64) {
    let Some((name, own)) = names.next() else {
        return;
    };
    if !at.calls.iter().any(|call| call.name == name) {
        at.calls.push(Call {
            name,
            own,
            bytes: 0,
            calls: Vec::new(),
        });
    }
    if let Some(call) = at.calls.iter_mut().find(|call| call.name == name) {
        call.bytes = call.bytes.saturating_add(bytes);
        add(call, names, bytes);
    }
}

/// Takes a box: where it begins and how wide it is, and its row.
type Put<'p, 'a> = &'p mut dyn FnMut(&Call<'a>, (u64, u64), u64);

/// Hands each box over that is wide enough, from the top.
fn draw<'a>(call: &Call<'a>, (left, width): (u64, u64), row: u64, put: Put<'_, 'a>) {
    let mut before = 0u64;
    for inner in &call.calls {
        let at = left + share(before, call.bytes, width);
        before = before.saturating_add(inner.bytes);
        let end = left + share(before, call.bytes, width);
        if end.saturating_sub(at) >= LEAST {
            put(inner, (at, end - at), row);
            draw(inner, (at, end - at), row + 1, put);
        }
    }
}

fn share(part: u64, whole: u64, of: u64) -> u64 {
    let share = u128::from(part) * u128::from(of) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(of).min(of)
}

/// One box, with as much of its name as there is room for.
fn one(call: &Call<'_>, (left, width): (u64, u64), row: u64) -> String {
    let (function, place) = match call.name.split_once(" (") {
        Some((function, place)) => (function, place.trim_end_matches(')')),
        None => (call.name, ""),
    };
    let own = call.own;
    let class = if own { "own" } else { "other" };
    let short = place.rsplit(['/', '\\']).next().unwrap_or(place);
    let label = if own {
        format!("{short} {function}")
    } else {
        function.to_owned()
    };
    let room = usize::try_from(width.saturating_sub(6) * 10 / LETTER).unwrap_or(0);
    let shown = match label.chars().count() {
        _ if room < 3 => String::new(),
        count if count <= room => label,
        _ => label.chars().take(room - 1).chain(['…']).collect(),
    };
    let top = row * ROW;
    let mut drawn = format!(
        "<g class=\"{class}\"><title>{}: {}</title><rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
        text(call.name),
        human(call.bytes),
        width.saturating_sub(1).max(1),
        ROW - 1
    );
    if !shown.is_empty() {
        let _ = write!(
            drawn,
            "<text x=\"{}\" y=\"{}\">{}</text>",
            left + 3,
            top + 15,
            text(&shown)
        );
    }
    drawn + "</g>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(frames: &str, own: &[usize], bytes: u64) -> HeldStack {
        HeldStack {
            frames: frames.to_owned(),
            own: own.to_vec(),
            bytes,
            blocks: 1,
        }
    }

    #[test]
    fn boxes_are_as_wide_as_what_they_hold_and_hang_below_their_callers() {
        let stacks = [
            held(
                "main (/home/a/train.py:3);forward (/home/a/net.py:7)",
                &[0, 1],
                750,
            ),
            held(
                "main (/home/a/train.py:3);step <b> (/usr/lib/python3/site-packages/torch/optim/adam.py:9)",
                &[0],
                250,
            ),
        ];
        let picture = flame(&stacks);
        for part in [
            "<rect x=\"0\" y=\"0\" width=\"999\" height=\"20\"/><text x=\"3\" y=\"15\">train.py:3 main</text>",
            "<g class=\"own\"><title>forward (/home/a/net.py:7): 750 bytes</title><rect x=\"0\" y=\"21\" width=\"749\"",
            "<g class=\"other\"><title>step &lt;b&gt; (",
            "<rect x=\"750\" y=\"21\" width=\"249\"",
        ] {
            assert!(picture.contains(part), "{part}\n{picture}");
        }
    }

    #[test]
    fn without_stacks_there_is_no_picture() {
        assert_eq!(flame(&[]), "");
        assert_eq!(flame(&[held("no stack recorded", &[], 5)]), "");
    }
}
