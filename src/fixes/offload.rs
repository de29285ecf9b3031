//! Weights, gradients or optimizer states wait in host memory and come over when they are needed.

use super::offering::gathered::{gathered, of_what_stays, read_in_parts};
use super::offering::{named, slider};
use super::situation::Own;
use super::{Fix, Offer, Situation};
use crate::bytes::GIB;
use crate::evidence::{FindingId, FixId, MessageId, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::Offload,
    cost: "much slower: every use crosses PCIe; needs host memory",
    page: include_str!("offload.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.finding == FindingId::LargerThanDevice && !s.states_in_one_piece() {
        return None;
    }
    if s.draws_samples() {
        return Some(samples_apart(s));
    }
    if s.incident.format == MessageId::QuantizedSpill {
        let how = "from_pretrained(..., device_map=\"auto\", quantization_config=BitsAndBytesConfig(load_in_8bit=True, llm_int8_enable_fp32_cpu_offload=True))\n# the layers that find no room stay in fp32 in host memory; where the estimate is too careful: device_map={\"\": 0}";
        return Some(Offer::unmeasured(how));
    }
    // Weights that were counted against the host's own memory gain nothing there.
    if s.finding == FindingId::Guardrail {
        return None;
    }
    // Of several switches one can be on, and the one that counts here be off.
    let fixed = [FindingId::Weights, FindingId::OptimizerStates].contains(&s.finding);
    let off = s.turned_on(SettingKind::OffloadOff);
    if let Some(offer) = off.clone().filter(|_| fixed) {
        return Some(of_what_stays(s, offer));
    }
    if let Some(offer) = read_in_parts(s) {
        return Some(offer);
    }
    if s.torch() && s.has(SettingKind::Offload) {
        return more_blocks(s);
    }
    if s.whisper() {
        return None;
    }
    let gathers = || s.gathers_weights().then(|| gathered(s));
    if let Some(offer) = off.or_else(gathers) {
        return Some(offer);
    }
    if s.trained_by(&["kohya"]) && !swaps_blocks(s) {
        return beside_the_u_net(s);
    }
    let own = s.own_switch(|switches| switches.offload);
    if own != Own::General {
        return own.offer();
    }
    without_a_switch(s)
}

/// Where the program that trains has no word of its own.
fn without_a_switch(s: &Situation<'_>) -> Option<Offer> {
    let training = s.in_phase(&[Phase::Forward, Phase::Backward]);
    let how = match s.program() {
        Program::Vllm | Program::Sglang => return Some(weights_beyond(s)),
        Program::StableDiffusionCpp => "--offload-to-cpu  # newer: --max-vram -1, or --auto-fit",
        // kijai/ComfyUI-WanVideoWrapper (nodes_model_loading.py, WanVideoBlockSwap) and its sisters.
        Program::Comfyui if s.incident.traceback.mentions("VideoWrapper/") => {
            return Some(
                Offer::unmeasured("blocks_to_swap: N  # more than now; WanVideo: up to 40, with 1.3B models 30\n# the node WanVideo BlockSwap, at block_swap_args of the model loader")
                    .titled("Swap more blocks into host memory"),
            );
        }
        Program::Comfyui => "--lowvram  # then --novram",
        Program::A1111 => "--medvram  # then --lowvram; in COMMANDLINE_ARGS",
        Program::Forge => return Some(slider::gpu_weights(s)),
        // invokeai/app/services/config/config_default.py.
        Program::Invokeai if s.has(SettingKind::Offload) => {
            "device_working_mem_gb: N  # in invokeai.yaml; N: more than now, 3 by default"
        }
        Program::Invokeai => "enable_partial_loading: true  # in invokeai.yaml",
        _ if s.torch() && s.diffusers_pipeline() => DIFFUSERS,
        _ if !s.torch() || s.blind() => return None,
        _ if s.has(SettingKind::DeepSpeed) => {
            "\"offload_optimizer\": {\"device\": \"cpu\"}\n# in zero_optimization; with stage 3 offload_param too"
        }
        _ if named::fsdp_offload(s).is_some() => {
            return named::fsdp_offload(s).map(Offer::unmeasured);
        }
        _ if s.has(SettingKind::Fsdp) => {
            "CPUOffload(offload_params=True)\n# FSDP2: offload_policy=CPUOffloadPolicy()"
        }
        _ if training => {
            "with torch.autograd.graph.save_on_cpu(pin_memory=True):\n    # around the forward pass: activations wait in host memory"
        }
        _ if s.in_phase(&[Phase::Optimizer]) => {
            "optimizer = torchao.optim.CPUOffloadOptimizer(params, torch.optim.AdamW)\n# its states wait in host memory"
        }
        // Every rank would spread over all GPUs.
        _ if s.distributed() => return None,
        _ if s.has(SettingKind::DeviceMap) => return Some(less_on_the_gpu(s)),
        _ if !s.loads_pretrained() => return None,
        _ => {
            "from_pretrained(..., device_map=\"auto\")\n# accelerate puts the rest into host memory"
        }
    };
    Some(Offer::unmeasured(how))
}

/// What samples need that are drawn while a model trains.
fn samples_apart(s: &Situation<'_>) -> Offer {
    let how = if s.trained_by(&["kohya"]) {
        "leave out --sample_every_n_steps, --sample_every_n_epochs and --sample_at_first\n# or smaller samples: --w 512 --h 512 behind each prompt"
    } else if s.trained_by(&["ai-toolkit"]) {
        "disable_sampling: true  # under train; skip_first_sample: true leaves out those before the first step\n# or smaller ones: width: 512, height: 512 under sample; and low_vram: true under model"
    } else {
        "pipeline.enable_model_cpu_offload()  # in log_validation, in place of pipeline.to(...)\n# or leave out --validation_prompt: it loads a second pipeline beside the model that trains"
    };
    let offer = Offer::unmeasured(how).titled("Draw samples with parts on the CPU, or draw none");
    offer.costing("slower samples")
}

/// True for kohya's scripts that swap blocks: those for FLUX, SD3, Lumina and their kin. The others take no such argument
/// (kohya-ss/sd-scripts: `add_dit_training_arguments` is not called in `sdxl_train.py`, `train_db.py` and their kin).
fn swaps_blocks(s: &Situation<'_>) -> bool {
    const FOR_U_NETS: [&str; 6] = [
        "sdxl_",
        "Sdxl",
        "original_unet",
        "train_db",
        "fine_tune.py",
        "unet_2d_condition",
    ];
    let stack = &s.incident.traceback;
    !FOR_U_NETS.iter().any(|sign| stack.mentions(sign))
}

/// What kohya's scripts for U-Nets keep in host memory (`library/sdxl_train_util.py`, `library/train_util.py`).
fn beside_the_u_net(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    let sdxl = stack.mentions("sdxl_") || stack.mentions("Sdxl");
    let how = if sdxl && stack.mentions("train_network") {
        "--cache_latents --cache_text_encoder_outputs --network_train_unet_only\n# VAE and text encoders wait in host memory; no captions are shuffled then"
    } else if sdxl {
        "--cache_latents --cache_text_encoder_outputs\n# VAE and text encoders wait in host memory; no captions are shuffled then"
    } else {
        "--cache_latents  # the VAE waits in host memory"
    };
    s.in_phase(&[Phase::Forward, Phase::Backward])
        .then(|| Offer::unmeasured(how))
}

/// Half as many blocks more than wait in host memory now, where the log tells how many do. A model has about 30 to 60 of them
/// (kohya-ss/sd-scripts, `flux_train_network.py`; kohya-ss/musubi-tuner, docs/wan.md; tdrussell/diffusion-pipe, examples).
fn more_blocks(s: &Situation<'_>) -> Option<Offer> {
    let now = s.incident.settings.get(SettingKind::Offload)?;
    let blocks: u64 = now.value.parse().ok()?;
    let more = blocks + blocks.div_ceil(2);
    let how = format!(
        "{}  # {blocks} now; more, until it fits or the program says how many there are",
        now.with(&more.to_string())
    );
    Some(Offer::unmeasured(how).titled("Keep more blocks in host memory".to_owned()))
}

const DIFFUSERS: &str = "pipe.enable_model_cpu_offload()  # instead of pipe.to(\"cuda\")\n# and where one model alone is too large: pipe.enable_sequential_cpu_offload()";

/// A device map fills the GPU with weights up to what it is told. What the work needs beside them was missing.
fn less_on_the_gpu(s: &Situation<'_>) -> Offer {
    let device = s.incident.device.unwrap_or(0);
    let weights = || {
        let (live, short) = (s.balance.live?, s.balance.shortfall?);
        let left = live.low().checked_sub(short.high())? / GIB;
        (left > 0).then_some(left)
    };
    let most = weights().map_or_else(|| "N".to_owned(), |gib| gib.to_string());
    Offer::unmeasured(format!(
        "from_pretrained(..., max_memory={{{device}: \"{most}GiB\", \"cpu\": \"64GiB\"}})\n# with device_map=\"auto\": fewer weights on this GPU leave room for the work"
    ))
}

/// So many GiB of weights as are missing, rounded up, where the log tells.
fn weights_beyond(s: &Situation<'_>) -> Offer {
    // While weights come in, the layer that found no room is not the last of them.
    let loads = s.in_phase(&[Phase::Load]);
    let short = s
        .balance
        .shortfall
        .filter(|short| short.high() > 0 && !loads);
    Offer::unmeasured(match short {
        Some(short) => format!(
            "--cpu-offload-gb {}  # GiB of weights: what was missing, and room for the next request",
            short.high().div_ceil(GIB) + 1
        ),
        None => "--cpu-offload-gb N  # N: GiB of weights that do not fit".to_owned(),
    })
}
