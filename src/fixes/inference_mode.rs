//! Without a graph no activation outlives its layer.

use super::{Fix, Offer, Situation};
use crate::evidence::{Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: "inference-mode",
    title: "Keep no graph where nothing is learned",
    cost: "nothing; tensors made inside cannot take part in training",
    page: include_str!("inference-mode.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let training = [
        Phase::Backward,
        Phase::Optimizer,
        Phase::Load,
        Phase::Dataloader,
    ];
    if !s.torch() || s.has(SettingKind::NoGrad) || s.in_phase(&training) {
        return None;
    }
    let at = s.at_here();
    Some(Offer::unmeasured(format!(
        "with torch.inference_mode():{at}\n    # around the whole evaluation; model.eval() alone keeps the graph"
    )))
}
