//! The trial run of a vision model encodes as many images as a batch may hold.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LimitImages,
    cost: "requests with more images are refused",
    page: include_str!("limit-images.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let seen = s.has(SettingKind::Media)
        || MEDIA
            .iter()
            .any(|words| s.incident.traceback.mentions(words));
    let trial = s.in_phase(&[Phase::TrialRun, Phase::Generate]);
    (seen && trial && s.program() == Program::Vllm).then(|| {
        let fewer = match s.number(SettingKind::Sequences) {
            Some(now) if now > 2 => format!("\n--max-num-seqs {}  # half of {now}", now / 2),
            // vllm/config.py up to 0.8: 256 of V0, unless told otherwise.
            None if s.incident.traceback.mentions("vllm/worker/") => {
                "\n--max-num-seqs 128  # half of the default of 256".to_owned()
            }
            _ => "\n# and --max-num-seqs N, half of what it is now".to_owned(),
        };
        Offer::unmeasured(format!("--limit-mm-per-prompt '{{\"image\": 1}}'{fewer}"))
    })
}

/// Functions of vLLM that run a model's encoder of images.
const MEDIA: [&str; 8] = [
    "vision_model",
    "vision_encoder",
    "enc_dec_model_runner",
    "get_multimodal_embeddings",
    "embed_multimodal",
    "_process_image_input",
    "_execute_mm_encoder",
    "vision_tower",
];

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn only_a_trial_with_images_is_limited() {
        let trial = || {
            CaseBuilder::new()
                .engine(Program::Vllm)
                .phase(Phase::TrialRun)
        };
        assert_eq!(trial().ask(&FIX), None);
        let images = trial().set(SettingKind::Media, "");
        assert_eq!(images.line(&FIX), "--limit-mm-per-prompt '{\"image\": 1}'");
    }
}
