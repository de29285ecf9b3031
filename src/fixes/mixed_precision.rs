//! Activations in two bytes instead of four take half the memory.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MixedPrecision,
    cost: "half the digits; fp16 needs a gradient scaler and can overflow",
    page: include_str!("mixed-precision.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let no_use = [Phase::Load, Phase::Optimizer, Phase::Dataloader];
    let on = [
        SettingKind::MixedPrecision,
        SettingKind::HalfWeights,
        SettingKind::Quantized,
    ];
    // Where nothing is trained, the weights themselves can have two bytes.
    let infers = s.torch() && s.incident.traceback.infers();
    if infers || on.iter().any(|kind| s.has(*kind)) || s.in_phase(&no_use) {
        return None;
    }
    if let Some(offer) = s.turned_on(SettingKind::PrecisionOff) {
        return Some(offer);
    }
    let own = s.own_switch(|switches| switches.precision);
    // Its forces are too coarse in two bytes.
    if s.trained_by(&["mace"]) {
        return own.offer().map(|own| own.titled("Compute in float32"));
    }
    if own != Own::General {
        return own.offer();
    }
    let device = s.device();
    let how = match s.program() {
        Program::Jax => {
            "x = x.astype(jax.numpy.bfloat16)  # and the parameters that meet it".to_owned()
        }
        Program::Tensorflow => {
            "tf.keras.mixed_precision.set_global_policy(\"mixed_bfloat16\")".to_owned()
        }
        Program::Paddle => {
            "with paddle.amp.auto_cast():\n    # around the forward pass and the loss".to_owned()
        }
        // Their numbers are those of the weights.
        Program::Vllm
        | Program::Sglang
        | Program::Tgi
        | Program::Lmdeploy
        | Program::Tei
        | Program::Infinity
        | Program::ModularMax
        | Program::TensorrtLlm => return None,
        Program::Mxnet => "from mxnet.contrib import amp; amp.init()".to_owned(),
        _ if !s.torch() => return None,
        _ => match s.trainer() {
            Trainer::HuggingFace => {
                "bf16=True  # in TrainingArguments; fp16=True before Ampere".to_owned()
            }
            Trainer::Lightning => {
                "Trainer(precision=\"bf16-mixed\")  # \"16-mixed\" before Ampere".to_owned()
            }
            Trainer::DeepSpeed => "\"bf16\": {\"enabled\": true}".to_owned(),
            Trainer::Plain => format!(
                "with torch.autocast(\"{device}\", dtype=torch.bfloat16):\n    # around the forward pass and the loss; the backward pass stays outside"
            ),
        },
    };
    Some(Offer::unmeasured(how))
}
