//! `PyTorch`'s idle cache goes back to the driver, for a CUDA graph or another process.

use super::offering::sides::simulates;
use super::situation::Trainer;
use super::{Fix, Offer, Situation, jax_no_preallocate};
use crate::evidence::{FindingId, FixId, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::EmptyCacheBetweenPhases,
    cost: "the next allocations ask the driver again, which is slow",
    page: include_str!("empty-cache-between-phases.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // CuPy compares with its limit before it gives back what is free (cupy/cuda/memory.pyx, `_try_malloc`).
    if s.program() == Program::Cupy && s.balance.limit.is_some() {
        let how = "cupy.get_default_memory_pool().free_all_blocks()  # before the large step";
        return Some(Offer::unmeasured(how));
    }
    if s.finding == FindingId::TakenWhileAsleep {
        let how = "torch.cuda.empty_cache()  # in the trainer, before the engine wakes up\n# its weights and states to the CPU first; vLLM wakes in steps: llm.wake_up(tags=[\"weights\"]), then [\"kv_cache\"]";
        return Some(Offer::unmeasured(how).titled("Let the trainer go of its memory first"));
    }
    if !s.torch() {
        return None;
    }
    if s.finding == FindingId::OtherLibrary {
        // An engine has a switch of its own.
        // A simulator has nothing to give back but worlds.
        if jax_no_preallocate::three_quarters(s) || s.colocated() || simulates(s) {
            return None;
        }
        let how = "cupy.get_default_memory_pool().free_all_blocks()  # before the line that fails, if CuPy holds it\n# TensorFlow: tf.config.experimental.set_memory_growth(gpu, True) at the start\n# JAX: XLA_PYTHON_CLIENT_MEM_FRACTION=.50 at the start";
        return Some(Offer::unmeasured(how).titled("Make the other library give its memory back"));
    }
    // In these only what an evaluation left goes away by it.
    let here = [FindingId::MoreThanTheDevice, FindingId::Activations];
    if here.contains(&s.finding) && !s.after_an_evaluation() {
        return None;
    }
    // While a graph is captured the allocator does not flush its cache by itself (CUDACachingAllocator.cpp).
    if s.in_phase(&[Phase::GraphCapture]) {
        let how = "torch.cuda.empty_cache()  # right before the capture begins";
        return Some(Offer::winning(how, s.idle_gain(), s));
    }
    if s.after_an_evaluation() {
        let how = match s.trainer() {
            Trainer::HuggingFace => {
                "torch.cuda.empty_cache()  # in on_evaluate of a TrainerCallback\n# and a smaller evaluation: per_device_eval_batch_size=1, prediction_loss_only=True"
            }
            Trainer::Lightning => {
                "torch.cuda.empty_cache()  # in on_validation_end of a Callback\n# and keep nothing of the batches: values by .item(), outputs by .cpu()"
            }
            _ => {
                "del outputs, loss; torch.cuda.empty_cache()  # at the end of the evaluation\n# under torch.no_grad(), in batches no larger than those of training"
            }
        };
        let title = "Let go of what the evaluation left";
        return Some(Offer::unmeasured(how).titled(title));
    }
    // For its own requests the allocator has just done it; only other processes' caches are worth a call.
    let crowded = [
        FindingId::OtherProcess,
        FindingId::RanksOnOneGpu,
        FindingId::PreallocatingFramework,
    ];
    crowded.contains(&s.finding).then(|| {
        Offer::unmeasured("torch.cuda.empty_cache()  # in the other process, after its phase\n# it gives back only what no tensor there uses")
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_no_offer_for_the_allocators_own_next_request() {
        assert_eq!(CaseBuilder::in_pieces().ask(&FIX), None);
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
    }

    #[test]
    fn during_a_capture_the_cache_is_not_flushed_so_that_it_wins_what_is_idle() {
        let trial = CaseBuilder::in_pieces().phase(Phase::GraphCapture);
        assert!(trial.ask(&FIX).unwrap().gain.is_some());
    }
}
