//! The texts that name a program, and how far it has come where they stand.

use super::Stage;
use crate::evidence::Program;

/// A text that one program prints.
pub(super) struct Sign {
    pub(super) text: &'static str,
    pub(super) program: Program,
    pub(super) stage: Stage,
}

pub(super) const fn sign(text: &'static str, program: Program, stage: Stage) -> Sign {
    Sign {
        text,
        program,
        stage,
    }
}

use Program as P;
use Stage::{Capture, Load, Open, Serve, Sized, Trial};

/// Lines that stand a few times in a log: banners, and the steps of a start. They are looked for everywhere.
pub(super) const RARE: &[Sign] = &[
    // vllm/entrypoints, vllm/engine/llm_engine.py, vllm/v1/worker/gpu_model_runner.py and gpu_worker.py, and those of V0.
    sign("vLLM API server version", P::Vllm, Open),
    sign("LLM engine (v", P::Vllm, Open),
    sign("vllm serve ", P::Vllm, Open),
    sign("vllm.entrypoints.", P::Vllm, Open),
    // Aphrodite is a fork of it with the same switches (aphrodite-engine: engine/aphrodite_engine.py, endpoints/openai).
    sign("Aphrodite Engine (v", P::Vllm, Open),
    sign("aphrodite run ", P::Vllm, Open),
    // Up to 0.8: vllm/executor/multiproc_worker_utils.py.
    sign("while processing method load_model", P::Vllm, Load),
    sign("while processing method determine_num", P::Vllm, Trial),
    sign("Starting to load model ", P::Vllm, Load),
    sign("Model loading took ", P::Vllm, Trial),
    sign("Loading model weights took ", P::Vllm, Trial),
    // vllm/multimodal/profiling.py, vllm/v1/worker/gpu_model_runner.py (profile_run).
    sign("The sequence length used for profiling (", P::Vllm, Trial),
    sign("Encoder cache will be initialized with", P::Vllm, Trial),
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
    sign("Capturing CUDA graphs (", P::Vllm, Capture),
    sign("Graph capturing finished in", P::Vllm, Serve),
    sign("init engine (profile, create kv cache", P::Vllm, Serve),
    sign("Avg prompt throughput:", P::Vllm, Serve),
    // sglang/srt/server_args.py, model_executor/model_runner.py, managers/scheduler.py, entrypoints/http_server.py.
    sign("server_args=ServerArgs(", P::Sglang, Open),
    sign("sglang.launch_server", P::Sglang, Open),
    sign("sglang serve ", P::Sglang, Open),
    // sglang/multimodal_gen: runtime/server_args/server_args.py, runtime/managers/gpu_worker.py, runtime/loader.
    sign("--dit-layerwise-offload", P::SglangDiffusion, Open),
    sign("--dit-cpu-offload", P::SglangDiffusion, Open),
    sign("--layerwise-offload-components", P::SglangDiffusion, Open),
    sign("Error while loading customized ", P::SglangDiffusion, Load),
    sign("Load weight begin.", P::Sglang, Load),
    sign("Load weight end.", P::Sglang, Sized),
    sign("KV Cache is allocated. #tokens", P::Sglang, Sized),
    sign("Memory pool end.", P::Sglang, Sized),
    sign("Capture cuda graph begin.", P::Sglang, Capture),
    sign("Capture draft cuda graph begin.", P::Sglang, Capture),
    sign("Capture cuda graph failed:", P::Sglang, Capture),
    sign("prefill CUDA graph begin.", P::Sglang, Capture),
    sign("Capture cuda graph end.", P::Sglang, Serve),
    sign("The server is fired up and ready to roll", P::Sglang, Serve),
    // text-generation-inference: launcher/src/main.rs, backends/v3/src/lib.rs, router/src/main.rs.
    sign("text-generation-launcher", P::Tgi, Open),
    sign("Starting shard", P::Tgi, Load),
    sign("Shard ready in", P::Tgi, Trial),
    sign("Warming up model", P::Tgi, Trial),
    sign("Setting max batch total tokens to", P::Tgi, Serve),
    // text-embeddings-inference: router/src/main.rs, router/src/lib.rs, backends/src/lib.rs: it prints "Warming up model" as TGI does.
    sign("text-embeddings-router", P::Tei, Open),
    sign("Model backend is not healthy", P::Tei, Open),
    // michaelfeil/infinity: infinity_emb/inference/select_model.py.
    sign("infinity_emb v2", P::Infinity, Open),
    sign("Getting timings for batch_size=", P::Infinity, Serve),
    // tensorrt_llm/__init__.py, commands/serve.py.
    sign("TensorRT-LLM version:", P::TensorrtLlm, Open),
    sign("TensorRT LLM version:", P::TensorrtLlm, Open),
    sign("trtllm-serve", P::TensorrtLlm, Open),
    sign("trtllm-bench", P::TensorrtLlm, Open),
    sign("Error executing load_single_module", P::TensorrtLlm, Load),
    // cpp/tensorrt_llm: batch_manager/trtGptModelInflightBatching.cpp, kvCacheManager.cpp; the cache comes last.
    sign("TRTGptModel max", P::TensorrtLlm, Load),
    sign("for execution context memory", P::TensorrtLlm, Load),
    sign("max tokens in paged kv cache", P::TensorrtLlm, Sized),
    sign("lmdeploy serve", P::Lmdeploy, Open),
    // ggml/src/ggml-openvino.
    sign("OpenVINO: using device", P::LlamaCpp, Open),
    sign("mlc_llm serve", P::MlcLlm, Open),
    // ollama/ollama: server/routes.go, discover/types.go.
    sign("msg=\"server config\" env=", P::Ollama, Open),
    sign("msg=\"inference compute\"", P::Ollama, Open),
    sign("ollama serve", P::Ollama, Open),
    sign("[LMSInternal]", P::LmStudio, Open),
    // Its dialog, as people paste it.
    sign("\u{1f972} Failed to load the model", P::LmStudio, Open),
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
    // What its page shows, as people paste it (execution.py; web/scripts/app.js).
    sign("Error occurred when executing ", P::Comfyui, Open),
    sign(
        "This error means you ran out of memory on your GPU.",
        P::Comfyui,
        Open,
    ),
    sign("[Low VRAM Warning] ", P::Forge, Open),
    sign("[GPU Setting] You will use ", P::Forge, Open),
    sign("Torch active/reserved:", P::A1111, Open),
    // modules/sd_models.py, modules/shared_init.py.
    sign("Stable diffusion model failed to load", P::A1111, Load),
    sign(" GB, Sys: ", P::A1111, Open),
    sign("[Unload] Trying to free", P::Forge, Open),
    sign("Invoke running on http", P::Invokeai, Open),
    // Its versions 2 (ldm/generate.py).
    sign(">> Max VRAM used for this generation", P::Invokeai, Open),
    sign(">> Setting Sampler to ", P::Invokeai, Open),
    // diffusers: pipelines/pipeline_utils.py (the bar of `from_pretrained`).
    sign("Loading pipeline components", P::Diffusers, Open),
    // triton-inference-server: src/main.cc, core/src/tritonserver.cc.
    sign("Triton Server Version", P::TritonServer, Open),
    sign("== Triton Inference Server ==", P::TritonServer, Open),
    sign("Starting GRPCInferenceService", P::TritonServer, Open),
    // mudler/LocalAI: pkg/model/initializers.go.
    sign("GRPC Service Ready", P::LocalAi, Open),
    sign("GRPC: Loading model with options:", P::LocalAi, Open),
    sign("BackendLoader starting", P::LocalAi, Open),
    // xorbitsai/inference: xinference/core/model.py, worker.py. Its engine is another program.
    sign("Model actor is out of memory", P::Xinference, Serve),
    sign("Enter launch_builtin_model", P::Xinference, Open),
    // nanoporetech/dorado: dorado/cli/basecaller.cpp, duplex.cpp.
    sign("> Creating basecall pipeline", P::Dorado, Open),
    sign("- set batch size for cuda:", P::Dorado, Open),
    sign("[Taichi] Starting on arch=", P::Taichi, Open),
    sign("+++ Using GPU PhysX", P::Physx, Open),
];

/// What stands in many lines, such as the name of a logger: looked for near failures only.
pub(super) const NEAR: &[Sign] = &[
    sign("(EngineCore", P::Vllm, Open),
    sign("(VllmWorker", P::Vllm, Open),
    sign("(APIServer pid=", P::Vllm, Open),
    sign("[gpu_model_runner.py:", P::Vllm, Open),
    sign("[gpu_worker.py:", P::Vllm, Open),
    sign("[multiproc_executor.py:", P::Vllm, Open),
    sign("/vllm/", P::Vllm, Open),
    sign("/vllm_ascend/", P::Vllm, Open),
    sign("/aphrodite/", P::Vllm, Open),
    sign("Guppy basecall", P::Guppy, Open),
    sign("sglang::scheduler", P::Sglang, Open),
    sign("sglang/srt/", P::Sglang, Open),
    sign("sglang/multimodal_gen/", P::SglangDiffusion, Open),
    sign("text_generation_launcher", P::Tgi, Open),
    sign("text_generation_router", P::Tgi, Open),
    sign("text_generation_client", P::Tgi, Open),
    sign("text_generation_server", P::Tgi, Open),
    sign("warmup{", P::Tgi, Trial),
    sign("prefill{", P::Tgi, Serve),
    sign("decode{", P::Tgi, Serve),
    sign("text_embeddings_router", P::Tei, Open),
    sign("text_embeddings_backend", P::Tei, Open),
    sign("text_embeddings_core", P::Tei, Open),
    sign("embed_pooled{", P::Tei, Serve),
    sign("embed_all{", P::Tei, Serve),
    sign("infinity_emb", P::Infinity, Open),
    sign("[TRT-LLM]", P::TensorrtLlm, Open),
    sign("[TensorRT-LLM]", P::TensorrtLlm, Open),
    sign("tensorrt_llm/", P::TensorrtLlm, Open),
    sign("kv_cache_free_gpu_mem", P::TensorrtLlm, Open),
    sign("lmdeploy - ", P::Lmdeploy, Open),
    sign("mlc_llm", P::MlcLlm, Open),
    // Its command up to 2024, and the package of Python.
    sign("mlc_chat_cli", P::MlcLlm, Open),
    sign("mlc-chat-", P::MlcLlm, Open),
    sign("/mlc-llm/", P::MlcLlm, Open),
    sign("/tvm/src/runtime/", P::MlcLlm, Open),
    sign("source=routes.go:", P::Ollama, Open),
    sign("source=sched.go:", P::Ollama, Open),
    sign("source=server.go:", P::Ollama, Open),
    sign("source=memory.go:", P::Ollama, Open),
    sign("source=runner.go:", P::Ollama, Open),
    sign("source=ggml.go:", P::Ollama, Open),
    // The journal names the program that writes.
    sign(" ollama[", P::Ollama, Open),
    sign("ollama_llama_server", P::Ollama, Open),
    // Its files and its own frames, below what llama.cpp says.
    sign("/models/blobs/sha256-", P::Ollama, Open),
    sign("github.com/ollama/ollama/", P::Ollama, Open),
    sign("[GIN]", P::Ollama, Open),
    sign("lmstudio", P::LmStudio, Open),
    sign("Failed to load the model\n", P::LmStudio, Open),
    sign("koboldcpp", P::Koboldcpp, Open),
    // Its gpttype_adapter.cpp and koboldcpp.py.
    sign("gpttype_load_model", P::Koboldcpp, Open),
    sign("Load Text Model OK", P::Koboldcpp, Open),
    sign("Load Embeddings Model OK", P::Koboldcpp, Open),
    sign("oobabooga", P::TextGenerationWebui, Open),
    // Its modules/models.py and llama_cpp_server.py.
    sign(
        "Error loading the model with llama.cpp",
        P::TextGenerationWebui,
        Open,
    ),
    sign("Using gpu_layers=", P::TextGenerationWebui, Open),
    sign("exllamav2", P::Exllama, Open),
    sign("exllamav3", P::Exllama, Open),
    sign("ComfyUI", P::Comfyui, Open),
    sign("comfy.model_management", P::Comfyui, Open),
    sign("[Memory Management] Target: ", P::Forge, Open),
    // The longer name of two at one place is the last that is looked at, and counts.
    sign("stable-diffusion-webui", P::A1111, Open),
    sign("stable-diffusion-webui-forge", P::Forge, Open),
    // The folder of its one-click package, and its own modules.
    sign("webui_forge", P::Forge, Open),
    sign("modules_forge", P::Forge, Open),
    sign("[InvokeAI]", P::Invokeai, Open),
    sign("InvokeAI", P::Invokeai, Open),
    // Keys of its invokeai.yaml.
    sign("enable_partial_loading", P::Invokeai, Open),
    sign("device_working_mem_gb", P::Invokeai, Open),
    sign("Pipeline.from_pretrained(", P::Diffusers, Open),
    // tensorflow: WORKSPACE (`local_xla`: its own copy of XLA, which JAX has as `xla`).
    sign("external/local_xla/", P::Tensorflow, Open),
    // onnxruntime/core/providers/tensorrt: it builds an engine when a session begins.
    sign("tensorrt_execution_provider", P::Onnxruntime, Open),
    sign("TensorrtExecutionProvider", P::Onnxruntime, Open),
    sign("model_lifecycle.cc:", P::TritonServer, Open),
    // Its backend's src/onnxruntime_utils.h, and its clients in Python.
    sign("onnx runtime error ", P::TritonServer, Open),
    sign("tritonclient.", P::TritonServer, Open),
    // The table of options at its start (server: src/main.cc; core: src/tritonserver.cc).
    sign("| model_control_mode", P::TritonServer, Open),
    sign("model_repository_manager.cc:", P::TritonServer, Open),
    sign("/tmp/localai/", P::LocalAi, Open),
    // janhq/jan: src-tauri (the plugin that runs llama.cpp), and cortex.llamacpp before it.
    sign("[llamacpp-router ", P::Jan, Open),
    sign("llama_engine.cc:", P::Jan, Open),
    sign("/Jan/data/", P::Jan, Open),
    sign("nomic.ai/GPT4All", P::Gpt4all, Open),
    sign("LLAMA ERROR: ", P::Gpt4all, Open),
    sign("mistralrs_core", P::MistralRs, Open),
    sign("mistralrs_server", P::MistralRs, Open),
    sign("vllm_rs::", P::VllmRs, Open),
    sign("/mii/batching/", P::DeepspeedMii, Open),
    sign("xinference.core.", P::Xinference, Open),
    sign("Fooocus", P::Fooocus, Open),
    sign("SD.Next", P::SdNext, Open),
    sign("sd.next", P::SdNext, Open),
    // henk717/KoboldAI: aiserver.py.
    sign("KoboldAI ran out of memory", P::KoboldAi, Open),
    sign("koboldai", P::KoboldAi, Open),
    sign("colmap", P::Colmap, Open),
    sign("COLMAP", P::Colmap, Open),
    sign("PatchMatch::Run", P::Colmap, Open),
    sign("Feature matching failed.", P::Colmap, Open),
    sign("milvus", P::Milvus, Open),
    sign("ivf_list.hpp", P::Milvus, Open),
    sign("[dt_opencl_", P::Darktable, Open),
    sign("[opencl_pixelpipe]", P::Darktable, Open),
    sign("whisper_init_", P::WhisperCpp, Open),
    sign("whisper_model_load", P::WhisperCpp, Open),
    sign("whisper: transcription failed", P::WhisperCpp, Open),
    sign("dorado basecaller", P::Dorado, Open),
    sign("dorado duplex", P::Dorado, Open),
    sign("burn_wgpu", P::Burn, Open),
    sign("burn_cuda", P::Burn, Open),
    sign("burn_train", P::Burn, Open),
    sign("relion_refine", P::Relion, Open),
    sign("gmx mdrun", P::Gromacs, Open),
    // NAMD: src/CudaUtils.C, and the first line of its log.
    sign("src/CudaUtils.C", P::Namd, Open),
    sign("Info: NAMD ", P::Namd, Open),
    // AMBER: src/pmemd/src/cuda.
    sign("pmemd.cuda", P::Amber, Open),
    // LAMMPS prints it first (src/lammps.cpp); its potentials can be models of PyTorch (ACEsuit/mace: pair_style mace).
    sign("LAMMPS (", P::Simulation, Open),
    sign("instant-ngp", P::InstantNgp, Open),
    sign("omni.physx", P::Physx, Open),
    sign("nnet3-", P::Kaldi, Open),
    sign("pycuda", P::Pycuda, Open),
    sign("ort.webgpu", P::OrtWeb, Open),
    sign("xgboost.core.XGBoostError", P::Xgboost, Open),
    sign("_catboost.CatBoostError", P::Catboost, Open),
    sign("cupy", P::Cupy, Open),
    sign("numba.cuda", P::Numba, Open),
    sign("numba/cuda/", P::Numba, Open),
    // google-deepmind/alphafold3: run_alphafold.py, src/alphafold3; sokrypton/ColabFold: colabfold/batch.py.
    sign("run_alphafold", P::Alphafold, Open),
    sign("/alphafold3/", P::Alphafold, Open),
    sign("/alphafold/", P::Alphafold, Open),
    sign("colabfold", P::Alphafold, Open),
    // ColabFold, colabfold/batch.py.
    sign("Not Enough GPU memory?", P::Alphafold, Open),
    // soedinglab/MMseqs2: lib/libmarv, src/commons/Application.cpp.
    sign("/libmarv/", P::Mmseqs, Open),
    sign("MMseqs Version:", P::Mmseqs, Open),
    sign("/boltz/", P::Boltz, Open),
    sign("boltz predict", P::Boltz, Open),
    sign("/ktransformers/", P::Ktransformers, Open),
    sign("node-llama-cpp", P::NodeLlamaCpp, Open),
    sign("hashcat (v", P::Hashcat, Open),
    sign("Session..........: hashcat", P::Hashcat, Open),
    sign("qiskit_aer", P::Quantum, Open),
    sign("pennylane", P::Quantum, Open),
    sign("custatevec", P::Quantum, Open),
    sign("aliceVision", P::Meshroom, Open),
    sign("AliceVision", P::Meshroom, Open),
    sign("NVEncC (", P::Nvencc, Open),
    sign("/.julia/packages/", P::Julia, Open),
    // Unreal Engine: Runtime/Core/Private/Logging, the category of each line.
    sign("]LogD3D12RHI: ", P::Game, Open),
    sign("]LogD3D11RHI: ", P::Game, Open),
    sign("]LogVulkanRHI: ", P::Game, Open),
];
