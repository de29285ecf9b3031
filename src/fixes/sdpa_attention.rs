//! Flash and memory-efficient attention never store the scores of all pairs.

use super::offering::named;
use super::situation::{Own, Trainer};
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Flag, Frame, KnownWork, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SdpaAttention,
    cost: "nothing; custom masks can fall back to the matrix",
    page: include_str!("sdpa-attention.md"),
    offer,
};

/// Models of Transformers that refuse another attention than their own: they do not set `_supports_sdpa`.
const HAND_MADE: [&str; 8] = [
    "modeling_mpnet.py",
    "modeling_deberta.py",
    "modeling_deberta_v2.py",
    "modeling_xlnet.py",
    "modeling_longformer.py",
    "modeling_big_bird.py",
    "modeling_reformer.py",
    "modeling_funnel.py",
];

/// True where there are no scores to leave out, or they are left out already.
fn is_no_way(s: &Situation<'_>) -> bool {
    const NO_SCORES: [&str; 2] = ["nnunet", "nnunet-1"];
    let scores = [
        FindingId::AttentionScores,
        FindingId::AttentionLargerThanDevice,
    ];
    let convolves = s.torch() && s.images() && !s.sequences() && !scores.contains(&s.finding);
    let larger = s.finding == FindingId::LargerThanDevice;
    let buffer = s.in_phase(&[Phase::Load]) || s.incident.traceback.makes_a_buffer().is_some();
    s.has(SettingKind::FlashAttention)
        || HAND_MADE
            .iter()
            .any(|model| s.incident.traceback.mentions(model))
        || s.trained_by(&NO_SCORES)
        || s.draws_gaussians()
        || s.incident.traceback.known_work() == Some(KnownWork::PairsResidues)
        // Its models take the fused kernel of PyTorch 2 by themselves (diffusers, models/attention_processor.py).
        || s.trained_by(&["diffusers"]) && s.surely_since(2, 0)
        || ["stable_baselines3/", "torch_geometric/nn/", "dgl/nn/"]
            .iter()
            .any(|library| s.incident.traceback.mentions(library))
        // stable-diffusion.cpp's switch is for the diffusion model alone.
        || s.incident.flagged(Flag::ForDecoding)
        || larger && buffer
        || does_something_else(s)
        || convolves && !s.diffusers_pipeline()
}

/// True where one large request comes from a line that shows what it does, and that is no product or softmax of an attention.
fn does_something_else(s: &Situation<'_>) -> bool {
    const OF_SCORES: [&str; 9] = [
        "attn",
        "attention",
        "softmax",
        "matmul",
        "bmm",
        "einsum",
        " @ ",
        "score",
        "(q",
    ];
    let stack = &s.incident.traceback;
    let one = [FindingId::LargeRequest, FindingId::LargerThanDevice].contains(&s.finding);
    let shown = stack
        .frames
        .last()
        .is_some_and(|frame| frame.code.contains('('));
    one && shown && !OF_SCORES.iter().any(|word| stack.mentions(word))
}

/// True where the attention is a library's own, which no argument of Transformers changes and nobody rewrites.
fn of_a_library(s: &Situation<'_>) -> bool {
    const KNOWN: [&str; 5] = [
        "/torch/",
        "/transformers/",
        "/diffusers/",
        "/sentence_transformers/",
        "/peft/",
    ];
    let frames = s.incident.traceback.frames.iter().rev();
    let mut paths = frames.map(Frame::path);
    let own = paths.find(|path| !path.contains("-packages/torch/"));
    own.is_some_and(|path| {
        path.contains("-packages/") && !KNOWN.iter().any(|known| path.contains(known))
    })
}

/// Processors that keep the table work on a part of the heads then (diffusers, `models/attention_processor.py`).
fn in_slices(s: &Situation<'_>) -> Option<Offer> {
    let keeps = s.torch() && s.diffusers_pipeline();
    let how = "pipe.enable_attention_slicing()  # before the pipeline is called";
    let offer = Offer::unmeasured(how).titled("Compute attention in slices".to_owned());
    (keeps && s.incident.traceback.runs("get_attention_scores"))
        .then(|| offer.costing("a little slower"))
}

/// The fused call made the table all the same: no kernel took it. Flash wants two bytes a number and compute capability 8.0, the other
/// one no bf16 below 8.0 (pytorch: `aten/src/ATen/native/transformers/cuda/sdp_utils.cpp`).
fn falls_back(s: &Situation<'_>) -> Option<Offer> {
    let last = s.incident.traceback.frames.last()?;
    let fused = last.code.contains("scaled_dot_product_attention(");
    let table = [
        FindingId::AttentionLargerThanDevice,
        FindingId::AttentionScores,
    ];
    let whole = fused && table.contains(&s.finding);
    let fits = s.torch() && whole;
    if let Some(offer) = named::flash_kernel(s).filter(|_| fits) {
        return Some(offer);
    }
    // modules/sd_hijack_optimizations.py of the web interface: in pieces, whatever the kernel.
    if whole && s.program() == Program::A1111 {
        let how = "--opt-sub-quad-attention  # in COMMANDLINE_ARGS, in place of --opt-sdp-attention; or --xformers";
        return Some(Offer::unmeasured(how).titled("Give attention a kernel that keeps no matrix"));
    }
    if fits && s.incident.traceback.mentions("transformers/models/") {
        let how = "from_pretrained(..., attn_implementation=\"flash_attention_2\")  # pip install flash-attn; from Ampere on\n# the fused call fell back to the matrix: a mask, or a type that its kernels do not take";
        return Some(Offer::unmeasured(how).titled("Give attention a kernel that keeps no matrix"));
    }
    if let (true, Own::Switch(switch)) = (fits, s.own_switch(|switches| switches.attention)) {
        let how = format!(
            "{switch}  # pip install xformers\n# the fused call fell back to the matrix: a mask, or a type that its kernels do not take"
        );
        return Some(Offer::unmeasured(how).titled("Give attention a kernel that keeps no matrix"));
    }
    let how = "pip install xformers  # where the program takes it; else fp16 in place of bf16 or fp32\n# the fused call fell back to the matrix: GPUs before Ampere have no kernel for bf16, and no mask may be given\n# with torch.nn.attention.sdpa_kernel(SDPBackend.EFFICIENT_ATTENTION): says why";
    fits.then(|| Offer::unmeasured(how).titled("Give attention a kernel that keeps no matrix"))
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if let Some(offer) = falls_back(s) {
        return Some(offer);
    }
    if is_no_way(s) {
        return None;
    }
    if let Some(offer) = in_slices(s) {
        return Some(offer);
    }
    // A backward pass has frames of its trainer, and none of its attention.
    let runs = !s.in_phase(&[Phase::Backward]);
    let general = s.own_switch(|switches| switches.attention) == Own::General;
    if s.torch() && runs && general && of_a_library(s) && s.program() == s.incident.framework {
        return None;
    }
    if s.surely_before(2, 0) && general {
        let asked = s.finding == FindingId::AttentionScores && s.torch();
        let how = "pip install -U \"torch>=2.0\"  # then attn_implementation=\"sdpa\", or F.scaled_dot_product_attention(q, k, v)\n# in place of softmax(q @ k.transpose(-2, -1)) @ v; this version has no such kernel";
        return asked.then(|| Offer::unmeasured(how).costing("a newer PyTorch"));
    }
    let work = s.incident.flagged(Flag::ForWork) || s.incident.flagged(Flag::AtWork);
    let how = match s.program() {
        _ if s.incident.framework.buffers() && !work => return None,
        Program::LlamaCpp if s.llama_in_python() => "flash_attn=True",
        Program::LlamaCpp => "-fa on",
        Program::Koboldcpp => "--flashattention",
        Program::LmStudio => "Flash Attention: on  # in the model's load settings",
        Program::Ollama => "OLLAMA_FLASH_ATTENTION=1  # for ollama serve",
        Program::WhisperCpp => "-fa",
        Program::Comfyui => "--use-pytorch-cross-attention",
        Program::A1111 => "--opt-sdp-attention  # in COMMANDLINE_ARGS",
        Program::StableDiffusionCpp => "--diffusion-fa",
        Program::Jax => "jax.nn.dot_product_attention(q, k, v, implementation=\"cudnn\")",
        _ if !s.torch() => return None,
        _ if s.has(SettingKind::AttentionOff) => return s.turned_on(SettingKind::AttentionOff),
        _ if s.own_switch(|switches| switches.attention) != Own::General => {
            return s.own_switch(|switches| switches.attention).offer();
        }
        _ if s.incident.traceback.mentions("transformers/models/") && !s.loads_pretrained() => {
            return None;
        }
        _ if s.incident.traceback.mentions("sentence_transformers/") => {
            "SentenceTransformer(NAME, model_kwargs={\"attn_implementation\": \"sdpa\"})"
        }
        _ if s.trainer() == Trainer::HuggingFace
            || s.incident.traceback.mentions("transformers/models/") =>
        {
            "from_pretrained(..., attn_implementation=\"sdpa\")"
        }
        // torch/nn/functional.py: only without weights does it take the fused kernels.
        _ if s.incident.traceback.runs("multi_head_attention_forward") => {
            "self.attn(q, k, v, need_weights=False)[0]  # where nn.MultiheadAttention is called\n# it returns the table of weights unless told, and then takes no fused kernel"
        }
        _ if named::masks_what_follows(s) => {
            "y = F.scaled_dot_product_attention(q, k, v, is_causal=True)\n# in place of softmax(q @ k.transpose(-2, -1)) @ v; is_causal instead of a mask\n# with sdpa_kernel(SDPBackend.EFFICIENT_ATTENTION): to see why it would fall back"
        }
        // Pictures, sounds and proteins look both ways.
        _ => {
            "y = F.scaled_dot_product_attention(q, k, v)\n# in place of softmax(q @ k.transpose(-2, -1)) @ v; with a causal mask: is_causal=True\n# with sdpa_kernel(SDPBackend.EFFICIENT_ATTENTION): to see why it would fall back"
        }
    };
    Some(Offer::unmeasured(how))
}
