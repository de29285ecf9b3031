//! Which moment of a snapshot is looked at: the last refusal, else the peak, else the end of the file.

use super::events::Action;
use super::{Snapshot, Trouble};

/// What the moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request was refused.
    Refusal,
    /// Most was in use, of what was recorded.
    Peak,
    /// The end of the file, where nothing else can be known.
    End,
}

/// A moment of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What it is.
    pub kind: Kind,
    /// Its position in the device's trace: the state right before that event is meant. `None` for the end.
    pub position: Option<usize>,
    /// The event's row.
    pub row: Option<usize>,
    /// How often requests were refused before it.
    pub refusals_before: usize,
}

const END: Moment = Moment {
    kind: Kind::End,
    position: None,
    row: None,
    refusals_before: 0,
};

/// The moment of a device that explains most.
pub(crate) fn of(snapshot: &Snapshot, device: usize) -> Moment {
    let Some(trace) = snapshot.traces.get(device).filter(|t| !t.is_empty()) else {
        return END;
    };
    // Where the file is cut off, what happened after the last event that was read cannot be taken back.
    if snapshot.trouble.is_some() && !snapshot.has_segments {
        return END;
    }
    let broken = matches!(
        snapshot.trouble,
        Some(Trouble::CutOff | Trouble::Damaged { .. } | Trouble::TooLarge { .. })
    );
    let cut = broken && !snapshot.traces_whole;
    let mut refusals = 0;
    let mut last = None;
    let mut before = 0;
    for rows in &trace.rows {
        let actions = snapshot.events.actions(rows.clone()).iter();
        for (place, _) in actions.enumerate().filter(|(_, a)| **a == Action::Oom) {
            refusals += 1;
            last = Some((before + place, rows.start + place));
        }
        before += rows.len();
    }
    match last {
        _ if cut => END,
        Some((position, row)) => Moment {
            kind: Kind::Refusal,
            position: Some(position),
            row: Some(row),
            refusals_before: refusals - 1,
        },
        None => peak(snapshot, device),
    }
}

/// Where the most bytes were handed out. Sums run backward from the end, so that the start need not be known.
fn peak(snapshot: &Snapshot, device: usize) -> Moment {
    let Some(trace) = snapshot.traces.get(device) else {
        return END;
    };
    let (mut now, mut most, mut found) = (0i128, 0i128, None);
    for (back, row) in trace.iter().rev().enumerate() {
        let Some(event) = snapshot.events.get(row) else {
            continue;
        };
        match event.action {
            Action::Alloc => now -= i128::from(event.size),
            Action::FreeRequested => now += i128::from(event.size),
            _ => continue,
        }
        if now > most {
            most = now;
            found = Some((trace.len() - 1 - back, row));
        }
    }
    match found {
        Some((position, row)) => Moment {
            kind: Kind::Peak,
            position: Some(position),
            row: Some(row),
            refusals_before: 0,
        },
        // The end is the peak.
        None => Moment {
            kind: Kind::Peak,
            ..END
        },
    }
}
