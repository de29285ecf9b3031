//! Adam keeps two numbers for every parameter; 8-bit states, Adafactor or SGD keep a fraction of that.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MemoryEfficientOptimizer,
    cost: "convergence can differ a little; bitsandbytes is one more dependency",
    page: include_str!("memory-efficient-optimizer.md"),
    offer,
};

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
