//! What is collected over many batches has no need to stay on the GPU.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::MoveOutputsToCpu,
    cost: "a copy per batch, and host memory for what is kept",
    page: include_str!("move-outputs-to-cpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::Jax => "outputs.append(jax.device_get(y))".to_owned(),
        Program::Tensorflow => "outputs.append(y.numpy())".to_owned(),
        _ if !s.torch() => return None,
        // Its own switch is another fix.
        _ if s.trainer() == Trainer::HuggingFace && s.in_phase(&[Phase::Eval]) => return None,
        _ => format!("outputs.append(y.detach().cpu()){}", s.at_here()),
    };
    Some(Offer::unmeasured(how))
}
