//! `E_OUTOFMEMORY` of Direct3D 12: a heap or a resource for which there is no memory, from programs of all kinds on Windows.

use crate::evidence::{Accelerator, Incident, MessageId, Program};
use crate::messages::{Match, Message, standing};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::D3d12Memory,
    printed_by: "Direct3D 12 (HRESULT 0x8007000E), Direct3D 9 and DirectDraw (d3d9.h, ddraw.h); Dawn, wgpu, Unreal and Unity, which name the call",
    framework: Program::D3d12,
    signatures: &[
        "E_OUTOFMEMORY",
        "8007000E",
        "Resource failed: Out of memory",
        "Heap failed: Out of memory",
        "ERR_OUTOFVIDEOMEMORY",
    ],
    head: r"(?:ID3D12Device\d{0,2}::|D3D12|d3d_?device[!-~]{0,4}?)[!-~]{0,120}?Create(?:CommittedResource|PlacedResource|ReservedResource|Heap)[!-~]{0,200}?(?:E_OUTOFMEMORY|0x8007000E|8007000E|failed:Outofmemory)|D(?:3D|D)ERR_OUTOFVIDEOMEMORY",
    accepts: Some(accepts),
    reach: 500,
    more: Some(more),
    texts: &[
        "ID3D12Device::CreateCommittedResource failed with E_OUTOFMEMORY (0x8007000E)",
        "Critical: Failed to preallocate initial textures, 1024x1024: DDERR_OUTOFVIDEOMEMORY",
        "directx: ID3D12Device::CreateCommittedResource failed: Out of memory.",
    ],
    silent: &[
        // A lost device and code are no lack of memory.
        "ID3D12Device::CreateCommittedResource failed with <Unknown HRESULT> (0x887A0005)",
        "nri::MemoryD3D12::Create: ID3D12Device::CreateHeap() failed, result = 0x80070057!",
        "if (device->CreateHeap(&desc, IID_PPV_ARGS(&heap)) == E_OUTOFMEMORY) { evict(); }",
    ],
    ..Message::EMPTY
};

/// In code a failed call is compared or listed, and not told.
fn accepts(hit: &Match<'_>) -> bool {
    // A status of older interfaces, told of and not listed.
    if hit.folded.starts_with('d') && hit.folded.contains("err_outofvideomemory") {
        return standing::call_reported(hit);
    }
    standing::call_reported(hit) || hit.capture(r"^[!-~]{0,200}failed").is_some()
}

fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.accelerator = Accelerator::Unnamed;
}
