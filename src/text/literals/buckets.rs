//! Which windows share a bucket: those that let little else through together.
//!
//! The choice decides about speed only, so it is made quickly: what a bucket lets through is counted in a sample.

use super::plan::{Codes, Groups, MEMBERS, Members, PARTS, Window};

/// Bytes of a window.
pub(super) const WIDTH: usize = 4;
/// How many buckets there are.
pub(super) const BUCKETS: usize = 32;

/// How often each window is put anew.
const ROUNDS: usize = 2;
/// The share of a text that is no sample counts so much.
const UNSEEN: f32 = 0.1;

/// A window, with the groups of the sample that have each of its parts.
struct Sorted {
    codes: Codes,
    seen: [Members; PARTS],
}

/// A bucket while windows are put into it.
#[derive(Clone, Copy, Default)]
struct Filling {
    /// What each part of its windows can be.
    can: Codes,
    /// The share of all bytes that can be each part.
    shares: [f32; PARTS],
    /// The groups of the sample that have what each part can be, kept so that one more window costs little.
    seen: [Members; PARTS],
    /// Those that have all of it.
    through: Members,
}

/// For each window the bucket that it is put into.
pub(super) fn assign(windows: &[Window], groups: &Groups) -> Vec<usize> {
    let sorted: Vec<Sorted> = windows.iter().map(|w| sorted(*w, groups)).collect();
    let mut buckets = vec![Filling::default(); BUCKETS];
    let mut at = vec![BUCKETS; windows.len()];
    // The first ones do not know what will come.
    for _ in 0..=ROUNDS {
        for (index, window) in sorted.iter().enumerate() {
            let Some(before) = at.get_mut(index) else {
                continue;
            };
            let before = std::mem::replace(before, BUCKETS);
            if let Some(bucket) = buckets.get_mut(before) {
                *bucket = Filling::default();
                let left = sorted.iter().zip(&at).filter(|(_, at)| **at == before);
                left.for_each(|(window, _)| bucket.add(window, groups));
            }
            let best = cheapest(&buckets, window, groups);
            if let (Some(bucket), Some(at)) = (buckets.get_mut(best), at.get_mut(index)) {
                bucket.add(window, groups);
                *at = best;
            }
        }
    }
    at
}

fn sorted(window: Window, groups: &Groups) -> Sorted {
    let codes = groups.view.codes(window);
    let seen = groups.with(&codes);
    Sorted { codes, seen }
}

/// The bucket that lets the least more through with this window.
fn cheapest(buckets: &[Filling], window: &Sorted, groups: &Groups) -> usize {
    // What it lets through beyond the sample is soon known, and it lets no less through of the sample.
    let unseen = buckets.iter().map(|bucket| bucket.unseen(window, groups));
    let mut unseen: Vec<(f32, usize)> = unseen.zip(0..).collect();
    unseen.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = (f32::MAX, 0);
    for (unseen, at) in unseen {
        if unseen >= best.0 {
            break;
        }
        let Some(bucket) = buckets.get(at) else {
            continue;
        };
        let cost = unseen + bucket.more(window, groups);
        if cost < best.0 {
            best = (cost, at);
        }
    }
    best.1
}

impl Filling {
    fn add(&mut self, window: &Sorted, groups: &Groups) {
        let parts = self.can.iter_mut().zip(&mut self.shares).zip(window.codes);
        for (part, ((can, share), new)) in parts.enumerate() {
            *share += groups.share(part, new & !*can);
            *can |= new;
        }
        self.through = [u64::MAX; MEMBERS];
        for (seen, new) in self.seen.iter_mut().zip(&window.seen) {
            for ((seen, new), through) in seen.iter_mut().zip(new).zip(&mut self.through) {
                *seen |= new;
                *through &= *seen;
            }
        }
    }

    /// A little for what the bucket lets through of other text with this window and not without it.
    fn unseen(&self, window: &Sorted, groups: &Groups) -> f32 {
        let (mut before, mut with) = (UNSEEN, UNSEEN);
        let parts = self.can.iter().zip(&self.shares).zip(window.codes);
        for (part, ((can, share), new)) in parts.enumerate() {
            before *= share;
            with *= share + groups.share(part, new & !can);
        }
        with - before
    }

    /// The share of the sample that the bucket lets through with this window and not without it.
    fn more(&self, window: &Sorted, groups: &Groups) -> f32 {
        let mut new = self.through.map(|known| !known);
        for (seen, with) in self.seen.iter().zip(&window.seen) {
            for ((new, seen), with) in new.iter_mut().zip(seen).zip(with) {
                *new &= seen | with;
            }
        }
        groups.count(&new)
    }
}
