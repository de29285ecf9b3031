//! "`HostBuffer.read_file_slice` failed": `ComfyUI` streams weights through page-locked memory, and got none.

use crate::evidence::{Flag, Incident, Memory, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ComfyHostBuffer,
    printed_by: "comfy_aimdo: host_buffer.py (HostBuffer), ComfyUI from 2026; issues 14250 and 15255 of Comfy-Org/ComfyUI",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &["HostBuffer.read_file_slice failed"],
    head: r"HostBuffer\.read_file_slicefailed",
    accepts: Some(crate::messages::standing::raised),
    reach: 200,
    more: Some(more),
    texts: &[
        "RuntimeError: HostBuffer.read_file_slice failed",
        "!!! Exception during processing !!! HostBuffer.read_file_slice failed",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // A file that cannot be read ends in the same words.
    incident.flags.extend([Flag::Pinned, Flag::Ambiguous]);
    told::setting(
        hit,
        incident,
        (SettingKind::Program, "HostBuffer"),
        "comfyui",
    );
}
