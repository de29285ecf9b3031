//! The logits of all tokens over the whole vocabulary never exist at once.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ChunkedCrossEntropy,
    cost: "a little time; one more dependency with Liger",
    page: include_str!("chunked-cross-entropy.md"),
    offer,
};

/// What stands on a stack where numbers for each word of the vocabulary are made.
const LOSS: [&str; 6] = [
    "cross_entropy",
    "log_softmax",
    "logsumexp",
    "lm_head",
    "output_layer",
    "joint_net",
];

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Nobody changes the harness that evaluates.
    let harness = s.incident.traceback.mentions("lm_eval/");
    if !s.torch() || harness || s.has(SettingKind::ChunkedLoss) {
        return None;
    }
    // Without figures the stack must show that the loss was at work.
    if s.blind() && !LOSS.iter().any(|word| s.incident.traceback.mentions(word)) {
        return None;
    }
    if s.finding == FindingId::LargerThanDevice && !s.makes_all_logits() {
        return None;
    }
    let own = s.own_switch(|switches| switches.loss);
    if own != Own::General {
        return own.offer();
    }
    if s.blind() {
        return None;
    }
    let how = match s.trainer() {
        Trainer::HuggingFace => {
            "use_liger_kernel=True  # in TrainingArguments; needs liger-kernel".to_owned()
        }
        _ => format!(
            "loss = checkpoint(chunk_loss, h, y, use_reentrant=False){}\n# per chunk of tokens: chunk_loss applies lm_head and cross_entropy; sum, then divide\n# or LigerFusedLinearCrossEntropyLoss from liger-kernel",
            s.at_here()
        ),
    };
    Some(Offer::unmeasured(how))
}
