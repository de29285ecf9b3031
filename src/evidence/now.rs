//! A failure beside the GPUs as they are now: would it fit, who is in the way, where else is room.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::live::{Devices, Gpu, Holder, Instance, MemoryNow};
use super::{Balance, Incident, Memory, Watched};
use crate::bytes::Bytes;
use crate::sorting;

mod at_failure;
mod visible;

pub use at_failure::{AtFailure, Kin};
pub use visible::Visible;
use visible::{List, instead, resolve};

/// One failure, now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Now {
    /// The GPU of the failure, by the driver's index; null where it cannot be told.
    pub gpu: Option<u32>,
    /// Why it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unresolved: Option<String>,
    /// What is free there now.
    pub free: Option<u64>,
    /// Whether the one request would fit into that; null where that is not certain.
    pub request_fits: Option<bool>,
    /// The least that the program needs to come past this point again: what it held, and what it asked for.
    pub need: Option<u64>,
    /// Whether all of that would fit; null where that is not certain.
    pub program_fits: Option<bool>,
    /// Who holds memory there, the largest first.
    pub in_the_way: Vec<InTheWay>,
    /// Processes of the log that hold nothing there any more.
    pub gone: Vec<u32>,
    /// Other GPUs that have room, the freest first.
    pub room: Vec<Room>,
    /// The variable that chooses among them.
    pub variable: &'static str,
    /// How many GPUs or instances there are beside that one.
    pub others: usize,
    /// Who held the device when memory ran out, where `whyoom run` watched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_failure: Option<AtFailure>,
}

/// A process that holds memory now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct InTheWay {
    /// Its id.
    pub pid: u32,
    /// What it holds.
    pub bytes: Option<u64>,
    /// Its command line.
    pub command: Option<String>,
    /// Its owner.
    pub user: Option<String>,
    /// Whether the log names it.
    pub in_log: bool,
    /// Whether it is the failed process itself.
    #[serde(rename = "self")]
    pub own: bool,
    /// Whose it is, where `whyoom run` watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kin: Option<Kin>,
    /// Its rank in its job, by its environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

impl InTheWay {
    fn of(holder: &Holder, incident: &Incident) -> Self {
        let logged = incident
            .processes
            .iter()
            .find(|p| p.pid == Some(holder.pid));
        Self {
            pid: holder.pid,
            bytes: holder.bytes,
            command: holder.command.clone(),
            user: holder.user.clone(),
            in_log: logged.is_some(),
            own: logged.is_some_and(|p| p.own),
            kin: None,
            rank: holder.rank,
        }
    }
}

/// A GPU with room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Room {
    /// By the driver's index.
    pub gpu: u32,
    /// What the variable that chooses devices is to be.
    pub visible_devices: String,
    /// What is free there.
    pub free: u64,
    /// True where all that the program needs fits for certain; false where its need is not known.
    pub enough: bool,
    /// True where the program's own list of devices does not show it: it may be meant for others.
    #[serde(skip_serializing_if = "is_false")]
    pub unshown: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Something that a program can be given to run on: a whole GPU, or an instance of one.
#[derive(Clone, Copy)]
struct Slot<'a> {
    gpu: &'a Gpu,
    instance: Option<&'a Instance>,
}

impl Slot<'_> {
    fn memory(&self) -> Option<&MemoryNow> {
        match self.instance {
            Some(instance) => instance.memory.as_ref(),
            None => self.gpu.memory.as_ref(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.gpu.index == other.gpu.index
            && self.instance.map(|i| i.index) == other.instance.map(|i| i.index)
    }

    fn holders(&self) -> impl Iterator<Item = &Holder> {
        let instance = self.instance.map(|i| i.index);
        let all = self.gpu.processes.iter();
        all.filter(move |h| instance.is_none() || h.instance == instance)
    }
}

impl Now {
    /// Joins a failure of device memory with the GPUs; `None` for one of host memory. Where the program was watched while
    /// it ran, what is its own is known.
    pub fn of(
        incident: &Incident,
        balance: &Balance,
        devices: &Devices,
        visible: &Visible,
        watched: Option<&Watched>,
    ) -> Option<Self> {
        if incident.memory != Memory::Device {
            return None;
        }
        let slots = slots(devices);
        let list = List::of(incident, visible, devices);
        let mut now = Self {
            at_failure: incident.at_failure.clone(),
            variable: list.variable,
            ..Self::default()
        };
        match resolve(incident, balance, &slots, list) {
            Ok(slot) => {
                let need = held(incident, balance).zip(balance.tried);
                let need = need.map(|(held, tried)| held.plus(tried));
                // What the program's other processes held, they will hold again.
                let family = now.at_failure.iter().flat_map(AtFailure::family);
                let family = Bytes::exact(AtFailure::sum(family));
                let need = need.map(|need| need.plus(family));
                let kin = |holder: &Holder| watched.map(|w| w.kin(slot.gpu.index, holder));
                now.look_at(slot, incident, (balance.tried, need), &kin);
                now.others = slots.iter().filter(|s| !s.is(&slot)).count();
                let index = incident.device.unwrap_or(0);
                let named = |there| instead(index, list, &slots, there);
                now.room = rooms(slot, &slots, (need, now.free), &named);
                // Another GPU of the same program has work of its own.
                now.room.retain(|r| !watched.is_some_and(|w| w.used(r.gpu)));
                // A program that is in its own way would take that along.
                let own = now
                    .at_failure
                    .as_ref()
                    .is_some_and(AtFailure::own_in_the_way);
                now.room.retain(|r| r.enough || !own);
            }
            Err(reason) => now.unresolved = Some(reason),
        }
        Some(now)
    }

    /// The device of the failure itself: what was asked for there, and what the program needs in all.
    fn look_at(
        &mut self,
        slot: Slot<'_>,
        incident: &Incident,
        (tried, need): (Option<Bytes>, Option<Bytes>),
        kin: &dyn Fn(&Holder) -> Option<Kin>,
    ) {
        self.gpu = Some(slot.gpu.index);
        self.need = need.map(Bytes::low);
        let Some(memory) = slot.memory() else { return };
        self.free = Some(memory.free);
        let failed = self.at_failure.as_ref().and_then(AtFailure::failed);
        self.request_fits = tried.and_then(|tried| fits(tried, Bytes::exact(memory.free)));
        let mut way: Vec<InTheWay> = slot
            .holders()
            .map(|holder| {
                let way = InTheWay::of(holder, incident);
                let kin = kin(holder);
                let own = way.own || kin == Some(Kin::Program) || failed == Some(holder.pid);
                InTheWay { own, kin, ..way }
            })
            .collect();
        sorting::by_key(&mut way, |w| (std::cmp::Reverse(w.bytes), w.pid));
        // Where the failed process still lives, its memory comes free with its end.
        let own: u64 = way.iter().filter(|w| w.own).filter_map(|w| w.bytes).sum();
        let after = Bytes::exact(memory.free.saturating_add(own));
        self.program_fits = need.and_then(|need| fits(need, after));
        // Where some memory has no owner, a process that is not listed may still be there.
        if slot.gpu.unattributed.is_none() {
            let ids = incident.processes.iter().filter_map(|p| p.pid);
            self.gone = ids
                .filter(|pid| !way.iter().any(|w| w.pid == *pid))
                .collect();
        }
        self.in_the_way = way;
    }
}

/// The other devices with room for this much, or with more than is free here where that is not known; the freest first.
/// `named` says what the list of devices is to be for one, and whether it is shown there now.
fn rooms<'a>(
    here: Slot<'a>,
    slots: &[Slot<'a>],
    (need, free_here): (Option<Bytes>, Option<u64>),
    named: &dyn Fn(Slot<'a>) -> (String, bool),
) -> Vec<Room> {
    let others = slots.iter().filter(|s| !s.is(&here));
    let mut room: Vec<Room> = others
        .filter_map(|slot| {
            let free = slot.memory()?.free;
            let enough = need.is_some_and(|need| Bytes::exact(free).surely_at_least(need));
            let fits = enough || (need.is_none() && free > free_here.unwrap_or(0));
            let (visible_devices, shown) = named(*slot);
            fits.then_some(Room {
                gpu: slot.gpu.index,
                visible_devices,
                free,
                enough,
                unshown: !shown,
            })
        })
        .collect();
    // What the program was given comes before what may be others'.
    sorting::by_key(&mut room, |r| (r.unshown, std::cmp::Reverse(r.free), r.gpu));
    room
}

/// What the program itself held: what the driver booked to it, else its allocator's memory.
fn held(incident: &Incident, balance: &Balance) -> Option<Bytes> {
    let own = incident.facts.get(super::Key::ProcessInUse);
    let listed = || {
        let own = incident.processes.iter().find(|p| p.own);
        own.map(|p| p.bytes).filter(|b| !b.is_sentinel())
    };
    own.or_else(listed).or(balance.reserved)
}

/// Whether it fits: by the intervals, or not certain.
fn fits(wanted: Bytes, free: Bytes) -> Option<bool> {
    if free.surely_at_least(wanted) {
        Some(true)
    } else if wanted.surely_over(free) {
        Some(false)
    } else {
        None
    }
}

/// Whole GPUs; of those in MIG mode their instances.
fn slots(devices: &Devices) -> Vec<Slot<'_>> {
    let of = |gpu| {
        let whole = Slot {
            gpu,
            instance: None,
        };
        let instances = gpu.instances.iter().map(move |i| Slot {
            gpu,
            instance: Some(i),
        });
        let whole = gpu.instances.is_empty().then_some(whole);
        whole.into_iter().chain(instances)
    };
    devices.gpus.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests;
