//! Activations of convolutions grow with the area of what goes in.

use super::{Fix, Offer, Situation};
use crate::evidence::Phase;

pub(crate) static FIX: Fix = Fix {
    id: "smaller-inputs",
    title: "Feed smaller images, volumes or clips",
    cost: "detail; tiles keep it and cost time",
    page: include_str!("smaller-inputs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.in_phase(&[Phase::Load, Phase::Optimizer]) {
        return None;
    }
    let how = match s.program() {
        "vllm" => "--limit-mm-per-prompt '{\"image\": 1}'",
        "sglang" | "llama.cpp" | "ollama" | "tensorrt-llm" | "tgi" => return None,
        _ if s.incident.traceback.mentions("diffusers/") => {
            "pipe.vae.enable_tiling()  # and a smaller height and width"
        }
        _ => {
            "transforms.Resize(N)  # half the side is a quarter of the activations\n# or work in tiles and put the results together"
        }
    };
    Some(Offer::unmeasured(how))
}
