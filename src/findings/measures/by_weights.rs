//! What a model of a known number of weights can need, against what is live.

use crate::bytes::Bytes;
use crate::evidence::{Phase, SettingKind, tuning_weights};
use crate::findings::Case;

/// Below so many weights a model fills no GPU.
const SMALL: u64 = 100_000_000;

/// The number of weights that the log tells, and the bytes of each.
struct Model {
    weights: u64,
    bytes: u64,
}

impl Model {
    fn of(case: &Case<'_>) -> Option<Self> {
        let settings = &case.incident.settings;
        let told = settings.get(SettingKind::Parameters)?;
        let weights = told.value.parse().ok()?;
        // The line that loads it names it: elsewhere the log may speak of another model.
        let stack = &case.incident.traceback;
        let mut lines = stack
            .frames
            .iter()
            .map(|f| &f.code)
            .chain(stack.shown.iter().map(|line| &line.code));
        let named = lines.any(|code| code.to_ascii_lowercase().contains(&told.name));
        if weights < SMALL || settings.has(SettingKind::Quantized) || !named {
            return None;
        }
        let half = settings.has(SettingKind::HalfWeights);
        let bytes = if half { 2 } else { 4 };
        Some(Self { weights, bytes })
    }

    /// "7B" stands for up to 7.6 billion. While it is cast, a layer is there twice: the largest, that of the vocabulary, is up to
    /// an eighth of a small model.
    const fn most(&self) -> u64 {
        let all = self.weights.saturating_mul(self.bytes);
        all.saturating_add(all / 4)
    }
}

/// True where far more is live, while a model is loaded, than this model can need: something was there before it.
pub(crate) fn more_than_the_model(case: &Case<'_>) -> bool {
    // Trainers load several models by themselves, and need them together.
    let several = ["trl/", "verl/", "openrlhf/"]
        .iter()
        .any(|package| case.incident.traceback.mentions(package));
    let loads = case.incident.phase == Some(Phase::Load) && !several;
    let more = |model: Model| {
        let live = case.balance.live?;
        Some(live.surely_over(Bytes::exact(model.most())))
    };
    loads && Model::of(case).and_then(more) == Some(true)
}

/// The sum behind it.
pub(crate) fn sum(case: &Case<'_>) -> Option<String> {
    let model = Model::of(case)?;
    let all = Bytes::exact(model.weights.saturating_mul(model.bytes));
    Some(format!(
        "{} weights of {} bytes each are about {all}: the rest of the {} was there before this model.",
        tuning_weights(model.weights),
        model.bytes,
        case.balance.live?
    ))
}
