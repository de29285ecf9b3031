//! tinygrad with `DEBUG=2`: what its buffers hold after each kernel, in GB of powers of ten.

use super::{Example, Format, gauge};
use crate::evidence::Counter;

/// `GlobalCounters.mem_used/1e9`.
const GB: u64 = 1_000_000_000;

pub(super) static FORMAT: Format = Format {
    id: "tinygrad",
    printed_by: "tinygrad/engine/realize.py",
    marks: &["mem "],
    needs: &["*** ", " arg "],
    fields: &[gauge(" mem ", Counter::Allocated, Some(GB))],
    examples: &[Example {
        lines: "*** CUDA      12 r_32_4_8                                       arg  3 mem   1.23 GB tm     12.34us/     1.23ms (  1234 GFLOPS   12|234    GB/s)",
        reads: &[(Counter::Allocated, None, "1.1 GiB")],
    }],
    ..Format::EMPTY
};
