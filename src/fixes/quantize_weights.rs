//! Four-bit weights take about a quarter of 16-bit ones.

use super::{Fix, Offer, Situation};
use crate::evidence::{Memory, Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: "quantize-weights",
    cost: "some quality; slower on GPUs without fitting kernels",
    page: include_str!("quantize-weights.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // In the host's memory weights lie where the CPU computes with them.
    let elsewhere = s.incident.memory == Memory::Host && !s.incident.framework.buffers();
    if s.has(SettingKind::Quantized) || elsewhere {
        return None;
    }
    let how = match s.program() {
        "vllm" | "sglang" => "--quantization fp8  # or a checkpoint in AWQ or GPTQ",
        "tgi" => "--quantize bitsandbytes-nf4",
        "lmdeploy" => "--model-format awq  # with a checkpoint in AWQ",
        "mlc-llm" => "--quantization q4f16_1  # for mlc_llm convert_weight and gen_config",
        "ctranslate2" => {
            "compute_type=\"int8\"  # or \"int8_float16\"; half of float16, a quarter of float32"
        }
        "openvino" => "optimum-cli export openvino --weight-format int4 -m MODEL OUT",
        "llama.cpp" => "llama-quantize model.gguf model-Q4_K_M.gguf Q4_K_M",
        "comfyui" => "--fp8_e4m3fn-unet  # or a model in GGUF, with ComfyUI-GGUF",
        "forge" => "a model in NF4 or GGUF, or \"Diffusion in Low Bits\"",
        "whisper.cpp" => {
            "quantize ggml-large-v3.bin ggml-large-v3-q5_0.bin q5_0\n# or a smaller model: medium, small, base"
        }
        "stable-diffusion.cpp" => "--type q8_0  # or q4_0; or a GGUF file of a smaller type",
        "ollama" => "ollama run NAME:TAG-q4_K_M  # a tag with a smaller quantization",
        _ if !s.torch() => return None,
        _ if s.in_phase(&[Phase::Backward, Phase::Optimizer]) => {
            "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained; and train LoRA adapters (peft): quantized weights take no gradients"
        }
        _ => "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained",
    };
    Some(Offer::unmeasured(how))
}
