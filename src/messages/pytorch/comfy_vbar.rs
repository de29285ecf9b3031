//! "VBAR allocation failed", "VRAM Allocation failed (non OOM)": `ComfyUI`'s dynamic VRAM, which maps pages of weights into a
//! range of addresses of its own.

use crate::evidence::{Flag, Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, holds, standing, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::ComfyVbar,
    printed_by: "comfy_aimdo: src/model-vbar.c (vbar_allocate, vbar_fault) and model_vbar.py, ComfyUI from 2026",
    framework: Program::Comfyui,
    signatures: &[
        "VBAR allocation failed",
        "VRAM Allocation failed (non OOM)",
        "Address space for VBAR",
    ],
    head: r"ERROR:VRAMAllocationfailed\(nonOOM\)|ERROR:Couldnotreser?veVirtualAddressspaceforVBAR|VBARallocationfailed",
    accepts: Some(accepts),
    reach: 200,
    more: Some(more),
    texts: &[
        "aimdo: src/model-vbar.c:307:ERROR:VRAM Allocation failed (non OOM)",
        "MemoryError: VBAR allocation failed",
        "!!! Exception during processing !!! VBAR allocation failed",
        "aimdo: src/model-vbar.c:200:ERROR:Could not reseve Virtual Address space for VBAR",
    ],
    silent: &[
        // Code that names the failure is none.
        "            raise MemoryError(\"VBAR allocation failed\")",
        "\"vbar allocation failed\",",
    ],
    ..Message::EMPTY
};

/// The library's own lines, and the exception that follows them.
fn accepts(hit: &Match<'_>) -> bool {
    let own = hit.capture(r"^ERROR:").is_some() && holds(tail(hit.before, 60), "aimdo");
    own || standing::reported(hit)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::NotMemory);
    told::setting(
        hit,
        incident,
        (SettingKind::Program, "aimdo"),
        Program::Comfyui.name(),
    );
}
