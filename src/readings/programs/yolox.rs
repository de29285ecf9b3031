//! YOLOX's line: the most that was ever allocated on the GPU in MiB, and the host's memory, which is none of ours.

use super::{Example, Format, running};
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "yolox",
    printed_by: "yolox/core/trainer.py and utils/metric.py (mem_usage is psutil's)",
    marks: &["gpu mem: "],
    needs: &[", mem: ", "iter_time"],
    fields: &[running("gpu mem: ", Counter::PeakAllocated, None)],
    examples: &[Example {
        lines: "epoch: 3/300, iter: 20/100, gpu mem: 5123Mb, mem: 12.3Gb, iter_time: 0.412s, data_time: 0.001s, total_loss: 12.3",
        reads: &[(Counter::PeakAllocated, Some(20), "5 GiB")],
    }],
    ..Format::EMPTY
};
