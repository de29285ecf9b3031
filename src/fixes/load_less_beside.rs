//! Adapters, a draft model or a projector lie on the GPU beside the model, and the model runs without them, or with less of them.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LoadLessBeside,
    cost: "what these are for: other adapters, speed, or slower pictures",
    page: include_str!("load-less-beside.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let what = s.incident.settings.get(SettingKind::Beside)?;
    let (title, how) = match (what.value.as_str(), s.program()) {
        // vllm/config/lora.py; each slot takes room in all layers, at the highest rank.
        ("adapters", Program::Vllm) => (
            "Keep room for fewer or smaller adapters",
            "--max-loras N --max-lora-rank N  # N: no more than your adapters need; slots are made in advance",
        ),
        ("adapters", Program::Sglang) => (
            "Keep room for fewer or smaller adapters",
            "--max-loras-per-batch N --max-lora-rank N  # N: no more than your adapters need",
        ),
        ("draft", Program::Vllm) => (
            "Serve without the draft model, or with a smaller one",
            "leave out --speculative-config  # or name a smaller model in it, as an EAGLE head of one layer",
        ),
        ("draft", Program::Sglang) => (
            "Serve without the draft model",
            "leave out --speculative-algorithm  # its weights and cache are counted into the share",
        ),
        ("draft", Program::LlamaCpp) => (
            "Keep the draft model off the GPU",
            "-ngld 0  # the draft model on the CPU; or leave out -md",
        ),
        ("draft", Program::Koboldcpp) => (
            "Keep the draft model off the GPU",
            "--draftgpulayers 0  # or leave out --draftmodel",
        ),
        ("projector", Program::LlamaCpp) => (
            "Keep the projector of images off the GPU",
            "--no-mmproj-offload  # pictures are read by the CPU; or leave out --mmproj",
        ),
        ("projector", Program::Koboldcpp) => (
            "Keep the projector of images off the GPU",
            "--mmprojcpu  # pictures are read by the CPU; or leave out --mmproj",
        ),
        _ => return None,
    };
    Some(Offer::unmeasured(how).titled(title))
}
