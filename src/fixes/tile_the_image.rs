//! The decoder of images works on tiles, so that its activations do not grow with the picture.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Flag, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::TileTheImage,
    cost: "slower; seams can show where tiles overlap too little",
    page: include_str!("tile-the-image.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let weights = s.incident.flagged(Flag::ForWeights);
    let tiled = s.has(SettingKind::Tiled)
        || s.incident.traceback.mentions("decode_tiled")
        || s.incident.traceback.mentions("tiled_decode");
    let how = match s.program() {
        _ if weights || s.in_phase(&[Phase::Load]) || samples(s) => return None,
        Program::Comfyui if tiled => {
            "a smaller tile_size, then temporal_size  # of the node VAE Decode (Tiled)"
        }
        _ if tiled => return None,
        Program::StableDiffusionCpp => "--vae-tiling",
        Program::Comfyui => "VAE Decode (Tiled)  # the node, in place of VAE Decode",
        Program::Forge => "Never OOM Integrated: Enabled for VAE (always tiled)",
        Program::Invokeai => "force_tiled_decode: true  # in invokeai.yaml",
        // diffusers/models/autoencoders/vae.py, `AutoencoderMixin`.
        _ if s.decodes_images() => "pipe.vae.enable_tiling()",
        _ if s.encodes_images() && s.trained_by(&["finetrainers"]) => {
            "--enable_slicing --enable_tiling"
        }
        _ if s.encodes_images() => "vae.enable_slicing(); vae.enable_tiling()",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}

/// True where the stack is in the sampler, which runs before there is an image to decode (`ComfyUI`, nodes.py and
/// comfy/samplers.py; `modules/sd_samplers_*.py` of A1111 and Forge, backend/sampling of Forge; `InvokeAI`, app/invocations).
fn samples(s: &Situation<'_>) -> bool {
    const SAMPLERS: [&str; 14] = [
        "model_manager/load/",
        "comfy/ldm/flux/",
        "comfy/ldm/lumina/",
        "comfy/ldm/qwen_image/",
        "diffusionmodules/openaimodel.py",
        "comfy/samplers.py",
        "comfy/k_diffusion/",
        "modules/sd_samplers",
        "k_diffusion/",
        "backend/sampling/",
        "backend/nn/flux.py",
        "backend/nn/unet.py",
        "invocations/flux_denoise.py",
        "invocations/denoise_latents.py",
    ];
    let stack = &s.incident.traceback;
    let node = s.incident.settings.get(SettingKind::Node);
    if let Some(node) = node {
        return !node.value.contains("VAE");
    }
    SAMPLERS.iter().any(|file| stack.mentions(file)) || stack.runs("common_ksampler")
}
