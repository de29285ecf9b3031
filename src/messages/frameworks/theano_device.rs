//! "Error allocating … bytes of device memory (out of memory). Driver report …": Theano's first back end.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "theano-device",
    printed_by: "Theano theano/sandbox/cuda/cuda_ndarray.cu (device_malloc), 0.6 to 0.9; plain bytes",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Theano,
    signatures: &[
        "bytes of device memory (",
        "Error allocating ",
        "Driver report ",
    ],
    head: r"Errorallocating\d+bytesofdevicememory\(",
    accepts: None,
    reach: 250,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Tried,
            pattern: r"Errorallocating{bytes}bytesof",
        },
        Field {
            key: Key::Free,
            pattern: r"Driverreport{bytes}bytesfree",
        },
        Field {
            key: Key::Total,
            pattern: r"bytesfreeand{bytes}bytestotal",
        },
    ],
    more: None,
    examples: &[
        Example {
            text: "MemoryError: Error allocating 536870912 bytes of device memory (out of memory). Driver report 134217728 bytes free \
                   and 4294770688 bytes total",
            reads: &[
                (Key::Tried, "536870912"),
                (Key::Free, "134217728"),
                (Key::Total, "4294770688"),
            ],
        },
        Example {
            text: "Error allocating 8589934592 bytes of device memory (out of memory). Driver report 3221225472 bytes free and \
                   4294770688 bytes total \nApply node that caused the error: GpuElemwise",
            reads: &[(Key::Tried, "8589934592")],
        },
    ],
    compiled: Compiled::new(),
};
