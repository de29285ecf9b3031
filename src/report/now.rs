//! What the GPUs say of one failure, in the words that all pages share.

use crate::bytes::human;
use crate::evidence::{AtFailure, InTheWay, Kin, Now, Room};

/// So many processes are named.
const NAMED: usize = 3;
/// So many rows has the table of who held the device.
pub(super) const HELD: usize = 8;

/// What is said below the table of who held the device when memory ran out.
pub(super) fn below(at: &AtFailure) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(more) = at.holders.len().checked_sub(HELD).filter(|more| *more > 0) {
        lines.push(format!("And {more} smaller ones."));
    }
    if let Some(bytes) = at.unattributed {
        lines.push(format!(
            "Nobody that can be seen from here: {}.",
            human(bytes)
        ));
    }
    let left: Vec<String> = at
        .rivals()
        .filter(|h| at.still_there.contains(&h.pid))
        .map(|h| h.pid.to_string())
        .collect();
    if left.is_empty() {
        lines.push("None of them holds it any more.".to_owned());
    } else {
        lines.push(format!(
            "Still there after the end of the program: {}.",
            left.join(", ")
        ));
    }
    lines
}

/// Whether it would fit now, who is in the way, and where else is room. `device` is what the program calls the GPU.
pub(super) fn lines(now: &Now, device: Option<u32>) -> Vec<String> {
    let mut lines = vec![place(now, device)];
    // Whom the table of the failure names need not be named again.
    let told = |pid: u32| {
        let at = now.at_failure.as_ref();
        at.is_some_and(|at| at.holders.iter().any(|h| h.pid == pid))
    };
    let way: Vec<&InTheWay> = now.in_the_way.iter().filter(|w| !w.own).collect();
    if now.program_fits != Some(true) {
        let untold = way.iter().filter(|w| !told(w.pid));
        lines.extend(untold.take(NAMED).map(|w| in_the_way(w)));
    }
    let watched = now.at_failure.is_some();
    if !watched && !now.gone.is_empty() && way.iter().all(|w| !w.in_log) {
        let gone: Vec<String> = now.gone.iter().map(u32::to_string).collect();
        let (noun, verb) = if gone.len() == 1 {
            ("Process", "holds")
        } else {
            ("Processes", "hold")
        };
        lines.push(format!(
            "{noun} {} of the log {verb} nothing there any more.",
            gone.join(", ")
        ));
    }
    // Where the program is in its own way, the fix says what of it could go elsewhere.
    let own = now
        .at_failure
        .as_ref()
        .is_some_and(AtFailure::own_in_the_way);
    match now.room.first() {
        Some(room) => lines.push(elsewhere(room, now.variable)),
        None if now.others > 0 && !own => {
            lines.push("No other GPU here has room for it.".to_owned());
        }
        None => {}
    }
    lines
}

/// Which GPU it was, and what would fit there.
fn place(now: &Now, device: Option<u32>) -> String {
    match (&now.unresolved, now.gpu, now.free) {
        (Some(reason), _, _) => format!("Which GPU it was cannot be told here: {reason}."),
        (None, Some(gpu), Some(free)) => {
            let other = device.filter(|device| *device != gpu);
            let called = other.map_or_else(String::new, |d| format!(", the program's GPU {d},"));
            format!("GPU {gpu}{called} has {} free. {}", human(free), fits(now))
        }
        _ => "The memory of that GPU cannot be read.".to_owned(),
    }
}

fn elsewhere(room: &Room, variable: &str) -> String {
    let unshown = if room.unshown {
        ", which the program's own list does not show,"
    } else {
        ""
    };
    format!(
        "GPU {}{unshown} has {} free: {variable}={}.",
        room.gpu,
        human(room.free),
        room.visible_devices
    )
}

/// Its id, what it held and whose it is.
pub(super) fn row(holder: &InTheWay) -> [String; 3] {
    let whose = match holder.kin {
        _ if holder.own => "the one that failed",
        Some(Kin::Program) => "your program",
        Some(Kin::Child) => "a child of your program",
        Some(Kin::Unclear) => "came while it ran",
        Some(Kin::Stranger) | None => "somebody else's",
    };
    let rank = holder.rank.map(|rank| format!(", rank {rank}"));
    [
        holder.pid.to_string(),
        holder.bytes.map_or_else(|| "?".to_owned(), human),
        whose.to_owned() + &rank.unwrap_or_default(),
    ]
}

fn fits(now: &Now) -> String {
    let request = match now.request_fits {
        Some(true) => "The request by itself would fit",
        Some(false) => "The request would not fit",
        None if now.need.is_none() => "What the program needs, the message does not say",
        None => "Whether the request would fit is not certain",
    };
    let program = match (now.need, now.program_fits) {
        (Some(need), Some(true)) => {
            format!(
                "; the program, with the {} that it came to, fits",
                human(need)
            )
        }
        (Some(need), Some(false)) => {
            format!("; the program came to {}, which does not fit", human(need))
        }
        (Some(need), None) => format!("; the program came to {}", human(need)),
        (None, _) => String::new(),
    };
    format!("{request}{program}.")
}

fn in_the_way(way: &InTheWay) -> String {
    let held = way.bytes.map_or_else(|| "?".to_owned(), human);
    let command = way.command.as_deref().unwrap_or("command not visible here");
    let logged = if way.in_log { ", named in the log" } else { "" };
    let user = way
        .user
        .as_ref()
        .map_or_else(String::new, |u| format!(" of {u}"));
    format!(
        "In the way: process {}{user} holds {held}{logged}: {command}",
        way.pid
    )
}
