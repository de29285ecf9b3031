//! Bytes to a snapshot, in chunks, whatever they are packed in.

mod assembly;
mod entry;
mod finish;
mod forms;
mod hostile;
mod json;
mod pickle;
mod runs;
mod settings;
mod shapes;
mod trouble;
mod value;
mod words;

use super::Snapshot;
use assembly::Assembly;
use json::Json;
use pickle::Pickle;
pub(crate) use trouble::Trouble;

/// How a snapshot is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Python's pickle.
    Pickle,
    /// JSON.
    Json,
}

/// So many first bytes are enough to tell a snapshot.
pub(crate) const ENOUGH: usize = 4096;

/// Words that a snapshot has near its beginning, and that nothing else has in such a place.
const TELLING: [&[u8]; 5] = [
    b"device_traces",
    b"total_size",
    b"segment_type",
    b"allocated_size",
    b"segments",
];

/// Whether something that begins like this is a snapshot, and how it is written. A pickle that runs a program is read too: as far
/// as to the instruction that is refused.
pub(crate) fn form(first: &[u8]) -> Option<Form> {
    let first = first.get(..ENOUGH).unwrap_or(first);
    if hostile::runs_a_program(first) {
        return Some(Form::Pickle);
    }
    let form = match first {
        // A pickle of protocol 2 and up, or of the ones before, which begin with a dictionary or a list.
        [0x80, 2..=5, ..]
        | [b'(', b'd' | b'l', b'p' | b'q' | b'.', ..]
        | [b'}' | b']', b'q' | b'r' | b'(' | 0x94, ..] => Form::Pickle,
        _ => match first.trim_ascii_start() {
            [b'{' | b'[', ..] => Form::Json,
            _ => return None,
        },
    };
    let has = |word: &&[u8]| memchr::memmem::find(first, word).is_some();
    let telling = match form {
        Form::Pickle => TELLING.iter().any(has),
        // Logs in JSON have many words, so a key is asked for.
        Form::Json => [
            &b"\"total_size\""[..],
            b"\"device_traces\"",
            b"\"segment_type\"",
        ]
        .iter()
        .any(has),
    };
    telling.then_some(form)
}

/// Reads a snapshot that comes in chunks. What it gives does not depend on where they are cut.
pub(crate) struct Reader {
    machine: Machine,
    /// The beginning of an instruction that is not all there.
    waiting: Vec<u8>,
    bytes: u64,
    trouble: Option<Trouble>,
}

enum Machine {
    Pickle(Pickle),
    Json(Json),
}

impl Machine {
    fn run(&mut self, bytes: &[u8], ends: bool) -> Result<usize, Trouble> {
        match self {
            Self::Pickle(pickle) => pickle.run(bytes),
            Self::Json(json) => json.run(bytes, ends),
        }
    }

    fn ended(&self) -> bool {
        match self {
            Self::Pickle(pickle) => pickle.ended(),
            Self::Json(json) => json.ended(),
        }
    }

    fn assembly(self) -> Assembly {
        match self {
            Self::Pickle(pickle) => pickle.assembly,
            Self::Json(json) => json.assembly,
        }
    }
}

impl Reader {
    /// A reader of this form.
    pub(crate) fn new(form: Form) -> Self {
        Self {
            machine: match form {
                Form::Pickle => Machine::Pickle(Pickle::default()),
                Form::Json => Machine::Json(Json::default()),
            },
            waiting: Vec::new(),
            bytes: 0,
            trouble: None,
        }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.bytes = self.bytes.saturating_add(as_u64(chunk.len()));
        if self.trouble.is_some() || self.machine.ended() {
            return;
        }
        if let Err(trouble) = self.take(chunk) {
            self.trouble = Some(trouble);
            self.waiting = Vec::new();
        }
    }

    fn take(&mut self, mut chunk: &[u8]) -> Result<(), Trouble> {
        /// An instruction is rarely longer than this.
        const USUAL: usize = 512;
        while !self.waiting.is_empty() && !chunk.is_empty() {
            let before = self.waiting.len();
            let count = chunk.len().min(USUAL.max(before));
            let (more, rest) = chunk.split_at_checked(count).unwrap_or((chunk, &[]));
            self.waiting.extend_from_slice(more);
            let done = self.machine.run(&self.waiting, false)?;
            if let Some(of_chunk) = done.checked_sub(before) {
                chunk = chunk.get(of_chunk..).unwrap_or_default();
                self.waiting.clear();
            } else {
                self.waiting.drain(..done);
                chunk = rest;
            }
        }
        let done = self.machine.run(chunk, false)?;
        self.waiting
            .extend_from_slice(chunk.get(done..).unwrap_or_default());
        Ok(())
    }

    /// Takes the end of the input.
    pub(crate) fn finish(mut self) -> Snapshot {
        if self.trouble.is_none() && !self.machine.ended() {
            let waiting = std::mem::take(&mut self.waiting);
            let last = self.machine.run(&waiting, true);
            let ended = self.machine.ended();
            self.trouble = last.err().or((!ended).then_some(Trouble::CutOff));
        }
        self.machine.assembly().snapshot(self.bytes, self.trouble)
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
