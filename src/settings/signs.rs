//! Which program writes, known from any of its lines, and how far it has come: an engine that failed did so while it loaded
//! weights, in its trial run, beside its cache, at its graphs or while it served, and each has its own cause and its own knob.
//!
//! The message of a failure is mostly that of what lies below: `PyTorch` under vLLM, llama.cpp under Ollama.

mod formatter;

use std::sync::LazyLock;

use crate::evidence::{Incident, Phase, Program, Setting, SettingKind};
use crate::text::literals::Literals;

/// How far an engine has come when it prints a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing that tells.
    Open,
    /// It loads weights.
    Load,
    /// The weights are there; what follows is a trial run without a cache.
    Trial,
    /// The cache is sized or there; what follows is not told.
    Sized,
    /// It captures graphs.
    Capture,
    /// It serves.
    Serve,
}

impl Stage {
    /// What fails behind the line, where the line alone tells.
    const fn phase(self) -> Option<Phase> {
        match self {
            Self::Load => Some(Phase::Load),
            Self::Trial => Some(Phase::TrialRun),
            Self::Capture => Some(Phase::GraphCapture),
            Self::Serve => Some(Phase::Generate),
            Self::Open | Self::Sized => None,
        }
    }
}

/// A text that one program prints.
struct Sign {
    text: &'static str,
    program: Program,
    stage: Stage,
}

const fn sign(text: &'static str, program: Program, stage: Stage) -> Sign {
    Sign {
        text,
        program,
        stage,
    }
}

use Program as P;
use Stage::{Capture, Load, Open, Serve, Sized, Trial};

/// Lines that stand a few times in a log: banners, and the steps of a start. They are looked for everywhere.
const RARE: &[Sign] = &[
    // vllm/entrypoints, vllm/engine/llm_engine.py, vllm/v1/worker/gpu_model_runner.py and gpu_worker.py, and those of V0.
    sign("vLLM API server version", P::Vllm, Open),
    sign("LLM engine (v", P::Vllm, Open),
    sign("vllm serve ", P::Vllm, Open),
    sign("vllm.entrypoints.", P::Vllm, Open),
    sign("Starting to load model ", P::Vllm, Load),
    sign("Model loading took ", P::Vllm, Trial),
    sign("Loading model weights took ", P::Vllm, Trial),
    sign("the current vLLM instance can use", P::Vllm, Sized),
    sign(
        "the rest of the memory reserved for KV Cache",
        P::Vllm,
        Sized,
    ),
    sign("Memory profiling results:", P::Vllm, Sized),
    sign("Available KV cache memory:", P::Vllm, Sized),
    sign("GPU KV cache size:", P::Vllm, Sized),
    sign("# GPU blocks: ", P::Vllm, Sized),
    sign("# cuda blocks: ", P::Vllm, Sized),
    sign("Capturing the model for CUDA graphs", P::Vllm, Capture),
    sign("Capturing cudagraphs for decoding", P::Vllm, Capture),
    sign("Capturing CUDA graph shapes", P::Vllm, Capture),
    sign("Graph capturing finished in", P::Vllm, Serve),
    sign("init engine (profile, create kv cache", P::Vllm, Serve),
    sign("Avg prompt throughput:", P::Vllm, Serve),
    // sglang/srt/server_args.py, model_executor/model_runner.py, managers/scheduler.py, entrypoints/http_server.py.
    sign("server_args=ServerArgs(", P::Sglang, Open),
    sign("sglang.launch_server", P::Sglang, Open),
    sign("Load weight begin. avail mem=", P::Sglang, Load),
    sign("Load weight end.", P::Sglang, Sized),
    sign("Memory pool end. avail mem=", P::Sglang, Sized),
    sign("Capture cuda graph begin.", P::Sglang, Capture),
    sign("Capture cuda graph end.", P::Sglang, Serve),
    sign("The server is fired up and ready to roll", P::Sglang, Serve),
    // text-generation-inference: launcher/src/main.rs, backends/v3/src/lib.rs, router/src/main.rs.
    sign("text-generation-launcher", P::Tgi, Open),
    sign("Starting shard", P::Tgi, Load),
    sign("Shard ready in", P::Tgi, Trial),
    sign("Warming up model", P::Tgi, Trial),
    sign("Setting max batch total tokens to", P::Tgi, Serve),
    // tensorrt_llm/__init__.py, commands/serve.py.
    sign("TensorRT-LLM version:", P::TensorrtLlm, Open),
    sign("TensorRT LLM version:", P::TensorrtLlm, Open),
    sign("trtllm-serve", P::TensorrtLlm, Open),
    sign("trtllm-bench", P::TensorrtLlm, Open),
    sign("Error executing load_single_module", P::TensorrtLlm, Load),
    sign("lmdeploy serve", P::Lmdeploy, Open),
    sign("mlc_llm serve", P::MlcLlm, Open),
    // ollama/ollama: server/routes.go, discover/types.go.
    sign("msg=\"server config\" env=", P::Ollama, Open),
    sign("msg=\"inference compute\"", P::Ollama, Open),
    sign("ollama serve", P::Ollama, Open),
    sign("[LMSInternal]", P::LmStudio, Open),
    sign("LM Studio", P::LmStudio, Open),
    sign("Welcome to KoboldCpp", P::Koboldcpp, Open),
    sign("koboldcpp_cublas", P::Koboldcpp, Open),
    sign("koboldcpp.py", P::Koboldcpp, Open),
    sign("text-generation-webui", P::TextGenerationWebui, Open),
    // ComfyUI: comfy/model_management.py, execution.py, main.py. Forge: backend/memory_management.py. A1111: modules/launch_utils.py.
    sign("Set vram state to: ", P::Comfyui, Open),
    sign("ComfyUI version:", P::Comfyui, Open),
    sign("Got an OOM, unloading all loaded models", P::Comfyui, Open),
    sign("DynamicVRAM support detected", P::Comfyui, Open),
    sign("[Low VRAM Warning] ", P::Forge, Open),
    sign("[GPU Setting] You will use ", P::Forge, Open),
    sign("Torch active/reserved:", P::A1111, Open),
    sign("Invoke running on http", P::Invokeai, Open),
    // triton-inference-server: src/main.cc, core/src/tritonserver.cc.
    sign("Triton Server Version", P::TritonServer, Open),
    sign("== Triton Inference Server ==", P::TritonServer, Open),
    sign("Starting GRPCInferenceService", P::TritonServer, Open),
];

/// What stands in many lines, such as the name of a logger: looked for near failures only.
const NEAR: &[Sign] = &[
    sign("(EngineCore", P::Vllm, Open),
    sign("(VllmWorker", P::Vllm, Open),
    sign("(APIServer pid=", P::Vllm, Open),
    sign("[gpu_model_runner.py:", P::Vllm, Open),
    sign("[gpu_worker.py:", P::Vllm, Open),
    sign("[multiproc_executor.py:", P::Vllm, Open),
    sign("/vllm/", P::Vllm, Open),
    sign("sglang::scheduler", P::Sglang, Open),
    sign("sglang/srt/", P::Sglang, Open),
    sign("text_generation_launcher", P::Tgi, Open),
    sign("text_generation_router", P::Tgi, Open),
    sign("text_generation_client", P::Tgi, Open),
    sign("text_generation_server", P::Tgi, Open),
    sign("warmup{", P::Tgi, Trial),
    sign("prefill{", P::Tgi, Serve),
    sign("decode{", P::Tgi, Serve),
    sign("[TRT-LLM]", P::TensorrtLlm, Open),
    sign("[TensorRT-LLM]", P::TensorrtLlm, Open),
    sign("tensorrt_llm/", P::TensorrtLlm, Open),
    sign("lmdeploy - ", P::Lmdeploy, Open),
    sign("mlc_llm", P::MlcLlm, Open),
    sign("source=routes.go:", P::Ollama, Open),
    sign("source=sched.go:", P::Ollama, Open),
    sign("source=server.go:", P::Ollama, Open),
    sign("source=memory.go:", P::Ollama, Open),
    sign("source=runner.go:", P::Ollama, Open),
    sign("source=ggml.go:", P::Ollama, Open),
    sign("ollama_llama_server", P::Ollama, Open),
    sign("[GIN]", P::Ollama, Open),
    sign("lmstudio", P::LmStudio, Open),
    sign("koboldcpp", P::Koboldcpp, Open),
    sign("oobabooga", P::TextGenerationWebui, Open),
    sign("exllamav2", P::Exllama, Open),
    sign("exllamav3", P::Exllama, Open),
    sign("ComfyUI", P::Comfyui, Open),
    sign("comfy.model_management", P::Comfyui, Open),
    sign("[Memory Management] Target: ", P::Forge, Open),
    // The longer name of two at one place is the last that is looked at, and counts.
    sign("stable-diffusion-webui", P::A1111, Open),
    sign("stable-diffusion-webui-forge", P::Forge, Open),
    sign("[InvokeAI]", P::Invokeai, Open),
    sign("model_lifecycle.cc:", P::TritonServer, Open),
    sign("model_repository_manager.cc:", P::TritonServer, Open),
    sign("cupy", P::Cupy, Open),
    sign("numba.cuda", P::Numba, Open),
];

/// The texts of rare signs, for the scan of the whole input.
pub fn signatures() -> impl Iterator<Item = &'static str> {
    RARE.iter().map(|sign| sign.text)
}

/// Those of both tables; the tag is the place in the one behind the other.
static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    let texts = RARE.iter().chain(NEAR).map(|sign| sign.text);
    Literals::new(texts.zip(0..))
});

/// A sign at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    line: u64,
    program: Program,
    stage: Stage,
    /// False where other programs print so, too.
    sure: bool,
}

/// So many are kept: those that were seen last count most.
const MOST: usize = 4096;

/// The signs of one input, in the order in which they were seen.
#[derive(Debug, Default)]
pub struct Signs {
    seen: Vec<Seen>,
}

impl Seen {
    /// The signs of one line that the scan found.
    pub fn in_line(line: u64, text: &[u8]) -> Vec<Self> {
        let mut found = Vec::new();
        LITERALS.each(text, 0..text.len(), &mut |hit| {
            let sign = RARE.get(usize::from(hit.tag));
            found.extend(sign.map(|sign| Self::of(line, sign, true)));
        });
        found
    }

    /// All signs of the lines around a failure.
    pub fn in_window(first_line: u64, raw: &[u8]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut hits = Vec::new();
        LITERALS.each(raw, 0..raw.len(), &mut |hit| {
            hits.push((hit.start, hit.tag));
        });
        hits.sort_unstable();
        let (mut line, mut at) = (first_line, 0);
        let mut lines_before = |start: usize| {
            let passed = raw.get(at..start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', passed).count() as u64;
            at = start.max(at);
            line
        };
        for (start, tag) in hits {
            let sign = RARE.iter().chain(NEAR).nth(usize::from(tag));
            found.extend(sign.map(|sign| Self::of(lines_before(start), sign, true)));
        }
        if let Some(formatted) = formatter::find(raw) {
            let passed = raw.get(..formatted).unwrap_or_default();
            let line = first_line + memchr::memchr_iter(b'\n', passed).count() as u64;
            found.push(Self::of(line, &sign("", Program::Vllm, Open), false));
        }
        found
    }

    fn of(line: u64, sign: &Sign, sure: bool) -> Self {
        Self {
            line,
            program: sign.program,
            stage: sign.stage,
            sure,
        }
    }
}

impl Signs {
    /// Takes signs, in the order in which they stand in the input.
    pub fn add(&mut self, seen: impl IntoIterator<Item = Seen>) {
        for seen in seen {
            if self.seen.len() >= MOST {
                self.seen.drain(..MOST / 2);
            }
            self.seen.push(seen);
        }
    }

    /// Tells a failure whose it is and, where no stack did, at what it failed.
    pub fn tell(&self, incident: &mut Incident) {
        let at = incident.place.line;
        let around = |seen: &&Seen| {
            seen.program == incident.framework || seen.program.stands_around(incident.framework)
        };
        let candidates = || self.seen.iter().filter(around);
        let nearest = |sure: bool| {
            let before = candidates().filter(|s| s.sure == sure && s.line <= at);
            let after = candidates().filter(|s| s.sure == sure && s.line > at);
            before
                .max_by_key(|s| s.line)
                .or_else(|| after.min_by_key(|s| s.line))
        };
        // A stack that passes the user's own code and nothing of the engine's is of a trainer that runs one beside it.
        let trains = incident.frame.is_some()
            || matches!(incident.phase, Some(Phase::Backward | Phase::Optimizer));
        let known = incident.settings.has(SettingKind::Program);
        let nearest = nearest(true).or_else(|| nearest(false));
        let meant = |s: &&Seen| {
            !known && s.program != incident.framework && !(trains && s.program.serves())
        };
        if let Some(seen) = nearest.filter(meant) {
            incident.settings.insert(Setting {
                kind: SettingKind::Program,
                name: seen.program.title().to_owned(),
                value: seen.program.name().to_owned(),
                line: seen.line,
                written: String::new(),
            });
        }
        if incident.phase.is_none() {
            incident.phase = self.stage(incident).and_then(Stage::phase);
        }
    }

    /// How far the program had come by its last line that tells.
    fn stage(&self, incident: &Incident) -> Option<Stage> {
        let program = incident.program();
        let told = self
            .seen
            .iter()
            .filter(|s| s.program == program && s.stage != Open && s.line <= incident.place.line);
        Some(told.max_by_key(|s| s.line)?.stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose;

    const REFUSED: &str = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 300.00 MiB. GPU 0 has a total capacity of \
        23.69 GiB of which 90.00 MiB is free. Including non-PyTorch memory, this process has 23.60 GiB memory in use. Of the \
        allocated memory 22.40 GiB is allocated by PyTorch, and 80.00 MiB is reserved by PyTorch but unallocated.";

    fn said(log: &str) -> (Program, Option<Phase>) {
        let diagnosis = diagnose("t", log.as_bytes());
        let incident = &diagnosis.incidents.first().unwrap().incident;
        (incident.program(), incident.phase)
    }

    #[test]
    fn every_sign_names_its_program_from_a_line_of_its_own() {
        for sign in RARE.iter().chain(NEAR) {
            let below = match sign.program {
                program if program.stands_around(Program::Pytorch) => REFUSED,
                program if program.stands_around(Program::LlamaCpp) => {
                    "alloc_tensor_range: failed to allocate CUDA0 buffer of size 8858402816"
                }
                _ => "CUDA error: out of memory\nterminate called",
            };
            let log = format!("x {} y\n{below}\n", sign.text);
            if sign.program.stands_around(Program::Cuda)
                && !sign.program.stands_around(Program::Pytorch)
            {
                continue;
            }
            assert_eq!(said(&log).0, sign.program, "{}", sign.text);
        }
    }

    #[test]
    fn the_last_step_of_a_start_tells_at_what_it_failed() {
        let load = "INFO 08-03 [gpu_model_runner.py:1843] Starting to load model /models/a...\n";
        let took =
            "INFO 08-03 [gpu_model_runner.py:1843] Model loading took 16.2 GiB and 34.1 seconds\n";
        let sized = "INFO 08-03 [gpu_worker.py:276] Available KV cache memory: 5.58 GiB\n";
        let capture = "Capturing CUDA graph shapes:   3%|#\n";
        let serve = "INFO 08-03 [core.py:193] init engine (profile, create kv cache, warmup model) took 72.10 seconds\n";
        let mut log = String::new();
        for (line, phase) in [
            (load, Some(Phase::Load)),
            (took, Some(Phase::TrialRun)),
            (sized, None),
            (capture, Some(Phase::GraphCapture)),
            (serve, Some(Phase::Generate)),
        ] {
            log.push_str(line);
            assert_eq!(
                said(&format!("{log}{REFUSED}")),
                (Program::Vllm, phase),
                "{line}"
            );
        }
    }

    #[test]
    fn a_program_far_above_is_still_known() {
        let between = "GET /health 200\n".repeat(5000);
        let log = format!("vLLM API server version 0.10.0\n{between}{REFUSED}");
        assert_eq!(said(&log).0, Program::Vllm);
    }

    #[test]
    fn the_nearest_of_several_programs_is_meant() {
        let log =
            format!("Set vram state to: NORMAL_VRAM\nvLLM API server version 0.10.0\n{REFUSED}");
        assert_eq!(said(&log).0, Program::Vllm);
        assert_eq!(said(REFUSED).0, Program::Pytorch);
    }
}
