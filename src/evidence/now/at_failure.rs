//! Who held the device when memory ran out, as it was watched from outside.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::visible::{List, Visible, instead, resolve, token};
use super::{InTheWay, Room, Slot, held, rooms, slots};
use crate::bytes::{Bytes, GIB};
use crate::evidence::{Balance, Devices, Incident, Memory, Watched};
use crate::sorting;

/// Whose process it is, where the program was watched while it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kin {
    /// The program that was run.
    Program,
    /// What that program started, or what this started in turn.
    Child,
    /// Somebody else's.
    Stranger,
    /// It came while the program ran, and cannot be seen from here.
    Unclear,
}

/// The device at the failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct AtFailure {
    /// The GPU, by the driver's index.
    pub gpu: u32,
    /// What programs could use of it.
    pub total: u64,
    /// What was free.
    pub free: u64,
    /// Who held memory, the largest first.
    pub holders: Vec<InTheWay>,
    /// Bytes that no listed process accounts for, where that is more than rounding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unattributed: Option<u64>,
    /// Those of them that still hold memory after the program has ended.
    pub still_there: Vec<u32>,
    /// Other GPUs with room for what the program's other processes held here, the freest first.
    pub room: Vec<Room>,
}

impl AtFailure {
    /// What was seen of one failure's device; `None` where it was not watched, or cannot be told. The moment that was watched
    /// is that of the first failure: a later one must agree with it.
    pub fn of(
        incident: &Incident,
        balance: &Balance,
        watched: &Watched,
        visible: &Visible,
        first: bool,
    ) -> Option<Self> {
        if incident.memory != Memory::Device {
            return None;
        }
        let found = |devices| {
            let list = List::of(incident, visible, devices);
            let slot = resolve(incident, balance, &slots(devices), list).ok()?;
            Some((slot, list, slot.memory()?.free))
        };
        let printed = balance.free.map(Bytes::mid);
        // The fullest moment is that of the failure, and the message's own figure tells it best.
        let off = |free: u64| printed.map_or(free, |printed| printed.abs_diff(free));
        let (slot, list, free) = watched
            .around
            .iter()
            .rev()
            .filter_map(found)
            .min_by_key(|(.., free)| off(*free))?;
        let total = slot.memory()?.usable();
        let near = printed.is_some() && off(free) <= total / 10;
        if !first && !near {
            return None;
        }
        Some(Self::seen(
            (slot, list),
            (free, total),
            (incident, balance),
            watched,
        ))
    }

    fn seen(
        (slot, list): (Slot<'_>, List<'_>),
        (free, total): (u64, u64),
        (incident, balance): (&Incident, &Balance),
        watched: &Watched,
    ) -> Self {
        let gpu = slot.gpu.index;
        let mut holders: Vec<InTheWay> = slot
            .holders()
            .map(|holder| InTheWay {
                kin: Some(watched.kin(gpu, holder)),
                ..InTheWay::of(holder, incident)
            })
            .collect();
        sorting::by_key(&mut holders, |h| (std::cmp::Reverse(h.bytes), h.pid));
        let failed = failed(&holders, incident, balance);
        for holder in &mut holders {
            holder.own = Some(holder.pid) == failed;
        }
        let last = watched.last.as_ref();
        let now = last.and_then(|last| last.gpus.iter().find(|g| g.index == gpu));
        let there = |pid: &u32| now.is_some_and(|gpu| gpu.holder(*pid).is_some());
        let mut at = Self {
            gpu,
            total,
            free,
            still_there: holders.iter().map(|h| h.pid).filter(there).collect(),
            holders,
            unattributed: slot.gpu.unattributed,
            room: Vec::new(),
        };
        if let Some(last) = last {
            at.room = at.room_for_family((slot, list), incident, last, watched);
        }
        at
    }

    /// Where what the program's other processes held here would fit.
    fn room_for_family(
        &self,
        (here, list): (Slot<'_>, List<'_>),
        incident: &Incident,
        last: &Devices,
        watched: &Watched,
    ) -> Vec<Room> {
        let held = self.family().filter_map(|h| h.bytes).sum::<u64>();
        if held == 0 {
            return Vec::new();
        }
        let slots = slots(last);
        // A child that is moved alone has a list of its own, of one.
        let index = incident.device.unwrap_or(0);
        let named = |there| (token(&there, &slots), instead(index, list, &slots, there).1);
        let mut room = rooms(here, &slots, (Some(Bytes::exact(held)), None), &named);
        room.retain(|r| !watched.used(r.gpu));
        room
    }

    /// The id of the process that failed, where it held memory there and can be told.
    pub fn failed(&self) -> Option<u32> {
        self.holders.iter().find(|h| h.own).map(|h| h.pid)
    }

    /// All but the process that failed.
    pub fn rivals(&self) -> impl Iterator<Item = &InTheWay> {
        self.holders.iter().filter(|h| !h.own)
    }

    /// The program's own processes, but for the one that failed.
    pub fn family(&self) -> impl Iterator<Item = &InTheWay> {
        self.rivals()
            .filter(|h| matches!(h.kin, Some(Kin::Program | Kin::Child)))
    }

    /// Everybody else.
    pub fn strangers(&self) -> impl Iterator<Item = &InTheWay> {
        self.rivals()
            .filter(|h| matches!(h.kin, Some(Kin::Stranger)))
    }

    /// True where the program's own other processes held at least as much as everybody else's: then they are what to change.
    pub fn own_in_the_way(&self) -> bool {
        let own = Self::sum(self.family());
        own > 0 && own >= Self::sum(self.strangers())
    }

    /// What these hold together.
    pub fn sum<'a>(holders: impl Iterator<Item = &'a InTheWay>) -> u64 {
        holders.filter_map(|h| h.bytes).sum()
    }
}

/// What the driver books to a process beside what its allocator reserved: context, libraries, other allocators.
const OUTSIDE: u64 = 3 * GIB;

/// Which of the processes is the one that failed: by its own word, by its size, or by its command. `None` where nothing
/// tells, and where it had no memory there.
fn failed(holders: &[InTheWay], incident: &Incident, balance: &Balance) -> Option<u32> {
    let own = incident.processes.iter().find(|p| p.own && p.pid.is_some());
    if let Some(pid) = own.and_then(|p| p.pid) {
        return Some(pid);
    }
    let candidates: Vec<&InTheWay> = holders
        .iter()
        .filter(|h| h.kin != Some(Kin::Stranger) && !h.in_log)
        .collect();
    if let Some(held) = held(incident, balance) {
        let high = held.high().saturating_add(OUTSIDE);
        let fits = |h: &&&InTheWay| h.bytes.is_some_and(|b| b <= high);
        let near = |h: &&&InTheWay| h.bytes.map_or(u64::MAX, |b| b.abs_diff(held.mid()));
        // It was read before the last it took, so that it may be smaller than the message says.
        return candidates
            .iter()
            .filter(fits)
            .min_by_key(near)
            .map(|h| h.pid);
    }
    let program = candidates.iter().find(|h| h.kin == Some(Kin::Program));
    if let Some(program) = program {
        return Some(program.pid);
    }
    let script = script(incident)?;
    let names = |h: &&&InTheWay| {
        let words = h.command.as_deref().unwrap_or("").split_whitespace();
        words.map(base).any(|word| word == script)
    };
    let mut named = candidates.iter().filter(names);
    let only = named.next()?;
    named.next().is_none().then_some(only.pid)
}

/// The file that was started, by the outermost frame of the stack.
fn script(incident: &Incident) -> Option<&str> {
    let frames = &incident.traceback.frames;
    let module = frames.iter().find(|f| f.function == "<module>")?;
    Some(base(&module.file))
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
