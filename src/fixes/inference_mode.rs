//! Without a graph no activation outlives its layer.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, OwnerKind, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::InferenceMode,
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
    let by_loop = s.incident.evaluates_without_graph();
    // Gradients or states of an optimizer are those of training.
    let census = s.incident.census.as_deref();
    let trains = census.is_some_and(|census| {
        let learned = [OwnerKind::Gradients, OwnerKind::OptimizerStates];
        let work = &census.work;
        let first = work.training && work.grad && !census.optimizers.is_empty();
        let mut held = census.owners.iter();
        held.any(|owner| learned.contains(&owner.kind))
            || first && !s.in_phase(&[Phase::Eval, Phase::Generate])
    });
    // Between two epochs a model in evaluation mode learns nothing.
    let between = s.in_phase(&[Phase::Eval])
        && s.finding == FindingId::GraphKeptInEval
        && census.is_some_and(|census| census.work.grad && !census.work.training);
    let trains = trains && !between && s.incident.runs_with_its_graph().is_none();
    if trains || !s.torch() || s.has(SettingKind::NoGrad) || by_loop || s.in_phase(&training) {
        return None;
    }
    if s.finding == FindingId::NoFigures && !in_own_evaluation(s) {
        return None;
    }
    // Forces are gradients of an energy: without a graph there are none (ACEsuit/mace: modules/utils.py).
    if s.incident.traceback.runs("autograd.grad(") {
        return None;
    }
    let at = s.at_the_call();
    Some(Offer::unmeasured(format!(
        "with torch.inference_mode():{at}\n    # around the whole evaluation; model.eval() alone keeps the graph"
    )))
}

/// True where a function of the program's own evaluates, by its name, so that nothing but the program turns the graph off.
fn in_own_evaluation(s: &Situation<'_>) -> bool {
    let own = s.incident.frame.as_ref();
    let by_script = s.incident.traceback.answers_by_its_script();
    let named = own.is_some_and(|own| {
        let mut words = own.function.split('_');
        words.any(|word| {
            ["val", "valid", "validate", "validation", "eval", "evaluate"].contains(&word)
        })
    });
    (by_script || named) && s.in_phase(&[Phase::Eval]) && s.program() == Program::Pytorch
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn the_users_own_line_is_named_and_training_is_left_alone() {
        let trial = CaseBuilder::new()
            .frame("/home/me/eval it.py", 31, "")
            .phase(Phase::Eval);
        assert_eq!(
            trial.line(&FIX),
            "with torch.inference_mode():  # evalit.py:31"
        );
        assert_eq!(trial.phase(Phase::Backward).ask(&FIX), None);
        assert_eq!(
            CaseBuilder::new().set(SettingKind::NoGrad, "").ask(&FIX),
            None
        );
    }
}
