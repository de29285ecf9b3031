//! Four-bit weights take about a quarter of 16-bit ones.

use super::{Fix, Offer, Situation};
use crate::evidence::{Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: "quantize-weights",
    title: "Use weights of 8 or 4 bits",
    cost: "some quality; slower on GPUs without fitting kernels",
    page: include_str!("quantize-weights.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.has(SettingKind::Quantized) {
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
        "ollama" => "ollama run NAME:TAG-q4_K_M  # a tag with a smaller quantization",
        _ if !s.torch() => return None,
        _ if s.in_phase(&[Phase::Backward, Phase::Optimizer]) => {
            "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained; and train LoRA adapters (peft): quantized weights take no gradients"
        }
        _ => "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained",
    };
    Some(Offer::unmeasured(how))
}
