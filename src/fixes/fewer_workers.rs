//! Every worker holds its own copy of the dataset's Python objects and some batches ahead.

use super::situation::Trainer;
use super::{Fix, Offer, Situation};
use crate::evidence::{
    Family, FindingId, FixId, Flag, Keeper, Memory, MessageId, Phase, Program, SettingKind,
};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerWorkers,
    cost: "batches may come later",
    page: include_str!("fewer-workers.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Each worker of Windows loads CUDA's libraries anew, and they count against RAM and page file.
    let loads = s.incident.traceback.runs("loader") && s.torch();
    if s.finding == FindingId::HostPaging && loads {
        return Some(Offer::unmeasured(
            "DataLoader(..., num_workers=0)  # each worker commits GiBs for CUDA's libraries",
        ));
    }
    if s.incident.memory == Memory::Device && s.incident.traceback.in_a_loader() {
        let how = "DataLoader(..., num_workers=0)  # or no .cuda() in the data set: the loop moves each batch";
        return Some(
            Offer::unmeasured(how).titled("Keep GPU work out of the DataLoader's workers"),
        );
    }
    // nnunetv2/configuration.py (8 unless told), nnunetv2/inference/predict_from_raw_data.py (3 each unless told): each process holds
    // the classes of a whole volume as it resamples them.
    if s.incident.memory == Memory::Host && s.trained_by(&["nnunet"]) {
        let how = "nnUNet_def_n_proc=1  # in the environment, for a training with its validation\n# nnUNetv2_predict: -npp 1 -nps 1; and no --npz or --save_probabilities where they are not needed";
        return Some(Offer::unmeasured(how).titled("Let fewer processes resample at once"));
    }
    // Programs that work on arrays or pictures have no loader of PyTorch's.
    let elsewhere = matches!(
        s.program().family(),
        Family::Arrays | Family::Graphics | Family::Buffers
    ) && !s.in_phase(&[Phase::Dataloader]);
    if s.incident.memory != Memory::Host || s.program() == Program::Comfyui || elsewhere {
        return None;
    }
    // Of a process that was killed, only loaders that the log shows can be started in smaller numbers.
    let killed = s.incident.kill.is_some() && s.incident.phase != Some(Phase::Dataloader);
    if killed && !s.kept_by(Keeper::DataLoader) {
        return None;
    }
    // More maps are allowed by a setting, see `add_host_memory`.
    if s.finding == FindingId::CpuAllocator && s.incident.format == MessageId::TorchSharedMemory {
        return None;
    }
    // Ranks hand data over in /dev/shm as well.
    if s.incident.flagged(Flag::Shm) && s.incident.phase != Some(Phase::Dataloader) {
        return None;
    }
    // Elsewhere the host's own refusal has nothing to do with workers.
    let forks = s.in_phase(&[Phase::Dataloader]);
    if s.finding == FindingId::CpuAllocator && !forks {
        return None;
    }
    let starts = s.incident.traceback.runs("os.fork") || s.incident.traceback.runs("w.start()");
    if s.finding == FindingId::CpuAllocator && starts {
        return Some(Offer::unmeasured(
            "DataLoader(..., num_workers=0)  # a script's --workers=0: each worker is a copy of the process",
        ));
    }
    Some(fewer(s))
}

/// Half as many as the log shows, and none where it shows no number: then the process that loads is the one that trains, and says itself
/// what it has not enough of.
fn fewer(s: &Situation<'_>) -> Offer {
    const ARRAYS: &str = "# and hold samples in arrays, not in lists of Python objects";
    if let Some(now) = s.incident.settings.get(SettingKind::LoaderWorkers)
        && let Ok(count) = now.value.parse::<u64>()
        && count > 0
    {
        let half = count / 2;
        let how = format!(
            "{}  # half of the {count} in the log\n{ARRAYS}",
            now.with(&half.to_string())
        );
        return Offer::unmeasured(how).titled(format!(
            "Start fewer data loading workers, {count} → {half}"
        ));
    }
    let loader = match s.trainer() {
        Trainer::HuggingFace => "dataloader_num_workers=0  # in TrainingArguments",
        _ => "DataLoader(..., num_workers=0)",
    };
    Offer::unmeasured(format!(
        "{loader}\n# then the error comes from where it is; with room left, raise it one by one\n{ARRAYS}"
    ))
    .titled("Load data in the process that trains".to_owned())
    .costing("batches come later, and the GPU waits")
}
