//! "In `Device::create_buffer` … Not enough memory left": wgpu, below Burn and what else runs on it.

use crate::evidence::{Accelerator, Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::WgpuBuffer,
    printed_by: "gfx-rs/wgpu: wgpu-core/src/device/mod.rs (DeviceError), src/resource.rs (CreateBufferError); ONNX Runtime \
                 core/providers/webgpu/webgpu_context.cc",
    framework: Program::Wgpu,
    signatures: &[
        "Device::create_buffer",
        "Device::create_texture",
        "Not enough memory left",
        "greater than the maximum buffer size",
        "WebGPU device error(",
        "wgpu error: Out of Memory",
        "value: OutOfMemory",
    ],
    head: r"InDevice::create_(?:buffer|texture|[a-z_]{3,30})[!-~]{0,120}?(?:Notenoughmemoryleft|Buffersize\d+isgreaterthanthemaximumbuffersize)|wgpuerror:OutofMemory|WebGPUdeviceerror\(2\):Outofmemory|`Err`value:(?:Device\()?OutOfMemory",
    accepts: Some(accepts),
    reach: 300,
    fields: &[
        Field(Key::Tried, r"Buffersize{bytes}isgreater"),
        Field(Key::Limit, r"maximumbuffersize\({bytes}\)"),
    ],
    more: Some(more),
    examples: &[Example(
        "wgpu error: Validation Error\n\nCaused by:\n    In Device::create_buffer\n      note: label = `weights`\n    Buffer size \
                   607403904 is greater than the maximum buffer size (268435456)",
        &[(Key::Tried, "607403904"), (Key::Limit, "268435456")],
    )],
    texts: &[
        "wgpu error: Validation Error\n\nCaused by:\n  In Device::create_buffer\n    Not enough memory left.",
        "2025-06-27 [E:onnxruntime:Default, webgpu_context.cc:120 operator()] WebGPU device error(2): Out of memory",
        "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: OutOfMemory', \
                   /src/wgpu-core-0.12.2/src/command/mod.rs:78:49",
    ],
    ..Message::EMPTY
};

/// A bare error of Rust is wgpu's where its own file is named, on either side of it.
fn accepts(hit: &Match<'_>) -> bool {
    let bare = hit.folded.starts_with("`err`");
    let around = |text: &str| {
        ["wgpu", "gfx-", "/ash-"]
            .iter()
            .any(|name| holds(text, name))
    };
    !bare || around(tail(hit.before, 300)) || around(start(hit.text, 200))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Unnamed;
    if hit.says("isgreaterthanthemaximum") {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
    if hit.says("WebGPUdeviceerror") {
        incident.framework = Program::OrtWeb;
    }
}
