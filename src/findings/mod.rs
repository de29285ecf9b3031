//! Why memory ran out: one folder a cause, and in it one file a finding, with the facts it needs, its
//! decision and its page. What several findings measure is in `measures`.
//!
//! Every finding decides for itself and says how sure it is. The surest stands first; among equals the order of [`ALL`]
//! decides, which is the order in which the allocator's rules exclude one another.

/// Fixes by the names of their files, the most likely to help first.
macro_rules! fixes {
    ($($fix:ident),+ $(,)?) => { &[$(&crate::fixes::$fix::FIX),+] };
}

mod cap;
mod cause;
mod contention;
mod exhaustion;
mod finding;
mod fragmentation;
mod host_memory;
mod inside;
mod leak;
mod measures;
pub(crate) mod notes;
mod oversized;
mod own;
mod rerun;
mod source;
mod unknown;
mod verdict;

use crate::evidence::{Accelerator, AtFailure, FindingId, SettingKind};
use crate::sorting;

pub(crate) use crate::evidence::Case;
pub use cause::Cause;
pub use finding::Finding;
pub(crate) use own::{finding as own_finding, tell as tell_own};
pub use rerun::Rerun;
pub use verdict::{Confidence, Measured, Verdict};

/// All findings, in the order of decision.
pub(crate) static ALL: &[&Finding] = &[
    &host_memory::oom_killer::FINDING,
    &host_memory::shm::FINDING,
    &host_memory::cgroup::FINDING,
    &host_memory::pinned::FINDING,
    &host_memory::cpu_allocator::FINDING,
    &unknown::contradictory_figures::FINDING,
    &oversized::attention_larger_than_device::FINDING,
    &oversized::shape_bug::FINDING,
    &oversized::pairwise::FINDING,
    &oversized::whole_dataset::FINDING,
    &oversized::larger_than_device::FINDING,
    &oversized::buffer_larger_than_device::FINDING,
    &cap::memory_fraction::FINDING,
    &cap::pool_limit::FINDING,
    &cap::container_quota::FINDING,
    &cap::framework_pool_limit::FINDING,
    &cap::engine_budget::FINDING,
    &cap::guardrail::FINDING,
    &cap::single_allocation_limit::FINDING,
    &cap::encoder_sessions::FINDING,
    &leak::exception_frames::FINDING,
    &leak::hooks::FINDING,
    &leak::cycles::FINDING,
    &leak::kept_objects::FINDING,
    &leak::kept_graph::FINDING,
    &leak::kept_outputs::FINDING,
    &leak::unknown_growth::FINDING,
    &contention::ranks_on_one_gpu::FINDING,
    &contention::other_library::FINDING,
    &contention::other_process::FINDING,
    &contention::stale_process::FINDING,
    &contention::no_room_for_context::FINDING,
    &contention::taken_while_asleep::FINDING,
    &contention::freed_meanwhile::FINDING,
    &contention::preallocating_framework::FINDING,
    &fragmentation::private_pools::FINDING,
    &fragmentation::streams::FINDING,
    &fragmentation::split_segments::FINDING,
    &fragmentation::pool_fragmented::FINDING,
    &exhaustion::all_against_all::FINDING,
    &exhaustion::large_request::FINDING,
    &exhaustion::optimizer_temporaries::FINDING,
    &exhaustion::optimizer_states::FINDING,
    &exhaustion::duplicate_weights::FINDING,
    &exhaustion::earlier_models::FINDING,
    &exhaustion::weights::FINDING,
    &exhaustion::kv_cache::FINDING,
    &exhaustion::trial_run::FINDING,
    &exhaustion::beside_the_share::FINDING,
    &exhaustion::longest_context::FINDING,
    &exhaustion::compute_buffer::FINDING,
    &exhaustion::logits::FINDING,
    &exhaustion::attention_scores::FINDING,
    &exhaustion::saving::FINDING,
    &exhaustion::graph_kept_in_eval::FINDING,
    &exhaustion::activations::FINDING,
    &exhaustion::more_than_the_device::FINDING,
    &exhaustion::pool_exhausted::FINDING,
    &exhaustion::library_starved::FINDING,
    &unknown::free_but_refused::FINDING,
    &cap::host_paging::FINDING,
    &unknown::unmoved_reading::FINDING,
    &unknown::engine_refused::FINDING,
    &unknown::address_space::FINDING,
    &unknown::buffer_refused::FINDING,
    &unknown::no_batch_fits::FINDING,
    &unknown::no_figures::FINDING,
];

/// A finding that holds.
#[derive(Clone)]
pub struct Judged {
    /// The finding.
    pub finding: &'static Finding,
    /// Its word.
    pub verdict: Verdict,
}

impl Judged {
    /// How sure the finding within the cause is.
    pub fn finding_confidence(&self) -> Confidence {
        let verdict = &self.verdict;
        verdict.finding_confidence.unwrap_or(verdict.confidence)
    }
}

/// All findings that hold, surest first; where none does, the one that says so.
pub(crate) fn judge(case: &Case<'_>) -> Vec<Judged> {
    let word = |finding: &&'static Finding| {
        (finding.decide)(case).map(|verdict| Judged { finding, verdict })
    };
    let mut judged: Vec<Judged> = ALL.iter().filter_map(word).collect();
    if judged.is_empty() {
        judged.extend(word(&&unknown::unexplained::FINDING));
    }
    if let Some(census) = &case.incident.census {
        inside::tell(case, census, &mut judged);
    }
    sorting::by_key(&mut judged, |j| std::cmp::Reverse(j.verdict.weight()));
    if !case.incident.clues.is_empty() {
        source::tell(case, &mut judged);
        sorting::by_key(&mut judged, |j| std::cmp::Reverse(j.verdict.weight()));
    }
    if rivals_were_seen(case) {
        let contention = judged.iter_mut();
        for judged in contention.filter(|j| j.finding.cause == Cause::Contention) {
            judged.verdict.settle = None;
        }
    }
    for settle in judged.iter_mut().filter_map(|j| j.verdict.settle.as_mut()) {
        with_own_names(settle, case.incident.accelerator_told());
        // mlverse/torch: R/cuda.R.
        if case.incident.settings.has(SettingKind::InR) {
            *settle = settle.replace(
                "print(torch.cuda.memory_summary())",
                "cuda_memory_summary()",
            );
        }
    }
    judged
}

/// True where the program was watched, and others held its device when memory ran out: who they are needs no more readings.
fn rivals_were_seen(case: &Case<'_>) -> bool {
    let seen = case.incident.at_failure.as_ref();
    seen.is_some_and(|at| AtFailure::rivals(at).next().is_some())
}

/// Findings name NVIDIA's tool and `torch.cuda`; another vendor's device has its own.
fn with_own_names(settle: &mut String, accelerator: Accelerator) {
    const CUDA: Accelerator = Accelerator::Cuda;
    if accelerator.monitor() != CUDA.monitor() {
        let own = accelerator.monitor();
        // A phrase is no command.
        if own.starts_with("the ") {
            *settle = settle.replace(&format!("`{}`", CUDA.monitor()), own);
        }
        *settle = settle.replace(CUDA.monitor(), own);
    }
    match accelerator.python() {
        "cuda" => {}
        // torch/mps has no summary.
        "mps" => {
            let driver = "torch.mps.driver_allocated_memory()";
            *settle = settle.replace("torch.cuda.memory_summary()", driver);
        }
        own => *settle = settle.replace("torch.cuda.", &format!("torch.{own}.")),
    }
}

/// Every finding, the fallback included.
pub(crate) fn all() -> impl Iterator<Item = &'static Finding> {
    ALL.iter().copied().chain([&unknown::unexplained::FINDING])
}

/// The finding of this name.
pub(crate) fn named(id: FindingId) -> Option<&'static Finding> {
    all().find(|finding| finding.id == id)
}
