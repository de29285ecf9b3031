//! An evaluation needs its outputs at its end, and not on the GPU.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Frame, KnownWork, Memory, MessageId, Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::OutputsToCpu,
    cost: "a copy to host memory for each batch",
    page: include_str!("outputs-to-cpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // torchmetrics (metric.py, functional/classification/precision_recall_curve.py).
    let metric = matches!(
        s.incident.traceback.known_work(),
        Some(KnownWork::ComputesMetric | KnownWork::UpdatesMetric)
    );
    if s.torch() && metric {
        let how = "AUROC(..., thresholds=200)  # or AveragePrecision, ROC: bins in place of all values\n# any metric that keeps lists: compute_on_cpu=True; and reset() after each evaluation";
        let title = "Let the metric keep less, or keep it in host memory".to_owned();
        return Some(Offer::unmeasured(how).titled(title));
    }
    // sktime/pytorch-forecasting (models/base_model.py, `predict`).
    if s.torch()
        && s.incident.loops_over_an_evaluation()
        && s.incident.traceback.mentions("pytorch_forecasting/models/")
    {
        let how = "model.predict(loader, mode=\"prediction\")  # \"raw\" keeps the attention of each batch, return_x its inputs\n# or one part of the data after the other, and .cpu() of what comes back";
        return Some(Offer::unmeasured(how).titled("Keep less of each batch, or predict in parts"));
    }
    // nnunetv2/inference/predict_from_raw_data.py.
    if s.incident.format == MessageId::MovedToHost && s.trained_by(&["nnunet"]) {
        let how = "nnUNetv2_predict ... --not_on_device  # saves the failed attempt; older versions: nnUNetPredictor(..., perform_everything_on_device=False)\n# nothing is lost: the results were put together in host memory; if that runs out, -npp 1 -nps 1";
        return Some(
            Offer::unmeasured(how).titled("Put the results together in host memory from the start"),
        );
    }
    let gathers = s.incident.traceback.gathers_logits();
    let general = [FindingId::MoreThanTheDevice, FindingId::NoFigures].contains(&s.finding)
        && !gathers
        && !s.incident.traceback.joins_windows();
    if general
        || !s.torch()
        || s.incident.memory != Memory::Device
        || !(collects(s) || s.incident.traceback.joins_windows())
    {
        return None;
    }
    if s.incident.traceback.joins_windows() && s.trained_by(&["nnunet"]) {
        // Its own `perform_actual_validation` makes the same predictor (nnunetv2/training/nnUNetTrainer/nnUNetTrainer.py).
        let how = "nnUNetPredictor(..., perform_everything_on_device=False)  # of perform_actual_validation, too\n# nnUNetv2_predict: --not_on_device; the results are put together in host memory";
        return Some(Offer::unmeasured(how));
    }
    if s.incident.traceback.joins_windows() {
        let how = "sliding_window_inference(..., device=torch.device(\"cpu\"))\n# the volume is put together in host memory; sw_device stays the GPU";
        return Some(Offer::unmeasured(how));
    }
    let (at, loops) = (s.at_here(), s.in_its_loop());
    Some(Offer::unmeasured(match s.trainer() {
        // What all ranks send each other is made before anything goes to the CPU.
        Trainer::HuggingFace if gathers || s.has(SettingKind::EvalAccumulation) => "preprocess_logits_for_metrics=lambda logits, _: logits.argmax(-1)\n# of Trainer; or prediction_loss_only=True".to_owned(),
        // transformers/trainer.py: outputs go to the CPU after so many batches, else at the end.
        Trainer::HuggingFace => "eval_accumulation_steps=1  # in TrainingArguments\n# or prediction_loss_only=True, or preprocess_logits_for_metrics=lambda logits, _: logits.argmax(-1)".to_owned(),
        // pytorch_lightning 1.x (loops/epoch/evaluation_epoch_loop.py) keeps what the step returns until the epoch ends.
        Trainer::Lightning if s.incident.traceback.mentions("evaluation_epoch_loop.py") => {
            "return y.cpu()  # of validation_step: what it returns is kept until the epoch ends\n# or keep only what the metric needs: argmax(-1)".to_owned()
        }
        _ if own_join(s).is_some() => {
            let (name, line) = own_join(s)?;
            format!("{line}{at}\n# {name} begins on the CPU, too; or keep only what the metric needs: argmax(-1)")
        }
        _ if own_append(s).is_some() => {
            let line = own_append(s)?;
            format!("{line}{at}\n# or keep only what the metric needs: argmax(-1)")
        }
        _ => format!("outputs.append(logits.cpu()){loops}\n# or keep only what the metric needs: logits.argmax(-1).cpu()"),
    }))
}

/// The program's own line that joins what it has with what is new, with the new on the CPU: `preds = torch.cat([preds, out])`.
fn own_join<'a>(s: &'a Situation<'_>) -> Option<(&'a str, String)> {
    let code = s.incident.frame.as_ref()?.code.trim();
    let (name, call) = code.split_once(" = torch.cat(")?;
    let name = name.trim();
    let inner = call
        .strip_prefix(['[', '('])?
        .strip_prefix(name)?
        .strip_prefix(',')?;
    let mut depth = 0_u32;
    let end = inner.find(|c| match c {
        '(' | '[' => {
            depth += 1;
            false
        }
        ')' | ']' if depth == 0 => true,
        ')' | ']' => {
            depth -= 1;
            false
        }
        _ => false,
    })?;
    let new = inner.get(..end)?.trim().trim_end_matches(',');
    let plain = !new.is_empty() && !new.contains(',') && name.len() + new.len() <= 50;
    plain.then(|| (name, format!("{name} = torch.cat([{name}, {new}.cpu()])")))
}

/// The program's own line that keeps what the model answers: `self.preds.append(self(x))`.
fn own_append(s: &Situation<'_>) -> Option<String> {
    let code = s.incident.frame.as_ref()?.code.trim();
    let (list, rest) = code.split_once(".append(")?;
    let kept = rest.strip_suffix(')')?;
    let plain = list
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
    let one = kept.ends_with(')') && !kept.starts_with(['(', '[', '{']);
    let away = [".cpu(", ".item(", ".tolist(", ".numpy("]
        .iter()
        .any(|call| kept.contains(call));
    let calls = one && balanced(kept) && !away && code.len() <= 60;
    (plain && calls).then(|| format!("{list}.append({kept}.cpu())"))
}

/// True where each bracket that opens closes, and none before.
fn balanced(code: &str) -> bool {
    let mut depth = 0_i32;
    for c in code.chars() {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// True where the line that failed joins outputs, outside of a training step.
fn collects(s: &Situation<'_>) -> bool {
    let stack = &s.incident.traceback;
    s.in_phase(&[Phase::Eval])
        || stack.frames.iter().any(Frame::joins)
        || stack.mentions("nested_concat")
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn the_programs_own_line_is_shown_with_the_new_part_on_the_cpu() {
        for (code, line) in [
            (
                "preds = torch.cat([preds, out])",
                "preds = torch.cat([preds, out.cpu()])  # eval.py:9",
            ),
            (
                "all = torch.cat((all, f(x).detach()), dim=0)",
                "all = torch.cat([all, f(x).detach().cpu()])  # eval.py:9",
            ),
            (
                "x = torch.cat([a, b, c])",
                "outputs.append(logits.cpu())  # in the loop around eval.py:9",
            ),
            (
                "self.preds.append(self(x))",
                "self.preds.append(self(x).cpu())  # eval.py:9",
            ),
        ] {
            let trial = CaseBuilder::new()
                .finding(FindingId::KeptOutputs)
                .phase(Phase::Eval)
                .frame("eval.py", 9, code);
            assert_eq!(trial.line(&FIX), line);
        }
    }

    #[test]
    fn a_trainer_has_a_switch_and_a_loop_a_line() {
        let joins =
            || CaseBuilder::new().frame("eval.py", 9, "everything = torch.cat(predictions)");
        assert!(
            joins()
                .line(&FIX)
                .starts_with("outputs.append(logits.cpu())")
        );
        let trainer = joins().set(SettingKind::HuggingFace, "");
        assert!(trainer.line(&FIX).starts_with("eval_accumulation_steps=1"));
    }

    #[test]
    fn a_training_step_keeps_no_outputs_of_an_evaluation() {
        let step = CaseBuilder::new()
            .phase(Phase::Forward)
            .frame("train.py", 9, "y = model(x)");
        assert_eq!(step.ask(&FIX), None);
    }
}
