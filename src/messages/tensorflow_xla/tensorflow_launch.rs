//! "Non-OK-status: `GpuLaunchKernel`(…) status: Internal: out of memory": a kernel that TensorFlow could not start for want of memory.

use crate::evidence::{Flag, MessageId, Program};
use crate::messages::Message;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowLaunch,
    printed_by: "tensorflow/core/platform/status.h (TF_CHECK_OK), around tensorflow/core/util/gpu_kernel_helper.h (GpuLaunchKernel); TensorFlow 1.14 to 2.x",
    framework: Program::Tensorflow,
    signatures: &["Non-OK-status:"],
    head: r"Non-OK-status:GpuLaunchKernel\([!-~]{0,400}?\)status:(?:Internal|INTERNAL):outofmemory",
    reach: 600,
    // A kernel asks for no memory of the pool: the driver had none left for its code or its stack.
    flags: &[Flag::Library],
    texts: &[
        "F tensorflow/core/kernels/random_op_gpu.h:246] Non-OK-status: \
             GpuLaunchKernel(FillPhiloxRandomKernelLaunch<Distribution>, num_blocks, block_size, 0, d.stream(), key, counter, \
             gen, data, size, dist) status: Internal: out of memory",
        "F ./tensorflow/core/util/gpu_launch_config.h:129] Non-OK-status: GpuLaunchKernel(SetZero<T>, 8, 1024, 0, s, n, p) status: INTERNAL: out of memory",
    ],
    ..Message::EMPTY
};
