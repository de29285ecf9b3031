//! "`NvMapMemAllocInternalTagged`: … error 12": a Jetson board, the GPU of which uses the board's RAM.

use crate::evidence::{FactSource, Framework, Incident, Memory, Setting, SettingKind};
use crate::messages::{Compiled, Example, Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "nvmap-memory",
    printed_by: "NVIDIA Jetson Linux: libnvrm_mem (NvMap); 12 is ENOMEM; issues of dusty-nv/jetson-containers",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Cuda,
    signatures: &["NvMapMemAllocInternalTagged"],
    head: r"NvMapMemAllocInternalTagged:\d+error12",
    accepts: None,
    reach: 200,
    source: FactSource::Message,
    fields: &[],
    more: Some(more),
    examples: &[
        Example {
            text: "NvMapMemAllocInternalTagged: 1075072515 error 12\nNvMapMemHandleAlloc: error 0",
            reads: &[],
        },
        Example {
            text: "NvMapMemAllocInternalTagged: 1075072515 error 12",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.settings.insert(Setting {
        kind: SettingKind::UnifiedMemory,
        name: "NvMap".to_owned(),
        value: String::new(),
        line: (hit.line_number)(0),
    });
}
