//! "OOM when allocating tensor with shape[…]": an operation of TensorFlow that got no memory.

use crate::evidence::{MessageId, Program};
use crate::messages::tensorflow_xla::bfc_allocator;
use crate::messages::{Example, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TensorflowExhausted,
    printed_by: "tensorflow/core/framework/op_kernel.cc (allocate_tensor), TensorFlow 1 and 2",
    framework: Program::Tensorflow,
    signatures: &["OOM when allocating tensor"],
    head: r"OOMwhenallocatingtensor(?:withshape|ofshape)\[\d",
    reach: 600,
    more: Some(bfc_allocator::tell_place),
    examples: &[
        Example(
            "tensorflow.python.framework.errors_impl.ResourceExhaustedError: {{function_node __wrapped__AddV2}} OOM when \
                   allocating tensor with shape[32,256,128,128] and type float on /job:localhost/replica:0/task:0/device:GPU:0 \
                   by allocator GPU_0_bfc [Op:AddV2]",
            &[],
        ),
        Example(
            "Resource exhausted: OOM when allocating tensor with shape[1024,256]",
            &[],
        ),
    ],
    ..Message::EMPTY
};

#[cfg(test)]
mod tests {
    use crate::evidence::Memory;
    use crate::messages::examples::one;

    #[test]
    fn a_tensor_for_the_host_is_the_hosts() {
        let text = "OOM when allocating tensor with shape[40000,40000] and type float on \
            /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu";
        assert_eq!(one(text).incident.memory, Memory::Host);
        let text = text.replace("CPU:0 by allocator cpu", "GPU:1 by allocator GPU_1_bfc");
        assert_eq!(one(&text).incident.device, Some(1));
    }
}
