//! Models that were loaded before the one that found no room.

use crate::evidence::{FindingId, KnownWork, Program, SettingKind};
use crate::fixes::{Offer, Situation};

/// While a later cell of a notebook loads a model, what earlier ones loaded is still there. Elsewhere nothing comes before it.
pub(in crate::fixes) fn cells(s: &Situation<'_>) -> Option<Offer> {
    let frames = &s.incident.traceback.frames;
    if !s.torch() || !frames.iter().any(|f| f.cell().is_some_and(|n| n > 1)) {
        return None;
    }
    // What is larger than the GPU by itself is not helped by what earlier cells let go of.
    if too_large_alone(s) {
        return None;
    }
    let how = "del model; gc.collect(); torch.cuda.empty_cache()  # each model of an earlier cell\n# surest: restart the kernel, and run only this cell and what it needs";
    let title = "Let go of the models of earlier cells".to_owned();
    Some(Offer::unmeasured(how).titled(title))
}

/// True where the weights, by the number that the line names and its type, are more than the GPU has.
fn too_large_alone(s: &Situation<'_>) -> bool {
    let settings = &s.incident.settings;
    let weights = settings.get(SettingKind::Parameters);
    let weights = weights.and_then(|told| told.value.parse::<u64>().ok());
    let bytes = if s.has(SettingKind::HalfWeights) {
        2
    } else {
        4
    };
    weights
        .zip(s.balance.total)
        .is_some_and(|(n, total)| n.saturating_mul(bytes) > total.high())
        && !s.has(SettingKind::Quantized)
}

/// A script that loads one model after the other.
pub(in crate::fixes) fn model() -> Offer {
    let how = "del model; gc.collect(); torch.cuda.empty_cache()  # the earlier one, before this one is loaded";
    Offer::unmeasured(how).titled("Let go of the model that was loaded before".to_owned())
}

/// What earlier trials and tests of the same process left.
pub(in crate::fixes) fn before_this_one(s: &Situation<'_>) -> Option<Offer> {
    let trial = s.incident.traceback.known_work() == Some(KnownWork::Trial);
    if trial && s.program() == Program::Tensorflow {
        let how = "tf.keras.backend.clear_session()  # first line of each trial, and del model; gc.collect() at its end\n# study.optimize(objective, n_trials=N, gc_after_trial=True)";
        return Some(Offer::unmeasured(how).titled("Let go of each trial's model before the next"));
    }
    if s.torch() && s.has(SettingKind::PassesAlone) && s.finding == FindingId::OtherLibrary {
        let how = "pytest --forked  # pytest-forked: each test in a process of its own, which gives all back at its end\n# or in conftest.py, after each test: gc.collect(); torch.cuda.empty_cache(), and what that library has of its own";
        return Some(Offer::unmeasured(how).titled("Let go of what each test made"));
    }
    if s.torch() && s.has(SettingKind::PassesAlone) && s.finding == FindingId::KeptObjects {
        let how = "@pytest.fixture(autouse=True)\ndef free_gpu():  # in conftest.py\n    yield\n    gc.collect(); torch.cuda.empty_cache()\n# and no model in a fixture of scope=\"session\" or \"module\", or in a global of a test file";
        return Some(Offer::unmeasured(how).titled("Let go of what each test made"));
    }
    if s.torch() && trial {
        let how = "study.optimize(objective, n_trials=N, gc_after_trial=True)\n# and at the end of each trial: del trainer, model; gc.collect(); torch.cuda.empty_cache()";
        return Some(Offer::unmeasured(how).titled("Let go of each trial's model before the next"));
    }
    of_rounds(s)
}

/// Models of rounds that are counted: folds, seeds, candidates.
fn of_rounds(s: &Situation<'_>) -> Option<Offer> {
    let run = &s.incident.run;
    let round = run.round()?;
    let how = format!(
        "del model, optimizer; gc.collect(); torch.cuda.empty_cache()  # at the end of each {round}\n# and whatever else keeps them: a list of models, a scheduler, a scaler, an exception that was caught"
    );
    let offer =
        Offer::unmeasured(how).titled(format!("Let go of each {round}'s model before the next"));
    (s.torch() && s.finding == FindingId::KeptObjects).then_some(offer)
}

#[cfg(test)]
mod tests {
    use crate::evidence::{FindingId, Phase};
    use crate::fixes::case_builder::CaseBuilder;
    use crate::fixes::drop_references::FIX;

    #[test]
    fn only_a_later_cell_has_models_of_earlier_ones() {
        let offered = |file: &str| {
            let case = CaseBuilder::new()
                .finding(FindingId::Weights)
                .phase(Phase::Load)
                .frame(file, 2, "model.to(\"cuda\")");
            case.ask(&FIX).is_some()
        };
        for later in ["Cell In[14]", "Input In [2]", "<ipython-input-3-ab>"] {
            assert!(offered(later), "{later}");
        }
        for other in ["Cell In[1]", "train.py", "<ipython-input-1-ab>", "Cell In"] {
            assert!(!offered(other), "{other}");
        }
    }
}
