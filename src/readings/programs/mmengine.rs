//! The log line of mmengine, mmdetection and mmsegmentation: the most allocated since the last print, in MiB.

use super::{Example, Format, gauge};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "mmengine",
    printed_by: "mmengine/hooks/runtime_timer_hook.py and runner/log_processor.py (resets the peak after each log)",
    marks: &["memory: "],
    needs: &["Epoch", "data_time: "],
    fields: &[gauge("memory: ", Counter::PeakAllocated, Some(MIB))],
    examples: &[
        Example {
            lines: "12/01 10:00:00 - mmengine - INFO - Epoch(train) [1][ 50/500]  lr: 1.0000e-03  eta: 1:02:03  time: 0.4100  data_time: 0.0100  memory: 12345  loss: 0.9000",
            reads: &[(Counter::PeakAllocated, Some(50), "12.1 GiB")],
        },
        Example {
            lines: "2023-04-01 10:00:00,000 - mmdet - INFO - Epoch [3][100/7330]	lr: 1.978e-03, eta: 1 day, 2:03:04, time: 0.410, data_time: 0.010, memory: 3345, loss: 0.9",
            reads: &[(Counter::PeakAllocated, Some(100), "3.3 GiB")],
        },
    ],
    ..Format::EMPTY
};
