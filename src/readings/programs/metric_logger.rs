//! The `MetricLogger` of DETR, `DeiT`, MAE and torchvision's references, and Swin's line: the most that was ever allocated.

use super::{Example, Format, running};
use crate::bytes::MIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "metric-logger",
    printed_by: "torchvision references/detection/utils.py and Swin-Transformer main.py (max_memory_allocated in MiB, never reset)",
    marks: &["max mem: ", "mem "],
    needs: &["eta", "loss"],
    fields: &[
        running("max mem: ", Counter::PeakAllocated, Some(MIB)),
        running("\tmem ", Counter::PeakAllocated, None),
        running(" mem ", Counter::PeakAllocated, None),
    ],
    examples: &[
        Example {
            lines: "Epoch: [3]  [ 200/1251]  eta: 0:12:34  lr: 0.000100  loss: 2.8123 (2.9)  time: 0.5500  data: 0.0100  max mem: 3344",
            reads: &[(Counter::PeakAllocated, Some(200), "3.3 GiB")],
        },
        Example {
            lines: "Train: [3/300][200/1251]	eta 0:07:12 lr 0.000100	time 0.4110 (0.42)	loss 2.8123 (2.9)	grad_norm 1.2	mem 2345MB",
            reads: &[(Counter::PeakAllocated, Some(200), "2.3 GiB")],
        },
    ],
    ..Format::EMPTY
};
