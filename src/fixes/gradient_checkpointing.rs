//! Layers keep only their inputs and are run again in the backward pass.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::GradientCheckpointing,
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
    // huggingface/transformers (modeling_utils.py, `enable_input_require_grads`): adapters behind frozen embeddings.
    if s.has(SettingKind::FrozenInputs) && s.torch() && !s.in_phase(&elsewhere) {
        let how = "model.enable_input_require_grads()  # then gradient_checkpointing=True works with adapters\n# or gradient_checkpointing_kwargs={\"use_reentrant\": False}: that is why it failed with \"element 0 of tensors\"";
        return Some(Offer::unmeasured(how));
    }
    // Without a graph nothing is kept for later.
    let seen = s.incident.census.as_deref();
    let switched_off = seen.is_some_and(|census| census.work.inference || !census.work.grad);
    let infers = s.incident.traceback.infers();
    let no_graph =
        (s.has(SettingKind::NoGrad) || switched_off || infers) && !s.in_phase(&[Phase::Backward]);
    // Under `torch.func` the gradients of every sample are what is large, and layers that are run again do not change them.
    let by_sample = s.incident.traceback.mentions("torch/_functorch/vmap.py");
    let useless = s.in_phase(&elsewhere)
        || s.decodes_images()
        || s.predicts_one()
        || s.shows_no_training()
        || no_graph && (s.torch() || s.program() == Program::Tensorflow)
        || by_sample;
    if useless || s.has(SettingKind::Checkpointing) {
        return None;
    }
    if let Some(offer) = s.turned_on(SettingKind::CheckpointingOff) {
        return Some(offer);
    }
    let own = s.own_switch(|switches| switches.checkpointing);
    if own != Own::General {
        return own.offer();
    }
    if s.blind() {
        return None;
    }
    let how = match s.program() {
        Program::Jax => "f = jax.checkpoint(f)  # around each layer",
        Program::Tensorflow => "layer = tf.recompute_grad(layer)  # around each block",
        _ if !s.torch() => return None,
        _ => match s.trainer() {
            Trainer::HuggingFace => {
                "gradient_checkpointing=True  # in TrainingArguments\n# and model.config.use_cache = False for language models"
            }
            Trainer::DeepSpeed => {
                "\"activation_checkpointing\": {\"partition_activations\": true}\n# and deepspeed.checkpointing.checkpoint(layer, x) around each layer"
            }
            // Project-MONAI/MONAI (networks/nets/swin_unetr.py).
            _ if s.incident.traceback.mentions("nets/swin_unetr") => {
                "SwinUNETR(..., use_checkpoint=True)\n# then a smaller patch: 64 x 64 x 64 in the crop and in roi_size"
            }
            // timm (models/_manipulate.py): most of its models have it.
            Trainer::Plain if s.incident.traceback.mentions("timm/models/") => {
                "model.set_grad_checkpointing()  # timm's train.py: --grad-checkpointing"
            }
            Trainer::Lightning | Trainer::Plain => {
                "x = torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)\n# around each large layer; Hugging Face models: model.gradient_checkpointing_enable()"
            }
        },
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_offered_in_training_and_where_it_is_not_on() {
        assert!(
            CaseBuilder::new()
                .phase(Phase::Backward)
                .ask(&FIX)
                .is_some()
        );
        for phase in [Phase::Eval, Phase::Optimizer, Phase::Load] {
            assert_eq!(CaseBuilder::new().phase(phase).ask(&FIX), None, "{phase:?}");
        }
        assert_eq!(
            CaseBuilder::new()
                .set(SettingKind::Checkpointing, "")
                .ask(&FIX),
            None
        );
    }

    #[test]
    fn the_trainer_has_a_switch_for_it() {
        let line = CaseBuilder::new()
            .set(SettingKind::HuggingFace, "")
            .line(&FIX);
        assert!(line.starts_with("gradient_checkpointing=True"), "{line}");
    }
}
