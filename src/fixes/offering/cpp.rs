//! Programs in C++, R and Rust that call `PyTorch`'s libraries: nobody types Python there (pytorch/pytorch: c10/core/InferenceMode.h,
//! torch/csrc/jit/api/module.h; mlverse/torch: R/autocast.R, `local_autocast`; mlverse/luz; LaurentMazare/tch-rs,
//! src/wrappers/tensor.rs, `src/nn/var_store.rs`).

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

/// What is typed in Rust, likewise.
static IN_RUST: &[(FixId, &str)] = &[
    (
        FixId::LowerBatchSize,
        "for (x, y) in data.train_iter(N) {  // N: half of what it is",
    ),
    (
        FixId::LowPrecisionWeights,
        "vs.bfloat16();  // of the VarStore; and the input: x.to_kind(Kind::BFloat16)",
    ),
    (
        FixId::InferenceMode,
        "let y = tch::no_grad(|| net.forward_t(&x, false));  // where nothing is learned",
    ),
    (
        FixId::ItemOrDetach,
        "total += f64::try_from(&loss)?;  // and not the tensor with its graph",
    ),
    (
        FixId::DropReferences,
        "drop(output);  // every tensor that is done with, before the next call",
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

/// The lines of the language that calls the libraries, and its line for work without a graph, where the call alone tells of it.
type Language = (&'static [(FixId, &'static str)], Option<&'static str>);

/// The language, where it is not Python.
fn language(s: &Situation<'_>) -> Option<Language> {
    if !s.incident.outside_python() {
        return None;
    }
    let how =
        "c10::InferenceMode guard;  // in the scope around module.forward, if nothing is learned";
    Some(match () {
        () if s.has(SettingKind::InR) => (IN_R, None),
        () if s.has(SettingKind::LibTorch) => (LINES, Some(how)),
        () => (IN_RUST, None),
    })
}

/// Keeps what such a program can do, in its own words.
pub(super) fn suited(s: &Situation<'_>, ranked: &mut Vec<Ranked>) {
    let Some((lines, infers)) = language(s).filter(|_| s.torch()) else {
        return;
    };
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
    let known = ranked.iter().any(|r| r.fix.id == fix.id);
    if let Some(how) = infers.filter(|_| works && !known) {
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
    fn a_program_is_told_its_own_language() {
        let case = CaseBuilder::new()
            .finding(FindingId::MoreThanTheDevice)
            .set(SettingKind::LibTorch, "");
        let fixes = [&gradient_checkpointing::FIX, &lower_batch_size::FIX];
        assert!(case.first(&fixes).starts_with("c10::InferenceMode guard;"));
        let case = CaseBuilder::new()
            .finding(FindingId::MoreThanTheDevice)
            .frame("src/train.rs", 88, "");
        assert!(
            case.first(&fixes)
                .starts_with("for (x, y) in data.train_iter(N)")
        );
    }
}
