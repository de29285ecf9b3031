//! "`NvMapMemAllocInternalTagged`: … error 12": a Jetson board, the GPU of which uses the board's RAM.

use crate::evidence::{Incident, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NvmapMemory,
    printed_by: "NVIDIA Jetson Linux: libnvrm_mem (NvMap); 12 is ENOMEM; issues of dusty-nv/jetson-containers",
    framework: Program::Cuda,
    signatures: &["NvMapMemAllocInternalTagged"],
    head: r"NvMapMemAllocInternalTagged:\d+error12",
    reach: 200,
    more: Some(more),
    texts: &[
        "NvMapMemAllocInternalTagged: 1075072515 error 12\nNvMapMemHandleAlloc: error 0",
        "NvMapMemAllocInternalTagged: 1075072515 error 12",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    told::setting(hit, incident, (SettingKind::UnifiedMemory, "NvMap"), "");
}
