//! Small matrices beside the weights are trained instead of the weights, and only they have gradients and states.

use super::{Fix, Offer, Situation};
use crate::bytes::{Bytes, human};
use crate::evidence::{Family, FindingId, FixId, Phase, SettingKind, Tuning, tuning_weights};
use crate::fixes::situation::Trainer;

pub(crate) static FIX: Fix = Fix {
    id: FixId::TrainAdapters,
    cost: "the weights themselves stay as they are; for most tunings that is enough",
    page: include_str!("train-adapters.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.finding == FindingId::LargerThanDevice && !s.states_in_one_piece() {
        return None;
    }
    let told = s.incident.settings.get(SettingKind::WholeModel);
    let tuning = Tuning::of(&s.incident.settings);
    if !s.torch()
        || s.program().family() != Family::Torch
        || s.in_phase(&[Phase::Load, Phase::Eval, Phase::Generate])
    {
        return None;
    }
    // Adapters that come with whole tables of words train a quarter of a small model.
    if let Some(tuning) =
        tuning.filter(|t| !t.whole() && s.has(SettingKind::Adapters) && told.is_none())
    {
        let how = "target_modules=[\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\"]  # without embed_tokens and lm_head\n# and no modules_to_save: each of them is trained whole";
        let title = format!(
            "Train fewer of the weights: {} of {} are trained",
            tuning_weights(tuning.trained),
            tuning_weights(tuning.all)
        );
        return Some(
            Offer::winning(how, Some(Bytes::between(0, freed(s, tuning))), s).titled(title),
        );
    }
    told?;
    let script = told.is_some_and(|told| told.value == "script");
    let how = match with_lora(s) {
        Some(own) => format!("{own}  # in place of the script that trains all weights"),
        None => command(s, script)?.to_owned(),
    };
    let gain = tuning.map(|tuning| Bytes::between(0, freed(s, tuning)));
    let mut offer = Offer::unmeasured(how);
    offer.gain = gain;
    Some(offer)
}

/// Gradients and states of nearly all that is trained now, as far as they were there.
fn freed(s: &Situation<'_>, tuning: Tuning) -> u64 {
    let all = tuning
        .trained
        .saturating_mul(tuning.each.1.saturating_sub(2));
    all.min(s.balance.live.map_or(all, Bytes::high))
}

/// The script of diffusers that does the same with adapters (huggingface/diffusers, `examples/dreambooth` and `text_to_image`).
fn with_lora(s: &Situation<'_>) -> Option<String> {
    const WHOLE: [&str; 2] = ["train_dreambooth", "train_text_to_image"];
    s.incident.traceback.frames.iter().find_map(|frame| {
        let path = frame.path();
        let name = path.rsplit('/').next()?;
        let begins = WHOLE.into_iter().find(|begin| name.starts_with(begin))?;
        let rest = name.strip_prefix(begins)?;
        (!rest.contains("lora")).then(|| format!("{begins}_lora{rest}"))
    })
}

/// What the program that runs the loop calls it.
fn command(s: &Situation<'_>, script: bool) -> Option<&'static str> {
    let trainer = s.switches().map_or("", |switches| switches.name);
    Some(match trainer {
        "llama-factory" => "finetuning_type: lora",
        "ms-swift" => "--train_type lora  # older: --sft_type lora",
        "axolotl" => "adapter: lora  # or qlora with load_in_4bit: true",
        "kohya" if script => {
            "sdxl_train_network.py --network_module networks.lora\n# sdxl_train.py and train_db.py train all weights; SD 1.5: train_network.py; in the GUI: the tab LoRA, not Dreambooth"
        }
        "diffusers" => {
            "train_dreambooth_lora_sdxl.py, train_text_to_image_lora_sdxl.py\n# the script of the same name with _lora in it; the other trains all weights"
        }
        "sd-dreambooth" => "Use LORA  # a box in the tab of Dreambooth",
        "torchtune" => "tune run lora_finetune_single_device --config ...",
        "unsloth" => {
            "full_finetuning=False  # and model = FastLanguageModel.get_peft_model(model, r=16)"
        }
        "openrlhf" => "--lora_rank 16 --lora_alpha 32",
        "verl" => "actor_rollout_ref.model.lora_rank=32 actor_rollout_ref.model.lora_alpha=32",
        "kohya" | "megatron" | "torchtitan" | "fairseq" | "nemo" | "icefall" | "ultralytics"
        | "openmmlab" | "detectron2" | "nnunet" | "nnunet-1" | "gaussian-splatting" => return None,
        _ if s.trainer() == Trainer::Lightning => return None,
        _ => {
            "model = peft.get_peft_model(model, peft.LoraConfig(r=16, target_modules=\"all-linear\"))\n# in TRL: peft_config=LoraConfig(...), or --use_peft"
        }
    })
}

/// "7 billion weights at 8 to 16 bytes".
pub(crate) fn sum(tuning: Tuning) -> String {
    let (low, high) = tuning.each;
    let frozen = if tuning.whole() {
        String::new()
    } else {
        format!(
            ", and {} that only pass",
            tuning_weights(tuning.all - tuning.trained)
        )
    };
    format!(
        "{} trained weights at {low} to {high} bytes (weight, gradient, Adam's states){frozen}: {} to {} before any batch",
        tuning_weights(tuning.trained),
        human(tuning.needs.low()),
        human(tuning.needs.high()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_offered_where_all_weights_are_trained() {
        assert_eq!(CaseBuilder::new().ask(&FIX), None);
        assert_eq!(
            CaseBuilder::new().set(SettingKind::Adapters, "").ask(&FIX),
            None
        );
        let whole = CaseBuilder::new()
            .set(SettingKind::WholeModel, "")
            .set(SettingKind::Trainer, "llama-factory");
        assert_eq!(whole.line(&FIX), "finetuning_type: lora");
    }

    #[test]
    fn adapters_with_whole_tables_are_told_to_leave_them() {
        let many = CaseBuilder::new()
            .set(SettingKind::Adapters, "")
            .set(SettingKind::Parameters, "5661833328")
            .set(SettingKind::Trainable, "1361753856");
        let offer = many.ask(&FIX).unwrap();
        assert_eq!(
            offer.title.as_deref(),
            Some("Train fewer of the weights: 1.4 billion of 5.7 billion are trained")
        );
    }
}
