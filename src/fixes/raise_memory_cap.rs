//! A limit below the device refused memory that was there.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{Accelerator, Balance, FixId, Flag, MessageId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::RaiseMemoryCap,
    cost: "others on the GPU get less",
    page: include_str!("raise-memory-cap.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let balance = s.balance;
    if s.incident.flagged(Flag::Quota) {
        let how = "nvidia.com/gpumem: N  # N: more MiB than now, in the container's limits";
        return Some(Offer::unmeasured(how));
    }
    let how = match s.program() {
        Program::Jax => "XLA_PYTHON_CLIENT_MEM_FRACTION=.95",
        // tensorflow.org, guide/gpu (limiting GPU memory growth): in MB; TensorFlow 1: GPUOptions.
        Program::Tensorflow => {
            "tf.config.LogicalDeviceConfiguration(memory_limit=N)  # N: more MiB than now, or none\n# TensorFlow 1: a larger per_process_gpu_memory_fraction"
        }
        Program::Cupy => {
            "cupy.get_default_memory_pool().set_limit(size=0)\n# no limit; CUPY_GPU_MEMORY_LIMIT where that set it"
        }
        Program::Paddle => "FLAGS_gpu_memory_limit_mb=0  # no limit",
        Program::Rapids => {
            "rmm.reinitialize(pool_allocator=True, maximum_pool_size=None)\n# dask-cuda: a larger --rmm-pool-size or --rmm-maximum-pool-size"
        }
        Program::Julia => "JULIA_CUDA_HARD_MEMORY_LIMIT=100%\n# or unset it",
        Program::Mindspore => {
            "mindspore.set_context(max_device_memory=\"N GB\")  # N: what the card has"
        }
        Program::TritonServer if s.incident.framework == Program::Onnxruntime => {
            "parameters { key: \"gpu_mem_limit\" value: { string_value: \"N\" } }\n# in config.pbtxt; N: more bytes than now, or leave the parameter out"
        }
        Program::Onnxruntime => {
            "{\"gpu_mem_limit\": N}  # N: more bytes than now, or leave the option out\n# an option of CUDAExecutionProvider, for each session by itself"
        }
        Program::TensorrtLlm => "kv_cache_config: {free_gpu_memory_fraction: 0.95}",
        _ if !s.torch() => return None,
        _ if s.incident.accelerator == Accelerator::Mps => {
            "PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0\n# no limit at all: macOS itself can run short"
        }
        _ if s
            .incident
            .settings
            .allocator()
            .get("per_process_memory_fraction")
            .is_some() =>
        {
            let line = s.allocator_line("per_process_memory_fraction", "1.0", &[]);
            return Some(Offer::winning(line, gain(balance), s));
        }
        _ => "torch.cuda.set_per_process_memory_fraction(1.0)",
    };
    let untold = s.incident.format == MessageId::PytorchSnapshot && balance.limit.is_none();
    let gain = if untold { balance.free } else { gain(balance) };
    Some(Offer::winning(how, gain, s))
}

/// What the driver still has beyond the headroom that the limit leaves.
fn gain(balance: &Balance) -> Option<Bytes> {
    let under = balance.limit?.minus(balance.reserved?);
    let headroom = balance.headroom?;
    match balance.free {
        Some(free) => Some(free.minus(headroom)),
        // Others may hold a part of what lies above the limit.
        None => Some(Bytes::between(
            0,
            balance.total?.minus(balance.reserved?).minus(under).high(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Enough;
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::bytes::GIB;
    use crate::evidence::{FindingId, Key, SettingKind};

    fn capped() -> CaseBuilder {
        CaseBuilder::new()
            .finding(FindingId::MemoryFraction)
            .fact(Key::Tried, 100)
            .fact(Key::Total, 1400)
            .fact(Key::Free, 700)
            .fact(Key::Limit, 700)
            .fact(Key::Allocated, 650)
            .fact(Key::ReservedUnallocated, 0)
    }

    #[test]
    fn it_wins_what_the_driver_has_beyond_the_limit() {
        let offer = capped().ask(&FIX).unwrap();
        assert_eq!(offer.gain, Some(Bytes::exact(65 * GIB)));
        assert_eq!(offer.enough, Enough::Yes);
        assert_eq!(offer.how, "torch.cuda.set_per_process_memory_fraction(1.0)");
    }

    #[test]
    fn a_limit_among_the_options_is_lifted_there() {
        let trial = capped().set(
            SettingKind::AllocatorConfig,
            "per_process_memory_fraction:0.5",
        );
        assert_eq!(
            trial.line(&FIX),
            "PYTORCH_CUDA_ALLOC_CONF=per_process_memory_fraction:1.0"
        );
    }

    #[test]
    fn without_a_limit_nothing_is_known_to_be_won() {
        assert_eq!(CaseBuilder::in_pieces().ask(&FIX).unwrap().gain, None);
    }
}
