//! Layers keep only their inputs and are run again in the backward pass.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: "gradient-checkpointing",
    title: "Recompute activations in the backward pass",
    cost: "about a third more time per step",
    page: include_str!("gradient-checkpointing.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let elsewhere = [
        Phase::Load,
        Phase::Eval,
        Phase::Generate,
        Phase::Optimizer,
        Phase::GraphCapture,
        Phase::Dataloader,
    ];
    if s.has(SettingKind::Checkpointing) || s.in_phase(&elsewhere) {
        return None;
    }
    let how = match s.program() {
        "jax" => "f = jax.checkpoint(f)  # around each layer",
        "tensorflow" => "layer = tf.recompute_grad(layer)  # around each block",
        _ if !s.torch() => return None,
        _ => match s.trainer() {
            Trainer::HuggingFace => {
                "gradient_checkpointing=True  # in TrainingArguments, or --gradient_checkpointing\n# and model.config.use_cache = False for language models"
            }
            Trainer::DeepSpeed => {
                "\"activation_checkpointing\": {\"partition_activations\": true}\n# and deepspeed.checkpointing.checkpoint(layer, x) around each layer"
            }
            Trainer::Lightning | Trainer::Plain => {
                "x = torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)\n# around each large layer; Hugging Face models: model.gradient_checkpointing_enable()"
            }
        },
    };
    Some(Offer::unmeasured(how))
}
