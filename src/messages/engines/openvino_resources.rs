//! "[GPU] `CL_OUT_OF_RESOURCES` exception": `OpenVINO`'s queue on an Intel GPU could not go on, mostly for lack of memory.

use crate::evidence::{Accelerator, Flag, Incident, MessageId, Program};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OpenvinoResources,
    printed_by: "src/plugins/intel_gpu/src/runtime/ocl/ocl_common.hpp (rethrow), OpenVINO from 2025; ocl_engine.cpp before, \
                 \"out of GPU resources\"",
    framework: Program::Openvino,
    signatures: &["CL_OUT_OF_RESOURCES", "out of GPU resources"],
    head: r"\[GPU\](?:CL_OUT_OF_RESOURCESexception|outofGPUresources|cl[A-Z][a-zA-Z]{3,30},errorcode:-5CL_OUT_OF_RESOURCES)",
    reach: 300,
    more: Some(more),
    texts: &[
        "RuntimeError: Exception from src/inference/src/cpp/infer_request.cpp:224:\nException from \
                   src/plugins/intel_gpu/src/runtime/ocl/ocl_common.hpp:62:\n[GPU] CL_OUT_OF_RESOURCES exception.\n\tDue to a driver \
                   bug, any subsequent OpenCL API call may cause the application to hang",
        "RuntimeError: Exception from src/plugins/intel_gpu/src/runtime/ocl/ocl_stream.cpp:365:\n[GPU] clFinish, error code: -5 \
                   CL_OUT_OF_RESOURCES",
        "Exception from src/plugins/intel_gpu/src/runtime/ocl/ocl_engine.cpp:185:\n[GPU] out of GPU resources",
    ],
    ..Message::EMPTY
};

/// A kernel that reaches beyond its buffers ends in the same words, by `OpenVINO`'s own.
fn more(_: &Match<'_>, incident: &mut Incident) {
    incident.flags.insert(Flag::Ambiguous);
    incident.accelerator = Accelerator::Xpu;
}
