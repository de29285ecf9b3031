//! "Unable to allocate … for an array with shape": `NumPy`, in the host's memory.

use crate::evidence::{Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NumpyMemoryError,
    printed_by: "numpy/_core/_exceptions.py, NumPy from 1.17; three digits",
    memory: Memory::Host,
    framework: Program::System,
    signatures: &["for an array with shape", "ArrayMemoryError"],
    head: r"MemoryError:Unabletoallocate(?:array|{size}foranarray)withshape",
    reach: 400,
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
    ],
    ..Message::EMPTY
};
