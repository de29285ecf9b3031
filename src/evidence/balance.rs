//! The arithmetic of one failure: who holds what of the device, and what was missing.
//!
//! The identities are those of the native allocator (c10/cuda/CUDACachingAllocator.cpp): reserved = allocated + idle;
//! at the moment of the message every wholly free segment is back at the driver, so what is idle lies in partly used
//! segments; the driver books context and libraries to the process beside its reserved memory.

use super::{Flag, Incident, Key, Process, Program};
use crate::bytes::{Bytes, GIB, MIB};

/// Who holds what, all as intervals; `None` is "not known", never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What the failed call asked for.
    pub tried: Option<Bytes>,
    /// All memory of the device.
    pub total: Option<Bytes>,
    /// What the driver still had.
    pub free: Option<Bytes>,
    /// The cap, where one below the device was printed.
    pub limit: Option<Bytes>,
    /// Handed out to tensors, private pools' free bytes taken off.
    pub live: Option<Bytes>,
    /// Idle in the allocator, private pools' free bytes not counted.
    pub idle: Option<Bytes>,
    /// Free bytes that only private pools may use.
    pub private_pools: Option<Bytes>,
    /// Live, idle and private together.
    pub reserved: Option<Bytes>,
    /// What the process itself could have got without giving anything up: min(free, limit - reserved).
    pub headroom: Option<Bytes>,
    /// How much was missing: tried - headroom.
    pub shortfall: Option<Bytes>,
    /// All that the driver books to this process, where it says so.
    pub own: Option<Bytes>,
    /// Memory of this process outside the allocator: context, libraries, other allocators.
    pub outside: Option<Bytes>,
    /// Memory of other processes that the message lists.
    pub others: Option<Bytes>,
    /// What nobody named holds: total - free - all that is named. Includes this process's context where it is not named.
    pub unnamed: Option<Bytes>,
    /// True where the figures cannot be of a device without paging to the host (Windows' WDDM, WSL): more is held than
    /// the device has.
    pub paged: bool,
}

/// So much more than was asked for can be free on a full device: the driver gives out pages of 2 MiB, keeps some back, and is
/// asked for its figure only after the refusal. On an H200, 128 MiB were refused with 129.12 free, and 2 MiB with 3.12.
const FULL: u64 = 64 * MIB;

/// What the driver could have given. A refusal is evidence: with little more free than was asked for, it was less than that.
fn usable(free: Bytes, tried: Option<Bytes>) -> Bytes {
    let near = |tried: &Bytes| {
        free.high() >= tried.low() && free.low() < tried.high().saturating_add(FULL)
    };
    match tried.filter(near) {
        Some(tried) => {
            let most = free.high().min(tried.low().saturating_sub(1));
            Bytes::between(free.low().saturating_sub(FULL).min(most), most)
        }
        None => Bytes::between(free.low().saturating_sub(4 * MIB), free.high()),
    }
}

impl Balance {
    /// True where half of what is not held elsewhere would be free, were all idle pieces one, and the request is a small part of them.
    /// No measured failure looked so (`fixtures/fleet/table.tsv`), so that none of their counts speaks here.
    pub(crate) fn half_lies_idle(&self) -> bool {
        let parts = || {
            let (live, tried, idle) = (self.live?.high(), self.tried?.high(), self.idle?.low());
            let free = self.left()?.low();
            let need = live.saturating_add(tried);
            let whole = live.saturating_add(idle).saturating_add(free);
            Some(need < whole / 2 && tried < idle / 8)
        };
        parts().unwrap_or(false)
    }

    /// Works the figures of an incident out.
    pub fn of(incident: &Incident) -> Self {
        let facts = &incident.facts;
        let (tried, total) = (facts.get(Key::Tried), facts.get(Key::Total));
        let free = facts
            .get(Key::Free)
            .or_else(|| Some(total?.minus(facts.get(Key::DeviceInUse)?)));
        let (allocated, private_pools) = (facts.get(Key::Allocated), facts.get(Key::PrivatePools));
        let printed_idle = facts
            .get(Key::ReservedUnallocated)
            .or_else(|| facts.get(Key::CachedAsPrinted));
        let reserved = facts
            .get(Key::Reserved)
            .or_else(|| Some(allocated?.plus(printed_idle?)));
        // A table beside the message can be of a moment a little before it: then the message's own figures are worth more.
        let (own, told) = (facts.fact(Key::Allocated), facts.fact(Key::Reserved));
        let mixed = own
            .zip(told)
            .is_some_and(|(own, told)| own.source != told.source);
        let reserved = match (allocated, reserved) {
            (Some(allocated), Some(reserved)) if mixed && reserved.high() < allocated.high() => {
                printed_idle.map(|idle| allocated.plus(idle))
            }
            _ => reserved,
        };
        let idle = printed_idle.or_else(|| Some(reserved?.minus(allocated?)));
        let live = allocated.map(|a| private_pools.map_or(a, |p| a.minus(p)));
        let limit = facts.get(Key::Limit);
        let held = [allocated, reserved].into_iter().flatten();
        let paged = total.is_some_and(|total| held.into_iter().any(|h| h.surely_over(total)));
        // Metal counts what other frameworks of the process hold against the same budget.
        let elsewhere = facts.get(Key::OtherAllocations).unwrap_or(Bytes::ZERO);
        let under_limit = limit
            .zip(reserved.or(allocated))
            .map(|(l, r)| l.minus(r.plus(elsewhere)));
        let usable =
            free.map(|f| usable(f, tried.filter(|_| incident.framework == Program::Pytorch)));
        let headroom = match (usable, under_limit) {
            (Some(f), Some(u)) => Some(f.min(u)),
            (f, u) => f.or(u),
        };
        let shortfall = tried.zip(headroom).map(|(t, h)| t.minus(h));
        let mut balance = Self {
            tried,
            total,
            free,
            limit,
            live,
            idle,
            private_pools,
            reserved,
            headroom,
            shortfall,
            paged,
            ..Self::default()
        };
        balance.share_the_rest(incident);
        balance
    }

    /// Names the part of the device that the allocator does not hold.
    fn share_the_rest(&mut self, incident: &Incident) {
        let told = |process: &&Process| process.bytes.high() > 0 && !process.bytes.is_sentinel();
        let own = incident.facts.get(Key::ProcessInUse).or_else(|| {
            let mut processes = incident.processes.iter().filter(told);
            processes.find(|p| p.own).map(|p| p.bytes)
        });
        self.own = own;
        let listed = incident.processes.iter().filter(told).filter(|p| !p.own);
        let others = listed.map(|p| p.bytes).reduce(Bytes::plus);
        // This process is in the list, under a number that does not tell which it is.
        let hidden = self
            .reserved
            .filter(|_| own.is_none() && incident.flagged(Flag::SelfListed));
        let others = others.map(|all| hidden.map_or(all, |mine| all.minus(mine)));
        self.others = others;
        if self.paged {
            return;
        }
        self.outside = own
            .zip(self.reserved)
            .map(|(own, reserved)| own.minus(reserved));
        let named = own
            .or(self.reserved)
            .map(|mine| others.map_or(mine, |o| mine.plus(o)));
        if let (Some(total), Some(free), Some(named)) = (self.total, self.free, named) {
            self.unnamed = Some(total.minus(free).minus(named));
        }
    }

    /// What other processes hold at the least: those listed, and of the unnamed rest all that no context explains.
    ///
    /// A CUDA context with its libraries takes 0.3 to 0.9 GiB, and with NCCL and large modules up to about 1.5.
    pub fn foreign(&self) -> Option<Bytes> {
        let context = if self.outside.is_some() {
            256 * MIB
        } else {
            GIB + GIB / 2
        };
        let hidden = self
            .unnamed
            .map(|u| u.minus(Bytes::between(context, context)));
        match (self.others, hidden) {
            (Some(others), Some(hidden)) => Some(others.plus(hidden)),
            (others, hidden) => others.or(hidden),
        }
    }

    /// Free, idle and private bytes together: the most that any reordering inside this process could serve.
    pub fn reachable(&self) -> Option<Bytes> {
        let idle = self.idle.unwrap_or(Bytes::ZERO);
        self.headroom
            .map(|h| h.plus(idle).plus(self.private_pools.unwrap_or(Bytes::ZERO)))
    }

    /// What was left to this process, as the figures print it: for people, where `headroom` is for decisions.
    pub fn left(&self) -> Option<Bytes> {
        if self.limit.is_some() {
            return self.headroom;
        }
        self.free.or(self.headroom)
    }

    /// Pairs of figures that cannot both be true, as sentences: an edited paste, or readings of different moments.
    pub fn contradictions(&self) -> Vec<String> {
        let over = |what: &str, big: Option<Bytes>, whole: &str, small: Option<Bytes>| {
            let (big, small) = (big?, small?);
            big.surely_over(small)
                .then(|| format!("{what} ({big}) exceeds {whole} ({small})"))
        };
        let mut found = vec![
            over("allocated", self.live, "reserved", self.reserved),
            over("free", self.free, "the whole device", self.total),
        ];
        if !self.paged {
            let held = self
                .reserved
                .zip(self.free)
                .map(|(reserved, free)| reserved.plus(free));
            found.push(over(
                "reserved and free together",
                held,
                "the whole device",
                self.total,
            ));
        }
        found.into_iter().flatten().collect()
    }

    /// True where the limit stands clearly below the device: a cap, and not a fraction of one.
    pub fn capped(&self) -> bool {
        self.limit
            .zip(self.total)
            .is_some_and(|(limit, total)| total.percent(99).surely_over(limit))
    }
}
