//! Weights that wait elsewhere: in host memory, or in the shards of all GPUs.

use crate::evidence::{FindingId, Phase};
use crate::fixes::{Offer, Situation};

/// `DeepSpeed` gathers layers ahead, and keeps them for a while (deepspeed/runtime/zero/config.py).
pub(in crate::fixes) fn gathered(s: &Situation<'_>) -> Offer {
    // trl/trainer/grpo_config.py and its kin; trl/models/utils.py, `unwrap_model_for_generation`.
    if s.incident.traceback.runs("unwrap_model_for_generation") {
        let how = "ds3_gather_for_generation=False  # in GRPOConfig, PPOConfig and their kin\n# ZeRO 3 puts all weights onto each GPU to generate, unless it is told not to";
        let offer = Offer::unmeasured(how).titled("Generate without all weights on each GPU");
        return offer.costing("slower generation");
    }
    let how = "\"stage3_max_live_parameters\": 1e8, \"stage3_prefetch_bucket_size\": 1e7\n# under zero_optimization; 1e9 and 5e7 unless told; and \"offload_param\": {\"device\": \"cpu\"}\n# the model must be made under deepspeed.zero.Init (the Trainer does so), or each rank has all of it";
    Offer::unmeasured(how).titled("Gather fewer weights at once")
}

/// The switch that is off, turned on for what does not fit: weights are no states.
pub(in crate::fixes) fn of_what_stays(s: &Situation<'_>, mut offer: Offer) -> Offer {
    if s.finding == FindingId::Weights {
        let states = "offload_optimizer_device";
        offer.how = offer.how.replace(states, "offload_param_device");
    }
    offer
}

/// Checkpoints of activations are none of what is read in (modelscope/DiffSynth-Studio, diffsynth/diffusion/parsers.py).
pub(in crate::fixes) fn read_in_parts(s: &Situation<'_>) -> Option<Offer> {
    let how =
        "--enable_model_cpu_offload\n# since May 2026: weights wait in host memory, layer by layer";
    (s.trained_by(&["diffsynth"]) && s.in_phase(&[Phase::Load])).then(|| Offer::unmeasured(how))
}
