//! Page-locked memory cannot be swapped, is rounded up to powers of two, and has limits of its own.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::bytes::GIB;
use crate::evidence::{Family, FindingId, FixId, Flag, Memory, MessageId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::PinLessMemory,
    cost: "slower copies to the GPU",
    page: include_str!("pin-less-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // sglang/srt: GB of 10^9 bytes for each rank, as the message has them; else a ratio of the cache on the GPU.
    if s.incident.format == MessageId::SglangHostCache {
        let most = s.balance.free?.low() / GIB;
        let how = format!("--hicache-size {most}  # for one rank; several on one host share that");
        let offer = Offer::unmeasured(how).titled("Keep less of the cache in host memory");
        return (most > 0).then_some(offer);
    }
    let pinned = s.finding == FindingId::Pinned || s.incident.flagged(Flag::Pinned);
    if s.incident.memory != Memory::Host || !pinned {
        return None;
    }
    if s.program() == Program::Comfyui {
        return Some(Offer::unmeasured("--disable-pinned-memory"));
    }
    // These have no loader of PyTorch's: their own call is named.
    let own = match s.program() {
        // documen.tician.de/pycuda, driver: pagelocked_empty.
        Program::Pycuda => {
            "numpy.empty(size, dtype)  # in place of cuda.pagelocked_empty; or a smaller size"
        }
        program
            if !matches!(
                program.family(),
                Family::Torch | Family::Engine | Family::Trainer
            ) =>
        {
            "fewer or smaller page-locked buffers  # cudaMallocHost, cudaHostAlloc"
        }
        _ => "",
    };
    if !own.is_empty() {
        return Some(Offer::unmeasured(own));
    }
    // What goes to the host without waiting goes into pinned memory there (aten/src/ATen/native/TensorConversions.cpp, `_to_copy`).
    if s.incident.traceback.runs("non_blocking=True") {
        let how = format!(
            "block.to(\"cpu\")  # without non_blocking=True nothing is pinned{}",
            s.at_here().replace("  #", "\n#")
        );
        return Some(Offer::unmeasured(how).titled("Copy to the host without pinned memory"));
    }
    let how = match s.trainer() {
        Trainer::HuggingFace => "dataloader_pin_memory=False  # in TrainingArguments".to_owned(),
        Trainer::DeepSpeed => {
            "\"pin_memory\": false  # in offload_optimizer and offload_param".to_owned()
        }
        _ => format!("DataLoader(..., pin_memory=False){}", s.at_here()),
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_for_pinned_host_memory_only() {
        assert!(
            CaseBuilder::new()
                .host()
                .finding(FindingId::Pinned)
                .ask(&FIX)
                .is_some()
        );
        assert_eq!(
            CaseBuilder::new()
                .host()
                .finding(FindingId::Cgroup)
                .ask(&FIX),
            None
        );
        assert_eq!(
            CaseBuilder::new().finding(FindingId::Pinned).ask(&FIX),
            None
        );
    }
}
