//! torchtitan's step line: the most reserved since the last print.

use super::{Example, Format, gauge};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "torchtitan",
    printed_by: "torchtitan/components/metrics.py (the device memory monitor resets its peaks at each log)",
    marks: &["memory: "],
    needs: &["GiB(", "%)", "tps: "],
    fields: &[gauge("memory: ", Counter::PeakReserved, None)],
    examples: &[Example {
        lines: "step: 20  loss: 11.83506  grad_norm:  9.6669  memory: 48.87GiB(51.44%)  tps: 4,376  tflops: 253.41  mfu: 25.62%",
        reads: &[(Counter::PeakReserved, Some(20), "48.87 GiB")],
    }],
    ..Format::EMPTY
};
