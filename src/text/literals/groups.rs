//! The search that every processor can do.
//!
//! Only every second group of four bytes is looked up, in a table of the groups that occur in a literal; the whole literal
//! is compared only where the table says so. A literal of five bytes or more covers two groups in a row, one of which is
//! looked up wherever it stands. A shorter one shares its groups with the byte before or behind it, so the table knows
//! them with every such byte; so does it where a longer one is mostly blanks. Unlike an automaton this reads the input in
//! big steps that do not wait for each other, and its speed hardly depends on how many literals there are.

use super::{FOLD, Hit, Part, Text, folded};

/// Bytes of a group.
const GROUP: usize = 4;
/// Bytes from one group that is looked up to the next.
const STRIDE: usize = 2;
/// Words of the table of groups: 2^18 bits, which stay in the fastest cache.
const WORDS: usize = 1 << 12;
/// Words of the second table of groups, which is asked only where the first one says yes.
const SURE_WORDS: usize = 1 << 10;
/// Buckets of the list of entries.
const BUCKETS: usize = 1 << 12;
/// The folded group that stands everywhere.
const BLANKS: u32 = FOLD;
/// All bits of a group.
const ALL: u32 = u32::MAX;
/// The bits of a group of which the last byte is any.
const BEHIND: u32 = ALL >> 8;
/// The bits of a group of which the first byte is any.
const BEFORE: u32 = ALL << 8;

/// A group that is in a literal, or shares three bytes with it.
#[derive(Clone, Copy)]
struct Entry {
    /// The folded group, as far as it is in the literal.
    group: u32,
    /// The bits of the group that are in the literal.
    mask: u32,
    bucket: usize,
    literal: u16,
    /// Where the group begins in the literal.
    offset: i16,
    /// Four other bytes of the literal, folded, to tell most others apart at once; none where it has only three.
    other: Option<u32>,
    /// Where they stand in it.
    other_at: u16,
}

/// The groups of the literals.
pub(super) struct Groups {
    /// A bit for each hash of a group, which other groups may share.
    known: Box<[u64; WORDS]>,
    /// The same by other bits of the hash: few of the groups that share one share the other.
    sure: Box<[u64; SURE_WORDS]>,
    /// For each bucket one more than the index of its first entry, or 0 where it has none.
    buckets: Vec<u16>,
    /// Those of one bucket side by side.
    entries: Vec<Entry>,
}

impl Groups {
    /// The groups of literals of at least three bytes.
    #[expect(
        clippy::large_stack_arrays,
        reason = "32 KiB on their way to the heap, once; the length in the type is what spares a check at each look-up"
    )]
    pub(super) fn of(texts: &[Text]) -> Self {
        let entries: Vec<_> = (0..)
            .zip(texts)
            .flat_map(|(literal, text)| entries_of(literal, text.bytes()))
            .collect();
        let (buckets, entries) = by_bucket(&entries);
        let mut groups = Self {
            known: Box::new([0; WORDS]),
            sure: Box::new([0; SURE_WORDS]),
            buckets,
            entries,
        };
        for group in groups.entries.iter().flat_map(|entry| entry.groups()) {
            let hash = hash(group);
            let (word, bit) = cell(hash);
            if let Some(word) = groups.known.get_mut(word) {
                *word |= 1 << bit;
            }
            let (word, bit) = sure_cell(hash);
            if let Some(word) = groups.sure.get_mut(word) {
                *word |= 1 << bit;
            }
        }
        groups
    }

    /// Calls `take` with all literals that begin in the range, in no order.
    pub(super) fn each(&self, part: &Part<'_>, take: &mut impl FnMut(Hit)) {
        let start = part.starts.start;
        let bytes = part.bytes.get(start..part.end).unwrap_or(&[]);
        self.probe(bytes, &mut |at| self.check(part, start + at, take));
    }

    /// Calls `check` with every multiple of the stride at which the table knows the group.
    fn probe(&self, part: &[u8], check: &mut impl FnMut(usize)) {
        // So many with one branch.
        const AT_ONCE: usize = 16;
        const BLOCK: usize = AT_ONCE * STRIDE;
        let mut at = 0;
        while let Some(block) = part
            .get(at..)
            .and_then(<[u8]>::first_chunk::<{ BLOCK + GROUP - STRIDE }>)
        {
            let mut known = 0u64;
            for i in 0..AT_ONCE {
                let group = block.get(i * STRIDE..i * STRIDE + GROUP);
                known |= self.bit(group.unwrap_or(&[])) << i;
            }
            while known != 0 {
                check(at + known.trailing_zeros() as usize * STRIDE);
                known &= known - 1;
            }
            at += BLOCK;
        }
        while at < part.len() {
            if self.bit(part.get(at..).unwrap_or(&[])) != 0 {
                check(at);
            }
            at += STRIDE;
        }
    }

    /// 1 where the table knows the group that the bytes begin with.
    #[inline]
    fn bit(&self, bytes: &[u8]) -> u64 {
        let (word, bit) = cell(hash(folded(bytes)));
        u64::from(self.known.get(word).is_some_and(|w| w >> bit & 1 != 0))
    }

    /// Compares the literals that the group at `at` can be of.
    fn check(&self, part: &Part<'_>, at: usize, take: &mut impl FnMut(Hit)) {
        let group = folded(part.bytes.get(at..).unwrap_or(&[]));
        let (word, bit) = sure_cell(hash(group));
        if self.sure.get(word).is_none_or(|w| w >> bit & 1 == 0) {
            return;
        }
        for mask in [ALL, BEHIND, BEFORE] {
            let group = group & mask;
            for entry in self.bucket_of(group) {
                if (entry.group, entry.mask) != (group, mask) {
                    continue;
                }
                entry.compare(part, at).into_iter().for_each(&mut *take);
            }
        }
    }

    /// The entries among which those of the group are.
    #[inline]
    fn bucket_of(&self, group: u32) -> impl Iterator<Item = &Entry> {
        let bucket = bucket(hash(group));
        let first = self.buckets.get(bucket).copied().unwrap_or(0);
        let known = match usize::from(first).checked_sub(1) {
            Some(first) => self.entries.get(first..).unwrap_or(&[]),
            None => &[],
        };
        known.iter().take_while(move |e| e.bucket == bucket)
    }
}

impl Entry {
    /// Where the four bytes at that end of the literal begin that is farther from the group.
    fn other_at(self, text: &[u8]) -> usize {
        let last = text.len().saturating_sub(GROUP);
        let near_the_end = usize::try_from(self.offset).is_ok_and(|offset| offset * 2 > last);
        if near_the_end { 0 } else { last }
    }

    /// The literal, where this group of it stands at `at`.
    #[inline]
    fn compare(&self, part: &Part<'_>, at: usize) -> Option<Hit> {
        let start = at.checked_add_signed(-isize::from(self.offset))?;
        if !part.starts.contains(&start) {
            return None;
        }
        if let Some(other) = self.other {
            let bytes = part.bytes.get(start + usize::from(self.other_at)..)?;
            if folded(bytes) != other {
                return None;
            }
        }
        part.texts
            .get(usize::from(self.literal))?
            .at(part.bytes, start)
    }

    /// All groups that it stands for.
    fn groups(self) -> impl Iterator<Item = u32> {
        // Two bytes that differ only in the bit that folding sets are one.
        let bytes = if self.mask == ALL { 0..=0 } else { 0..=u8::MAX };
        let bytes = bytes.filter(|byte| byte & 0x20 == 0);
        let others = bytes.map(|byte| u32::from_le_bytes([byte; GROUP]) | FOLD);
        others.map(move |other| self.group | other & !self.mask)
    }
}

/// Entries with those of one bucket side by side, and for each bucket one more than the index of its first entry, or 0 where it
/// has none. Each entry is put in its place at once: to sort them takes a short run longer than to search.
fn by_bucket(entries: &[Entry]) -> (Vec<u16>, Vec<Entry>) {
    let mut counts: Vec<u16> = vec![0; BUCKETS];
    for entry in entries {
        if let Some(count) = counts.get_mut(entry.bucket) {
            *count += 1;
        }
    }
    let mut firsts: Vec<u16> = vec![0; BUCKETS];
    let mut next = 1;
    for entry in entries {
        let pair = firsts.get_mut(entry.bucket).zip(counts.get(entry.bucket));
        if let Some((first, count)) = pair.filter(|(first, _)| **first == 0) {
            *first = next;
            next += *count;
        }
    }
    let mut ordered = entries.to_vec();
    for entry in entries {
        let pair = counts.get_mut(entry.bucket).zip(firsts.get(entry.bucket));
        let Some((left, first)) = pair else { continue };
        *left -= 1;
        if let Some(place) = ordered.get_mut(usize::from(*first + *left - 1)) {
            *place = *entry;
        }
    }
    (firsts, ordered)
}

/// The groups by which a literal is found, whether it begins at a multiple of the stride or not.
fn entries_of(literal: u16, text: &[u8]) -> [Entry; STRIDE] {
    let entry = |group: u32, mask: u32, offset: usize| Entry {
        group: group & mask,
        mask,
        bucket: bucket(hash(group & mask)),
        literal,
        offset: i16::try_from(offset).unwrap_or(0),
        other: None,
        other_at: 0,
    };
    let group = |at: usize| folded(text.get(at..).unwrap_or(&[]));
    let at = rarest(text);
    let [first, second] = [group(at), group(at + 1)];
    let entries = match text.len() {
        // The second holds all but the first byte, and the byte behind.
        GROUP => [entry(group(0), ALL, 0), entry(group(1), BEHIND, 1)],
        // One holds the first three bytes and the one behind, the other the one before and them.
        ..GROUP => of_three(entry(group(0), BEHIND, 0)),
        _ if first == BLANKS || second == BLANKS => of_three(entry(group(0), BEHIND, 0)),
        _ => [entry(first, ALL, at), entry(second, ALL, at + 1)],
    };
    entries.map(|entry| Entry {
        other: text
            .last_chunk::<GROUP>()
            .map(|_| group(entry.other_at(text))),
        other_at: u16::try_from(entry.other_at(text)).unwrap_or(0),
        ..entry
    })
}

/// The group that holds the first three bytes of a literal, and the one that begins a byte before them.
fn of_three(behind: Entry) -> [Entry; STRIDE] {
    let before = Entry {
        group: behind.group << 8,
        mask: BEFORE,
        bucket: bucket(hash(behind.group << 8)),
        offset: -1,
        ..behind
    };
    [behind, before]
}

/// A number that looks like chance: the product with the golden ratio, of which the upper bits depend on all of the group.
#[inline]
fn hash(group: u32) -> u64 {
    u64::from(group).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The word of a hash in the table, and which of its bits.
#[inline]
fn cell(hash: u64) -> (usize, u32) {
    word_and_bit((hash >> 46) as u32)
}

/// The same in the second table.
fn sure_cell(hash: u64) -> (usize, u32) {
    word_and_bit(((hash >> 30) & 0xffff) as u32)
}

/// Which word of a table holds the bit of this index, and where in the word it stands.
#[inline]
fn word_and_bit(index: u32) -> (usize, u32) {
    ((index >> 6) as usize, index & 63)
}

/// The bucket of a hash: ordered as the hashes are.
fn bucket(hash: u64) -> usize {
    (hash >> 52) as usize
}

/// Where in the text the groups begin that are least likely to stand in other text: two in a row.
fn rarest(text: &[u8]) -> usize {
    let mut best = (u32::MAX, 0);
    let mut before = None;
    for (at, group) in text.windows(GROUP).enumerate() {
        let [a, b, c, d] = group else { continue };
        let cost = commonness(*a) * commonness(*b) * commonness(*c) * commonness(*d);
        if let Some((begins, cost_before)) = before.replace((at, cost))
            && cost_before + cost < best.0
        {
            best = (cost_before + cost, begins);
        }
    }
    best.1
}

/// How common a byte is in logs, roughly: it decides about speed only.
#[inline]
pub(super) fn commonness(byte: u8) -> u32 {
    COMMON.get(usize::from(byte)).map_or(0, |c| u32::from(*c))
}

/// The same for all bytes.
static COMMON: [u8; 256] = {
    let mut all = [0; 256];
    let mut byte = u8::MAX;
    let mut rest: &mut [u8] = &mut all;
    while let Some((last, before)) = rest.split_last_mut() {
        *last = how_common(byte);
        byte = byte.saturating_sub(1);
        rest = before;
    }
    all
};

const fn how_common(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' | b'a' | b'i' | b's' | b'r' | b'n' | b'o' => 9,
        b'l' | b'd' | b'c' | b'p' | b'm' | b'.' | b'/' | b':' | b'-' | b'_' | b'0'..=b'9' => 5,
        b'u' | b'h' | b'g' | b'f' | b'k' => 4,
        b'b' | b'y' | b'w' | b'v' | b',' | b'"' => 3,
        _ => 2,
    }
}
