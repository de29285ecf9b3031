//! Fixes in the light of who held the device while the program was watched: a process that the program started itself is not
//! to be killed by hand, since it comes back with the next run.

use crate::bytes::{Bytes, human};
use crate::evidence::{AtFailure, InTheWay, Now, Room};
use crate::fixes::gpus::remark;
use crate::fixes::situation::own_in_the_way;
use crate::fixes::{Enough, Offer};

/// As many processes as are named one by one.
const NAMED: usize = 4;

/// What to do about the program's own processes.
pub(in crate::fixes) fn end_own(at: &AtFailure, now: &Now) -> Offer {
    let family: Vec<&InTheWay> = at.family().collect();
    let held = AtFailure::sum(at.family());
    let (head, them, they) = match family.as_slice() {
        [one] => (format!("your own process {} holds", one.pid), "it", "it"),
        several => {
            let head = format!("{} of your own processes hold", several.len());
            (head, "them", "they")
        }
    };
    let theirs = if family.len() == 1 {
        "its memory"
    } else {
        "theirs"
    };
    let mut how = vec![format!(
        "{head} {}: end {them} before, or free {theirs}",
        human(held)
    )];
    how.extend(family.iter().take(NAMED).map(|process| remark(process)));
    if let Some(more) = family.len().checked_sub(NAMED).filter(|more| *more > 0) {
        how.push(format!("# and {more} more"));
    }
    how.push(match at.room.first() {
        Some(room) => {
            format!(
                "# or start {them} with less memory, or on GPU {} ({} free): {}={}",
                room.gpu,
                human(room.free),
                now.variable,
                room.visible_devices
            ) + if_yours(room)
        }
        None => format!("# or start {them} with less memory"),
    });
    how.push(left_behind(at).unwrap_or_else(|| {
        format!("# your program started {them}: with the next run {they} would be back")
    }));
    Offer {
        title: None,
        how: how.join("\n"),
        gain: Some(Bytes::exact(held)),
        at_least: false,
        enough: enough(at, now, held),
        cost: None,
    }
}

/// Where the program's own processes could go instead; `None` where no GPU has room for them.
pub(in crate::fixes) fn elsewhere(at: &AtFailure, now: &Now) -> Option<Offer> {
    let (room, first) = at.room.first().zip(at.family().next())?;
    let (which, them) = match at.family().count() {
        1 => (format!("process {} alone", first.pid), "it"),
        several => (format!("these {several} processes alone"), "them"),
    };
    // Not the variable alone: set for the whole program, it would only move all of it.
    let how = format!(
        "{}={} for {which}{}\n# where your program starts {them}; GPU {} has {} free now",
        now.variable,
        room.visible_devices,
        if_yours(room),
        room.gpu,
        human(room.free)
    );
    let held = AtFailure::sum(at.family());
    Some(Offer {
        title: None,
        how,
        gain: Some(Bytes::exact(held)),
        at_least: false,
        enough: enough(at, now, held),
        cost: None,
    })
}

/// What to know of a GPU that the program was not given.
fn if_yours(room: &Room) -> &'static str {
    if room.unshown {
        ", if it is yours to use: the program's own list does not show it"
    } else {
        ""
    }
}

/// Lines to end those of the program's own processes that outlived it; `None` where none did.
fn left_behind(at: &AtFailure) -> Option<String> {
    let left = at.family().filter(|h| at.still_there.contains(&h.pid));
    let left: Vec<String> = left.take(NAMED).map(|h| h.pid.to_string()).collect();
    (!left.is_empty()).then(|| {
        let (what, holds) = match left.len() {
            1 => ("it is", "holds"),
            _ => ("they are", "hold"),
        };
        format!(
            "# your program has ended, but {what} still there and {holds} memory:\nkill {}",
            left.join(" ")
        )
    })
}

/// Whether the failing process has enough where these bytes are free as well.
fn enough(at: &AtFailure, now: &Now, won: u64) -> Enough {
    // What the program needs in all counts these processes too.
    let Some(alone) = now.need.map(|need| need.saturating_sub(won)) else {
        return Enough::Unknown;
    };
    let others = AtFailure::sum(at.strangers());
    let left = at.total.saturating_sub(others);
    if left < alone {
        Enough::No
    } else if left > alone.saturating_add(alone / 1024) {
        Enough::Yes
    } else {
        Enough::Unknown
    }
}

/// Makes of the offer to stop somebody one to run again, where nobody is there any more who held memory at the failure; `None`
/// where somebody is.
pub(in crate::fixes) fn nobody_left(now: &Now, stop: &Offer) -> Option<Offer> {
    if own_in_the_way(now).is_some() {
        return None;
    }
    let Some(at) = &now.at_failure else {
        return gone_by_the_log(now, stop);
    };
    let gone: Vec<&InTheWay> = at.rivals().collect();
    if gone.is_empty() || gone.iter().any(|p| at.still_there.contains(&p.pid)) {
        return None;
    }
    let ids: Vec<u32> = gone.iter().map(|p| p.pid).collect();
    let mut how = again(&ids);
    for process in gone.iter().take(NAMED) {
        how.push('\n');
        how.push_str(&remark(process));
    }
    Some(Offer {
        title: None,
        how,
        gain: Some(Bytes::exact(AtFailure::sum(at.rivals()))),
        at_least: false,
        enough: fits(now),
        cost: None,
    })
}

/// The same for processes that only the log names.
fn gone_by_the_log(now: &Now, stop: &Offer) -> Option<Offer> {
    let others = now.in_the_way.iter().any(|w| !w.own);
    if now.gone.is_empty() || others || now.program_fits != Some(true) {
        return None;
    }
    Some(Offer {
        title: None,
        how: again(&now.gone),
        gain: stop.gain,
        at_least: false,
        enough: fits(now),
        cost: None,
    })
}

fn again(gone: &[u32]) -> String {
    let ids: Vec<String> = gone.iter().take(NAMED).map(u32::to_string).collect();
    let (noun, verb) = match gone.len() {
        1 => ("process", "has"),
        _ => ("processes", "have"),
    };
    format!("run it again: {noun} {} {verb} ended since", ids.join(", "))
}

fn fits(now: &Now) -> Enough {
    match now.program_fits {
        Some(true) => Enough::Yes,
        Some(false) => Enough::No,
        None => Enough::Unknown,
    }
}
