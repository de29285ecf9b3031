//! Ranks that never choose a device all open a context and allocate on GPU 0.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Part, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SetDeviceByLocalRank,
    cost: "nothing",
    page: include_str!("set-device-by-local-rank.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.program().serves() && s.finding == FindingId::RanksOnOneGpu {
        let how = match s.program() {
            Program::TensorrtLlm => {
                "mpirun -n N trtllm-serve ... --tp_size N  # N: the GPUs of this machine, one for each rank\n# CUDA_VISIBLE_DEVICES must show a rank more than one GPU"
            }
            _ => "CUDA_VISIBLE_DEVICES=0,1,...  # as many GPUs as there are ranks",
        };
        return Some(Offer::unmeasured(how));
    }
    if let Some(how) = server(s).filter(|_| s.finding == FindingId::RanksOnOneGpu) {
        return Some(Offer::unmeasured(how).titled("Start fewer workers"));
    }
    let started = s.incident.settings.get(SettingKind::Siblings);
    // Tests start no ranks: their processes are the workers of a runner.
    let tests = s.incident.who.get(Part::Test).map(|_| "pytest-xdist");
    let who = &s.incident.who;
    let actor = who.get(Part::Actor).or_else(|| who.get(Part::Task));
    let actor = actor.filter(|_| s.torch());
    let trial = s.incident.traceback.mentions("ray/tune/")
        || actor.is_some_and(|name| {
            ["train", "objective", "trial"]
                .iter()
                .any(|word| name.contains(word))
        });
    let started = started.map(|setting| setting.value.as_str());
    let (title, how) = by_launcher(s, started.or(tests).or(actor.map(|_| "ray")), trial, actor);
    (s.torch() && (s.finding == FindingId::RanksOnOneGpu || s.distributed())).then(|| {
        let offer = Offer::unmeasured(how);
        match title {
            Some(title) => offer.titled(title),
            None => offer,
        }
    })
}

/// What gives each process its own GPU, by what started them, and its title where the fix's own does not fit.
fn by_launcher(
    s: &Situation<'_>,
    started: Option<&str>,
    trial: bool,
    actor: Option<&str>,
) -> (Option<&'static str>, &'static str) {
    match started {
        // ray-project/ray (python/ray/tune/trainable/util.py).
        Some("ray") if trial => (
            None,
            "tune.with_resources(train_fn, {\"gpu\": 1})  # one trial a GPU at a time\n# Ray counts GPUs, and not their memory; actors: @ray.remote(num_gpus=1)",
        ),
        Some("pytest-xdist") => (
            Some("Give every worker its own GPU"),
            "os.environ[\"CUDA_VISIBLE_DEVICES\"] = os.environ.get(\"PYTEST_XDIST_WORKER\", \"gw0\")[2:]\n# in conftest.py, before torch; and no more workers than there are GPUs: pytest -n",
        ),
        // No host has so many GPUs.
        Some("multiprocessing") if s.incident.processes.len() > 8 => (
            Some("Start fewer processes"),
            "half as many processes  # each holds a context of some hundred MiB and its own copy of the model\n# or: actors on the CPU, and one process that learns on the GPU",
        ),
        Some("multiprocessing") => (
            None,
            "torch.cuda.set_device(rank)\n# first in the function that each process runs; fewer processes where there are fewer GPUs",
        ),
        // ray-project/ray (rllib/algorithms/algorithm_config.py).
        Some("ray") if s.incident.traceback.mentions("ray/rllib/") || draws_samples(actor) => (
            Some("Let fewer workers share the GPU"),
            "\"num_gpus_per_worker\": N  # twice what it is: half as many share a GPU; or 0\n# newer: num_gpus_per_env_runner. Its share is what Ray counts, and no limit of memory",
        ),
        // huggingface/transformers (modeling_utils.py): `device_map` alone says where the weights go.
        None if s
            .incident
            .traceback
            .mentions("transformers/modeling_utils.py") =>
        {
            (
                None,
                "from_pretrained(..., device_map={\"\": int(os.environ[\"LOCAL_RANK\"])})  # the whole model on the rank's own GPU\n# and torch.cuda.set_device(int(os.environ[\"LOCAL_RANK\"])) before any other CUDA call",
            )
        }
        // OpenRLHF/OpenRLHF (cli/train_ppo_ray.py), volcengine/verl (trainer/config): the engine that draws samples shares the GPU
        // with the training on purpose.
        Some("ray") if s.incident.traceback.mentions("openrlhf/") => (
            Some("Leave more of the GPU to the training"),
            "--vllm_gpu_memory_utilization 0.3 --vllm_enable_sleep  # its share less than now\n# or without --colocate_all_models, on GPUs of their own",
        ),
        Some("ray") if s.incident.traceback.mentions("verl/") => (
            Some("Leave more of the GPU to the training"),
            "actor_rollout_ref.rollout.gpu_memory_utilization=0.3  # less than now\n# and actor_rollout_ref.rollout.free_cache_engine=True",
        ),
        Some("ray") => (
            None,
            "@ray.remote(num_gpus=1)\n# so that Ray gives each actor a GPU of its own",
        ),
        _ => (
            None,
            "torch.cuda.set_device(int(os.environ[\"LOCAL_RANK\"]))\n# first of all, before any other CUDA call; and torch.load(..., map_location=\"cpu\")",
        ),
    }
}

/// True for the actors of `RLlib` that play in their environments (`rllib/env/env_runner.py`; up to 2.10 `rllib/evaluation`).
fn draws_samples(actor: Option<&str>) -> bool {
    const NAMES: [&str; 3] = ["RolloutWorker", "EnvRunner", "PPOTrainer"];
    actor.is_some_and(|actor| NAMES.iter().any(|name| actor.contains(name)))
}

/// Servers and queues whose workers each load the model again.
fn server(s: &Situation<'_>) -> Option<&'static str> {
    let stack = &s.incident.traceback;
    // docker/compose: deploy.replicas, deploy.resources.reservations.devices.
    if s.incident.who.get(Part::Service).is_some() && !s.distributed() {
        return Some(
            "deploy: {replicas: 1}  # of the service in compose.yaml\n# or device_ids: [\"N\"] in its reservations, another for each; and one worker of the server each",
        );
    }
    let workers = s.incident.settings.get(SettingKind::ServerWorkers);
    if stack.mentions("celery/") || workers.is_some_and(|of| of.value == "celery") {
        return Some(
            "celery -A app worker --pool=solo  # or --concurrency=1\n# each worker of the pool loads its own copy of the model",
        );
    }
    // pytorch/serve (ts/service.py; docs/management_api.md, docs/configuration.md).
    if stack.mentions("/ts/service.py") {
        return Some(
            "default_workers_per_model=1  # in config.properties; or \"maxWorkers\": 1 of this model\n# now: curl -X PUT \"http://localhost:8081/models/NAME?min_worker=1&max_worker=1\"",
        );
    }
    let serves = ["uvicorn/", "gunicorn/"]
        .iter()
        .any(|server| stack.mentions(server))
        || workers.is_some();
    serves.then_some(
        "--workers 1  # of uvicorn or gunicorn\n# each worker loads its own copy of the model: as many as fit beside each other",
    )
}

#[cfg(test)]
mod tests {
    use super::super::case_builder::CaseBuilder;
    use super::*;

    #[test]
    fn it_is_for_jobs_of_several_processes() {
        assert_eq!(
            CaseBuilder::new()
                .finding(FindingId::OtherProcess)
                .ask(&FIX),
            None
        );
        assert!(
            CaseBuilder::new()
                .finding(FindingId::RanksOnOneGpu)
                .ask(&FIX)
                .is_some()
        );
        assert!(
            CaseBuilder::new()
                .set(SettingKind::Fsdp, "")
                .ask(&FIX)
                .is_some()
        );
    }
}
