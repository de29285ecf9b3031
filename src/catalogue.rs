//! What is known of programs: the messages that are read, the causes and findings that explain them, and the fixes.
//!
//! ```
//! use whyoom::catalogue;
//!
//! let fragmentation = catalogue::findings().filter(|f| f.cause == catalogue::Cause::Fragmentation);
//! assert!(fragmentation.count() > 1);
//! ```

use crate::evidence::Key;
use crate::{buffers, findings, fixes, messages, scan, text};

pub use crate::findings::{Cause, Confidence, Finding, Judged, Measured, Rerun, Verdict};
pub use crate::fixes::{Enough, Fix, Offer, Ranked};
pub use crate::messages::{Example, Field, Message, Role};

/// All messages, in the order in which they may claim the same text.
pub fn messages() -> &'static [&'static Message] {
    messages::ALL
}

/// All findings, in the order in which they are decided.
pub fn findings() -> impl Iterator<Item = &'static Finding> {
    findings::all()
}

/// All fixes, in the order of the documentation.
pub fn fixes() -> &'static [&'static Fix] {
    fixes::ALL
}

/// The figures that are read somewhere: in a message, or in the lines that name the parts of a model. One may come twice.
pub fn figures() -> impl Iterator<Item = Key> {
    let of = |message: &'static Message| {
        let fields = message.fields.iter().map(|field| field.0);
        let examples = message.examples.iter().flat_map(|example| example.1);
        fields.chain(examples.map(|(key, _)| *key))
    };
    messages::ALL
        .iter()
        .copied()
        .flat_map(of)
        .chain(buffers::KEYS)
}

/// The literals that one pass over a log looks for, without regard to case.
pub fn literals() -> impl Iterator<Item = &'static str> {
    scan::literals()
}

/// What launchers, loggers and CI systems write before each line: examples, each with the name of its form.
pub fn prefixes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = text::prefixes::ALL.iter();
    all.flat_map(|prefix| prefix.examples.iter().map(|example| (prefix.id, example.0)))
}
