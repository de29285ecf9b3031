//! Why memory ran out: one file a finding, with the facts it needs, its decision and its page.
//!
//! Every finding decides for itself and says how sure it is. The surest stands first; among equals the order of [`ALL`]
//! decides, which is the order in which the allocator's rules exclude one another.

mod activations;
mod address_space;
mod attention_scores;
mod budgets;
mod buffer_larger_than_device;
mod buffer_refused;
mod buffers;
mod cgroup;
mod compute_buffer;
mod container_quota;
mod contradictory_figures;
mod cpu_allocator;
mod cycles;
mod duplicate_weights;
mod engine_budget;
mod engine_refused;
mod exception_frames;
mod framework_pool_limit;
mod free_but_refused;
mod graph_kept_in_eval;
mod growing;
mod hooks;
mod host_paging;
mod kept_graph;
mod kept_objects;
mod kept_outputs;
mod kv_cache;
mod larger_than_device;
mod library_starved;
mod logits;
mod longest_context;
mod memory_fraction;
mod more_than_the_device;
mod no_batch_fits;
mod no_figures;
mod no_room_for_context;
pub mod notes;
mod oom_killer;
mod optimizer_states;
mod optimizer_temporaries;
mod other_library;
mod other_process;
mod pairwise;
mod pinned;
mod pool_exhausted;
mod pool_fragmented;
mod pool_limit;
mod pools;
mod preallocating_framework;
mod private_pools;
mod ranks_on_one_gpu;
mod shape;
mod shape_bug;
mod shm;
mod single_allocation_limit;
mod split_segments;
mod stale_process;
mod streams;
mod sums;
mod unexplained;
mod unknown_growth;
mod weights;
mod whole_dataset;
mod work;

use crate::evidence::{Balance, Incident, Series};
use crate::fixes::Fix;

/// All findings, in the order of decision.
pub static ALL: &[&Finding] = &[
    &oom_killer::FINDING,
    &shm::FINDING,
    &cgroup::FINDING,
    &pinned::FINDING,
    &cpu_allocator::FINDING,
    &contradictory_figures::FINDING,
    &shape_bug::FINDING,
    &pairwise::FINDING,
    &whole_dataset::FINDING,
    &larger_than_device::FINDING,
    &buffer_larger_than_device::FINDING,
    &memory_fraction::FINDING,
    &pool_limit::FINDING,
    &container_quota::FINDING,
    &framework_pool_limit::FINDING,
    &engine_budget::FINDING,
    &single_allocation_limit::FINDING,
    &exception_frames::FINDING,
    &hooks::FINDING,
    &cycles::FINDING,
    &kept_objects::FINDING,
    &kept_graph::FINDING,
    &kept_outputs::FINDING,
    &unknown_growth::FINDING,
    &ranks_on_one_gpu::FINDING,
    &other_library::FINDING,
    &other_process::FINDING,
    &stale_process::FINDING,
    &no_room_for_context::FINDING,
    &preallocating_framework::FINDING,
    &private_pools::FINDING,
    &streams::FINDING,
    &split_segments::FINDING,
    &pool_fragmented::FINDING,
    &optimizer_temporaries::FINDING,
    &optimizer_states::FINDING,
    &duplicate_weights::FINDING,
    &weights::FINDING,
    &kv_cache::FINDING,
    &longest_context::FINDING,
    &compute_buffer::FINDING,
    &logits::FINDING,
    &attention_scores::FINDING,
    &graph_kept_in_eval::FINDING,
    &activations::FINDING,
    &more_than_the_device::FINDING,
    &pool_exhausted::FINDING,
    &library_starved::FINDING,
    &free_but_refused::FINDING,
    &host_paging::FINDING,
    &engine_refused::FINDING,
    &address_space::FINDING,
    &buffer_refused::FINDING,
    &no_batch_fits::FINDING,
    &no_figures::FINDING,
];

/// The eight causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Enough is there, in pieces that cannot be joined.
    Fragmentation,
    /// The work needs more than the device has.
    Exhaustion,
    /// Live memory grows with time and should not.
    Leak,
    /// Somebody else holds the memory.
    Contention,
    /// A limit below the device stopped it.
    Cap,
    /// One request exceeds the device or the limit.
    Oversized,
    /// The host's memory ran out.
    HostMemory,
    /// The evidence does not settle it.
    Unknown,
}

impl Cause {
    /// Every cause, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Fragmentation,
        Self::Exhaustion,
        Self::Leak,
        Self::Contention,
        Self::Cap,
        Self::Oversized,
        Self::HostMemory,
        Self::Unknown,
    ];

    /// The cause in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fragmentation => "fragmentation",
            Self::Exhaustion => "exhaustion",
            Self::Leak => "leak",
            Self::Contention => "contention",
            Self::Cap => "cap",
            Self::Oversized => "oversized",
            Self::HostMemory => "host-memory",
            Self::Unknown => "unknown",
        }
    }

    /// The page of the cause for `explain`, in Markdown: what it is, and its findings.
    pub fn page(self) -> String {
        let head = match self {
            Self::Fragmentation => include_str!("pages/fragmentation.md"),
            Self::Exhaustion => include_str!("pages/exhaustion.md"),
            Self::Leak => include_str!("pages/leak.md"),
            Self::Contention => include_str!("pages/contention.md"),
            Self::Cap => include_str!("pages/cap.md"),
            Self::Oversized => include_str!("pages/oversized.md"),
            Self::HostMemory => include_str!("pages/host-memory.md"),
            Self::Unknown => include_str!("pages/unknown.md"),
        };
        let own = all().filter(|finding| finding.cause == self);
        let rows: Vec<String> = own.map(|f| format!("- `{}`: {}", f.id, f.title)).collect();
        format!("{head}\n## Findings\n\n{}\n", rows.join("\n"))
    }
}

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It may be so.
    Possible,
    /// It holds at the middle of the intervals, or by a rule with rare exceptions.
    Likely,
    /// It holds for every value that the printed digits allow.
    Proven,
}

impl Confidence {
    /// The word in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}

/// What a finding looks at.
pub struct Case<'a> {
    /// The failure.
    pub incident: &'a Incident,
    /// Its arithmetic.
    pub balance: &'a Balance,
    /// The telemetry of its source, its own rank's series first.
    pub series: &'a [Series],
}

/// A finding's word on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How sure it is.
    pub confidence: Confidence,
    /// The arithmetic or the evidence, as a sentence or two.
    pub because: String,
    /// The one reading or command that would settle it, where it is not proven.
    pub settle: Option<String>,
}

/// One thing that can be the case.
pub struct Finding {
    /// Its name: kebab-case, equal to its file's name.
    pub id: &'static str,
    /// The cause that it belongs to.
    pub cause: Cause,
    /// What is the case, as half a sentence.
    pub title: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// What helps, best first among equals.
    pub fixes: &'static [&'static Fix],
    /// The decision; `None` where it is not the case or cannot be told.
    pub decide: fn(&Case<'_>) -> Option<Verdict>,
}

/// A finding that holds.
pub struct Judged {
    /// The finding.
    pub finding: &'static Finding,
    /// Its word.
    pub verdict: Verdict,
}

/// All findings that hold, surest first; where none does, the one that says so.
pub fn judge(case: &Case<'_>) -> Vec<Judged> {
    let word = |finding: &&'static Finding| {
        (finding.decide)(case).map(|verdict| Judged { finding, verdict })
    };
    let mut judged: Vec<Judged> = ALL.iter().filter_map(word).collect();
    if judged.is_empty() {
        judged.extend(word(&&unexplained::FINDING));
    }
    judged.sort_by_key(|j| std::cmp::Reverse(j.verdict.confidence));
    judged
}

/// Every finding, the fallback included.
pub fn all() -> impl Iterator<Item = &'static Finding> {
    ALL.iter().copied().chain([&unexplained::FINDING])
}

/// The finding with this id.
pub fn find(id: &str) -> Option<&'static Finding> {
    all().find(|finding| finding.id == id)
}
