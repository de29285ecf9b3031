//! `torch.cuda.memory_stats()`, flat or nested: as Python prints it, as JSON, or one number a line.

use crate::evidence::{FactSource, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, Role, capture, tail};

/// One of its numbers, in either shape.
const ENTRY: &str = r#"(?:active|allocated|allocation|requested|reserved|segment|inactive_split)(?:_bytes)?(?:\.(?:all|large_pool|small_pool)\.(?:current|peak|allocated|freed)|["']:\{["'](?:all|large_pool|small_pool)["']:\{["'](?:current|peak|allocated|freed))["']?[^A-Za-z0-9]{0,2}\d"#;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchStats,
    printed_by: "torch/cuda/memory.py (memory_stats), PyTorch from 1.4",
    role: Role::Evidence,
    framework: Program::Pytorch,
    signatures: &["allocated_bytes", "num_alloc_retries"],
    head: ENTRY,
    accepts: Some(begins_table),
    reach: 12_000,
    source: FactSource::Stats,
    fields: &[
        Field(
            Key::Allocated,
            r#"allocated_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])current["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::PeakAllocated,
            r#"allocated_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])peak["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::Active,
            r#"active_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])current["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::Requested,
            r#"requested_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])current["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::Reserved,
            r#"reserved_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])current["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::PeakReserved,
            r#"reserved_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])peak["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
        Field(
            Key::InactiveSplit,
            r#"inactive_split_bytes(?:\.all\.|["']:\{["']all["']:\{[!-z]{0,200}?["'])current["']?[^A-Za-z0-9]{0,2}{bytes}"#,
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "OrderedDict([('active.all.current', 5), ('active_bytes.all.current', 1610612736), \
                   ('allocated_bytes.all.current', 1610612224), ('allocated_bytes.all.peak', 2147483648), \
                   ('inactive_split_bytes.all.current', 12582912), ('num_alloc_retries', 1), ('num_ooms', 1), \
                   ('requested_bytes.all.current', 1610000000), ('reserved_bytes.all.current', 1625292800), \
                   ('reserved_bytes.all.peak', 2149580800)])",
            &[
                (Key::Active, "1610612736"),
                (Key::Allocated, "1610612224"),
                (Key::PeakAllocated, "2147483648"),
                (Key::InactiveSplit, "12582912"),
                (Key::Requested, "1610000000"),
                (Key::Reserved, "1625292800"),
                (Key::PeakReserved, "2149580800"),
            ],
        ),
        Example(
            "OrderedDict({'allocated_bytes.all.allocated': 99, 'allocated_bytes.all.current': 512,\n \
                   'allocated_bytes.all.peak': 1024, 'num_ooms': 2, 'reserved_bytes.all.current': 2097152})",
            &[
                (Key::Allocated, "512"),
                (Key::PeakAllocated, "1024"),
                (Key::Reserved, "2097152"),
            ],
        ),
        Example(
            "{\"allocated_bytes.all.current\": 512, \"num_ooms\": 1, \"reserved_bytes.all.current\": 2097152}",
            &[(Key::Allocated, "512"), (Key::Reserved, "2097152")],
        ),
        Example(
            "{'allocated_bytes': {'all': {'current': 512, 'peak': 1024, 'allocated': 4096, 'freed': 3584},\n\
                   \x20                    'small_pool': {'current': 7, 'peak': 8, 'allocated': 9, 'freed': 1}},\n\
                   'num_ooms': 1,\n 'reserved_bytes': {'all': {'current': 2097152, 'peak': 4194304}}}",
            &[
                (Key::Allocated, "512"),
                (Key::PeakAllocated, "1024"),
                (Key::Reserved, "2097152"),
                (Key::PeakReserved, "4194304"),
            ],
        ),
    ],
    ..Message::EMPTY
};

/// The first number of a table; a nested entry takes up to 400 bytes.
fn begins_table(hit: &Match<'_>) -> bool {
    capture(ENTRY, tail(hit.before, 600)).is_none()
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let number = |pattern| hit.capture(pattern).and_then(|text| text.parse().ok());
    incident.ooms = number(r"num_ooms['\x22]?[^A-Za-z0-9]{0,2}(\d+)");
    incident.retries = number(r"num_alloc_retries['\x22]?[^A-Za-z0-9]{0,2}(\d+)");
}
