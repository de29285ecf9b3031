//! `DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")`: cudarc, below Rust's candle, dfdx and Burn.

use crate::evidence::{MessageId, Program};
use crate::messages::{Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::CudarcDriver,
    printed_by: "cudarc src/driver/result.rs (Debug of DriverError)",
    framework: Program::Cudarc,
    signatures: &[
        "DriverError(CUDA_ERROR_OUT",
        "DriverError(CUDA_ERROR_OUT_OF_MEMORY",
    ],
    head: r#"DriverError\(CUDA_ERROR_OUT_OF_MEMORY(?:,\\*"outofmemory\\*")?\)"#,
    accepts: Some(accepts),
    reach: 400,
    texts: &[
        "Error: DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
        "thread 'main' panicked at src/main.rs:88:10:\ncalled `Result::unwrap()` on an `Err` value: Cuda(Cuda(DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")))",
    ],
    silent: &[
        // Words that quote it are no failure.
        "It ends in `DriverError(CUDA_ERROR_OUT_OF_MEMORY)` on small cards.",
    ],
    ..Message::EMPTY
};

/// Not in a text that somebody searches for, nor in prose that quotes it.
fn accepts(hit: &Match<'_>) -> bool {
    !hit.line_before().ends_with(['`', '(', '=']) || holds(tail(hit.before, 12), "Cuda(")
}
