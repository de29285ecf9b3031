//! bf16 weights take half of fp32 ones.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Memory, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LowPrecisionWeights,
    cost: "digits; train with bf16 and not with pure fp16",
    page: include_str!("low-precision-weights.md"),
    offer,
};

/// True for programs that turn weights into the type that they compute in.
fn casts(s: &Situation<'_>) -> bool {
    // axolotl loads the weights as it computes (`utils/config/__init__.py`, `normalize_config`), DeepSpeed casts them
    // (`runtime/engine.py`, `_configure_distributed_model`), and so do the scripts of diffusers (`weight_dtype`) and
    // LLaMA-Factory (`model/patcher.py`, `compute_dtype`).
    // So do trainers of models of videos, and ai-toolkit (`train.dtype`).
    s.trained_by(&[
        "axolotl",
        "diffusers",
        "llama-factory",
        "torchtune",
        "musubi",
        "diffusion-pipe",
        "ai-toolkit",
    ]) || s.trainer() == Trainer::DeepSpeed
        || s.incident.traceback.runs("_configure_distributed_model")
}

/// Weights that are not trained have the type of the computation, and `--full_bf16` is for those that are (kohya-ss/sd-scripts,
/// `train_network.py`, `weight_dtype`). Transformers come in two bytes.
fn frozen(s: &Situation<'_>) -> Option<Offer> {
    let transformer = ["flux", "sd3", "lumina", "hunyuan", "anima"]
        .iter()
        .any(|model| s.incident.traceback.mentions(model));
    let how = "--mixed_precision fp16  # or bf16, since Ampere\n# weights that are not trained take its type";
    (!transformer && !s.has(SettingKind::MixedPrecision)).then(|| Offer::unmeasured(how))
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // The host holds what is read in; what else it holds does not get smaller by a type of the model.
    if s.incident.memory == Memory::Host && !s.incident.traceback.mentions("from_pretrained") {
        return None;
    }
    if s.trained_by(&["kohya"]) && s.incident.traceback.mentions("train_network") {
        return frozen(s);
    }
    let as_computed = casts(s) && s.has(SettingKind::MixedPrecision);
    // OpenAI's whisper keeps its norms in fp32 and fails with others.
    // What earlier cells left is not helped by a smaller model, where this one is there and at work.
    let at_work = s.finding == FindingId::EarlierModels && !s.in_phase(&[Phase::Load]);
    if at_work || s.trained_by(&["mace"]) {
        return None;
    }
    if s.whisper()
        || s.has(SettingKind::Quantized)
        || s.has(SettingKind::HalfWeights)
        || as_computed
    {
        return None;
    }
    let how = match s.program() {
        Program::Vllm | Program::Sglang => "--dtype bfloat16",
        Program::Tensorrt => "trtexec --fp16",
        Program::Onnxruntime => {
            "model = onnxconverter_common.float16.convert_float_to_float16(model)"
        }
        Program::Jax => "params = jax.tree.map(lambda p: p.astype(jax.numpy.bfloat16), params)",
        _ if !s.torch() => return None,
        // Who cannot set the precision of a program cannot cast its weights either.
        _ if s.own_switch(|switches| switches.precision) == Own::Missing => return None,
        _ if s.trained_by(&["llama-factory"]) => "bf16: true  # weights are loaded as it computes",
        // Whoever trains all weights has them in fp32 (kohya-ss/sd-scripts, library/sdxl_train_util.py, `match_mixed_precision`).
        _ if s.trained_by(&["kohya"]) => "--full_bf16  # weights and gradients, too",
        _ if s.diffusers_pipeline() => {
            "DiffusionPipeline.from_pretrained(..., torch_dtype=torch.bfloat16)"
        }
        _ if s.incident.traceback.mentions("transformers/pipelines/") => {
            "pipeline(..., torch_dtype=torch.bfloat16)\n# newer: dtype="
        }
        _ if s.trainer() == Trainer::HuggingFace
            || s.incident.traceback.mentions("from_pretrained")
            || s.incident
                .traceback
                .shown
                .iter()
                .any(|line| line.code.contains("from_pretrained(")) =>
        {
            "from_pretrained(..., torch_dtype=torch.bfloat16)\n# newer: dtype="
        }
        _ if s.trainer() == Trainer::DeepSpeed => "\"bf16\": {\"enabled\": true}",
        _ if s.trainer() == Trainer::Lightning => "Trainer(precision=\"bf16-true\")",
        // What the log does not tell is the type that they have.
        _ if s.in_phase(&[Phase::Load]) => {
            "model = model.to(torch.bfloat16).to(device)  # cast first, then move\n# halves weights in fp32; which type they have, the log does not tell"
        }
        _ => "model = model.to(torch.bfloat16).to(device)  # cast first, then move",
    };
    Some(Offer::unmeasured(how))
}
