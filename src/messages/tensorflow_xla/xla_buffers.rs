//! "`BufferAssignment` stats": what XLA's compiler plans for a program in all, below the failure of one of its buffers.

use crate::evidence::{FactSource, Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message, Role, cached};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::XlaBuffers,
    printed_by: "xla/service/buffer_assignment.cc (BufferAssignment::Stats::ToString)",
    role: Role::Evidence,
    framework: Program::Jax,
    signatures: &["BufferAssignment stats:"],
    head: r"BufferAssignmentstats:",
    reach: 2500,
    source: FactSource::Stats,
    fields: &[
        Field(Key::ComputeBuffer, r"preallocatedtempallocation:{size}"),
        Field(Key::Projected, r"totalallocation:{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "BufferAssignment stats:\n             parameter allocation:    4.00GiB\n              constant allocation:    \
                   \x20    64B\n        maybe_live_out allocation:    1.00GiB\n     preallocated temp allocation:    9.00GiB\n  \
                   preallocated temp fragmentation:  128.00MiB (1.39%)\n                 total allocation:   13.00GiB",
            &[
                (Key::ComputeBuffer, "9.00 GiB"),
                (Key::Projected, "13.00 GiB"),
            ],
        ),
        Example(
            "BufferAssignment stats:\n             parameter allocation:  512.50MiB\n        maybe_live_out allocation:   \
                   2.25GiB\n     preallocated temp allocation:    6.75GiB\n                 total allocation:    9.50GiB",
            &[
                (Key::ComputeBuffer, "6.75 GiB"),
                (Key::Projected, "9.50 GiB"),
            ],
        ),
    ],
    ..Message::EMPTY
};

/// "Peak buffers:" (`xla/service/buffer_assignment.cc`, `ToVerboseString`; the largest stands first): its size, its shape, and the
/// operation with its line of source (`xla/hlo/ir/hlo_instruction.cc`, `OpMetadataToString`).
fn more(hit: &Match<'_>, incident: &mut Incident) {
    const FIRST: &str = r#"Peakbuffers:Buffer1:Size:([\d.]+)([KMGT]?i?B)(?:Entry[A-Za-z]{0,20}Parameter[A-Za-z]{0,20}:[!-~]{0,80}?)?(?:Operator:op_(?:type="[^"]{0,80}")?(?:op_)?name="(?:[^"]{0,300}?/)?([A-Za-z_]\w{0,40})[^"/]{0,300}"(?:source_file="([^"]{1,200})"source_line=(\d{1,6}))?[!-~]{0,200}?)?XLALabel:([a-z_-]{1,40})Shape:([a-z]{1,4}\d{0,3}\[[\d,]{0,60}\])"#;
    let Some(found) = cached(FIRST).and_then(|first| first.captures(hit.text)) else {
        return;
    };
    let part = |at: usize| found.get(at).map(|part| part.as_str());
    let (Some(number), Some(unit), Some(shape)) = (part(1), part(2), part(7)) else {
        return;
    };
    let operation = part(3).or_else(|| part(6));
    let operation = operation.map_or_else(String::new, |name| format!(" of {name}"));
    let source = part(4).zip(part(5));
    let source = source.map_or_else(String::new, |(file, line)| format!(", {file}:{line}"));
    let value = format!("{number} {unit}, {shape}{operation}{source}");
    told::setting(
        hit,
        incident,
        (SettingKind::LargestBuffer, "Peak buffers"),
        value,
    );
}

#[cfg(test)]
mod tests {
    use crate::diagnose;
    use crate::evidence::SettingKind;

    #[test]
    fn the_largest_buffer_is_read_with_its_line_of_source() {
        let text = "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 \
            bytes.\nBufferAssignment stats:\n             parameter allocation:    2.00GiB\n                 total allocation:   \
            50.00GiB\nPeak buffers:\n\tBuffer 1:\n\t\tSize: 16.00GiB\n\t\tOperator: op_name=\"jit(loss)/jit(main)/dot_general[a=1]\" \
            source_file=\"/home/me/train.py\" source_line=88\n\t\tXLA Label: custom-call\n\t\tShape: f32[65536,65536]\n";
        let diagnosis = diagnose("t", text.as_bytes());
        let incident = &diagnosis.incidents.first().unwrap().incident;
        let largest = incident.settings.get(SettingKind::LargestBuffer).unwrap();
        assert_eq!(
            largest.value,
            "16.00 GiB, f32[65536,65536] of dot_general, /home/me/train.py:88"
        );
        let because = &diagnosis
            .incidents
            .first()
            .unwrap()
            .causes
            .first()
            .unwrap()
            .verdict
            .because;
        assert!(because.contains("/home/me/train.py:88"), "{because}");
    }
}
