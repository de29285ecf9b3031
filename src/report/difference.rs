//! What grew between two memory snapshots, for the terminal and as JSON.

use std::io::Write;

use serde::Serialize;

use super::Look;
use super::json::write_indented;
use super::view::count;
use super::wrap::{Sheet, columns, plain, styled};
use crate::bytes::human;
use crate::compare::{Changed, Difference};
use crate::error::Error;

/// So many stacks are named of each kind.
const NAMED: usize = 10;
/// So many frames of a stack are shown, the innermost ones of the program's own.
const FRAMES: usize = 3;

/// One stack in JSON.
#[derive(Serialize)]
struct ChangedReport<'a> {
    /// grown, shrunk, new or gone.
    change: &'static str,
    before: u64,
    after: u64,
    blocks_before: u64,
    blocks_after: u64,
    /// Outermost first.
    frames: Vec<&'a str>,
}

/// One GPU in JSON.
#[derive(Serialize)]
struct DifferenceReport<'a> {
    device: u32,
    allocated_before: u64,
    allocated_after: u64,
    reserved_before: u64,
    reserved_after: u64,
    stacks: Vec<ChangedReport<'a>>,
}

/// What became of a stack.
fn change(changed: &Changed) -> &'static str {
    match (changed.before, changed.after) {
        (0, _) => "new",
        (_, 0) => "gone",
        (before, after) if after > before => "grown",
        _ => "shrunk",
    }
}

/// Writes the differences as JSON.
pub fn json(differences: &[Difference], out: &mut dyn Write) -> Result<(), Error> {
    let stack = |changed| {
        let c: &Changed = changed;
        ChangedReport {
            change: change(c),
            before: c.before,
            after: c.after,
            blocks_before: c.blocks.0,
            blocks_after: c.blocks.1,
            frames: c.frames.split(';').collect(),
        }
    };
    let report = differences.iter().map(|d| DifferenceReport {
        device: d.device,
        allocated_before: d.allocated.0,
        allocated_after: d.allocated.1,
        reserved_before: d.reserved.0,
        reserved_after: d.reserved.1,
        stacks: d.changed.iter().map(stack).collect(),
    });
    write_indented(&report.collect::<Vec<_>>(), out)
}

/// Writes the differences for people.
pub fn terminal(
    differences: &[Difference],
    names: (&str, &str),
    look: &Look,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut sheet = Sheet::new(look);
    for difference in differences {
        sheet.blank();
        let (before, after) = difference.allocated;
        let sum = match after.abs_diff(before) {
            0 => "as much as before".to_owned(),
            by if after > before => format!("{} more", human(by)),
            by => format!("{} less", human(by)),
        };
        let head = format!("GPU {}: {sum} in use", difference.device);
        sheet.flow(0, 0, &[styled(head, look.styles.headline)]);
        let words = format!(
            "{} in `{}`, {} in `{}`. PyTorch's allocator held {} and {}.",
            human(before),
            names.0,
            human(after),
            names.1,
            human(difference.reserved.0),
            human(difference.reserved.1)
        );
        sheet.flow(0, 0, &[plain(words)]);
        for (title, kinds) in [("More", ["grown", "new"]), ("Less", ["shrunk", "gone"])] {
            let ours = difference.changed.iter();
            let ours: Vec<&Changed> = ours.filter(|c| kinds.contains(&change(c))).collect();
            stacks(&mut sheet, title, &ours, look);
        }
    }
    out.write_all(sheet.finish().as_bytes())
        .map_err(Error::Write)
}

fn stacks(sheet: &mut Sheet<'_>, title: &str, changed: &[&Changed], look: &Look) {
    if changed.is_empty() {
        return;
    }
    sheet.blank();
    sheet.flow(0, 0, &[styled(title, look.styles.heading)]);
    for one in changed.iter().take(NAMED) {
        let sign = if one.after > one.before { "+" } else { "-" };
        let by = format!("{sign}{}", human(one.by()));
        let what = match change(one) {
            "new" => format!("(new, {})", count(one.blocks.1, "block")),
            "gone" => format!("(gone, {})", count(one.blocks.0, "block")),
            _ => format!("({} → {})", human(one.before), human(one.after)),
        };
        let what = if look.unicode {
            what
        } else {
            what.replace('→', "->")
        };
        let pad = " ".repeat(11usize.saturating_sub(columns(&by)));
        sheet.flow(
            2,
            15,
            &[
                plain(format!("{pad}{by}  ")),
                plain(told(one)),
                styled(format!(" {what}"), look.styles.aside),
            ],
        );
    }
    let more = changed.len().saturating_sub(NAMED);
    if more > 0 {
        let words = format!("{more} more stacks with --format json");
        sheet.flow(2, 2, &[styled(words, look.styles.aside)]);
    }
}

/// The program's own lines of a stack, innermost first, and the function of a library that the first of them ended in; the last frames
/// where none is the program's own.
fn told(one: &Changed) -> String {
    let frames: Vec<&str> = one.frames.split(';').collect();
    let own = one.own.iter().rev();
    let own: Vec<&str> = own.filter_map(|at| frames.get(*at).copied()).collect();
    let joined = |frames: &mut dyn Iterator<Item = &&str>| {
        let frames = frames.take(FRAMES).map(|frame| short(frame));
        frames.collect::<Vec<_>>().join(" < ")
    };
    match (own.first(), frames.last()) {
        (None, _) => joined(&mut frames.iter().rev()),
        (Some(line), Some(last)) if line != last => {
            let library = short(last);
            format!("{}, by {library}", joined(&mut own.iter()))
        }
        _ => joined(&mut own.iter()),
    }
}

/// A frame without the folders of its file: `train.py:9 step`.
fn short(frame: &str) -> String {
    match frame.split_once(" (") {
        Some((name, place)) => {
            let place = place.trim_end_matches(')');
            let place = place.rsplit(['/', '\\']).next().unwrap_or(place);
            format!("{place} {name}")
        }
        None => frame.to_owned(),
    }
}
