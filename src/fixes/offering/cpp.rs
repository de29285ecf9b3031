//! Programs in C++ and R that call `PyTorch`'s libraries: nobody types Python there (pytorch/pytorch: c10/core/InferenceMode.h,
//! torch/csrc/jit/api/module.h; mlverse/torch: R/autocast.R, `local_autocast`; mlverse/luz).

use crate::evidence::{FixId, SettingKind};
use crate::fixes::{Fix, Offer, Ranked, Situation, inference_mode};

/// What is typed in C++, by fix; the rest that changes code is left out.
static LINES: &[(FixId, &str)] = &[
    (
        FixId::LowerBatchSize,
        "input = input.slice(0, begin, end);  // fewer rows at once through module.forward",
    ),
    (
        FixId::LowPrecisionWeights,
        "module.to(at::kHalf);  // and the input: input.to(at::kHalf)",
    ),
    (
        FixId::DropReferences,
        "output = {};  // every tensor that is done with, before the next call",
    ),
];

/// What is typed in R, likewise.
static IN_R: &[(FixId, &str)] = &[
    (
        FixId::LowerBatchSize,
        "dataloader(ds, batch_size = N)  # N: half of what it is",
    ),
    (
        FixId::MixedPrecision,
        "local_autocast(device_type = \"cuda\")  # where the forward pass begins; luz: luz_callback_mixed_precision()",
    ),
    (
        FixId::InferenceMode,
        "with_no_grad({ ... })  # around the model, where nothing is learned",
    ),
    (
        FixId::ItemOrDetach,
        "total <- total + loss$item()  # and not the tensor with its graph",
    ),
    (
        FixId::DropReferences,
        "rm(output); gc()  # R lets go of tensors when its collector runs",
    ),
];

/// What needs no code: settings, other hardware, other processes.
const WITHOUT_CODE: [FixId; 7] = [
    FixId::ExpandableSegments,
    FixId::MaxSplitSizeMb,
    FixId::BiggerGpu,
    FixId::StopOtherProcess,
    FixId::ChooseAnotherGpu,
    FixId::RunItAgain,
    FixId::SmallerInputs,
];

/// Keeps what a program in C++ can do, in its own words.
pub(super) fn suited(s: &Situation<'_>, ranked: &mut Vec<Ranked>) {
    let in_r = s.has(SettingKind::InR);
    let called = s.has(SettingKind::LibTorch) || in_r;
    if !called || !s.incident.traceback.frames.is_empty() || !s.torch() {
        return;
    }
    let lines = if in_r { IN_R } else { LINES };
    let works = ranked.iter().any(|r| r.fix.id == FixId::LowerBatchSize);
    ranked.retain_mut(|r| {
        if let Some((_, line)) = lines.iter().find(|(id, _)| *id == r.fix.id) {
            r.offer = Offer {
                how: (*line).to_owned(),
                ..r.offer.clone()
            };
            return true;
        }
        WITHOUT_CODE.contains(&r.fix.id)
    });
    let fix: &'static Fix = &inference_mode::FIX;
    let how =
        "c10::InferenceMode guard;  // in the scope around module.forward, if nothing is learned";
    if works && !in_r && !ranked.iter().any(|r| r.fix.id == fix.id) {
        let offer = Offer::unmeasured(how);
        ranked.insert(0, Ranked { fix, offer });
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{FindingId, SettingKind};
    use crate::fixes::case_builder::CaseBuilder;
    use crate::fixes::{gradient_checkpointing, lower_batch_size};

    #[test]
    fn a_program_in_cpp_is_told_cpp() {
        let case = CaseBuilder::new()
            .finding(FindingId::MoreThanTheDevice)
            .set(SettingKind::LibTorch, "");
        let fixes = [&gradient_checkpointing::FIX, &lower_batch_size::FIX];
        assert!(case.first(&fixes).starts_with("c10::InferenceMode guard;"));
    }
}
