//! `VK_ERROR_OUT_OF_DEVICE_MEMORY` and its sister of the host, from programs of all kinds on Vulkan.

use crate::evidence::{Accelerator, Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::ggml;
use crate::messages::{Field, Match, Message, holds, standing, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VulkanMemory,
    printed_by: "Vulkan (vulkan_core.h, VkResult -2 and -1) and Vulkan-Hpp (vulkan_to_string.hpp)",
    framework: Program::Vulkan,
    signatures: &[
        "OUT_OF_DEVICE_MEMORY",
        "VK_ERROR_OUT_OF_HOST_MEMORY",
        "ErrorOutOfDeviceMemory",
        "ErrorOutOfHostMemory",
        "vkAllocateMemory failed",
        "VkResult",
        "exceeds device ",
    ],
    head: r"(?:Requestedbuffersizeexceedsdevice(?:buffersize|memoryallocation)limit:?)?(?:VK_ERROR_OUT_OF_DEVICE_MEMORY|VK_ERROR_OUT_OF_HOST_MEMORY|ErrorOutOfDeviceMemory|ErrorOutOfHostMemory)|Requestedbuffersizeexceedsdevice(?:buffersize|memoryallocation)limit|VkResult:ERROR_OUT_OF_DEVICE_MEMORY|vkAllocateMemoryfailed-[12]|(?:vk|vma)[A-Z][A-Za-z]{3,40}[!-~]{0,120}?VkResult[=:(]{0,2}-2",
    accepts: Some(accepts),
    reach: 300,
    // ggml's allocator names the size in the line behind that of the limit.
    fields: &[Field(
        Key::Tried,
        r"^Requested[!-~]{0,140}?failedtoallocate[A-Za-z0-9_]{1,30}bufferofsize{bytes}",
    )],
    more: Some(more),
    texts: &[
        "vkAllocateMemory failed with error code -2 (VK_ERROR_OUT_OF_DEVICE_MEMORY)",
        "terminate called after throwing an instance of 'vk::OutOfDeviceMemoryError'\n  what():  \
                   vk::Device::allocateMemory: ErrorOutOfDeviceMemory",
        "ggml_vulkan: Requested buffer size exceeds device buffer size limit: ErrorOutOfDeviceMemory",
        "Error: vkCreateBuffer: VK_ERROR_OUT_OF_HOST_MEMORY",
        "vkAllocateMemory failed -2",
        "2024-02-01 10:00:00 [9,100ms] [Error] [carb.graphics-vulkan.plugin] VkResult: ERROR_OUT_OF_DEVICE_MEMORY",
        "VulkanRHI::vkAllocateMemory(Device, &Info, nullptr, &Memory) failed, VkResult=-2",
    ],
    silent: &[
        // Code and lists are no failure.
        "    case VK_ERROR_OUT_OF_DEVICE_MEMORY: return \"out of device memory\";",
        "if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY) { retry(); }",
        "What does VK_ERROR_OUT_OF_DEVICE_MEMORY error mean?",
        "vkAllocateDescriptorSets failed: VK_ERROR_OUT_OF_POOL_MEMORY",
    ],
    ..Message::EMPTY
};

/// What the program itself said of the same failure stands above, with the size.
fn accepts(hit: &Match<'_>) -> bool {
    const SAID: [&str; 3] = [
        "Devicememoryallocationofsize",
        "bufferofsize",
        "out-of-memoryduringstartup",
    ];
    let numbered = hit
        .own_line()
        .get(..hit.head)
        .is_some_and(|head| head.ends_with("-2"));
    let own = hit.capture(r"^Requestedbuffersize").is_some()
        || bare(hit)
        || numbered && !hit.line_after().starts_with(|c: char| c.is_ascii_digit());
    !ggml::follows(hit, &SAID) && (own || standing::call_reported(hit)) && !ggml::tried_again(hit)
}

/// ncnn (src/allocator.cpp) prints the status as a number, and nothing else on its line.
fn bare(hit: &Match<'_>) -> bool {
    hit.folded.starts_with("vkallocatememoryfailed-")
        && !hit.line_after().contains(char::is_alphanumeric)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Unnamed;
    if bare(hit) {
        incident.framework = Program::Ncnn;
    }
    // NVIDIA's Omniverse, which Isaac Sim and Isaac Lab run in (carb.graphics-vulkan.plugin).
    if holds(tail(hit.before, 120), "carb.graphics-vulkan") {
        incident.framework = Program::Physx;
    }
    if hit.folded.starts_with("vkallocatememoryfailed-1") {
        incident.memory = Memory::Host;
    }
    if holds(tail(hit.before, 300), "ggml_") || holds(start(hit.text, 300), "ggml_") {
        ggml::program(hit, incident);
        ggml::part(hit, incident);
        ggml::place_below(hit, incident);
    }
    if hit.capture(r"^[!-~]{0,60}OUT_?OF_?HOST").is_some() {
        incident.memory = Memory::Host;
    }
    if hit.capture(r"^Requested").is_some() {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Memory, Program};
    use crate::messages::examples::one;

    #[test]
    fn the_hosts_memory_and_ggml_are_told_apart() {
        let host = one("vkCreateDevice failed: VK_ERROR_OUT_OF_HOST_MEMORY").incident;
        assert_eq!(
            (host.memory, host.framework),
            (Memory::Host, Program::Vulkan)
        );
        let ggml = one("ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory").incident;
        assert_eq!(
            (ggml.memory, ggml.framework),
            (Memory::Device, Program::LlamaCpp)
        );
    }
}
