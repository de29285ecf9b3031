//! "failed to allocate memory [Op:Mul]", "Dst tensor is not initialized.": TensorFlow without a shape or a size.

use crate::evidence::{Incident, MessageId, Program};
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowUnallocated,
    printed_by: "tensorflow/core/framework/op_kernel.cc (forward_input_or_allocate_output, from 2.6), \
                 core/common_runtime/gpu/gpu_util.cc and copy_tensor.cc (Dst tensor, SameWorkerRecvDone)",
    framework: Program::Tensorflow,
    signatures: &[
        "failed to allocate memory [Op",
        "Dst tensor is not init",
        "unable to allocate output",
        "ResourceExhaustedError",
        "tensor is not initialized",
    ],
    head: r"failedtoallocatememory\[Op:|(?:ResourceExhaustedError:|RESOURCE_EXHAUSTED:)(?:\{\{[!-z|]{1,200}\}\})?failedtoallocatememory|Error:(?:[!-~]{0,300}?inordertorun[A-Za-z0-9_]{1,60}:|(?:\{\{[!-z|]{1,200}\}\}))?Dsttensorisnotinitialized|SameWorkerRecvDoneunabletoallocateoutputtensor",
    reach: 500,
    more: Some(more),
    texts: &[
        "tensorflow.python.framework.errors_impl.ResourceExhaustedError: {{function_node \
                   __wrapped__AddV2_device_/job:localhost/replica:0/task:0/device:GPU:0}} failed to allocate memory [Op:AddV2]",
        "tensorflow.python.framework.errors_impl.InternalError: Failed copying input tensor from \
                   /job:localhost/replica:0/task:0/device:CPU:0 to /job:localhost/replica:0/task:0/device:GPU:1 in order to run \
                   _EagerConst: Dst tensor is not initialized.",
        "InternalError: Dst tensor is not initialized.\n\t [[Node: zeros_12/_93 = _Recv[client_terminated=false]]]",
        "ResourceExhaustedError: SameWorkerRecvDone unable to allocate output tensor. Key: \
                   /job:localhost/replica:0/task:0/device:CPU:0;1;/job:localhost/replica:0/task:0/device:GPU:0;edge_5;0:0",
    ],
    silent: &[
        // What only speaks of it is no failure.
        "If you see \"Dst tensor is not initialized.\" there is not enough memory.",
        "Src tensor is not initialized.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"^[!-~]{0,300}?device:GPU:(\d{1,3})");
}

#[cfg(test)]
mod tests {
    use crate::diagnose;
    use crate::messages::examples::one;

    #[test]
    fn the_device_is_where_it_was_to_go() {
        let text = "InternalError: Failed copying input tensor from /job:localhost/replica:0/task:0/device:CPU:0 to \
            /job:localhost/replica:0/task:0/device:GPU:1 in order to run _EagerConst: Dst tensor is not initialized.";
        assert_eq!(one(text).incident.device, Some(1));
    }

    #[test]
    fn the_allocators_report_and_it_are_one_failure() {
        let text = "W bfc_allocator.cc:485] Allocator (GPU_0_bfc) ran out of memory trying to allocate 1.97GiB (rounded to \
            2110783744)requested by op _EagerConst\nCurrent allocation summary follows.\nInternalError: Failed copying input tensor \
            from /job:localhost/replica:0/task:0/device:CPU:0 to /job:localhost/replica:0/task:0/device:GPU:0 in order to run \
            _EagerConst: Dst tensor is not initialized.";
        assert_eq!(diagnose("t", text.as_bytes()).incidents.len(), 1);
    }
}
