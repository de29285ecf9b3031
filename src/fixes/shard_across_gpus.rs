//! Every GPU holds a part of weights, gradients and optimizer states.

use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{Accelerator, FindingId, FixId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ShardAcrossGpus,
    cost: "communication; needs more GPUs",
    page: include_str!("shard-across-gpus.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let program = s.program();
    if s.finding == FindingId::LargerThanDevice && !s.states_in_one_piece() {
        return None;
    }
    let blind = s.finding == FindingId::NoFigures
        && !matches!(program, Program::Simulation | Program::Faiss);
    let left = s.finding == FindingId::EarlierModels && !s.in_phase(&[Phase::Load]);
    // A Mac has one GPU.
    if left || s.whisper() || blind || s.accelerator() == Accelerator::Mps {
        return None;
    }
    if let Some(flag) = split_by(program) {
        let now = s.number(SettingKind::ModelParallel).unwrap_or(1);
        return Some(Offer::unmeasured(format!("{flag} {}", now * 2)));
    }
    let how = match program {
        Program::Simulation => {
            let how = "srun -n 2 --gpus-per-task=1 ...\n# the domain split over more GPUs, never two ranks on one";
            return Some(Offer::unmeasured(how).titled("Spread the domain over more GPUs"));
        }
        // faiss/gpu/GpuClonerOptions.h: without it each GPU gets all of the index.
        Program::Faiss => {
            let how = "co = faiss.GpuMultipleClonerOptions(); co.shard = True\nindex = faiss.index_cpu_to_all_gpus(index, co=co)";
            let title = "Split the index over GPUs".to_owned();
            return Some(Offer::unmeasured(how).titled(title));
        }
        Program::MlcLlm => "--tensor-parallel-shards 2  # for mlc_llm gen_config",
        // A split over GPUs that are not there changes nothing.
        Program::LlamaCpp if s.gpus().is_some_and(|now| now.others == 0) => return None,
        Program::LlamaCpp if s.llama_in_python() => "tensor_split=[1, 1]",
        Program::LlamaCpp => "--split-mode layer --tensor-split 1,1",
        Program::Jax => "jax.device_put(x, NamedSharding(mesh, P(\"data\")))",
        _ if !s.torch() => return None,
        _ if s.each_rank_loads_it_all() => return Some(loaded_once(s)),
        _ if s.has(SettingKind::DataParallel) => return Some(launched(s)),
        _ if s.has(SettingKind::ModelParallel) => return None,
        _ if alone(s) => return Some(Offer::unmeasured(started_for_all(s))),
        _ if s.has(SettingKind::DeepSpeed) => return deepspeed(s),
        // Already split; more GPUs of the same kind are bigger-gpu's advice.
        _ if s.has(SettingKind::Fsdp) => return None,
        // A batch of one is split over nothing.
        _ if s.trained_by(&["ultralytics"]) && s.number(SettingKind::BatchSize) == Some(1) => {
            return None;
        }
        _ if s.own_switch(|switches| switches.shard) != Own::General => {
            return s.own_switch(|switches| switches.shard).offer();
        }

        // Nothing is trained: a map of devices, which is offered besides, fills all GPUs before host memory.
        _ if s.loads_for_use() => return None,
        _ => return Some(Offer::unmeasured(trainer(s))),
    };
    Some(Offer::unmeasured(how))
}

/// What an engine calls the number of GPUs that hold a part of the weights each.
const fn split_by(program: Program) -> Option<&'static str> {
    Some(match program {
        Program::Vllm => "--tensor-parallel-size",
        Program::Sglang | Program::Lmdeploy => "--tp",
        Program::TensorrtLlm => "--tp_size",
        Program::Tgi => "--num-shard",
        _ => return None,
    })
}

/// Weights of 4 bits come to each rank whole, unless rank 0 alone reads them and FSDP gives each its part (huggingface/accelerate:
/// `utils/fsdp_utils.py`, `fsdp_cpu_ram_efficient_loading`; axolotl: `fsdp_config`).
fn loaded_once(s: &Situation<'_>) -> Offer {
    let how = if s.trained_by(&["axolotl"]) {
        "fsdp_cpu_ram_efficient_loading: true  # under fsdp_config, with fsdp: [full_shard, auto_wrap]\n# FSDP2: cpu_ram_efficient_loading; bnb_4bit_quant_storage has the type of the other weights"
    } else {
        "fsdp_cpu_ram_efficient_loading: true  # and fsdp_sync_module_states, in the file of accelerate launch\n# with bnb_4bit_quant_storage=torch.bfloat16: FSDP splits weights of 4 bits only so"
    };
    Offer::unmeasured(how).titled("Let one rank load the model, and each keep its part")
}

/// Without a launcher the Trainer copies the whole model to each GPU, and what `DeepSpeed` or FSDP is told does nothing.
fn launched(s: &Situation<'_>) -> Offer {
    let how = if s.trained_by(&["llama-factory"]) {
        "FORCE_TORCHRUN=1 llamafactory-cli train ...\n# the log says DataParallel: without a launcher every GPU holds the whole model, and DeepSpeed does nothing"
    } else {
        "torchrun --nproc-per-node=N train.py ...  # N: the GPUs\n# the log says DataParallel: without a launcher every GPU holds the whole model, and DeepSpeed and FSDP do nothing"
    };
    Offer::unmeasured(how).titled("Start one process for each GPU")
}

/// Sharding is on, and the job has one process: there is nobody to share with. Each launcher has a flag of its own for it
/// (deepspeed/launcher/runner.py, accelerate/commands/launch.py).
fn started_for_all(s: &Situation<'_>) -> String {
    let told = s.incident.settings.get(SettingKind::Gpus);
    let launcher = match told.map_or("", |told| told.name.as_str()) {
        "num_gpus" if s.has(SettingKind::DeepSpeed) => "deepspeed --num_gpus=N",
        "--num_processes" | "--num-processes" => "accelerate launch --num_processes N",
        "gpus_per_node" | "n_gpus_per_node" if s.trained_by(&["openrlhf"]) => {
            "--actor_num_gpus_per_node N"
        }
        "gpus_per_node" | "n_gpus_per_node" if s.trained_by(&["verl"]) => {
            "trainer.n_gpus_per_node=N"
        }
        _ => "torchrun --nproc-per-node=N",
    };
    format!("{launcher}  # N: the GPUs; sharding is on, but with one process it splits nothing")
}

fn alone(s: &Situation<'_>) -> bool {
    let shards = s.has(SettingKind::Fsdp)
        || s.incident
            .settings
            .get(SettingKind::DeepSpeed)
            .is_some_and(|stage| stage.value != "0");
    shards && s.number(SettingKind::Gpus) == Some(1) && s.incident.rank.is_none_or(|rank| rank == 0)
}

/// Fully sharded data parallel, over as many GPUs as the job has.
fn trainer(s: &Situation<'_>) -> String {
    let n = s.processes();
    match s.trainer() {
        Trainer::HuggingFace => {
            format!("--fsdp \"full_shard auto_wrap\"  # with torchrun --nproc-per-node={n}")
        }
        Trainer::Lightning => format!("Trainer(strategy=\"fsdp\", devices={n})"),
        _ => format!("fully_shard(model)  # with torchrun --nproc-per-node={n}"),
    }
}

/// The next ZeRO stage, where the log shows one below 3.
fn deepspeed(s: &Situation<'_>) -> Option<Offer> {
    let stage = &s.incident.settings.get(SettingKind::DeepSpeed)?.value;
    let next = match stage.as_str() {
        "0" | "1" => 2,
        "3" => return made_in_parts(s),
        _ => 3,
    };
    // The programs around it have files or flags of their own for stage 3; a library below them has another way to split.
    let own = s.own_switch(|switches| switches.shard);
    if let (3, Own::Switch(text), false) = (next, own, s.trained_by(&["accelerate"])) {
        return Some(Offer::unmeasured(text));
    }
    Some(Offer::unmeasured(format!(
        "\"zero_optimization\": {{\"stage\": {next}}}"
    )))
}

/// Stage 3 splits what is made under `deepspeed.zero.Init`; what was made before comes to each GPU whole (deepspeed/runtime/engine.py,
/// `_configure_distributed_model`; transformers/integrations/deepspeed.py, `HfDeepSpeedConfig`).
fn made_in_parts(s: &Situation<'_>) -> Option<Offer> {
    let whole =
        s.incident.traceback.runs("_configure_distributed_model") && s.in_phase(&[Phase::Load]);
    let how = "with deepspeed.zero.Init(config_dict_or_path=ds_config):\n    model = ...  # make the model in here; from_pretrained: dschf = HfDeepSpeedConfig(ds_config) before it";
    whole.then(|| {
        Offer::unmeasured(how).titled("Make the model in parts from the start, as stage 3 keeps it")
    })
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn deepspeed_goes_to_its_next_stage_and_stage_three_is_the_last() {
        let stage = |n| {
            CaseBuilder::new()
                .set(SettingKind::DeepSpeed, n)
                .ask(&FIX)
                .map(|o| o.how)
        };
        assert_eq!(stage("1").unwrap(), "\"zero_optimization\": {\"stage\": 2}");
        assert_eq!(stage("2").unwrap(), "\"zero_optimization\": {\"stage\": 3}");
        assert_eq!(stage("3"), None);
    }
}
