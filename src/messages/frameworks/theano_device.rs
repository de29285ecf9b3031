//! "Error allocating … bytes of device memory (out of memory). Driver report …": Theano's first back end.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TheanoDevice,
    printed_by: "Theano theano/sandbox/cuda/cuda_ndarray.cu (device_malloc), 0.6 to 0.9; plain bytes",
    framework: Program::Theano,
    signatures: &[
        "bytes of device memory (",
        "Error allocating ",
        "Driver report ",
    ],
    head: r"Errorallocating\d+bytesofdevicememory\(",
    reach: 250,
    fields: &[
        Field(Key::Tried, r"Errorallocating{bytes}bytesof"),
        Field(Key::Free, r"Driverreport{bytes}bytesfree"),
        Field(Key::Total, r"bytesfreeand{bytes}bytestotal"),
    ],
    examples: &[
        Example(
            "MemoryError: Error allocating 536870912 bytes of device memory (out of memory). Driver report 134217728 bytes free \
                   and 4294770688 bytes total",
            &[
                (Key::Tried, "536870912"),
                (Key::Free, "134217728"),
                (Key::Total, "4294770688"),
            ],
        ),
        Example(
            "Error allocating 8589934592 bytes of device memory (out of memory). Driver report 3221225472 bytes free and \
                   4294770688 bytes total \nApply node that caused the error: GpuElemwise",
            &[(Key::Tried, "8589934592")],
        ),
    ],
    ..Message::EMPTY
};
