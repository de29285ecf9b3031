//! The words around a size: whose memory it is, and which counter.

use std::sync::LazyLock;

use super::dictionary::Dictionary;
use crate::bytes::{GIB, KIB, MIB};
use crate::evidence::Counter;

/// What the words around a size make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Memory of the device that is held.
    Held,
    /// A peak, of memory if the line speaks of memory.
    Peak,
    /// No word that tells anything.
    Silent,
    /// Something else: host memory, what is free, a model's or a file's size.
    Foreign,
}

/// The words around a size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase<'a> {
    /// What they make of it.
    pub(super) kind: Kind,
    /// The words that name the counter, as they stand in the line.
    pub(super) label: &'a str,
    /// True where device memory is named.
    pub(super) names_memory: bool,
    flags: u16,
}

const MEMORY: u16 = 1;
const ALLOCATED: u16 = 1 << 1;
const RESERVED: u16 = 1 << 2;
const PEAK: u16 = 1 << 3;
const USED: u16 = 1 << 4;
const DEVICE: u16 = 1 << 5;
const DRIVER: u16 = 1 << 6;
const PROCESS: u16 = 1 << 7;
const FOREIGN: u16 = 1 << 8;
const TOTAL: u16 = 1 << 9;

/// How many words that mean nothing here may stand between the last that does and the size, where a sign sets the size off
/// ("memory at the end of epoch 3: 5 GB") and where none does.
const FAR: [u32; 2] = [6, 1];
/// How many bytes before a size are looked at.
const REACH: usize = 64;

/// Words of other memory, or of a size that is nobody's reading.
const OTHERS: &[&str] = &[
    "cpu",
    "host",
    "ram",
    "rss",
    "uss",
    "pss",
    "swap",
    "virtual",
    "disk",
    "free",
    "available",
    "capacity",
    "limit",
    "weights",
    "weight",
    "model",
    "params",
    "parameters",
    "dataset",
    "data",
    "kv",
    "shm",
    "pinned",
    "tried",
    "requested",
    "required",
    "requires",
    "need",
    "needs",
    "needed",
    "loading",
    "loaded",
    "download",
    "downloading",
    "took",
    "takes",
    "take",
    "freed",
    "saved",
    "saves",
    "delta",
    "increase",
    "estimated",
    "estimate",
    "expected",
    "buffer",
    "shared",
    "budget",
    "bandwidth",
    "checkpoint",
    "map",
    "mmap",
    "system",
    "heap",
    "per",
];

/// What each word says.
static SAYS: LazyLock<Dictionary<u16>> = LazyLock::new(|| {
    Dictionary::new(&[
        (&["memory", "mem"], MEMORY),
        (&["vram", "gpumem"], MEMORY | DEVICE),
        (&["allocated", "alloc", "active"], ALLOCATED),
        (&["reserved", "cached"], RESERVED),
        (&["max", "peak", "maximum", "highest"], PEAK),
        (&["used", "usage", "use", "using", "consumption"], USED),
        (&["gpu", "cuda", "device", "hbm"], DEVICE),
        (&["nvml", "nvidia", "smi", "pynvml"], DRIVER),
        (&["process"], PROCESS),
        (&["total"], TOTAL),
        (OTHERS, FOREIGN),
    ])
});

/// What one word says.
fn flags(word: &[u8]) -> u16 {
    SAYS.get(word).unwrap_or(0)
}

/// Reads the words before a size, back to the last sign that ends a phrase, and those right behind it.
pub(super) fn phrase<'a>(before: &'a str, behind: &'a str, named: bool) -> Phrase<'a> {
    let near = before.len().saturating_sub(REACH);
    let near = (near..before.len())
        .find(|at| before.is_char_boundary(*at))
        .unwrap_or(0);
    let before = before.get(near..).unwrap_or("");
    let ends = |b: &u8| matches!(b, b',' | b';' | b'|' | b'{' | b'}');
    let start = before
        .bytes()
        .rposition(|b| ends(&b))
        .map_or(0, |at| at + 1);
    let before = before.get(start..).unwrap_or("");
    let mut found = Found::default();
    found.read(before);
    let label = found.label(before);
    let signed = before
        .get(found.last.1..)
        .is_some_and(|gap| gap.contains([':', '=']));
    let [with_sign, without] = FAR;
    // "Your GPU has 24 GB" says what it has.
    let only_device = found.flags == DEVICE && found.since > 0;
    let far = only_device || found.since > if signed { with_sign } else { without };
    let mut all = if far { 0 } else { found.flags };
    if !named && all & (ALLOCATED | RESERVED | FOREIGN) == 0 {
        all |= suffix(behind);
    }
    Phrase {
        kind: kind(all, named),
        label: if far { "" } else { label },
        names_memory: all & MEMORY != 0 && all & FOREIGN == 0,
        flags: all,
    }
}

fn kind(flags: u16, named: bool) -> Kind {
    let has = |any: u16| flags & any != 0;
    if has(FOREIGN) || has(TOTAL) && !has(ALLOCATED | RESERVED | USED) {
        return Kind::Foreign;
    }
    // A number without a unit must be called memory, or allocated bytes of it, by its own name.
    let held = if named {
        has(MEMORY) || has(ALLOCATED | RESERVED)
    } else {
        has(MEMORY | ALLOCATED | RESERVED | DEVICE)
    };
    match () {
        () if held => Kind::Held,
        () if has(PEAK | USED) => Kind::Peak,
        () if flags == 0 => Kind::Silent,
        () => Kind::Foreign,
    }
}

/// The words behind a size up to the next sign or number: "5.2 GB allocated".
fn suffix(behind: &str) -> u16 {
    let Some(behind) = behind.strip_prefix([' ', '(']) else {
        return 0;
    };
    let mut rest = behind;
    let mut all = 0;
    for _ in 0..3 {
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        // "3 GiB free=36 GiB": the next key, and no word of this size.
        if word.is_empty() || after.starts_with(['=', ':']) {
            break;
        }
        rest = after.strip_prefix(' ').unwrap_or(after);
        all |= flags(word.as_bytes());
        // "5.2 GB of memory": what stands before "of" decides; "5.2 GB in use" goes on.
        if all != 0 {
            break;
        }
    }
    all
}

#[derive(Default)]
struct Found {
    flags: u16,
    /// The first and behind the last byte of words that tell something.
    span: Option<(usize, usize)>,
    last: (usize, usize),
    /// How many that tell nothing stand behind the last that does.
    since: u32,
}

impl Found {
    fn read(&mut self, before: &str) {
        let bytes = before.as_bytes();
        let mut at = 0;
        while let Some(tail) = bytes.get(at..) {
            let skip = tail.iter().take_while(|b| !b.is_ascii_alphabetic()).count();
            let rest = tail.get(skip..).unwrap_or_default();
            let length = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
            let Some(word) = rest.get(..length).filter(|w| !w.is_empty()) else {
                return;
            };
            let start = at + skip;
            at = start + length;
            let says = flags(word);
            if says == 0 {
                const NEUTRAL: [&[u8]; 9] = [
                    b"torch", b"this", b"step", b"so", b"far", b"at", b"end", b"in", b"of",
                ];
                let unit = super::numbers::unit_of(word).is_some() || NEUTRAL.contains(&word);
                self.since += u32::from(!unit);
                continue;
            }
            self.flags |= says;
            self.since = 0;
            self.last = (start, at);
            self.span = Some(self.span.map_or((start, at), |(first, _)| (first, at)));
        }
    }

    /// From the first word that tells something to the last; only the last where a number stands between them, since
    /// that may change from line to line.
    fn label<'a>(&self, before: &'a str) -> &'a str {
        let Some((first, end)) = self.span else {
            return "";
        };
        let whole = before.get(first..end).unwrap_or("");
        if whole.bytes().any(|b| b.is_ascii_digit()) {
            before.get(self.last.0..self.last.1).unwrap_or("")
        } else {
            whole
        }
    }
}

impl Phrase<'_> {
    /// The counter, and for a peak that nothing is known to reset it.
    pub(super) fn counter(&self) -> (Counter, bool) {
        let has = |any: u16| self.flags & any != 0;
        let peak = has(PEAK);
        let counter = match () {
            () if has(RESERVED) && peak => Counter::PeakReserved,
            () if has(RESERVED) => Counter::Reserved,
            () if peak => Counter::PeakAllocated,
            () if has(ALLOCATED) => Counter::Allocated,
            () if has(DRIVER) => Counter::DeviceUsed,
            () if has(PROCESS) => Counter::Process,
            () => Counter::Other,
        };
        (counter, peak)
    }
}

/// The unit in the name before a number: "`gpu_mem_gb`: ", "memory (MiB) = ".
pub(super) fn unit_of_name(before: &str) -> Option<u64> {
    let name = before.trim_end_matches([' ', ':', '=', '\'', '"', ')', ']', '\t']);
    let bytes = name.as_bytes();
    let length = bytes
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let (head, label) = bytes.split_at_checked(bytes.len().checked_sub(length)?)?;
    let joined = matches!(head.last(), Some(b'_' | b'(' | b'['));
    let unit = match label {
        b"gb" | b"GB" | b"gib" | b"GiB" => GIB,
        b"mb" | b"MB" | b"mib" | b"MiB" => MIB,
        b"kb" | b"KB" | b"kib" | b"KiB" => KIB,
        b"bytes" | b"Bytes" => 1,
        _ => return None,
    };
    joined.then_some(unit)
}
