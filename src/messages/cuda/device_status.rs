//! `ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY`, `OPTIX_ERROR_DEVICE_OUT_OF_MEMORY`: a status of an interface to GPUs by its name.
//!
//! All interfaces name it alike: whose it is, an error, and memory that ran out. Vulkan's and CUDA's have messages of their own.

use crate::evidence::{Accelerator, Flag, Incident, Memory, MessageId, Program};
use crate::messages::{Match, Message, holds, standing, start};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceStatus,
    printed_by: "Level Zero (ze_api.h), Unified Runtime (ur_api.h), SYCL's plugins (pi.h), OptiX (optix_types.h), NVENC (nvEncodeAPI.h), \
                 RMM to 0.12 (rmm_api.h), whichever program calls them",
    framework: Program::Native,
    signatures: &[
        "OUT_OF_DEVICE_MEMORY",
        "_OUT_OF_MEMORY",
        "OUT_OF_HOST_MEMORY",
        "OUT_OF_GPU_MEMORY",
    ],
    head: r"(?:ZE_RESULT|UR_RESULT|PI|XR|WGPU|OPTIX|HSA_STATUS|NVMEDIA|VX|ACL|CNRT|MU|TOPS)_ERROR_(?:OUT_OF_(?:DEVICE|HOST)_MEMORY|(?:DEVICE|HOST)_OUT_OF_MEMORY)|NV_ENC_ERR_OUT_OF_MEMORY|RMM_ERROR_OUT_OF_MEMORY|[A-Z][A-Z0-9]{1,15}_(?:ERROR|ERR|STATUS|RESULT)_(?:OUT_OF_GPU_MEMORY|GPU_OUT_OF_MEMORY|OUT_OF_VIDEO_MEMORY)",
    accepts: Some(accepts),
    reach: 300,
    more: Some(more),
    texts: &[
        "zeMemAllocDevice failed: ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY (0x70000003)",
        "[error] OPTIX_ERROR_DEVICE_OUT_OF_MEMORY: Device out of memory",
        "[obs-nvenc: 'recording'] nv.nvEncOpenEncodeSessionEx failed: 10 (NV_ENC_ERR_OUT_OF_MEMORY)",
        "terminate called after throwing an instance of 'sycl::_V1::runtime_error'\n  what():  Native API failed. Native API \
                   returns: -6 (PI_ERROR_OUT_OF_HOST_MEMORY) -6 (PI_ERROR_OUT_OF_HOST_MEMORY)",
        "rmm.rmm.RMMError: RMM_ERROR_OUT_OF_MEMORY",
    ],
    silent: &[
        // A list and code tell of none.
        "    ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY = 0x70000003,",
        "case OPTIX_ERROR_DEVICE_OUT_OF_MEMORY: return \"device out of memory\";",
        "#define NV_ENC_ERR_OUT_OF_MEMORY 10",
        "What does ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY mean?",
    ],
    ..Message::EMPTY
};

/// A list of statuses and code tell of none.
fn accepts(hit: &Match<'_>) -> bool {
    let quoted = hit.line_before().ends_with(['"', '\'', '`']);
    let repeated = holds(crate::messages::tail(hit.before, 40), "OUT_OF_HOST_MEMORY)");
    !quoted
        && !repeated
        && (standing::call_reported(hit) || standing::reported(hit) || told(hit.line_before()))
}

/// The level of a record.
fn told(before: &str) -> bool {
    let small = before.to_ascii_lowercase();
    ["[error]", "error:", "fatal"]
        .iter()
        .any(|level| small.contains(level))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let own = start(hit.text, 60);
    if holds(own, "NV_ENC") {
        incident.framework = Program::Ffmpeg;
        if holds(hit.line_before(), "OpenEncodeSession") {
            incident.flags.insert(Flag::Sessions);
        }
    } else if holds(own, "OPTIX") {
        incident.framework = Program::Renderer;
    } else if holds(own, "RMM_") {
        incident.framework = Program::Rapids;
    } else if holds(own, "HSA") {
        incident.accelerator = Accelerator::Rocm;
    } else if holds(own, "ZE_") || holds(own, "UR_") || own.starts_with("PI_") {
        incident.accelerator = Accelerator::Xpu;
    }
    if hit
        .capture(r"^[!-~]{0,24}HOST_(?:OUT_OF_)?MEMORY")
        .is_some()
    {
        incident.memory = Memory::Host;
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Accelerator, Memory};
    use crate::messages::examples::one;

    #[test]
    fn the_interface_tells_the_vendor_and_the_status_the_memory() {
        let device = one("zeMemAllocDevice: error ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY").incident;
        assert_eq!(
            (device.accelerator, device.memory),
            (Accelerator::Xpu, Memory::Device)
        );
        let host = one("zeMemAllocHost: error ZE_RESULT_ERROR_OUT_OF_HOST_MEMORY").incident;
        assert_eq!(host.memory, Memory::Host);
    }
}
