//! `torch.cuda.memory_summary()`, full or abbreviated, 1.4 to 2.15.
//!
//! Cells are cut down to whole units, so that every number is an interval one unit wide. "MB" means MiB before 2.0.

use crate::evidence::{FactSource, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchSummary,
    printed_by: "torch/cuda/memory.py (memory_summary), PyTorch from 1.4",
    role: Role::Evidence,
    framework: Program::Pytorch,
    signatures: &["CUDA memory summary,", "cudaMalloc retries:"],
    head: r"PyTorchCUDAmemorysummary,deviceID\d{1,3}",
    reach: 6000,
    source: FactSource::Summary,
    fields: &[
        Field(Key::Allocated, r"\|Allocatedmemory\|{floored}\|"),
        Field(Key::PeakAllocated, r"\|Allocatedmemory\|\d+[kmgtp]?i?b\|{floored}\|"),
        Field(Key::Active, r"\|Activememory\|{floored}\|"),
        Field(Key::Requested, r"\|Requestedmemory\|{floored}\|"),
        Field(Key::Reserved, r"\|GPUreservedmemory\|{floored}\|"),
        Field(Key::PeakReserved, r"\|GPUreservedmemory\|\d+[kmgtp]?i?b\|{floored}\|"),
        Field(Key::InactiveSplit, r"\|Non-releasablememory\|{floored}\|"),
    ],
    more: Some(more),
    examples: &[
        Example("\
|===========================================================================|
|                  PyTorch CUDA memory summary, device ID 1                 |
|---------------------------------------------------------------------------|
|            CUDA OOMs: 1            |        cudaMalloc retries: 3         |
|===========================================================================|
|        Metric         | Cur Usage  | Peak Usage | Tot Alloc  | Tot Freed  |
|---------------------------------------------------------------------------|
| Allocated memory      |  21189 MiB |  22735 MiB | 430888 MiB | 409697 MiB |
|       from large pool |  20889 MiB |  22435 MiB | 412888 MiB | 391998 MiB |
|       from small pool |    300 MiB |    300 MiB |  18000 MiB |  17699 MiB |
|---------------------------------------------------------------------------|
| Active memory         |  21190 MiB |  22735 MiB | 430888 MiB | 409697 MiB |
|---------------------------------------------------------------------------|
| Requested memory      |  20879 MiB |  22409 MiB | 425900 MiB | 405021 MiB |
|---------------------------------------------------------------------------|
| GPU reserved memory   |  23360 MiB |  23361 MiB |  24300 MiB |    940 MiB |
|---------------------------------------------------------------------------|
| Non-releasable memory |   2170 MiB |   3432 MiB | 317400 MiB | 315230 MiB |
|===========================================================================|", &[
                (Key::Allocated, "21189 MiB"),
                (Key::PeakAllocated, "22735 MiB"),
                (Key::Active, "21190 MiB"),
                (Key::Requested, "20879 MiB"),
                (Key::Reserved, "23360 MiB"),
                (Key::PeakReserved, "23361 MiB"),
                (Key::InactiveSplit, "2170 MiB"),
            ]),
        Example("\
2022-09-07 20:31:23 | WARNING | trainer | |===========================================================================|
|                  PyTorch CUDA memory summary, device ID 0                 |
|---------------------------------------------------------------------------|
|            CUDA OOMs: 2            |        cudaMalloc retries: 2         |
|===========================================================================|
|        Metric         | Cur Usage  | Peak Usage | Tot Alloc  | Tot Freed  |
|---------------------------------------------------------------------------|
| Allocated memory      |   10189 MB |   10735 MB |  430888 MB |  409697 MB |
|---------------------------------------------------------------------------|
| GPU reserved memory   |   10360 MB |   10800 MB |   24300 MB |     940 MB |
|---------------------------------------------------------------------------|
| Oversize allocations  |       0    |       0    |       0    |       0    |", &[
                (Key::Allocated, "10189 MB"),
                (Key::PeakAllocated, "10735 MB"),
                (Key::Reserved, "10360 MB"),
                (Key::PeakReserved, "10800 MB"),
            ]),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let number = |pattern| hit.capture(pattern).and_then(|text| text.parse().ok());
    incident.ooms = number(r"CUDAOOMs:(\d+)");
    incident.retries = number(r"cudaMallocretries:(\d+)");
    incident.device = hit
        .capture(r"deviceID(\d+)")
        .and_then(|text| text.parse().ok());
}

#[cfg(test)]
mod tests {
    use super::MESSAGE;
    use crate::bytes::MIB;
    use crate::evidence::Key;
    use crate::messages::examples::one;

    #[test]
    fn the_head_of_the_table_names_the_device_and_its_counts() {
        let incident = one(MESSAGE.examples[0].0).incident;
        assert_eq!(
            (incident.device, incident.ooms, incident.retries),
            (Some(1), Some(1), Some(3))
        );
    }

    #[test]
    fn a_cell_stands_for_everything_up_to_the_next_unit() {
        let incident = one(MESSAGE.examples[1].0).incident;
        let allocated = incident.facts.get(Key::Allocated).unwrap();
        assert_eq!(
            (allocated.low(), allocated.high()),
            (10189 * MIB, 10190 * MIB - 1)
        );
    }
}
