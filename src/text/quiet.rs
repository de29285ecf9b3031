//! Long texts that tell a reader nothing, whatever the sizes in them are: a program prints the same message with other figures, and to
//! find out again that it sets nothing takes longer than to read the message.

use super::shapes::hash;

/// How many texts are kept: so many that share a place, and so many places.
const WAYS: usize = 4;
const PLACES: usize = 64;
/// Longer ones are not looked at.
const LONGEST: usize = 4096;
/// Shorter ones are read as fast.
const SHORTEST: usize = 160;

/// What one reader knows of the texts that came last.
#[derive(Default)]
pub(crate) struct Quiet {
    slots: Vec<Slot>,
    /// The text that is asked for, with a zero for each digit of a size; kept for the memory.
    folded: Vec<u8>,
}

/// One text: at first only that it came, then what is known of it.
#[derive(Default)]
struct Slot {
    hash: u64,
    /// The text with zeros, and whether it tells nothing.
    known: Option<(Box<[u8]>, bool)>,
}

impl Quiet {
    /// True where a text is known to tell nothing. When it comes again with other sizes, it is tried with each digit in the place of all
    /// of theirs.
    pub(crate) fn holds(&mut self, text: &[u8], tells: impl Fn(&[u8]) -> bool) -> bool {
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return false;
        }
        fold_sizes(text, b'0', &mut self.folded);
        let hash = hash(&self.folded);
        if self.slots.is_empty() {
            self.slots.resize_with(PLACES * WAYS, Slot::default);
        }
        let place = usize::try_from(hash >> 32).unwrap_or_default() % PLACES * WAYS;
        let ways = self.slots.get_mut(place..place + WAYS).unwrap_or_default();
        let Some(at) = ways.iter().position(|slot| slot.hash == hash) else {
            // The one that came longest ago goes.
            ways.rotate_right(1);
            if let Some(slot) = ways.first_mut() {
                *slot = Slot { hash, known: None };
            }
            return false;
        };
        if let Some(used) = ways.get_mut(..=at) {
            used.rotate_right(1);
        }
        let Some(slot) = ways.first_mut() else {
            return false;
        };
        let (folded, quiet) = slot.known.get_or_insert_with(|| {
            let mut other = Vec::new();
            let told = tells(text)
                || (b'0'..=b'9').any(|digit| {
                    fold_sizes(text, digit, &mut other);
                    tells(&other)
                });
            (self.folded.as_slice().into(), !told)
        });
        *quiet && **folded == *self.folded
    }
}

/// The text with another digit for each of its sizes' own: "77.42 GiB". No other number is touched: it can be a version, a setting,
/// the name of a card.
fn fold_sizes(text: &[u8], digit: u8, into: &mut Vec<u8>) {
    into.clear();
    into.extend_from_slice(text);
    for unit in memchr::memmem::find_iter(text, b"iB") {
        let Some((b' ', number)) = unit
            .checked_sub(1)
            .and_then(|at| text.get(..at))
            .and_then(<[u8]>::split_last)
        else {
            continue;
        };
        let part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
        let length = number.iter().rev().take_while(part).count();
        let start = number.len() - length;
        let alone = start.checked_sub(1).and_then(|at| number.get(at)) == Some(&b' ');
        let whole = number.get(start..).is_some_and(|size| size.contains(&b'.'));
        if let Some(size) = into.get_mut(start..number.len()).filter(|_| alone && whole) {
            let digits = size.iter_mut().filter(|byte| byte.is_ascii_digit());
            digits.for_each(|byte| *byte = digit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_folded_and_no_other_number() {
        let mut folded = Vec::new();
        let text =
            "GPU 1 has 79.15 GiB of which 512.00 KiB (4.00 GiB), 16 GiB, v2.15 fp16=8 1.5 MB";
        fold_sizes(text.as_bytes(), b'7', &mut folded);
        let expected = text.replace("79.15", "77.77").replace("512.00", "777.77");
        assert_eq!(String::from_utf8(folded).unwrap(), expected);
    }

    #[test]
    fn what_tells_with_any_size_is_read_every_time() {
        let mut quiet = Quiet::default();
        let text = |size: &str| format!("{} {size} GiB free", "words ".repeat(40));
        let tells = |text: &[u8]| memchr::memmem::find(text, b" 4.4 ").is_some();
        let mut asked = |size: &str| quiet.holds(text(size).as_bytes(), tells);
        assert!(!asked("1.2") && !asked("3.5") && !asked("7.0"));
        assert!(!asked("10.25") && asked("11.25") && asked("99.00"));
    }
}
