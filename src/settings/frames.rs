//! Files on a call stack that are there only when something is on.

use std::rc::Rc;

use super::trainers;
use crate::evidence::{Frame, Program, SameStack, Setting, SettingKind, Traceback};

/// A part of a file's path, the function where it must be one, and what it tells.
struct Trace {
    file: &'static str,
    function: &'static str,
    kind: SettingKind,
    value: &'static str,
}

const fn trace(file: &'static str, function: &'static str, kind: SettingKind) -> Trace {
    Trace {
        file,
        function,
        kind,
        value: "",
    }
}

const fn program(file: &'static str, program: Program) -> Trace {
    Trace {
        file,
        function: "",
        kind: SettingKind::Program,
        value: program.name(),
    }
}

const fn beside(file: &'static str, value: &'static str) -> Trace {
    Trace {
        file,
        function: "",
        kind: SettingKind::Beside,
        value,
    }
}

const TRACES: &[Trace] = &[
    beside("vllm/lora/", "adapters"),
    beside("lora_model_runner_mixin.py", "adapters"),
    beside("sglang/srt/lora/", "adapters"),
    beside("vllm/v1/spec_decode/", "draft"),
    beside("vllm/spec_decode/", "draft"),
    beside("sglang/srt/speculative/", "draft"),
    trace("torch/utils/checkpoint.py", "", SettingKind::Checkpointing),
    trace(
        "deepspeed/runtime/activation_checkpointing/",
        "",
        SettingKind::Checkpointing,
    ),
    trace(
        "torch/amp/autocast_mode.py",
        "decorate_autocast",
        SettingKind::MixedPrecision,
    ),
    // A loss is scaled for gradients in fp16 (torch/amp/grad_scaler.py).
    trace("", "scaler.scale(", SettingKind::MixedPrecision),
    // Accelerate wraps the forward pass so only under mixed precision (accelerator.py, prepare_model).
    trace(
        "accelerate/utils/operations.py",
        "",
        SettingKind::MixedPrecision,
    ),
    Trace {
        file: "deepspeed/runtime/zero/stage3.py",
        function: "",
        kind: SettingKind::DeepSpeed,
        value: "3",
    },
    trace("deepspeed/", "", SettingKind::DeepSpeed),
    trace("torch/distributed/fsdp/", "", SettingKind::Fsdp),
    trace("torch/distributed/_composable/fsdp/", "", SettingKind::Fsdp),
    trace("transformers/trainer.py", "", SettingKind::HuggingFace),
    trace(
        "transformers/trainer_seq2seq.py",
        "",
        SettingKind::HuggingFace,
    ),
    trace("trl/trainer/", "", SettingKind::HuggingFace),
    trace("pytorch_lightning/", "", SettingKind::Lightning),
    trace("lightning/pytorch/", "", SettingKind::Lightning),
    trace("bitsandbytes/nn/", "", SettingKind::Quantized),
    // vllm/model_executor/layers/quantization: a file for each kind; sglang/srt/layers/quantization has the same names.
    trace("layers/quantization/mxfp4", "", SettingKind::Quantized),
    trace("layers/quantization/awq", "", SettingKind::Quantized),
    trace("layers/quantization/gptq", "", SettingKind::Quantized),
    trace(
        "layers/quantization/compressed_tensors",
        "",
        SettingKind::Quantized,
    ),
    trace("layers/quantization/fp8", "", SettingKind::Quantized),
    trace("layers/quantization/modelopt", "", SettingKind::Quantized),
    trace("bitsandbytes/optim/", "", SettingKind::SmallOptimizer),
    trace("optim/adafactor.py", "", SettingKind::SmallOptimizer),
    trace("flash_attn/", "", SettingKind::FlashAttention),
    trace("xformers/ops/fmha/", "", SettingKind::FlashAttention),
    trace(
        "transformers/integrations/sdpa_attention.py",
        "",
        SettingKind::FlashAttention,
    ),
    trace(
        "",
        "scaled_dot_product_attention",
        SettingKind::FlashAttention,
    ),
    // huggingface/sentence-transformers: what is encoded is encoded without a graph.
    trace("sentence_transformers/", "encode", SettingKind::NoGrad),
    // RUCAIBox/RecBole: `@torch.no_grad()` stands over it.
    trace("recbole/trainer/", "evaluate", SettingKind::NoGrad),
    trace("/mnt/c/", "", SettingKind::Wsl),
    program("comfy/model_management.py", Program::Comfyui),
    program("comfy/sd.py", Program::Comfyui),
    program("comfy/ldm/", Program::Comfyui),
    program("ComfyUI/", Program::Comfyui),
    program("comfy_aimdo/", Program::Comfyui),
    program("stable-diffusion-webui-forge/", Program::Forge),
    program("webui_forge", Program::Forge),
    program("modules_forge/", Program::Forge),
    program("stable-diffusion-webui/", Program::A1111),
    // Where the folder has another name.
    program("modules/sd_hijack", Program::A1111),
    program("modules/sd_samplers", Program::A1111),
    program("modules/call_queue.py", Program::A1111),
    program("/invokeai/", Program::Invokeai),
    program("/sglang/", Program::Sglang),
    program("/sglang/multimodal_gen/", Program::SglangDiffusion),
    program("/tensorrt_llm/", Program::TensorrtLlm),
    program("/lmdeploy/", Program::Lmdeploy),
    program("/text_generation_server/", Program::Tgi),
    // Its client in Python: what it quotes is the server's.
    program("/text_generation/client.py", Program::Tgi),
    program("/infinity_emb/", Program::Infinity),
    program("/mlc_llm/", Program::MlcLlm),
    program("/vllm/", Program::Vllm),
    program("/aphrodite/", Program::Vllm),
    program("text-generation-webui/", Program::TextGenerationWebui),
    program("exllamav2/", Program::Exllama),
    program("exllamav3/", Program::Exllama),
    program("/exllama/", Program::Exllama),
    program("diffusers/pipelines/", Program::Diffusers),
    program("diffusers/models/", Program::Diffusers),
    program("/cupy/", Program::Cupy),
    program("/numba/cuda/", Program::Numba),
    program("/cudf/", Program::Rapids),
    program("/cuml/", Program::Rapids),
    program("/cugraph/", Program::Rapids),
    program("/xgboost/", Program::Xgboost),
    program("/lightgbm/", Program::Lightgbm),
    program("/catboost/", Program::Catboost),
    program("/mii/batching/", Program::DeepspeedMii),
    program("/mii/backend/", Program::DeepspeedMii),
    program("/xinference/", Program::Xinference),
    program("/taichi/lang/", Program::Taichi),
    program("/warp/context.py", Program::Warp),
    program("/nvidia/dali/", Program::Dali),
    program("/pycuda/", Program::Pycuda),
    program("/ldm_patched/", Program::Fooocus),
    program("/jax/_src/", Program::Jax),
    program("/tensorflow/python/", Program::Tensorflow),
    program("/onnxruntime/", Program::Onnxruntime),
    program("run_alphafold", Program::Alphafold),
    program("/alphafold3/", Program::Alphafold),
    program("/alphafold/", Program::Alphafold),
    program("/colabfold/", Program::Alphafold),
    program("/boltz/", Program::Boltz),
    program("/rf3/", Program::Folding),
    program("/protenix/", Program::Folding),
    program("/chai_lab/", Program::Folding),
    program("/bonito/crf/", Program::Bonito),
    program("/vllm_ascend/", Program::Vllm),
    program("/ktransformers/", Program::Ktransformers),
    program("ktransformers/", Program::Ktransformers),
    program("/qiskit_aer/", Program::Quantum),
    program("/pennylane_lightning/", Program::Quantum),
];

/// What a frame tells: its index, the kind of setting, its name and its value.
type Told = (usize, SettingKind, &'static str, &'static str);

thread_local! {
    /// Each frame is asked for all traces.
    static LAST: SameStack<Rc<[Told]>> = const { SameStack::new() };
}

/// Hands over all that the frames tell.
pub(super) fn read(traceback: &Traceback, keep: &mut dyn FnMut(Setting)) {
    let told = SameStack::ask(&LAST, traceback, || told(traceback));
    for (index, kind, name, value) in told.iter() {
        if let Some(frame) = traceback.frames.get(*index) {
            keep(setting(*kind, name, value, frame));
        }
    }
}

fn told(traceback: &Traceback) -> Rc<[Told]> {
    let mut told = Vec::new();
    for (index, frame) in traceback.frames.iter().enumerate() {
        let file = frame.path();
        for t in TRACES {
            let in_code = t.file.is_empty() && frame.code.contains(t.function);
            let in_frame =
                (t.function.is_empty() || frame.function == t.function) && file.contains(t.file);
            // A web interface that draws can train, too: its switches for drawing do nothing then.
            let draws = t.file.contains("webui") || t.value == Program::A1111.name();
            let draws = draws && t.kind == SettingKind::Program;
            if in_code || in_frame && !(draws && trains(traceback)) {
                let name = if t.file.is_empty() {
                    t.function
                } else {
                    t.file
                };
                told.push((index, t.kind, name, t.value));
            }
        }
        // What GitHub packs of a repository has the branch in its name.
        let cloned = file.replace("-master/", "/").replace("-main/", "/");
        let trainer = trainers::named(cloned.as_bytes());
        told.extend(trainer.map(|name| (index, SettingKind::Trainer, "program", name)));
        if on_a_drive(&frame.file) {
            told.push((index, SettingKind::Windows, "path", ""));
        }
        if without_grad(traceback, index) {
            told.push((index, SettingKind::NoGrad, "decorate_context", ""));
        }
    }
    told.into()
}

/// True where a backward pass runs.
fn trains(traceback: &Traceback) -> bool {
    traceback
        .frames
        .iter()
        .any(|frame| frame.code.contains("backward(") || frame.name() == "backward")
}

fn setting(kind: SettingKind, name: &str, value: &str, frame: &Frame) -> Setting {
    Setting {
        kind,
        name: name.to_owned(),
        value: value.to_owned(),
        line: frame.at,
        written: String::new(),
    }
}

/// `C:\…`: a path of native Windows.
fn on_a_drive(file: &str) -> bool {
    let mut chars = file.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next() == Some('\\')
}

/// A function decorated with `no_grad` or `inference_mode`, called at this frame.
///
/// Optimizers decorate their `step` so, and `enable_grad` looks alike: a step or a backward pass further in speaks
/// against it.
fn without_grad(traceback: &Traceback, index: usize) -> bool {
    let Some(frame) = traceback.frames.get(index) else {
        return false;
    };
    let file = frame.path();
    let decorated = frame.function == "decorate_context"
        && (file.ends_with("torch/utils/_contextlib.py")
            || file.ends_with("torch/autograd/grad_mode.py"));
    decorated
        && !traceback.frames.iter().skip(index).any(|f| {
            let file = f.path();
            file.contains("/optim/")
                || f.function == "backward"
                || f.code.contains("backward(")
                || f.function.contains("enable_grad")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Settings;

    fn shown(frames: &[(&str, &str)]) -> Settings {
        let frames = frames
            .iter()
            .zip(1u64..)
            .map(|((file, function), at)| Frame {
                file: (*file).to_owned(),
                line: 1,
                function: (*function).to_owned(),
                code: String::new(),
                at,
            });
        let traceback = Traceback {
            frames: frames.collect(),
            shown: Vec::new(),
            chained: false,
        };
        let mut settings = Settings::default();
        super::super::read_stack(&traceback, &mut settings);
        settings
    }

    #[test]
    fn every_trace_tells_its_kind() {
        for t in TRACES {
            let settings = shown(&[(&format!("/site-packages/{}x.py", t.file), t.function)]);
            assert!(settings.has(t.kind), "{:?} of {}", t.kind, t.file);
        }
    }

    #[test]
    fn stage_three_is_kept_though_other_deepspeed_frames_follow() {
        let settings = shown(&[
            ("/x/deepspeed/runtime/zero/stage3.py", "step"),
            ("/x/deepspeed/utils/a.py", "b"),
        ]);
        assert_eq!(settings.get(SettingKind::DeepSpeed).unwrap().value, "3");
    }

    #[test]
    fn a_decorated_evaluation_is_without_grad_and_a_decorated_step_is_not_told() {
        let context = ("/x/torch/utils/_contextlib.py", "decorate_context");
        assert!(shown(&[context, ("/me/eval.py", "evaluate")]).has(SettingKind::NoGrad));
        assert!(!shown(&[context, ("/x/torch/optim/adam.py", "step")]).has(SettingKind::NoGrad));
        assert!(!shown(&[context, ("/x/torch/_tensor.py", "backward")]).has(SettingKind::NoGrad));
    }

    #[test]
    fn a_drive_letter_is_windows() {
        assert!(shown(&[("C:\\me\\train.py", "main")]).has(SettingKind::Windows));
        assert!(!shown(&[("/mnt/d/train.py", "main")]).has(SettingKind::Windows));
    }
}
