//! "Unable to allocate … for an array with shape": `NumPy`, in the host's memory.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "numpy-memory-error",
    printed_by: "numpy/_core/_exceptions.py, NumPy from 1.17; three digits",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::System,
    signatures: &["for an array with shape", "ArrayMemoryError"],
    head: r"MemoryError:Unabletoallocate(?:array|{size}foranarray)withshape",
    accepts: None,
    reach: 400,
    source: FactSource::Message,
    fields: &[Field {
        key: Key::Tried,
        pattern: r"Unabletoallocate{size}foranarray",
    }],
    more: None,
    examples: &[
        Example {
            text: "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 149. GiB for an array with shape (200000, \
                   100000) and data type float64",
            reads: &[(Key::Tried, "149 GiB")],
        },
        Example {
            text: "MemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,) and data type int64",
            reads: &[(Key::Tried, "7.45 GiB")],
        },
    ],
    compiled: Compiled::new(),
};
