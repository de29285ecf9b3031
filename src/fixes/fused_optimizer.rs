//! One kernel updates parameters in place, without the temporaries of the default step.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::FusedOptimizer,
    cost: "nothing; parameters must be floating point, on the GPU",
    page: include_str!("fused-optimizer.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.surely_before(2, 0) || s.incident.traceback.mentions("_fused_adam") {
        return None;
    }
    let how = match s.trainer() {
        Trainer::HuggingFace => "optim=\"adamw_torch_fused\"  # in TrainingArguments".to_owned(),
        _ => format!(
            "torch.optim.AdamW(params, lr=lr, fused=True){}",
            s.at_here()
        ),
    };
    Some(Offer::unmeasured(how))
}
