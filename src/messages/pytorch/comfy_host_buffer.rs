//! "`HostBuffer.read_file_slice` failed": `ComfyUI` streams weights through page-locked memory, and got none.

use crate::evidence::{FactSource, Framework, Incident, Memory, Setting, SettingKind};
use crate::messages::{Compiled, Example, Match, Message, Role, marks};

pub(crate) static MESSAGE: Message = Message {
    id: "comfy-host-buffer",
    printed_by: "comfy_aimdo: host_buffer.py (HostBuffer), ComfyUI from 2026; issues 14250 and 15255 of Comfy-Org/ComfyUI",
    role: Role::Failure,
    memory: Memory::Host,
    framework: Framework::Pytorch,
    signatures: &["HostBuffer.read_file_slice failed"],
    head: r"HostBuffer\.read_file_slicefailed",
    accepts: Some(crate::messages::standing::raised),
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "RuntimeError: HostBuffer.read_file_slice failed",
            reads: &[],
        },
        Example {
            text: "!!! Exception during processing !!! HostBuffer.read_file_slice failed",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // A file that cannot be read ends in the same words.
    incident.marks.extend([marks::PINNED, marks::AMBIGUOUS]);
    incident.settings.insert(Setting {
        kind: SettingKind::Program,
        name: "HostBuffer".to_owned(),
        value: "comfyui".to_owned(),
        line: (hit.line_number)(0),
    });
}
