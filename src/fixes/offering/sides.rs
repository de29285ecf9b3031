//! What a log shows of the size of a sample, made smaller under its own name: its sides, its points, its frames.

use crate::evidence::{FindingId, Phase, SettingKind};
use crate::fixes::{Offer, Situation};

/// True where an agent learns in many worlds at once, which a simulator beside PyTorch holds.
pub(in crate::fixes) fn simulates(s: &Situation<'_>) -> bool {
    let shown = s.incident.settings.get(SettingKind::SampleSize);
    s.trained_by(&["isaac"])
        || shown.is_some_and(|shown| shown.name.to_ascii_lowercase().ends_with("envs"))
}

/// Half of the points or frames of a sample that the log shows, under its own name.
pub(in crate::fixes) fn fewer(s: &Situation<'_>) -> Option<Offer> {
    let busy = [
        Phase::Load,
        Phase::Optimizer,
        Phase::Save,
        Phase::Dataloader,
    ];
    if !s.torch() || s.in_phase(&busy) {
        return None;
    }
    let now = s.incident.settings.get(SettingKind::SampleSize)?;
    let count: u64 = now.value.parse().ok()?;
    let name = now.name.to_ascii_lowercase();
    let points = name.contains("point") || name.contains("pts");
    let worlds = name.ends_with("envs");
    // There it is the batch, unless the simulator itself is what holds the memory.
    if worlds && s.trained_by(&["isaac"]) && s.finding != FindingId::OtherLibrary {
        return None;
    }
    // Models of videos work on a first frame and fours of others (kohya-ss/musubi-tuner, docs/dataset_config.md).
    let half = match count {
        _ if !points && !worlds && count % 4 == 1 => count / 8 * 4 + 1,
        _ => count / 2,
    };
    let title = match () {
        () if worlds => "Run fewer worlds at once",
        () if points => "Feed fewer points at once",
        () => "Feed fewer frames at once",
    };
    let how = format!(
        "{}  # half of the {count} in the log",
        now.with(&half.to_string())
    );
    let offer = Offer::unmeasured(how).titled(format!("{title}, {count} → {half}"));
    (half > 0).then_some(offer)
}

/// Three quarters of the size that the log shows, under its own name; half of one that counts pixels. All sides are divisible by
/// 64 again, as the decoders and strides of these programs need; those of small patches by 16.
pub(in crate::fixes) fn smaller(s: &Situation<'_>) -> Option<Offer> {
    let now = s.incident.settings.get(SettingKind::ImageSize)?;
    // NVlabs/stylegan3 (train.py) prints the size of its data set, which no switch of it changes.
    if now.written.is_empty() || s.trained_by(&["stylegan"]) {
        return None;
    }
    let area = now.name.to_ascii_lowercase().ends_with("pixels");
    let less = |side: &str| {
        let side: u64 = side.parse().ok()?;
        let step = if side < 256 { 16 } else { 64 };
        let less = if area {
            side / 2
        } else {
            side * 3 / 4 / step * step
        };
        (less >= 64).then(|| less.to_string())
    };
    // The signs between the sides stay as they are.
    let mut sides = String::new();
    let mut rest = now.value.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at_checked(at)?;
        let end = number.find(|c: char| !c.is_ascii_digit());
        let (number, behind) = number.split_at_checked(end.unwrap_or(number.len()))?;
        sides.push_str(before);
        sides.push_str(&less(number)?);
        rest = behind;
    }
    sides.push_str(rest);
    let line = now.with(&sides);
    let share = if area { "half" } else { "about three quarters" };
    Some(Offer::unmeasured(format!(
        "{line}  # {share} of the {} in the log",
        now.value
    )))
}

pub(in crate::fixes) fn sliding_crops() -> Offer {
    let how = "test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(384, 384))\n# of the model; sizes as in training, and logits of one crop at a time";
    Offer::unmeasured(how).titled("Evaluate crops that slide over the picture")
}

pub(in crate::fixes) fn of_a_pipeline(s: &Situation<'_>) -> &'static str {
    if s.incident.traceback.runs("num_frames") {
        "pipe(..., num_frames=N, height=N, width=N)  # each less than now"
    } else {
        "pipe(..., height=N, width=N)  # half the side is a quarter of the activations"
    }
}
