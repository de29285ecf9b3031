//! Where any of many literals stands in raw bytes, without regard to ASCII case.
//!
//! A literal of `stride + 3` bytes or more covers, wherever it stands, four whole bytes that begin at a multiple of the
//! stride. So it is enough to look at every stride-th group of four bytes, in a table of those that occur in a literal,
//! and to compare the whole literal only where the table says so. Unlike an automaton this reads a fifth of the input
//! or less, and its speed hardly depends on how many literals there are. The shortest literal sets the stride, so those
//! that are short have a table of their own, with groups of three bytes.

/// From this length on a literal is a long one.
const LONG: usize = 8;
/// Longer strides would save nothing: from here on the memory is what takes the time.
const LONGEST_STRIDE: usize = 8;
/// Words of the table of groups: 2^17 bits, which stay in the fastest cache.
const WORDS: usize = 1 << 11;
/// Buckets of the list of entries.
const BUCKETS: usize = 1 << 12;

/// One literal at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    /// The index of its first byte.
    pub(super) start: usize,
    /// The index after its last byte.
    pub(super) end: usize,
    /// What the literal was given with.
    pub(super) tag: u8,
}

/// A group that is in a literal.
struct Entry {
    hash: u32,
    literal: usize,
    /// How far into the literal it begins.
    offset: usize,
}

/// The literals, ready to be searched for.
pub(super) struct Literals {
    tables: [Table; 2],
}

impl Literals {
    /// Prepares literals of at least three bytes, each with a tag; one that is shorter is never found.
    pub(super) fn new(texts: impl IntoIterator<Item = (&'static str, u8)>) -> Self {
        let (long, short) = texts.into_iter().partition(|t| t.0.len() >= LONG);
        Self {
            tables: [Table::new(long, 4), Table::new(short, 3)],
        }
    }

    /// Appends, in order, all literals that begin in `from..to`; the bytes after `to` are there to complete them.
    pub(super) fn find(&self, bytes: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        let known = hits.len();
        for table in &self.tables {
            table.find(bytes, from, to, hits);
        }
        if let Some(new) = hits.get_mut(known..) {
            new.sort_unstable();
        }
    }
}

/// Literals of which all have at least `stride + group - 1` bytes.
struct Table {
    texts: Vec<(&'static str, u8)>,
    longest: usize,
    /// Bytes of a group.
    group: usize,
    /// The bits of four bytes that are of the group.
    mask: u32,
    stride: usize,
    /// A bit for each hash of a group, which other groups may share.
    known: Box<[u64; WORDS]>,
    /// Where each bucket begins in `entries`; one more than there are buckets.
    buckets: Vec<usize>,
    entries: Vec<Entry>,
}

impl Table {
    fn new(mut texts: Vec<(&'static str, u8)>, group: usize) -> Self {
        texts.retain(|t| t.0.len() >= group);
        let lengths = || texts.iter().map(|t| t.0.len());
        let mut table = Self {
            longest: lengths().max().unwrap_or(0),
            group,
            mask: u32::MAX >> (32 - 8 * group),
            stride: (lengths().min().unwrap_or(group) + 1 - group).min(LONGEST_STRIDE),
            known: Box::new([0; WORDS]),
            buckets: Vec::new(),
            entries: Vec::new(),
            texts,
        };
        for (literal, (text, _)) in table.texts.iter().enumerate() {
            let at = rarest(text.as_bytes(), table.group, table.stride);
            let groups = text.as_bytes().windows(group).enumerate();
            for (offset, group) in groups.skip(at).take(table.stride) {
                table.entries.push(Entry {
                    hash: table.hash(group),
                    literal,
                    offset,
                });
            }
        }
        table.entries.sort_by_key(|e| (e.hash, e.literal, e.offset));
        for entry in &table.entries {
            let (word, bit) = cell(entry.hash);
            if let Some(word) = table.known.get_mut(word) {
                *word |= bit;
            }
        }
        table.buckets = (0..=BUCKETS)
            .map(|b| table.entries.partition_point(|e| bucket(e.hash) < b))
            .collect();
        table
    }

    /// Appends, in no order, all literals that begin in `from..to`.
    fn find(&self, bytes: &[u8], from: usize, to: usize, hits: &mut Vec<Hit>) {
        if self.texts.is_empty() {
            return;
        }
        let end = bytes.len().min(to.saturating_add(self.longest));
        let part = bytes.get(from..end).unwrap_or(&[]);
        let mut check = |at: usize| self.check(bytes, from + at, from..to, hits);
        match self.stride {
            1 => self.probe::<1>(part, &mut check),
            2 => self.probe::<2>(part, &mut check),
            3 => self.probe::<3>(part, &mut check),
            4 => self.probe::<4>(part, &mut check),
            5 => self.probe::<5>(part, &mut check),
            6 => self.probe::<6>(part, &mut check),
            7 => self.probe::<7>(part, &mut check),
            _ => self.probe::<8>(part, &mut check),
        }
    }

    /// Calls `check` with every multiple of the stride at which the table knows the group.
    fn probe<const STRIDE: usize>(&self, part: &[u8], check: &mut impl FnMut(usize)) {
        // Eight at a time with one branch.
        const AT_ONCE: usize = 8;
        let mut at = 0;
        while let Some(block) = part.get(at..at + AT_ONCE * STRIDE + 4) {
            let mut known = 0u64;
            for i in 0..AT_ONCE {
                known |= self.bit(block.get(i * STRIDE..i * STRIDE + 4).unwrap_or(&[])) << i;
            }
            while known != 0 {
                check(at + known.trailing_zeros() as usize * STRIDE);
                known &= known - 1;
            }
            at += AT_ONCE * STRIDE;
        }
        while at < part.len() {
            let end = part.len().min(at + 4);
            if self.bit(part.get(at..end).unwrap_or(&[])) != 0 {
                check(at);
            }
            at += STRIDE;
        }
    }

    /// 1 where the table knows the group.
    #[inline]
    fn bit(&self, group: &[u8]) -> u64 {
        let (word, bit) = cell(self.hash(group));
        u64::from(self.known.get(word).is_some_and(|w| w & bit != 0))
    }

    /// The hash of the group that the bytes begin with, the same for both cases of a letter.
    #[inline]
    fn hash(&self, bytes: &[u8]) -> u32 {
        let four = bytes.first_chunk().copied().unwrap_or_else(|| {
            let mut four = [0; 4];
            four.iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from);
            four
        });
        ((u32::from_le_bytes(four) | 0x2020_2020) & self.mask).wrapping_mul(0x9E37_79B1)
    }

    /// Compares the literals that hold the group at `at`.
    fn check(&self, bytes: &[u8], at: usize, starts: std::ops::Range<usize>, hits: &mut Vec<Hit>) {
        let end = bytes.len().min(at + 4);
        let hash = self.hash(bytes.get(at..end).unwrap_or(&[]));
        let bucket = bucket(hash);
        let begin = self.buckets.get(bucket).copied().unwrap_or(0);
        let end = self.buckets.get(bucket + 1).copied().unwrap_or(0);
        for entry in self.entries.get(begin..end).unwrap_or(&[]) {
            let Some((text, tag)) = self.texts.get(entry.literal) else {
                continue;
            };
            let Some(start) = at.checked_sub(entry.offset).filter(|s| starts.contains(s)) else {
                continue;
            };
            let end = start + text.len();
            if entry.hash == hash
                && bytes
                    .get(start..end)
                    .is_some_and(|b| b.eq_ignore_ascii_case(text.as_bytes()))
            {
                let tag = *tag;
                hits.push(Hit { start, end, tag });
            }
        }
    }
}

/// The word and the bit of a hash in the table.
#[inline]
fn cell(hash: u32) -> (usize, u64) {
    let index = hash >> 15;
    ((index >> 6) as usize, 1 << (index & 63))
}

/// The bucket of a hash: ordered as the hashes are.
fn bucket(hash: u32) -> usize {
    (hash >> 20) as usize
}

/// Where in the text the `stride` groups begin that are least likely to stand in other text.
fn rarest(text: &[u8], group: usize, stride: usize) -> usize {
    let costs: Vec<u32> = text
        .windows(group)
        .map(|group| group.iter().map(|b| commonness(*b)).product())
        .collect();
    costs
        .windows(stride)
        .enumerate()
        .min_by_key(|(_, costs)| costs.iter().sum::<u32>())
        .map_or(0, |(at, _)| at)
}

/// How common a byte is in logs, roughly: it decides about speed only.
fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' | b'a' | b'i' | b's' | b'r' | b'n' | b'o' => 9,
        b'l' | b'd' | b'c' | b'p' | b'm' | b'.' | b'/' | b':' | b'-' | b'_' | b'0'..=b'9' => 5,
        b'u' | b'h' | b'g' | b'f' | b'k' => 4,
        b'b' | b'y' | b'w' | b'v' | b',' | b'"' => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXTS: [&str; 6] = [
        "out of memory",
        "Tried to allocate",
        "ababababab",
        "allocate",
        "abababababab",
        "OutOfMemory",
    ];

    fn found(literals: &Literals, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        literals.find(bytes, 0, bytes.len(), &mut hits);
        hits
    }

    fn expected(texts: &[&'static str], bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (text, tag) in texts.iter().zip(0..) {
            let windows = bytes.windows(text.len()).enumerate();
            hits.extend(
                windows
                    .filter(|w| w.1.eq_ignore_ascii_case(text.as_bytes()))
                    .map(|(start, _)| Hit {
                        start,
                        end: start + text.len(),
                        tag,
                    }),
            );
        }
        hits.sort_unstable();
        hits
    }

    proptest! {
        #[test]
        fn what_a_slow_search_finds_is_found(
            parts in prop::collection::vec(prop_oneof![
                prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned),
                prop::sample::select(TEXTS.to_vec()).prop_map(str::to_uppercase),
                "[abo \\n]{0,12}",
            ], 0..20),
            shortest in 0usize..9,
        ) {
            let text = parts.concat();
            let texts: Vec<_> = TEXTS.iter().map(|t| t.get(..t.len().min(shortest + 3)).unwrap_or(t)).collect();
            let literals = Literals::new(texts.iter().copied().zip(0..));
            prop_assert_eq!(found(&literals, text.as_bytes()), expected(&texts, text.as_bytes()));
        }

        #[test]
        fn each_is_found_once_however_the_range_is_cut(text in "(OUT OF MEMORY|x|allocate){1,40}", cuts in prop::collection::vec(0usize..400, 0..6)) {
            let literals = Literals::new(TEXTS.iter().copied().zip(0..));
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.sort_unstable();
            cuts.push(bytes.len());
            let (mut hits, mut from) = (Vec::new(), 0);
            for to in cuts {
                literals.find(bytes, from, to, &mut hits);
                from = to;
            }
            prop_assert_eq!(hits, found(&literals, bytes));
        }
    }

    #[test]
    fn no_literal_of_the_program_is_too_short_to_be_found() {
        let notes = crate::telemetry::SIGNATURES
            .iter()
            .chain(crate::settings::SIGNATURES);
        let all = crate::formats::ALL
            .iter()
            .flat_map(|format| format.signatures)
            .chain(notes);
        for literal in all {
            let literals = Literals::new([(*literal, 0)]);
            assert_eq!(found(&literals, literal.as_bytes()).len(), 1, "{literal}");
        }
    }
}
