//! The default step handles all parameters at once, with temporaries as large as all of them.

use super::{Fix, Offer, Situation};
use crate::evidence::FixId;

pub(crate) static FIX: Fix = Fix {
    id: FixId::OptimizerForeachFalse,
    cost: "a slower optimizer step, mostly a small part of the whole",
    page: include_str!("optimizer-foreach-false.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Before 2.0 the step for single parameters was the default (torch/optim/adam.py).
    let here = ["_multi_tensor_", "_foreach_"];
    if s.blind() && !here.iter().any(|word| s.incident.traceback.mentions(word)) {
        return None;
    }
    if !s.torch()
        || s.surely_before(2, 0)
        || s.incident.traceback.mentions("_single_tensor")
        || s.incident.traceback.mentions("_fused_adam")
    {
        return None;
    }
    Some(Offer::unmeasured(format!(
        "torch.optim.AdamW(params, lr=lr, foreach=False){}",
        s.at_here()
    )))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;
    use crate::evidence::SettingKind;

    #[test]
    fn it_is_offered_where_the_step_for_all_parameters_at_once_is_the_default() {
        assert!(
            CaseBuilder::new()
                .set(SettingKind::TorchVersion, "2.4")
                .ask(&FIX)
                .is_some()
        );
        assert_eq!(
            CaseBuilder::new()
                .set(SettingKind::TorchVersion, "1.13")
                .ask(&FIX),
            None
        );
        let single = CaseBuilder::new().frame("torch/optim/adam.py", 1, "_single_tensor_adam(");
        assert_eq!(single.ask(&FIX), None);
    }
}
