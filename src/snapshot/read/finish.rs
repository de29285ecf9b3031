//! The end of the reading: what a cut-off file left open is closed, and the parts are put together.

use std::collections::BTreeSet;

use super::super::{Snapshot, Trace};
use super::assembly::Assembly;
use super::shapes::{Top, index};
use super::trouble::Trouble;
use super::value::{Slot, Value};
use super::words;

impl Assembly {
    /// All that was read.
    pub(super) fn snapshot(mut self, bytes: u64, trouble: Option<Trouble>) -> Snapshot {
        let traces_whole = trouble.is_none() || self.traces_are_whole();
        self.closing = true;
        let top = self.close();
        let traces = top.traces.map(|traces| self.traces(traces));
        let kept = top.segments.map(|segments| self.rows_of(segments));
        let mut segments = Vec::new();
        for rows in kept.unwrap_or_default() {
            let rows = index(rows.start)..index(rows.end);
            segments.extend_from_slice(self.segments.get(rows).unwrap_or_default());
        }
        Snapshot {
            bytes,
            trouble,
            names: self.names,
            stacks: self.stacks,
            events: self.events,
            traces: traces.unwrap_or_default(),
            segments,
            blocks: self.blocks,
            settings: self.settings,
            lost_records: self.lost,
            has_segments: top.segments.is_some(),
            has_traces: top.traces.is_some(),
            traces_whole,
            has_host: top.host,
        }
    }

    /// True where all events were read before the file broke off: it went on with something else.
    fn traces_are_whole(&self) -> bool {
        let given = self.tops.iter().any(|top| top.traces.is_some());
        let items = self.marks.first().and_then(|at| self.stack.get(*at..));
        let mut items = items.unwrap_or_default().iter();
        let traces = |item: &Value| *item == Value::Text(words::DEVICE_TRACES);
        given || items.any(traces) && matches!(items.nth(1), Some(Value::Text(_)))
    }

    /// Gives every open container what waits for it, from the innermost on, and says what the whole is.
    fn close(&mut self) -> Top {
        while let Some(at) = self.marks.last().copied() {
            let below = at.checked_sub(1).and_then(|at| self.stack.get(at)).copied();
            let Some(container) = below else { break };
            self.close_one(container, at);
            self.closing = false;
        }
        self.close_unmarked();
        let last = self.stack.pop();
        if let Some(last) = last {
            self.settle(last);
        }
        match last.map(|last| self.slot(last)) {
            Some(Slot::Segments(_)) => Top {
                segments: last,
                ..Top::default()
            },
            // Whatever the whole is: what stands in it is what was asked for.
            _ => self.tops.last().copied().unwrap_or_default(),
        }
    }

    /// Protocol 0 has no marks around what it fills one by one: what stands above a container belongs to it.
    fn close_unmarked(&mut self) {
        while let [.., below, value] = *self.stack.as_slice() {
            let item = value.is_container();
            let done = match below {
                Value::Text(_) => self.set_item(),
                Value::Node(_) if item => self.append(),
                // A key without its value.
                _ => self.pop().map(|_| ()),
            };
            if done.is_err() {
                return;
            }
            self.closing &= !item;
        }
    }

    /// A list's items are containers and its keys are none, so that keys tell a dictionary.
    fn close_one(&mut self, container: Value, at: usize) {
        let items = self.stack.split_off(at);
        self.marks.pop();
        for item in &items {
            self.settle(*item);
        }
        let keys = matches!(items.first(), Some(Value::Text(_)));
        match self.slot(container) {
            Slot::Empty | Slot::Top(_) if keys => {
                let pairs = items.as_chunks::<2>().0.iter();
                let keyed = pairs.take_while(|[key, _]| matches!(key, Value::Text(_)));
                let whole = keyed.count() * 2;
                // A list of one item has no mark: the item stands behind the list, as that of one GPU's events does.
                let last = items.get(whole.saturating_sub(1)..).unwrap_or_default();
                for pair in last.windows(2).rev() {
                    if let [list @ Value::Node(_), item] = *pair
                        && item.is_container()
                    {
                        self.fill_list(list, &[item]);
                    }
                }
                self.fill_dictionary(container, items.get(..whole).unwrap_or_default());
            }
            _ => self.fill_list(container, &items),
        }
    }

    /// The rows of a list of segments, or of what a cut-off list of them began with.
    fn rows_of(&self, list: Value) -> Vec<std::ops::Range<u32>> {
        match self.slot(list) {
            Slot::Segments(rows) => self.ranges.get(index(rows)).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The events of each device.
    fn traces(&self, lists: Value) -> Vec<Trace> {
        let items = match self.slot(lists) {
            Slot::Lists(list) => self.lists.get(index(list)).cloned().unwrap_or_default(),
            // The traces of one device alone.
            Slot::Trace(_) => vec![lists],
            _ => Vec::new(),
        };
        let mut taken = BTreeSet::new();
        let trace = |item: Value| match self.slot(item) {
            // A list that stands for two devices is no writer's, and a thousand of them would be a bomb.
            Slot::Trace(rows) if taken.insert(rows) => {
                let ranges = self.ranges.get(index(rows)).cloned().unwrap_or_default();
                let rows = ranges.iter().map(|r| index(r.start)..index(r.end));
                Trace {
                    rows: rows.collect(),
                }
            }
            _ => Trace::default(),
        };
        items.into_iter().map(trace).collect()
    }
}
