//! Events of known forms.

use super::super::pickle::Pickle;
use super::*;
use crate::snapshot::Snapshot;

/// Writes what Python's pickler writes for events, by protocol 4.
#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    memo: u32,
    words: Vec<(String, u32)>,
    frame: Option<u32>,
}

impl Writer {
    fn put(&mut self, raw: &[u8]) -> u32 {
        self.out.extend_from_slice(raw);
        self.out.push(0x94);
        self.memo += 1;
        self.memo - 1
    }

    fn get(&mut self, number: u32) {
        self.out.push(b'j');
        self.out.extend(number.to_le_bytes());
    }

    fn fresh(&mut self, word: &str) -> u32 {
        let length = u8::try_from(word.len()).unwrap();
        let raw = [&[0x8c, length], word.as_bytes()].concat();
        self.put(&raw)
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some((_, number)) = self.words.iter().find(|(known, _)| known == word) {
            let number = *number;
            self.get(number);
            return number;
        }
        let number = self.fresh(word);
        self.words.push((word.to_owned(), number));
        number
    }

    fn frames(&mut self) {
        self.put(b"]");
        self.out.push(b'(');
        for line in 1..=3 {
            if let Some(frame) = self.frame {
                self.get(frame);
                continue;
            }
            self.frame = Some(self.put(b"}"));
            self.out.push(b'(');
            for (key, name) in [("name", "work"), ("filename", "train.py")] {
                self.word(key);
                self.word(name);
            }
            self.word("line");
            self.out.extend([b'K', line, b'u']);
        }
        self.out.push(b'e');
    }

    fn event(&mut self, action: &str, n: u64) {
        self.put(b"}");
        self.out.push(b'(');
        self.word("action");
        self.word(action);
        self.word("addr");
        self.out.extend([0x8a, 6]);
        self.out
            .extend(&(0x7f00_0000_0000 + n * 512).to_le_bytes()[..6]);
        self.word("size");
        match n % 3 {
            0 => self.out.extend([b'K', 7]),
            1 => self.out.extend([b'M', 1, 2]),
            _ => self.out.extend([b'J', 0, 0, 0, 6]),
        }
        self.word("stream");
        self.out.extend([b'K', u8::from(n % 7 == 6)]);
        self.word("compile_context");
        self.fresh("N/A");
        self.word("user_metadata");
        self.out.push(b'N');
        if n % 5 < 4 {
            self.word("frames");
            self.frames();
        }
        self.word("pool_id");
        self.out
            .extend([b'K', u8::try_from(n / 40).unwrap(), b'K', 0]);
        self.put(&[0x86]);
        self.out.push(b'u');
    }
}

fn written(change: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.out.extend([0x80, 4]);
    writer.put(b"}");
    writer.word("device_traces");
    writer.put(b"]");
    writer.put(b"]");
    writer.out.push(b'(');
    for (n, action) in (0..200).zip(["alloc", "free_requested", "free_completed"].iter().cycle()) {
        if n == 120 {
            change(&mut writer);
        }
        writer.event(action, n);
    }
    writer.out.extend(b"eas.");
    writer.out
}

/// The snapshot, and how many events had a form that was known.
fn read(raw: &[u8], chunk: usize) -> (Snapshot, usize) {
    let mut pickle = Pickle::default();
    let mut waiting = Vec::new();
    for part in raw.chunks(chunk) {
        waiting.extend_from_slice(part);
        let done = pickle.run(&waiting).unwrap();
        waiting.drain(..done);
    }
    assert!(pickle.ended());
    let fitted = pickle.assembly.forms.fitted;
    (pickle.assembly.snapshot(raw.len() as u64, None), fitted)
}

fn events(snapshot: &Snapshot) -> Vec<String> {
    let rows = snapshot.traces[0].iter();
    let told = rows.map(|row| {
        let mut event = snapshot.events.get(row).unwrap();
        let frames = snapshot.stacks.of(event.stack).to_vec();
        let lane = snapshot.events.lane_of(event.lane);
        (event.stack, event.lane) = (0, 0);
        format!("{event:?} {lane:?} {frames:?}")
    });
    told.collect()
}

#[test]
fn events_of_known_forms_come_to_the_same_as_instructions_one_by_one() {
    let raw = written(|_| ());
    let (whole, fitted) = read(&raw, raw.len());
    let (single, none) = read(&raw, 1);
    assert!(fitted > 100, "{fitted}");
    assert_eq!(none, 0);
    assert_eq!(events(&whole), events(&single));
    assert_eq!(events(&whole).len(), 200);
}

#[test]
fn a_form_is_of_no_use_once_a_memo_number_means_something_else() {
    let raw = written(|writer| {
        let alloc = writer.words.iter().find(|(word, _)| word == "alloc");
        let number = alloc.unwrap().1;
        writer.out.extend(b"\x8c\x03oomr");
        writer.out.extend(number.to_le_bytes());
        writer.out.push(b'0');
    });
    let (whole, _) = read(&raw, raw.len());
    let (single, _) = read(&raw, 1);
    assert_eq!(events(&whole), events(&single));
    let row = whole.traces[0].iter().nth(120).unwrap();
    assert_eq!(whole.events.get(row).unwrap().action, Action::Oom);
}
