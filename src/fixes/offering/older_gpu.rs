//! GPUs before Ampere have no bf16 units, and those before Volta no fast fp16 either: there the other type of two bytes is
//! written into what is to be typed (CUDA C++ Programming Guide, "Compute Capabilities").

use crate::evidence::{FixId, SettingKind};
use crate::fixes::{Offer, Situation};

/// How bf16 is written, each with its fp16 form; the longer first.
const FORMS: [(&str, &str); 6] = [
    ("bf16-mixed", "16-mixed"),
    ("bf16-true", "16-true"),
    ("mixed_bfloat16", "mixed_float16"),
    ("bfloat16", "float16"),
    ("bf16", "fp16"),
    ("BF16", "FP16"),
];

/// The offer as this GPU can take it.
pub(in crate::fixes) fn suited(id: FixId, s: &Situation<'_>, offer: Offer) -> Offer {
    let types = [FixId::MixedPrecision, FixId::LowPrecisionWeights].contains(&id);
    if !types || !s.has(SettingKind::BeforeAmpere) {
        return offer;
    }
    let lines = offer.how.lines().map(without_the_choice);
    let mut how = lines.collect::<Vec<_>>().join("\n");
    for (bf16, fp16) in FORMS {
        how = how.replace(bf16, fp16);
    }
    if how.contains("torch.autocast") {
        how += "\n    # and torch.amp.GradScaler around the backward pass and the step";
    }
    let title = (id == FixId::MixedPrecision).then(|| "Compute in fp16".to_owned());
    Offer {
        how,
        title: title.or(offer.title),
        ..offer
    }
}

/// The line without its remark on what to take before Ampere: it is taken.
fn without_the_choice(line: &str) -> &str {
    match line.split_once("  # ") {
        Some((typed, remark)) if remark.contains("before Ampere") => typed,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::case_builder::CaseBuilder;
    use crate::fixes::mixed_precision;

    use super::*;

    fn typed(case: &CaseBuilder) -> String {
        let offer = |s: &Situation<'_>| {
            let offer = (mixed_precision::FIX.offer)(s)?;
            Some(suited(FixId::MixedPrecision, s, offer))
        };
        let fix = crate::fixes::Fix {
            id: FixId::MixedPrecision,
            cost: "",
            page: "",
            offer,
        };
        case.line(&fix)
    }

    #[test]
    fn an_older_gpu_computes_in_fp16() {
        let old = || CaseBuilder::new().set(SettingKind::BeforeAmpere, "Tesla T4");
        assert_eq!(
            typed(&old()),
            "with torch.autocast(\"cuda\", dtype=torch.float16):"
        );
        assert_eq!(typed(&old().set(SettingKind::HuggingFace, "")), "fp16=True");
        assert_eq!(
            typed(&CaseBuilder::new().set(SettingKind::HuggingFace, "")),
            "bf16=True  # in TrainingArguments; fp16=True before Ampere"
        );
    }
}
