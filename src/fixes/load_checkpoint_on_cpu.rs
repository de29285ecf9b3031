//! `torch.load` puts tensors back onto the GPU that they were saved from, beside the model that is there already.

use super::offering::counted;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, KnownWork, Phase, SettingKind};
use crate::fixes::situation::Trainer;

pub(crate) static FIX: Fix = Fix {
    id: FixId::LoadCheckpointOnCpu,
    cost: "host memory for one checkpoint",
    page: include_str!("load-checkpoint-on-cpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // Later phases have the checkpoint behind them.
    let later = [
        Phase::Forward,
        Phase::Backward,
        Phase::Eval,
        Phase::Generate,
        Phase::GraphCapture,
    ];
    // Where the stack shows the copy to be made from memory, no file is read.
    let copied = s.incident.traceback.mentions("deepcopy");
    // A device that others fill is made fuller by a checkpoint that goes back to the GPU that it was saved from.
    let crowded = [FindingId::OtherProcess, FindingId::RanksOnOneGpu].contains(&s.finding);
    let to_its_gpu = ["_cuda_deserialize", "torch.load", "restore_location"]
        .iter()
        .any(|word| s.incident.traceback.runs(word));
    if s.finding == FindingId::RanksOnOneGpu && !to_its_gpu {
        return None;
    }
    // NVIDIA/TensorRT-LLM examples/*/convert_checkpoint.py (--load_model_on_cpu), examples/quantization/quantize.py (--device).
    if s.converts_for_tensorrt() {
        let how = "--load_model_on_cpu  # of convert_checkpoint.py; quantize.py: --device cpu";
        return Some(Offer::unmeasured(how).titled("Convert the checkpoint on the CPU"));
    }
    if let Some(name) = held(s) {
        let how = format!(
            "{name} = torch.load(path, map_location=\"cpu\", mmap=True)\n# then load_state_dict, and del {name}"
        );
        return Some(
            Offer::unmeasured(how).titled(format!("Read {name} on the CPU, and let go of it")),
        );
    }
    if let Some(offer) = samples(s) {
        return Some(offer);
    }
    let resumes = s.incident.settings.get(SettingKind::Resumes);
    let given = [FindingId::MoreThanTheDevice, FindingId::Activations].contains(&s.finding);
    if s.torch() && given {
        return resumes.map(|_| kept(s));
    }
    // What an optimizer makes anew comes from no file, and what a trainer reads back is no file of the user's to load.
    let resumed = s.incident.traceback.known_work() == Some(KnownWork::ResumesOptimizer);
    let states = s.finding == FindingId::OptimizerStates;
    if states && resumed {
        return None;
    }
    if (s.blind() || states) && !to_its_gpu
        || !s.torch()
        || s.in_phase(&later)
        || copied
        || crowded && !to_its_gpu
    {
        return None;
    }
    if let Some(offer) = by_library(s) {
        return Some(offer);
    }
    let mmap = if s.surely_before(2, 1) {
        ""
    } else {
        ", mmap=True"
    };
    Some(Offer::unmeasured(format!(
        "state = torch.load(path, map_location=\"cpu\"{mmap}){}\n# then model.load_state_dict(state); del state",
        s.at_here()
    )))
}

/// What a library reads or merges by itself.
fn by_library(s: &Situation<'_>) -> Option<Offer> {
    // peft/tuners/tuners_utils.py.
    if s.incident.traceback.runs("merge_and_unload") {
        let how = "from_pretrained(base, device_map=\"cpu\")  # then load the adapter and merge";
        return Some(Offer::unmeasured(how).titled("Merge the adapter on the CPU".to_owned()));
    }
    // peft/peft_model.py, `load_adapter`: `torch_device`, the GPU unless told.
    if s.incident.traceback.reads_an_adapter() {
        let frames = &s.incident.traceback.frames;
        let merges = frames.iter().any(|f| f.name().contains("merge"));
        let how = if merges {
            "from_pretrained(base, device_map=\"cpu\")  # then load the adapter and merge"
        } else {
            "PeftModel.from_pretrained(base, path, torch_device=\"cpu\")  # its weights then go where the base is"
        };
        return Some(Offer::unmeasured(how).titled("Read the adapter on the CPU".to_owned()));
    }
    // whisper/__init__.py, `load_model`: the checkpoint and the model are on the device that it is given.
    if s.whisper() {
        let how = "whisper.load_model(NAME, device=\"cpu\").to(\"cuda\")";
        return Some(Offer::unmeasured(how).titled("Load the model on the CPU first".to_owned()));
    }
    None
}

/// Samples that the data set itself puts onto the GPU.
fn samples(s: &Situation<'_>) -> Option<Offer> {
    if !s.torch() || s.incident.traceback.known_work() != Some(KnownWork::LoadsSamples) {
        return None;
    }
    let how = format!(
        "return x  # of the data set, in host memory: no .cuda(), no device=, map_location=\"cpu\"{}\n# and batch.to(device, non_blocking=True) in the loop: the loader keeps several batches ahead",
        s.at_here()
    );
    let offer = Offer::unmeasured(how).titled("Leave samples in host memory until their step");
    Some(offer.costing("a copy for each step"))
}

/// The checkpoint that the census found beside the model, by its name.
fn held<'a>(s: &Situation<'a>) -> Option<&'a str> {
    let census = s.incident.census.as_deref()?;
    let row = counted::named(census)
        .filter(|row| counted::of_checkpoint(row) && s.finding == FindingId::DuplicateWeights)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    row.name.as_deref().filter(|name| name.chars().all(plain))
}

/// The checkpoint that a run goes on from stays on the GPU as long as a name holds it. The Trainer reads the states of its optimizer
/// to the host first since 4.27 (huggingface/transformers#22159).
fn kept(s: &Situation<'_>) -> Offer {
    let how = if s.trainer() == Trainer::HuggingFace {
        "pip install -U \"transformers>=4.27\"  # it reads the optimizer's states to the host first\n# in a loop of your own: torch.load(path, map_location=\"cpu\")"
    } else {
        "checkpoint = torch.load(path, map_location=\"cpu\")  # and del checkpoint behind load_state_dict\n# what goes on from a checkpoint holds it beside the model and the optimizer"
    };
    Offer::unmeasured(how)
}
