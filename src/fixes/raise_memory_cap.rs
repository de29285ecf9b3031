//! A limit below the device refused memory that was there.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::Balance;

pub(crate) static FIX: Fix = Fix {
    id: "raise-memory-cap",
    title: "Lift the limit that stopped it",
    cost: "others on the GPU get less",
    page: include_str!("raise-memory-cap.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let balance = s.balance;
    let how = match s.program() {
        "jax" => "XLA_PYTHON_CLIENT_MEM_FRACTION=.95",
        "tensorrt-llm" => "kv_cache_config: {free_gpu_memory_fraction: 0.95}",
        _ if !s.torch() => return None,
        _ if s.incident.format.contains("mps") => {
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
    Some(Offer::winning(how, gain(balance), s))
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
