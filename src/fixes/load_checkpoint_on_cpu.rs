//! `torch.load` puts tensors back onto the GPU that they were saved from, beside the model that is there already.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Phase};

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
    let crowded = s.finding == FindingId::OtherProcess;
    let to_its_gpu = ["_cuda_deserialize", "torch.load", "restore_location"]
        .iter()
        .any(|word| s.incident.traceback.runs(word));
    if !s.torch() || s.in_phase(&later) || copied || crowded && !to_its_gpu {
        return None;
    }
    // peft/tuners/tuners_utils.py.
    if s.incident.traceback.runs("merge_and_unload") {
        let how = "from_pretrained(base, device_map=\"cpu\")  # then load the adapter and merge";
        return Some(Offer::unmeasured(how).titled("Merge the adapter on the CPU".to_owned()));
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
