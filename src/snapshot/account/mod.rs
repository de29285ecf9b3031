//! Who held a GPU at the moment that explains most, and how that came.

mod again;
mod clock;
mod course;
mod folded;
mod growth;
mod lines;
mod next;
mod parts;
mod segments;

use hashbrown::HashMap;

use super::moment::{self, Kind, Moment};
use super::state::State;
use super::{Action, Free, NO_STACK, Request, Snapshot, rounding};
use crate::bytes::sum;
use crate::evidence::{Accumulates, Frame, HeldAt, Holdings, IdleMemory, MemoryKind, Owner};
use crate::sorting;
use lines::{Line, Lines};

/// So many owners are told; what the others hold is in the sums.
const OWNERS: usize = 200;

/// Python gives up at a depth of 1000 (`sys.getrecursionlimit`).
const FRAMES: usize = 2000;

/// The frames of Python in a stack as of a traceback, outermost first.
pub(super) fn stack_of(snapshot: &Snapshot, stack: u32) -> Vec<Frame> {
    let frames = snapshot.stacks.of(stack).iter().rev();
    let frames = frames.filter(|frame| lines::is_python(snapshot, **frame));
    let frames = frames.take(FRAMES);
    frames.map(|frame| lines::frame(snapshot, *frame)).collect()
}

/// True for the stack of a thread of autograd. They run no Python, so that they have none where only its stacks were recorded.
pub(super) fn goes_backward(snapshot: &Snapshot, stack: u32) -> bool {
    if stack == NO_STACK {
        let frames = u32::try_from(snapshot.stacks.frames()).unwrap_or(u32::MAX);
        return (0..frames).any(|frame| lines::is_python(snapshot, frame));
    }
    let frames = snapshot.stacks.of(stack).iter();
    let mut named = frames.filter_map(|frame| snapshot.stacks.get(*frame));
    named.any(|frame| lines::is_autograd(snapshot.names.get(frame.name)))
}

/// One device's account.
pub(crate) struct Account {
    /// Who held it.
    pub holdings: Holdings,
    /// The request that was refused, where one was.
    pub request: Option<Request>,
    /// The memory of that moment.
    pub state: State,
}

/// The accounts of all devices that hold anything or have events.
pub(crate) fn all(snapshot: &Snapshot, source: &str, own: &[String]) -> Vec<Account> {
    let held = snapshot.segments.iter().map(|segment| segment.device);
    let held = held.filter_map(|device| usize::try_from(device).ok()).max();
    // A device number is one of a file: none has more than a few of them.
    let held = held.map_or(0, |device| device.min(MOST_DEVICES) + 1);
    let devices = held.max(snapshot.traces.len().min(MOST_DEVICES));
    let mut lines = Lines::of(snapshot, own);
    let account = |device| of(snapshot, source, device, &mut lines);
    (0..devices).filter_map(account).collect()
}

/// More GPUs than any machine has.
const MOST_DEVICES: usize = 1024;

fn of(snapshot: &Snapshot, source: &str, device: usize, lines: &mut Lines<'_>) -> Option<Account> {
    let events = snapshot.traces.get(device).map_or(0, super::Trace::len);
    let moment = moment::of(snapshot, device);
    let state = State::at(snapshot, device, moment.position);
    if state.held.is_empty() && !happened(snapshot, device) {
        return None;
    }
    let request = request(snapshot, &moment);
    let free = Free::of(&state, request.as_ref());
    let rounds = clock::rounds(lines, device, moment.position);
    let at = (device, moment.position);
    let (owners, kinds) = owners(snapshot, at, (&rounds, &state), lines);
    let left = request.map_or(0, |r| r.device_free.saturating_add(free.own));
    let next = next::next(snapshot, at, (request.as_ref(), left), &rounds);
    let course = course::course(snapshot, device, moment.position, state.requested());
    let holdings = Holdings {
        source: source.to_owned(),
        device: u32::try_from(device).unwrap_or(0),
        at: match moment.kind {
            Kind::Refusal => HeldAt::Refusal,
            Kind::Peak => HeldAt::Peak,
            Kind::End => HeldAt::End,
        },
        refusals_before: as_u64(moment.refusals_before),
        events_after: moment
            .position
            .map_or(0, |at| as_u64(events.saturating_sub(at + 1))),
        events: as_u64(events),
        micros: micros(snapshot, device),
        reserved: state.reserved(),
        allocated: state.allocated(),
        requested: state.requested(),
        idle: IdleMemory {
            usable: free.own,
            largest: free.largest,
            pieces: free.gaps,
            other_streams: free.other_streams,
            private_pools: free.private,
            private_count: free.private_count,
            other_size: free.other_size,
            large: free.large,
            pending: free.pending,
        },
        older: older(&state, events),
        requests_before: before(snapshot, device, moment.position, &state),
        owners,
        stacks: folded::stacks(lines, &state),
        segments: segments::segments(&state),
        segment_count: as_u64(state.held.len()),
        kinds,
        parts: parts::parts(lines, &state),
        next,
        course,
        retried: again::kept(lines, device, &moment, &state),
        remarks: remarks(snapshot),
    };
    Some(Account {
        holdings,
        request,
        state,
    })
}

/// What is in use and older than the record, where there is one.
fn older(state: &State, events: usize) -> u64 {
    let recorded = state.live.values();
    let older = recorded.filter(|live| live.row.is_none() && events > 0);
    sum(older.map(|live| live.size))
}

/// True where the record of a device has more than marks in it.
fn happened(snapshot: &Snapshot, device: usize) -> bool {
    let trace = snapshot.traces.get(device).into_iter();
    let rows = trace.flat_map(|trace| trace.rows.iter().cloned());
    let mut actions = rows.flat_map(|rows| snapshot.events.actions(rows));
    actions.any(|action| !matches!(action, Action::Snapshot | Action::Other))
}

/// How many requests came before the record, at the least: what they got is still in use, or was given back within the record.
fn before(snapshot: &Snapshot, device: usize, until: Option<usize>, state: &State) -> u64 {
    let Some(trace) = snapshot.traces.get(device).filter(|t| !t.is_empty()) else {
        return 0;
    };
    let (mut asked, mut returned) = (0usize, 0usize);
    for rows in trace.first(until.unwrap_or(usize::MAX)) {
        let actions = snapshot.events.actions(rows);
        asked += actions.iter().filter(|a| **a == Action::Alloc).count();
        let back = |a: &&Action| **a == Action::FreeCompleted;
        returned += actions.iter().filter(back).count();
    }
    let known = state.live.values().filter(|live| live.row.is_some());
    let known = known.count();
    let older = state.live.len() - known;
    let returned_of_record = asked.saturating_sub(known);
    as_u64(older.saturating_add(returned.saturating_sub(returned_of_record)))
}

/// The refused request.
fn request(snapshot: &Snapshot, moment: &Moment) -> Option<Request> {
    let event = snapshot.events.get(moment.row?)?;
    if moment.kind != Kind::Refusal {
        return None;
    }
    let lane = snapshot.events.lane_of(event.lane);
    Some(Request {
        size: rounding::block_with(event.size, snapshot.settings.as_ref()),
        stream: lane.stream,
        pool: lane.pool,
        device_free: event.address,
        stack: event.stack,
        time: event.time,
    })
}

/// All owners, largest first, and the kinds of what they hold.
fn owners(
    snapshot: &Snapshot,
    at: (usize, Option<usize>),
    (rounds, state): (&[usize], &State),
    lines: &mut Lines<'_>,
) -> (Vec<Owner>, Vec<(MemoryKind, u64)>) {
    let backward = recorded_without_stack(lines, state);
    let mut weights = Weights::of(state, lines);
    let mut numbers: HashMap<Line, usize> = HashMap::new();
    let mut sums: Vec<Sum> = Vec::new();
    for live in state.live.values() {
        let mut line = lines.line(live.stack);
        let unseen = live.stack == NO_STACK && live.row.is_some() && backward;
        if line.frame.is_none() && (unseen || line.kind == MemoryKind::Backward) {
            line.kind = if weights.take(live.size) {
                MemoryKind::Gradients
            } else {
                MemoryKind::Backward
            };
        }
        let next = numbers.len();
        let number = *numbers.entry(line).or_insert(next);
        if number == sums.len() {
            sums.push(Sum::of(line));
        }
        if let Some(sum) = sums.get_mut(number) {
            sum.add(live.size, live.stack);
        }
    }
    let piled = growth::find(snapshot, at, (state, rounds));
    for (stack, piled) in (0..).zip(piled) {
        let number = piled.and_then(|_| numbers.get(&lines.line(stack)));
        if let Some(sum) = number.and_then(|number| sums.get_mut(*number)) {
            sum.piled = growth::both(sum.piled, piled);
        }
    }
    let mut kinds: Vec<(MemoryKind, u64)> = Vec::new();
    for sum in &sums {
        match kinds.iter_mut().find(|(kind, _)| *kind == sum.line.kind) {
            Some((_, bytes)) => *bytes = bytes.saturating_add(sum.bytes),
            None => kinds.push((sum.line.kind, sum.bytes)),
        }
    }
    sorting::by_key(&mut kinds, |(kind, bytes)| {
        (std::cmp::Reverse(*bytes), *kind)
    });
    let least = state.active() / 100;
    let owner = |sum: &Sum| Owner {
        frame: sum.line.frame.map(|frame| lines::frame(snapshot, frame)),
        through: lines.through(sum.largest.1, sum.line),
        bytes: sum.bytes,
        blocks: sum.blocks,
        kind: sum.line.kind,
        accumulates: sum.piled.filter(|piled| piled.bytes >= least),
    };
    let mut owners: Vec<Owner> = sums.iter().map(owner).collect();
    sorting::by(&mut owners, |a, b| {
        let key = |owner: &Owner| owner.frame.as_ref().map(|f| (f.file.clone(), f.line));
        b.bytes.cmp(&a.bytes).then_with(|| key(a).cmp(&key(b)))
    });
    owners.truncate(OWNERS);
    (owners, kinds)
}

/// The sizes of weights that no gradient was found for yet.
struct Weights(HashMap<u64, usize>);

impl Weights {
    fn of(state: &State, lines: &mut Lines<'_>) -> Self {
        let mut sizes = HashMap::new();
        for live in state.live.values() {
            if lines.line(live.stack).kind == MemoryKind::Parameters {
                *sizes.entry(live.size).or_default() += 1;
            }
        }
        Self(sizes)
    }

    /// True where a weight of this size has no gradient yet: now it has.
    fn take(&mut self, size: u64) -> bool {
        let left = self.0.get_mut(&size).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    }
}

/// One owner's memory.
struct Sum {
    line: Line,
    bytes: u64,
    blocks: u64,
    /// Its largest block, and the stack of that.
    largest: (u64, u32),
    piled: Option<Accumulates>,
}

impl Sum {
    fn of(line: Line) -> Self {
        Self {
            line,
            bytes: 0,
            blocks: 0,
            largest: (0, NO_STACK),
            piled: None,
        }
    }

    fn add(&mut self, size: u64, stack: u32) {
        self.bytes = self.bytes.saturating_add(size);
        self.blocks += 1;
        self.largest = self.largest.max((size, stack));
    }
}

/// True where other requests have stacks: one without is then of a thread that runs no Python, as the backward pass does.
fn recorded_without_stack(lines: &Lines<'_>, state: &State) -> bool {
    state.live.values().any(|live| lines.has_python(live.stack))
}

/// From a device's first event to its last.
fn micros(snapshot: &Snapshot, device: usize) -> u64 {
    let Some(trace) = snapshot.traces.get(device) else {
        return 0;
    };
    let time = |row: Option<usize>| {
        row.and_then(|row| snapshot.events.get(row))
            .map_or(0, |event| event.time)
    };
    let mut rows = trace.iter();
    let (first, last) = (time(rows.next()), time(rows.next_back()));
    last.saturating_sub(first)
}

/// What else to know of the record.
fn remarks(snapshot: &Snapshot) -> Vec<String> {
    let mut remarks = Vec::new();
    if !snapshot.has_traces || snapshot.events.is_empty() {
        let why = if snapshot.stacks.is_empty() {
            "it was taken without torch.cuda.memory._record_memory_history(), so no line of the program is known."
        } else {
            "what led to this moment is not known. torch.cuda.memory._record_memory_history() records it with enabled=\"all\", and \
             _dump_snapshot() writes it."
        };
        remarks.push(format!("It holds no events: {why}"));
    } else if snapshot.stacks.is_empty() {
        remarks.push(
            "Its events have no stacks: record with context=\"all\" to see the lines of the program.".to_owned(),
        );
    }
    if !snapshot.has_segments {
        remarks
            .push("It holds no segments: what is older than the record is not counted.".to_owned());
    }
    if snapshot.has_host {
        remarks.push(
            "Pinned memory of the host is in the file too; it is no GPU's, and not counted here."
                .to_owned(),
        );
    }
    if snapshot.lost_records > 0 {
        remarks.push(format!(
            "{} entries could not be read.",
            snapshot.lost_records
        ));
    }
    remarks
}

fn as_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
