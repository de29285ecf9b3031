//! "Unable to allocate … for an array with shape": `NumPy`, in the host's memory.

use crate::evidence::{Incident, Key, Memory, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NumpyMemoryError,
    printed_by: "numpy/_core/_exceptions.py, NumPy from 1.17; three digits",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["for an array with shape", "ArrayMemoryError"],
    head: r"(?:MemoryError:Unabletoallocatearray|Unabletoallocate{size}foranarray)withshape\(",
    reach: 400,
    more: Some(more),
    fields: &[Field(Key::Tried, r"Unabletoallocate{size}foranarray")],
    examples: &[
        Example(
            "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 149. GiB for an array with shape (200000, \
                   100000) and data type float64",
            &[(Key::Tried, "149 GiB")],
        ),
        Example(
            "MemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type int64",
            &[(Key::Tried, "7.45 GiB")],
        ),
        Example(
            "MemoryError\nUnable to allocate 139. MiB for an array with shape (9131294, 2) and data type float64",
            &[(Key::Tried, "139 MiB")],
        ),
    ],
    ..Message::EMPTY
};

/// "(2048, 2048, 4) uint8": what it was to be.
fn more(hit: &Match<'_>, incident: &mut Incident) {
    let shape = hit.capture(r"withshape(\([\d,]{1,80}\))anddatatype");
    let numbers = hit.capture(r"withshape\([\d,]{1,80}\)anddatatype([a-z]{1,12}\d{0,3})");
    let Some((shape, numbers)) = shape.zip(numbers) else {
        return;
    };
    let shape = shape.replace(',', ", ").replace(", )", ",)");
    told::setting(
        hit,
        incident,
        (SettingKind::HostArray, "array"),
        format!("{shape} {numbers}"),
    );
}
