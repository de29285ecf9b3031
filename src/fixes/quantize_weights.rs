//! Four-bit weights take about a quarter of 16-bit ones.

use super::situation::Own;
use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Memory, Phase, Program, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::QuantizeWeights,
    cost: "some quality; slower on GPUs without fitting kernels",
    page: include_str!("quantize-weights.md"),
    offer,
};

/// The switch of the program that trains; what generates loads no recipe.
fn own_weights(s: &Situation<'_>) -> Option<Offer> {
    let trains = !s.in_phase(&[Phase::Generate]) || !s.trained_by(&["torchtune"]);
    let own = s.own_switch(|switches| switches.weights).offer();
    own.filter(|_| trains)
}

/// An index of numbers in two bytes (faiss/gpu/GpuClonerOptions.h).
fn of_an_index() -> Offer {
    let how = "co = faiss.GpuClonerOptions(); co.useFloat16 = True  # half of fp32\nindex = faiss.index_cpu_to_gpu(res, 0, index, co)  # or an index of codes: IVFPQ";
    Offer::unmeasured(how).titled("Keep the index in fewer bits".to_owned())
}

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // In the host's memory weights lie where the CPU computes with them.
    let elsewhere = s.incident.memory == Memory::Host && !s.incident.framework.buffers();
    let known = [Program::Faiss, Program::Cudarc].contains(&s.program());
    let blind = s.finding == FindingId::NoFigures && !known;
    if blind || s.has(SettingKind::Quantized) || elsewhere {
        return None;
    }
    let how = match s.program() {
        Program::Faiss => return Some(of_an_index()),
        // huggingface/candle (candle-transformers/src/models/quantized_llama.rs).
        Program::Cudarc => "ModelWeights::from_gguf(content, &mut file, &device)?  // candle: GGUF",
        Program::Vllm | Program::Sglang => "--quantization fp8  # or a checkpoint in AWQ or GPTQ",
        Program::Tgi => "--quantize bitsandbytes-nf4",
        Program::Lmdeploy => "--model-format awq  # with a checkpoint in AWQ",
        Program::MlcLlm => "--quantization q4f16_1  # for mlc_llm convert_weight and gen_config",
        Program::Ctranslate2 => {
            "compute_type=\"int8\"  # or \"int8_float16\"; half of float16, a quarter of float32"
        }
        Program::Openvino => "optimum-cli export openvino --weight-format int4 -m MODEL OUT",
        Program::TextGenerationWebui if s.loads_by_transformers() => {
            "--load-in-4bit  # for the Transformers loader; or a model in EXL3 or GGUF"
        }
        Program::Exllama => "a quantization of fewer bits a weight (bpw)",
        Program::LmStudio
        | Program::Koboldcpp
        | Program::LocalAi
        | Program::Jan
        | Program::Gpt4all => "a GGUF file of a smaller quantization, such as Q4_K_M",
        Program::LlamaCpp => "llama-quantize model.gguf model-Q4_K_M.gguf Q4_K_M",
        Program::Comfyui => "--fp8_e4m3fn-unet  # or a model in GGUF, with ComfyUI-GGUF",
        Program::Invokeai => "a variant of the model in GGUF, NF4 or FP8  # from its model manager",
        Program::Forge => "a model in NF4 or GGUF, or \"Diffusion in Low Bits\"",
        // ggml-org/whisper.cpp: README (Memory usage, Quantization), models/README.md.
        Program::WhisperCpp => {
            let how = "-m MODEL.bin  # one that is smaller than now: large-v3-turbo, medium, small, base, tiny\n# or of fewer bits: whisper-quantize MODEL.bin MODEL-q5_0.bin q5_0";
            return Some(
                Offer::unmeasured(how).titled("Use a smaller model, or one of fewer bits"),
            );
        }
        Program::StableDiffusionCpp => "--type q8_0  # or q4_0; or a GGUF file of a smaller type",
        Program::Ollama => "ollama run NAME:TAG-q4_K_M  # a tag with a smaller quantization",
        _ if !s.torch() => return None,
        _ if s.own_switch(|switches| switches.weights) != Own::General
            && !s.has(SettingKind::QuantizedOff) =>
        {
            return own_weights(s);
        }
        _ if s.has(SettingKind::QuantizedOff) => return s.turned_on(SettingKind::QuantizedOff),
        // diffusers/quantizers/pipe_quant_config.py.
        _ if s.diffusers_pipeline() => {
            "PipelineQuantizationConfig(\"bitsandbytes_4bit\", {\"load_in_4bit\": True})\n# as quantization_config= in DiffusionPipeline.from_pretrained; diffusers 0.33 and newer"
        }
        _ if s.whisper() => {
            "faster_whisper.WhisperModel(NAME, compute_type=\"int8\")\n# or a smaller model: whisper.load_model(\"turbo\"), \"medium\", \"small\""
        }
        _ if !s.loads_pretrained() => return None,
        _ if s.in_phase(&[Phase::Backward, Phase::Optimizer]) => {
            "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained; and train LoRA adapters (peft): quantized weights take no gradients"
        }
        _ => "quantization_config=BitsAndBytesConfig(load_in_4bit=True)\n# in from_pretrained",
    };
    Some(Offer::unmeasured(how))
}
