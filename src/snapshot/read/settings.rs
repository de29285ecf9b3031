//! The allocator's settings, as a snapshot carries them.

use super::super::Settings;
use super::super::rounding::Divisions;
use super::assembly::Assembly;
use super::shapes::{index, value};
use super::value::{Slot, Value};
use super::words;

impl Assembly {
    /// All of them.
    pub(super) fn settings(&mut self, items: &[Value]) -> Slot {
        let limit = |value: Value| match value {
            Value::Int(n) => u64::try_from(n).ok(),
            _ => None,
        };
        let configured = match value(items, words::CONF) {
            Value::Text(id) => self.names.get(id).to_owned(),
            _ => String::new(),
        };
        self.settings = Some(Settings {
            configured,
            // The writer prints "no limit" as -1, and the constant behind it where a cast went the other way.
            max_split_size: limit(value(items, words::MAX_SPLIT_SIZE)).filter(|n| *n < 1 << 50),
            garbage_collection_threshold: match value(items, words::GC_THRESHOLD) {
                Value::Float(share) => share,
                _ => 0.0,
            },
            expandable_segments: value(items, words::EXPANDABLE_SEGMENTS).is_true(),
            divisions: match self.slot(value(items, words::DIVISIONS)) {
                Slot::Divisions(number) => self.divisions.get(index(number)).copied(),
                _ => None,
            }
            .unwrap_or_default(),
        });
        Slot::Settings
    }

    /// How powers of two are divided; keys are MiB.
    pub(super) fn divisions(&mut self, items: &[Value]) -> Slot {
        /// A snapshot has one of these.
        const MOST: usize = 16;
        let mut divisions = Divisions::default();
        for [key, value] in items.as_chunks::<2>().0 {
            let Value::Text(key) = key else { continue };
            let mib: Option<u64> = self.names.get(*key).parse().ok();
            let interval = mib.and_then(u64::checked_ilog2);
            let interval = interval.and_then(|interval| divisions.get_mut(index(interval)));
            if let Some(interval) = interval {
                *interval = value.unsigned();
            }
        }
        if self.divisions.len() >= MOST {
            return Slot::Other;
        }
        let number = u32::try_from(self.divisions.len());
        self.divisions.push(divisions);
        number.map_or(Slot::Other, Slot::Divisions)
    }
}
