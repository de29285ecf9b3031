//! The training table of Ultralytics' YOLO: what is reserved now, in GiB, once an epoch.

use super::super::numbers;
use super::{Example, Format};
use super::{Read, Reading, Readings, Tables};
use crate::bytes::GIB;
use crate::evidence::Counter;

pub(super) static FORMAT: Format = Format {
    id: "ultralytics",
    printed_by: "ultralytics/engine/trainer.py (torch.cuda.memory_reserved() / 2**30)",
    marks: &["gpu_mem ", "g     "],
    read: Read::Below(read),
    examples: &[
        Example {
            lines: "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
      3/100      7.45G      1.234      0.987      1.101         41        640: 100%|██████████| 500/500 [01:12<00:00,  6.9it/s]",
            reads: &[(Counter::Reserved, Some(3), "7.45 GiB")],
        },
        Example {
            lines: "      3/100      7.45G      1.234      0.987",
            reads: &[],
        },
    ],
    ..Format::EMPTY
};

/// A row is "3/100 7.45G 1.234 …"; it means this only below its own head.
fn read<'a>(text: &'a str, tables: &mut Tables, readings: &mut Readings<'a>) -> bool {
    if text.contains("Epoch") && text.contains("box_loss")
        || text.contains("GPU_mem ") && text.contains("Instances")
    {
        tables.ultralytics = true;
        return true;
    }
    let row = || {
        let mut cells = text.split_ascii_whitespace();
        let (epoch, last) = cells.next()?.split_once('/')?;
        let _: u64 = last.parse().ok()?;
        let size = cells.next()?;
        let number = numbers::at(size, 0)?;
        let whole = number.end + 1 == size.len() && size.ends_with('G');
        let _: f64 = cells.next()?.parse().ok()?;
        Some((epoch.parse().ok()?, number.of(GIB).filter(|_| whole)?))
    };
    let Some((epoch, bytes)) = row().filter(|_| tables.ultralytics) else {
        return false;
    };
    readings.step = Some((epoch, "epoch"));
    readings.push(Reading {
        counter: Counter::Reserved,
        running: false,
        label: "GPU_mem",
        bytes,
        device: None,
    });
    true
}
