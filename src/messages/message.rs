//! What a message is: how it is found, what its numbers are, and the texts that prove it.

use super::Match;
use crate::evidence::{FactSource, Flag, Incident, Key, Memory, MessageId, Program};

/// What a message is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It reports a failure.
    Failure,
    /// It adds figures to a failure near it, and is one by itself only where its own figures say so.
    Evidence,
    /// It looks like a failure and is none: it claims its text so that nothing else does.
    Noise,
}

/// One message of one framework.
pub struct Message {
    /// Its name: ⟨program⟩-⟨what it prints⟩, equal to its file's name with hyphens.
    pub id: MessageId,
    /// The upstream file that prints it, and since when.
    pub printed_by: &'static str,
    /// What it is good for.
    pub role: Role,
    /// Which memory it speaks of.
    pub memory: Memory,
    /// Who prints it.
    pub framework: Program,
    /// Literals of the message, in its own spelling. Any one of them in raw bytes makes the reader look closer, so name
    /// several that no single hard wrap can break together.
    pub signatures: &'static [&'static str],
    /// What begins it, as a pattern on squeezed text.
    pub head: &'static str,
    /// Where words alone do not make it a message: whether the head stands where one stands.
    pub accepts: Option<fn(&Match<'_>) -> bool>,
    /// How many bytes of squeezed text the whole message can take.
    pub reach: usize,
    /// Which print its numbers are of.
    pub source: FactSource,
    /// Its numbers.
    pub fields: &'static [Field],
    /// What it always tells beside its numbers.
    pub flags: &'static [Flag],
    /// What the table cannot say: devices, processes, flags, versions, or that it was the host's memory after all.
    pub more: Option<fn(&Match<'_>, &mut Incident)>,
    /// Texts and what is read from them: tests, documentation and fuzzing seeds in one.
    pub examples: &'static [Example],
    /// More examples: texts that read as this message, of which no figure is looked at.
    pub texts: &'static [&'static str],
    /// Texts with its words that are no failure at all: questions, code, other statuses.
    pub silent: &'static [&'static str],
}

impl Message {
    /// What most messages are: a failure of the device's memory, told in full by its table. Each message says for itself what
    /// else it is.
    pub(super) const EMPTY: Self = Self {
        id: MessageId::PytorchCuda,
        printed_by: "",
        role: Role::Failure,
        memory: Memory::Device,
        framework: Program::System,
        signatures: &[],
        head: "",
        accepts: None,
        reach: 0,
        source: FactSource::Message,
        fields: &[],
        flags: &[],
        more: None,
        examples: &[],
        texts: &[],
        silent: &[],
    };

    /// The same without its examples.
    pub(super) const fn without_examples(&self) -> Self {
        Self {
            examples: &[],
            texts: &[],
            silent: &[],
            ..*self
        }
    }

    /// All its examples, those without figures last.
    pub fn examples(&self) -> impl Iterator<Item = Example> + use<> {
        let texts = self.texts.iter().map(|text| Example(text, &[]));
        self.examples.iter().copied().chain(texts)
    }
}

/// One number of a message: which one, and the pattern of its place. In it `{size}` stands for a rounded size with its unit,
/// `{floored}` for one that was cut down to whole units, `{bytes}` for a plain integer of bytes.
pub struct Field(pub Key, pub &'static str);

/// A text that reads as a message, and the facts that are read there, as printed.
#[derive(Clone, Copy)]
pub struct Example(pub &'static str, pub &'static [(Key, &'static str)]);
