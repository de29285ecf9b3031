//! What a program says of its own memory as it takes it, part by part: weights, cache, work space, and what was free before.
//!
//! llama.cpp and its kin print a line for each buffer that a device gave (src/llama-model.cpp `load_tensors`,
//! src/llama-kv-cache.cpp, src/llama-context.cpp), and before the first one how much was free (src/llama.cpp, "using
//! device"). When a later one is refused, their sum says what was needed in all. The lines can stand hundreds of lines above.

mod lines;
mod plan;

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::bytes::Bytes;
use crate::evidence::{Fact, FactSource, Flag, Incident, Key, Memory};
use crate::text::{Line, Words};

/// Literals, one of which stands in every line that tells something.
pub(crate) fn signatures() -> impl Iterator<Item = &'static str> {
    lines::SIGNATURES.iter().copied().chain(plan::SIGNATURES)
}

/// The same, with the case of their letters.
static LITERALS: LazyLock<Words> = LazyLock::new(|| Words::new(&signatures().collect::<Vec<_>>()));

/// What the lines can tell.
pub(crate) const KEYS: [Key; 8] = [
    Key::Total,
    Key::FreeAtStart,
    Key::Weights,
    Key::KvCache,
    Key::ComputeBuffer,
    Key::Projected,
    Key::ProjectedCache,
    Key::Deficit,
];

/// What is taken, or measured, as a model is loaded.
const LOADED: [Key; 4] = [
    Key::FreeAtStart,
    Key::Weights,
    Key::KvCache,
    Key::ComputeBuffer,
];

/// A program prints a few lines for each device and each model; servers load many models.
const MOST: usize = 512;

/// One line's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Buffer {
    key: Key,
    /// The device's index; `None` where the line does not say.
    device: Option<u32>,
    bytes: Bytes,
    text: String,
    line: u64,
    /// True for a sum over several devices.
    of_all: bool,
    /// True where it was not yet taken.
    planned: bool,
}

/// The lines of one input, oldest first.
#[derive(Debug, Default)]
pub(crate) struct BufferLog {
    buffers: VecDeque<Buffer>,
}

impl BufferLog {
    /// Reads a line; one that tells nothing is passed over.
    #[cfg(test)]
    pub(crate) fn read(&mut self, line: &Line) {
        for buffer in Buffer::of(line) {
            self.push(buffer);
        }
    }

    /// Takes the next line's word.
    pub(crate) fn push(&mut self, buffer: Buffer) {
        if self.buffers.len() == MOST {
            self.buffers.pop_front();
        }
        self.buffers.push_back(buffer);
    }

    /// Adds to a failure what the program said before it of the same device.
    pub(crate) fn tell(&self, incident: &mut Incident) {
        if !incident.framework.buffers() || incident.memory != Memory::Device {
            return;
        }
        let device = incident.device;
        let before: Vec<&Buffer> = self
            .buffers
            .iter()
            .filter(|e| e.line < incident.place.line)
            .filter(|e| e.device.is_none() || device.is_none() || e.device == device)
            .collect();
        let mut devices: Vec<u32> = before.iter().filter_map(|e| e.device).collect();
        devices.sort_unstable();
        devices.dedup();
        if device.is_none() && devices.len() > 1 {
            return;
        }
        let others = self.buffers.iter().any(|e| {
            e.key == Key::Weights && e.device.is_some() && device.is_some() && e.device != device
        });
        if others {
            incident.flags.insert(Flag::SeveralDevices);
        }
        let sums = plan::tell(&before, incident);
        // A layout counts the refused part too, and a later one replaces it.
        let refused = by_layout(&before, incident).or_else(|| refused(incident));
        let counted = |e: &&Buffer| {
            let later = |other: &Buffer| {
                other.planned
                    && (other.key, other.device) == (e.key, e.device)
                    && other.line > e.line
            };
            !e.planned || Some(e.key) != refused && !self.buffers.iter().any(later)
        };
        let before: Vec<&Buffer> = before
            .into_iter()
            .filter(|e| Some(e.line) != sums)
            .filter(counted)
            .collect();
        let total = before.iter().rev().find(|e| e.key == Key::Total);
        let total = total.filter(|total| !one_of_several(total, &before));
        let (earlier, load) = before.split_at_checked(begin(&before)).unwrap_or_default();
        let mut parts: Vec<(Key, Fact)> = total.map(|e| (e.key, e.fact())).into_iter().collect();
        for key in LOADED {
            let own = load
                .iter()
                .filter(|e| e.key == key && !one_of_several(e, &before));
            let own = own.map(|e| e.fact()).reduce(|one, other| sum(one, &other));
            parts.extend(own.map(|fact| (key, fact)));
        }
        for (key, fact) in parts {
            incident.facts.insert(key, fact);
        }
        if hold_the_rest(earlier, incident) {
            incident.flags.insert(Flag::EarlierModels);
        }
    }
}

/// True where what was loaded before is most of what was not free when the last load began: nobody gave it back.
fn hold_the_rest(earlier: &[&Buffer], incident: &Incident) -> bool {
    const MOST_OF_IT: u64 = 75;
    let facts = &incident.facts;
    let (Some(total), Some(free)) = (facts.get(Key::Total), facts.get(Key::FreeAtStart)) else {
        return false;
    };
    let taken = total.minus(free);
    let parts = [Key::Weights, Key::KvCache, Key::ComputeBuffer];
    let held = earlier.iter().filter(|e| parts.contains(&e.key));
    let held = held.map(|e| e.bytes).fold(Bytes::ZERO, Bytes::plus);
    // A server that unloads a model before it loads the next has printed more than is taken.
    held.low() >= taken.percent(MOST_OF_IT).high() && held.low() <= taken.high()
}

impl Buffer {
    /// What a line tells.
    pub(crate) fn of(line: &Line) -> Vec<Self> {
        // Most lines that are asked tell nothing.
        if !LITERALS.stand_in(&line.text) {
            return Vec::new();
        }
        let mut told = plan::read(line);
        told.extend(lines::read(line));
        told
    }

    fn fact(&self) -> Fact {
        Fact {
            bytes: self.bytes,
            text: self.text.clone(),
            line: self.line,
            source: FactSource::Stats,
        }
    }
}

/// The part of a layout that is as large as what was refused, where it is one alone: that part is meant, whatever else was said.
fn by_layout(before: &[&Buffer], incident: &mut Incident) -> Option<Key> {
    let tried = incident.facts.get(Key::Tried)?;
    let same =
        |e: &&&Buffer| e.planned && e.bytes.low() <= tried.low() && tried.low() <= e.bytes.high();
    let mut keys: Vec<Key> = before.iter().filter(same).map(|e| e.key).collect();
    keys.dedup();
    let [key] = keys.as_slice() else {
        return None;
    };
    for (flag, part) in PARTS {
        incident.flags.remove(flag);
        if part == *key {
            incident.flags.insert(flag);
        }
    }
    Some(*key)
}

/// What a buffer can be for.
const PARTS: [(Flag, Key); 3] = [
    (Flag::ForWeights, Key::Weights),
    (Flag::ForCache, Key::KvCache),
    (Flag::ForWork, Key::ComputeBuffer),
];

/// The part of a model that was refused.
fn refused(incident: &Incident) -> Option<Key> {
    let part = PARTS.iter().find(|(flag, _)| incident.flagged(*flag));
    part.map(|(_, key)| *key)
}

/// True where a line names no device, and its neighbour says the same of another one.
fn one_of_several(buffer: &Buffer, buffers: &[&Buffer]) -> bool {
    let neighbour = |other: &&&Buffer| {
        other.key == buffer.key && (1..=2).contains(&other.line.abs_diff(buffer.line))
    };
    let several = buffers.iter().any(|other| neighbour(&other));
    buffer.device.is_none() && several && matches!(buffer.key, Key::Total | Key::FreeAtStart)
}

/// Where the last load begins: at what was free before it, which counts all that was loaded earlier; else where weights
/// come again after a cache or a work space.
fn begin(buffers: &[&Buffer]) -> usize {
    let measured = buffers.iter().rposition(|e| e.key == Key::FreeAtStart);
    measured.unwrap_or_else(|| {
        let pairs = buffers.windows(2);
        let anew = |pair: &[&Buffer]| {
            matches!(pair, [one, two] if one.key != Key::Weights && one.key != Key::Total && two.key == Key::Weights)
        };
        let begins = (1..).zip(pairs).filter(|(_, pair)| anew(pair));
        begins.last().map_or(0, |(at, _)| at)
    })
}

/// Two buffers of one kind.
fn sum(mut one: Fact, other: &Fact) -> Fact {
    one.bytes = one.bytes.plus(other.bytes);
    one.text = format!("{} + {}", one.text, other.text);
    one.line = other.line;
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{MessageId, Program};
    use crate::place::Place;

    /// What the buffers of a log tells of a failure behind it, as "key text".
    fn told(log: &str, device: Option<u32>) -> Vec<String> {
        let mut buffers = BufferLog::default();
        for line in crate::text::clean(log.as_bytes(), 1) {
            buffers.read(&line);
        }
        let place = Place {
            source: "t".to_owned(),
            line: 1000,
        };
        let mut incident = Incident::new(
            place,
            Memory::Device,
            Program::LlamaCpp,
            MessageId::GgmlBuffer,
        );
        incident.device = device;
        buffers.tell(&mut incident);
        let facts = incident.facts.iter();
        facts
            .map(|(key, fact)| format!("{} {}", key.name(), fact.text))
            .collect()
    }

    const LOAD: &str = "  Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6, VMM: yes, VRAM: 24135 MiB\n\
        llama_prepare_model_devices: using device CUDA0 (NVIDIA GeForce RTX 3090) (0000:01:00.0) - 23871 MiB free\n\
        load_tensors:   CPU_Mapped model buffer size =   417.66 MiB\n\
        load_tensors:        CUDA0 model buffer size = 17524.43 MiB\n\
        llama_context:  CUDA_Host  output buffer size =     0.58 MiB\n\
        llama_kv_cache:      CUDA0 KV buffer size =  2048.00 MiB\n\
        llama_kv_cache:      CUDA0 KV buffer size =   512.00 MiB\n";

    #[test]
    fn the_parts_of_one_load_are_summed_and_the_hosts_are_left_out() {
        let facts = [
            "total 24135 MiB",
            "weights 17524.43 MiB",
            "free_at_start 23871 MiB",
            "kv_cache 2048.00 MiB + 512.00 MiB",
        ];
        assert_eq!(told(LOAD, Some(0)), facts);
        assert_eq!(told(&format!("{LOAD}{LOAD}"), Some(0)), facts);
        assert!(told(LOAD, Some(1)).is_empty());
    }

    #[test]
    fn without_what_was_free_a_load_begins_where_weights_come_again() {
        let old = "llm_load_tensors:      CUDA0 buffer size =  4095.05 MiB\n\
            llama_kv_cache_init:      CUDA0 KV buffer size =  1024.00 MiB\n";
        let facts = ["weights 4095.05 MiB", "kv_cache 1024.00 MiB"];
        assert_eq!(told(&format!("{old}{old}"), Some(0)), facts);
    }

    #[test]
    fn which_of_two_devices_it_was_must_be_known() {
        let two = "load_tensors:        CUDA0 model buffer size =  9000.00 MiB\n\
            load_tensors:        CUDA1 model buffer size =  8000.00 MiB\n";
        assert_eq!(told(two, Some(1)), ["weights 8000.00 MiB"]);
        assert!(told(two, None).is_empty());
    }

    #[test]
    fn lines_of_two_devices_that_name_none_tell_nothing() {
        let line = |size: &str| {
            format!(
                "level=INFO msg=\"gpu memory\" id=GPU-1 library=CUDA available=\"1.0 GiB\" free=\"{size} GiB\"\n"
            )
        };
        assert_eq!(told(&line("9.5"), Some(1)), ["free_at_start 9.5 GiB"]);
        assert!(told(&(line("9.5") + &line("21.5")), Some(1)).is_empty());
    }

    #[test]
    fn a_long_log_keeps_no_more_than_it_needs() {
        let mut buffers = BufferLog::default();
        for line in crate::text::clean(LOAD.repeat(200).as_bytes(), 1) {
            buffers.read(&line);
        }
        assert_eq!(buffers.buffers.len(), MOST);
    }
}
