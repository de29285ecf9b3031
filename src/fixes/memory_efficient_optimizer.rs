//! Adam keeps two numbers for every parameter; 8-bit states, Adafactor or SGD keep a fraction of that.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, OwnerKind, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MemoryEfficientOptimizer,
    cost: "convergence can differ a little; bitsandbytes is one more dependency",
    page: include_str!("memory-efficient-optimizer.md"),
    offer,
};

/// L-BFGS keeps two vectors as long as all weights for each of so many steps (torch/optim/lbfgs.py: `history_size`).
fn history(s: &Situation<'_>) -> Option<Offer> {
    let census = s.incident.census.as_deref()?;
    let bounded = census.optimizers.iter().any(|o| o.class == "LBFGS");
    let kept = census.owners.iter().filter(|row| {
        let name = row.name.as_deref();
        name == Some("old_dirs") && row.kind == OwnerKind::Library
    });
    let steps = kept.filter_map(|row| row.items).max()?;
    let half = steps / 2;
    let how = format!(
        "history_size={half}  # in torch.optim.LBFGS(...); {steps} steps were kept, two vectors of all weights each"
    );
    let title = format!("Let L-BFGS keep {half} steps, not {steps}");
    (bounded && half > 0).then(|| Offer::unmeasured(how).titled(title))
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.blind() && !s.in_phase(&[Phase::Optimizer]) {
        return None;
    }
    if s.program() == Program::Tensorflow {
        let how = "tf.keras.optimizers.SGD(momentum=0.0)  # keeps nothing a weight; or Adafactor, which keeps sums of rows and columns\n# or fewer rows in the table: the batch has no part in it";
        return Some(Offer::unmeasured(how).costing("other convergence"));
    }
    if !s.torch()
        || s.has(SettingKind::SmallOptimizer)
        || s.in_phase(&[Phase::Load, Phase::Eval, Phase::Generate])
    {
        return None;
    }
    if let Some(offer) = history(s) {
        return Some(offer);
    }
    let own = s.own_switch(|switches| switches.optimizer);
    if own != Own::General {
        return own.offer();
    }
    let how = match s.trainer() {
        Trainer::HuggingFace => {
            "optim=\"adamw_bnb_8bit\"  # in TrainingArguments; or \"adafactor\""
        }
        _ => {
            "optimizer = bitsandbytes.optim.AdamW8bit(model.parameters(), lr=lr)\n# 2 bytes a parameter instead of 8; or torch.optim.Adafactor, or SGD"
        }
    };
    Some(Offer::unmeasured(how))
}
