//! "Device(id:0) memory isn't enough and alloc failed", "Out of Memory!!! Request memory size: …": `MindSpore`.

use crate::bytes::Bytes;
use crate::evidence::{Accelerator, Fact, FactSource, Incident, Key, Memory, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, cached, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MindsporeDevice,
    printed_by: "mindspore/ccsrc runtime/graph_scheduler/actor/actor_common.h, plugin/device/ascend/hal/device/ascend_memory_adapter.cc; 1.5 to 2.6; M is 1024²",
    framework: Program::Mindspore,
    signatures: &[
        "isn't enough and alloc failed",
        "Memory!!! Request memory size",
    ],
    head: r"(?:Device(?:\(id:\d+\))?)?memoryisn'tenoughandallocfailed|OutofMemory!!!Requestmemorysize:\d",
    reach: 700,
    fields: &[
        Field(Key::Tried, r"allocsize:{bytes}"),
        Field(Key::Tried, r"Requestmemorysize:{bytes}"),
        Field(
            Key::Total,
            r"DeviceHBMmemorysize:(\d+)(M)(?:[^A-Za-z]|MindSpore)",
        ),
        // What MindSpore took of the device for all its own use.
        Field(
            Key::Limit,
            r"MindSporeUsedmemorysize:(\d+)(M)(?:[^A-Za-z]|MindSpore)",
        ),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: \n----------------------------------------------------\n- Memory not enough:\n----------------------------------------------------\nDevice(id:2) memory isn't enough and alloc failed, kernel name: Default/Conv2D-op41, alloc size: 805306368B.",
            &[(Key::Tried, "805306368")],
        ),
        Example(
            "- Program Error Message:\nOut of Memory!!! Request memory size: 12884901888B, Memory Statistic:\nDevice HBM memory size: 32768M\nMindSpore Used memory size: 30720M\nMindSpore memory base address: 0x124140000000\nTotal Static Memory size: 4096M",
            &[
                (Key::Tried, "12884901888"),
                (Key::Total, "32768 M"),
                (Key::Limit, "30720 M"),
            ],
        ),
    ],
    ..Message::EMPTY
};

/// What its memory manager says just before (`runtime/device/memory_manager.cc`).
const FREE: &str = r"currentfreememorysize\[(\d{1,15})\]issmallerthanrequiredsize";

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^memoryisn't").is_some() {
        incident.memory = Memory::Host;
        return;
    }
    incident.device = hit.number(r"^Device\(id:(\d{1,3})\)");
    let above = tail(hit.before, 1500);
    if holds(above, "ascend") || hit.says("HBM") {
        incident.accelerator = Accelerator::Npu;
    }
    let found = cached(FREE).and_then(|free| free.captures(above));
    let free = found.and_then(|found| found.get(1));
    if let Some(bytes) = free.and_then(|free| free.as_str().parse().ok()) {
        let at = free.map_or(0, |free| above.len() - free.start());
        let fact = Fact {
            bytes: Bytes::exact(bytes),
            text: bytes.to_string(),
            line: hit.line_back(at),
            source: FactSource::Message,
        };
        incident.facts.insert(Key::Free, fact);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn without_a_device_it_is_the_hosts() {
        let text = "Memory not enough:\nMemory isn't enough and alloc failed, kernel name: Default/Add-op3, alloc size: 64000000000B.";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = "Device(id:1) memory isn't enough and alloc failed, kernel name: Default/Add-op3, alloc size: 4096B.";
        assert_eq!(one(text).incident.device, Some(1));
    }
}
