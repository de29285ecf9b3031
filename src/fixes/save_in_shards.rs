//! What is written need not be whole on the GPU: each rank writes its part, or it is gathered in host memory.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, KnownWork, Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SaveInShards,
    cost: "host memory for the whole model on one rank; shards need to be joined to be used elsewhere",
    page: include_str!("save-in-shards.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    const MERGES: [&str; 5] = [
        "unsloth/save.py",
        "save_pretrained_merged",
        "save_pretrained_gguf",
        "push_to_hub_merged",
        "push_to_hub_gguf",
    ];
    if !s.torch() {
        return None;
    }
    // Up to 0.44 `undo_layout` writes each weight of 8 bits anew (bitsandbytes/nn/modules.py).
    if s.incident.traceback.known_work() == Some(KnownWork::SavesQuantized) {
        let how = "pip install -U \"bitsandbytes>=0.45\"  # older ones copy each 8-bit weight on the GPU to save it\n# or load_in_4bit=True: those are written as they are";
        return Some(Offer::unmeasured(how).titled("Save without copies of the weights"));
    }
    // unslothai/unsloth (save.py, `unsloth_save_model`): what goes beyond this share of the GPU is merged in host memory or on disk.
    let stack = &s.incident.traceback;
    if MERGES.iter().any(|call| stack.mentions(call)) {
        let how = "model.save_pretrained_merged(..., maximum_memory_usage=0.5)  # 0.9 unless told; of push_to_hub_merged, too\n# or save_method=\"lora\": the adapter alone; before it del trainer, and torch.cuda.empty_cache()";
        return Some(Offer::unmeasured(how).titled("Merge more of the weights in host memory"));
    }
    // Of what is caught while saving, only FSDP's warning is known ("Failed to clone() tensor", torch/distributed/fsdp).
    let warned = s.incident.caught && s.in_phase(&[Phase::Save]);
    let fsdp = s.has(SettingKind::Fsdp) || s.incident.rank.is_some() || warned;
    let composed = s
        .incident
        .traceback
        .mentions("torch/distributed/checkpoint/state_dict.py")
        || s.incident.traceback.runs("get_model_state_dict");
    let how = match () {
        // torch/distributed/checkpoint/state_dict.py: with both, rank 0 alone gets the whole model, in host memory.
        () if composed => {
            "StateDictOptions(full_state_dict=True, cpu_offload=True)\n# or torch.distributed.checkpoint.save(state_dict, ...): each rank writes its part"
        }
        () if s.has(SettingKind::DeepSpeed) => {
            "\"stage3_gather_16bit_weights_on_model_save\": false\n# then zero_to_fp32.py in the checkpoint's folder joins the shards on the host"
        }
        // Each rank's shards are gathered on its GPU first, unless they go to the host one by one (torch/distributed/fsdp/api.py).
        () if s.incident.traceback.runs("_sharded_") => {
            "ShardedStateDictConfig(offload_to_cpu=True)  # of FSDP.set_state_dict_type(model, StateDictType.SHARDED_STATE_DICT, ...)\n# with LoRA: write the adapter alone, model.save_pretrained(path)"
        }
        () if fsdp => {
            "FullStateDictConfig(offload_to_cpu=True, rank0_only=True)\n# around state_dict(): FSDP.state_dict_type(model, StateDictType.FULL_STATE_DICT, config)\n# Trainer, Accelerate: fsdp_state_dict_type: SHARDED_STATE_DICT"
        }
        () => {
            "torch.save({k: v.cpu() for k, v in model.state_dict().items()}, path)\n# FSDP: FullStateDictConfig(offload_to_cpu=True, rank0_only=True)"
        }
    };
    Some(Offer::unmeasured(how))
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn each_way_of_splitting_a_model_has_its_own_way_to_save_it() {
        let fsdp = CaseBuilder::new().set(SettingKind::Fsdp, "").line(&FIX);
        assert!(
            fsdp.starts_with("FullStateDictConfig(offload_to_cpu=True"),
            "{fsdp}"
        );
        let deepspeed = CaseBuilder::new()
            .set(SettingKind::DeepSpeed, "3")
            .line(&FIX);
        assert!(deepspeed.contains("stage3_gather"), "{deepspeed}");
    }
}
