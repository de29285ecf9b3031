//! The decoder of images works on tiles, so that its activations do not grow with the picture.

use super::{Fix, Offer, Situation};
use crate::evidence::Phase;

pub(crate) static FIX: Fix = Fix {
    id: "tile-the-image",
    cost: "slower; seams can show where tiles overlap too little",
    page: include_str!("tile-the-image.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let weights = s.incident.marked("for-weights");
    let how = match s.program() {
        _ if weights || s.in_phase(&[Phase::Load]) => return None,
        "stable-diffusion.cpp" => "--vae-tiling",
        "comfyui" => "VAE Decode (Tiled)  # the node, in place of VAE Decode",
        "forge" => "Never OOM Integrated: Enabled for VAE (always tiled)",
        "invokeai" => "force_tiled_decode: true  # in invokeai.yaml",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
