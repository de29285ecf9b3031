//! Remedies: one file each. A fix says what to type for what was seen, what it wins here, and what it costs.

use crate::bytes::Bytes;
use crate::evidence::{FixId, named};

pub(crate) mod add_host_memory;
pub(crate) mod backward_each_micro_batch;
pub(crate) mod bigger_gpu;
#[cfg(test)]
mod case_builder;
pub(crate) mod choose_another_gpu;
pub(crate) mod chunk_the_operation;
pub(crate) mod chunked_cross_entropy;
pub(crate) mod donate_buffers;
pub(crate) mod driver_allocator;
pub(crate) mod drop_references;
pub(crate) mod empty_cache_before_library;
pub(crate) mod empty_cache_between_phases;
pub(crate) mod expandable_segments;
pub(crate) mod fewer_actors;
pub(crate) mod fewer_bins;
pub(crate) mod fewer_build_jobs;
pub(crate) mod fewer_gpu_layers;
pub(crate) mod fewer_graph_sizes;
pub(crate) mod fewer_parallel_requests;
pub(crate) mod fewer_processes;
pub(crate) mod fewer_test_workers;
pub(crate) mod fewer_workers;
pub(crate) mod fix_the_shape;
pub(crate) mod fused_optimizer;
pub(crate) mod gc_collect;
pub(crate) mod gradient_checkpointing;
pub(crate) mod grow_arena_as_needed;
pub(crate) mod inference_mode;
pub(crate) mod initialize_library_early;
pub(crate) mod item_or_detach;
pub(crate) mod jax_no_preallocate;
pub(crate) mod larger_shm;
pub(crate) mod leave_headroom;
pub(crate) mod limit_images;
pub(crate) mod load_checkpoint_on_cpu;
pub(crate) mod load_in_place;
pub(crate) mod load_less_beside;
pub(crate) mod low_precision_weights;
pub(crate) mod lower_batch_size;
pub(crate) mod lower_engine_memory_share;
pub(crate) mod max_split_size_mb;
pub(crate) mod memory_efficient_optimizer;
pub(crate) mod mixed_precision;
pub(crate) mod move_outputs_to_cpu;
pub(crate) mod no_dynamic_vram;
pub(crate) mod no_graphs;
mod offering;
pub(crate) mod offload;
pub(crate) mod offload_to_disk;
pub(crate) mod optimizer_foreach_false;
pub(crate) mod outputs_to_cpu;
pub(crate) mod pin_less_memory;
pub(crate) mod quantile_matrix;
pub(crate) mod quantize_kv_cache;
pub(crate) mod quantize_weights;
pub(crate) mod raise_engine_memory_share;
pub(crate) mod raise_memory_cap;
pub(crate) mod remove_hooks;
pub(crate) mod retry_outside_except;
pub(crate) mod run_it_again;
pub(crate) mod save_in_shards;
pub(crate) mod sdpa_attention;
pub(crate) mod set_device_by_local_rank;
pub(crate) mod shard_across_gpus;
pub(crate) mod share_graph_pool;
pub(crate) mod shorter_generation;
pub(crate) mod shorter_sequence;
pub(crate) mod simplify_the_scene;
pub(crate) mod smaller_context;
pub(crate) mod smaller_inputs;
pub(crate) mod smaller_prompt_batch;
pub(crate) mod smaller_workspace;
pub(crate) mod static_kv_cache;
pub(crate) mod stop_other_process;
#[cfg(test)]
mod tests;
pub(crate) mod tile_the_image;
pub(crate) mod train_adapters;
pub(crate) mod unified_memory;
pub(crate) mod use_newer_pytorch;

pub(crate) use offering::own::advice as own_advice;
pub use offering::ranking::Ranked;
pub(crate) use offering::ranking::{add_free_test, rank};
pub(crate) use offering::situation::Situation;

use offering::{
    batches, bounds, by_line, counted, cpp, gpus, older_gpu, places, programs, rivals, shares,
    situation, told, trainers, watched, weighed,
};

/// All fixes, in the order of the documentation.
pub(crate) static ALL: &[&Fix] = &[
    &expandable_segments::FIX,
    &max_split_size_mb::FIX,
    &lower_batch_size::FIX,
    &gradient_checkpointing::FIX,
    &mixed_precision::FIX,
    &inference_mode::FIX,
    &item_or_detach::FIX,
    &outputs_to_cpu::FIX,
    &move_outputs_to_cpu::FIX,
    &save_in_shards::FIX,
    &drop_references::FIX,
    &gc_collect::FIX,
    &retry_outside_except::FIX,
    &remove_hooks::FIX,
    &empty_cache_between_phases::FIX,
    &sdpa_attention::FIX,
    &chunked_cross_entropy::FIX,
    &shorter_sequence::FIX,
    &smaller_inputs::FIX,
    &low_precision_weights::FIX,
    &offload::FIX,
    &shard_across_gpus::FIX,
    &load_checkpoint_on_cpu::FIX,
    &memory_efficient_optimizer::FIX,
    &train_adapters::FIX,
    &optimizer_foreach_false::FIX,
    &fused_optimizer::FIX,
    &static_kv_cache::FIX,
    &shorter_generation::FIX,
    &chunk_the_operation::FIX,
    &fix_the_shape::FIX,
    &stop_other_process::FIX,
    &choose_another_gpu::FIX,
    &raise_memory_cap::FIX,
    &share_graph_pool::FIX,
    &fewer_graph_sizes::FIX,
    &set_device_by_local_rank::FIX,
    &jax_no_preallocate::FIX,
    &lower_engine_memory_share::FIX,
    &raise_engine_memory_share::FIX,
    &smaller_context::FIX,
    &quantize_weights::FIX,
    &fewer_gpu_layers::FIX,
    &smaller_prompt_batch::FIX,
    &fewer_parallel_requests::FIX,
    &tile_the_image::FIX,
    &simplify_the_scene::FIX,
    &add_host_memory::FIX,
    &larger_shm::FIX,
    &backward_each_micro_batch::FIX,
    &bigger_gpu::FIX,
    &initialize_library_early::FIX,
    &empty_cache_before_library::FIX,
    &leave_headroom::FIX,
    &use_newer_pytorch::FIX,
    &pin_less_memory::FIX,
    &fewer_workers::FIX,
    &offload_to_disk::FIX,
    &load_less_beside::FIX,
    &fewer_test_workers::FIX,
    &fewer_processes::FIX,
    &load_in_place::FIX,
    &fewer_build_jobs::FIX,
    &fewer_actors::FIX,
    &driver_allocator::FIX,
    &donate_buffers::FIX,
    &unified_memory::FIX,
    &run_it_again::FIX,
    &quantile_matrix::FIX,
    &fewer_bins::FIX,
    &quantize_kv_cache::FIX,
    &smaller_workspace::FIX,
    &grow_arena_as_needed::FIX,
    &no_graphs::FIX,
    &limit_images::FIX,
    &no_dynamic_vram::FIX,
];

named! {
    /// Whether a fix wins enough for the request that failed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Enough {
        /// It does, for every value that the printed digits allow.
        Yes => "yes",
        /// The log does not tell.
        Unknown => "unknown",
        /// It helps, and is too little by itself.
        No => "no",
    }
}

/// A fix for one situation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What to do, with the values of this case; `None` where the fix's own title says it all.
    pub title: Option<String>,
    /// The exact thing to type, for the framework and version seen. The first line stands alone.
    pub how: String,
    /// The bytes that it wins here; `None` where the log does not tell.
    pub gain: Option<Bytes>,
    /// True where it wins more than that by the end: what was counted had not come to its end.
    pub at_least: bool,
    /// Whether that is enough for the shortfall.
    pub enough: Enough,
    /// What it costs in the terms of this program, where the fix says it in others.
    pub cost: Option<&'static str>,
}

impl Offer {
    /// Something that helps by an amount that the log does not tell.
    fn unmeasured(how: impl Into<String>) -> Self {
        Self {
            title: None,
            how: how.into(),
            gain: None,
            at_least: false,
            enough: Enough::Unknown,
            cost: None,
        }
    }

    /// The same under a title that names the values.
    fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Something that wins these bytes; whether that is enough follows from the shortfall.
    fn winning(how: impl Into<String>, gain: Option<Bytes>, situation: &Situation<'_>) -> Self {
        // A shortfall of nothing says that the arithmetic does not explain the failure, so it cannot say what is enough.
        let shortfall = situation.balance.shortfall.filter(|s| s.high() > 0);
        Self {
            title: None,
            how: how.into(),
            gain,
            at_least: false,
            enough: covers(gain, shortfall),
            cost: None,
        }
    }

    /// The same, at a cost in the terms of this program.
    const fn costing(mut self, cost: &'static str) -> Self {
        self.cost = Some(cost);
        self
    }
}

/// One remedy.
pub struct Fix {
    /// Its name: kebab-case, equal to its file's name.
    pub id: FixId,
    /// What it costs: speed, accuracy, work.
    pub cost: &'static str,
    /// Its page for `explain`, in Markdown.
    pub page: &'static str,
    /// The offer here; `None` where it is on already, or the version or platform cannot do it, or it cannot help.
    pub offer: fn(&Situation<'_>) -> Option<Offer>,
}

impl Fix {
    /// What it does, as an imperative: the heading of its page.
    pub fn title(&self) -> &'static str {
        heading(self.page)
    }
}

/// The heading of a page; empty where it has none.
pub(crate) fn heading(page: &'static str) -> &'static str {
    let first = page.lines().next().unwrap_or("");
    first.strip_prefix("# ").unwrap_or("")
}

/// Whether a gain covers the shortfall: by the intervals, or not known.
pub(crate) fn covers(gain: Option<Bytes>, shortfall: Option<Bytes>) -> Enough {
    match (gain, shortfall) {
        (Some(gain), Some(short)) if gain.surely_at_least(short) => Enough::Yes,
        (Some(gain), Some(short)) if short.surely_over(gain) => Enough::No,
        _ => Enough::Unknown,
    }
}
