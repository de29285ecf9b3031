//! Engines that run models, and what stands around them.

use super::{Switch, switch, valued};
use crate::evidence::Program as P;
use crate::evidence::SettingKind as K;
use crate::fixes::{
    fewer_gpu_layers, fewer_parallel_requests, lower_batch_size, lower_engine_memory_share,
    offload, quantize_weights, raise_memory_cap, shard_across_gpus, smaller_context,
    smaller_inputs, smaller_prompt_batch,
};

pub(super) const ENGINES: &[Switch] = &[
    // EricLBuehler/mistral.rs: docs/DEVICE_MAPPING.md, docs/PAGED_ATTENTION.md.
    valued(
        P::MistralRs,
        &smaller_context::FIX,
        "",
        "--max-seq-len {}",
        K::SequenceLength,
    ),
    valued(
        P::MistralRs,
        &fewer_parallel_requests::FIX,
        "",
        "--max-batch-size {}",
        K::Sequences,
    ),
    switch(
        P::MistralRs,
        &quantize_weights::FIX,
        "",
        "--isq 4  # or a GGUF file of a smaller type",
    ),
    valued(
        P::VllmRs,
        &smaller_context::FIX,
        "",
        "--max-model-len {}",
        K::SequenceLength,
    ),
    valued(
        P::VllmRs,
        &fewer_parallel_requests::FIX,
        "",
        "--max-num-seqs {}",
        K::Sequences,
    ),
    switch(
        P::VllmRs,
        &quantize_weights::FIX,
        "",
        "--isq q4k  # or --fp8-kvcache: half the cache",
    ),
    // DeepSpeed: inference/v2/ragged/manager_configs.py (MemoryConfig: reserve, 1_000_000_000 bytes; DSStateManagerConfig).
    switch(
        P::DeepspeedMii,
        &lower_engine_memory_share::FIX,
        "Keep more of the GPU out of the cache",
        "{reserve}",
    ),
    switch(
        P::DeepspeedMii,
        &lower_batch_size::FIX,
        "Put fewer tokens through at once",
        "\"max_ragged_batch_size\": 384  # of \"state_manager\"; 768 otherwise",
    ),
    switch(
        P::DeepspeedMii,
        &shard_across_gpus::FIX,
        "",
        "mii.serve(MODEL, tensor_parallel=2)",
    ),
    // huggingface.co/docs/transformers.js, guides/dtypes.
    switch(
        P::OrtWeb,
        &quantize_weights::FIX,
        "",
        "pipeline(TASK, MODEL, { device: \"webgpu\", dtype: \"q4f16\" })",
    ),
    switch(
        P::OrtWeb,
        &smaller_inputs::FIX,
        "",
        "smaller inputs, and tensor.dispose() for results that are done",
    ),
    // docs.openvino.ai, release notes 2025.3: the limit of 4.2 GB can be lifted by this property.
    switch(
        P::Openvino,
        &raise_memory_cap::FIX,
        "Let the driver give larger pieces",
        "core.set_property(\"GPU\", {\"GPU_ENABLE_LARGE_ALLOCATIONS\": True})\n# GenAI: LLMPipeline(path, \"GPU\", GPU_ENABLE_LARGE_ALLOCATIONS=True); from 2025.3",
    ),
    switch(
        P::Openvino,
        &smaller_context::FIX,
        "Send shorter prompts or smaller inputs",
        "a prompt of N tokens  # N: half of it; the piece grows with its length",
    ),
    // docs.nvidia.com TensorRT, trtexec and Python API: workspace (from 8.4 all of the GPU's memory, if nothing is set).
    switch(
        P::Tensorrt,
        &raise_memory_cap::FIX,
        "Allow a larger workspace, on a GPU that is free",
        "trtexec --memPoolSize=workspace:N  # MiB, more than now; all of the GPU if left out (from 8.4)\n# before: --workspace=N, builder.max_workspace_size",
    ),
    switch(
        P::Tensorrt,
        &smaller_inputs::FIX,
        "Build for smaller shapes",
        "trtexec --optShapes=... --maxShapes=...  # smaller than now; or fewer profiles",
    ),
    // modular/modular: max/pipelines/lib/config; the encoding must be one that the checkpoint has. docs.modular.com, `max serve`:
    // "--devices gpu:0,1" from 25.3.
    switch(
        P::ModularMax,
        &quantize_weights::FIX,
        "",
        "a checkpoint in FP8 or Q4_K, or a smaller model  # --quantization-encoding float8_e4m3fn, or q4_k",
    ),
    switch(
        P::ModularMax,
        &shard_across_gpus::FIX,
        "",
        "--devices gpu:0,1",
    ),
    // onnxruntime.ai, TensorRT Execution Provider: its options. All of the GPU is the workspace from 1.19, if nothing is set
    // (microsoft/onnxruntime pull request 21643; tensorrt_execution_provider_info.h: max_workspace_size{0}), 1 GiB before.
    switch(
        P::Onnxruntime,
        &raise_memory_cap::FIX,
        "Allow a larger workspace, on a GPU that is free",
        "\"trt_max_workspace_size\": N  # bytes, more than now; from 1.19 all of the GPU if left out",
    ),
    switch(
        P::Onnxruntime,
        &smaller_inputs::FIX,
        "Build for smaller shapes",
        "\"trt_profile_max_shapes\": \"INPUT:1xCxHxW\"  # smaller than now; with trt_profile_min_shapes and trt_profile_opt_shapes",
    ),
    // mlc.ai, Compile Model Libraries and REST API: --overrides; on Vulkan weights, cache and work space are buffers of their own.
    switch(
        P::MlcLlm,
        &smaller_context::FIX,
        "",
        "--overrides \"context_window_size=N;prefill_chunk_size=N\"  # each half of what it is\n# and --mode interactive: one request at a time",
    ),
    switch(
        P::MlcLlm,
        &quantize_weights::FIX,
        "",
        "a model of fewer bits, as q4f16_1 or q3f16_1",
    ),
    // llama.cpp on OpenVINO: docs/backend/OPENVINO.md; the batch is -ub tokens.
    valued(
        P::LlamaCpp,
        &smaller_context::FIX,
        "",
        "-c {}",
        K::ContextSize,
    ),
    switch(
        P::LlamaCpp,
        &smaller_prompt_batch::FIX,
        "",
        "-ub 256  # half of the default of 512",
    ),
    // sgl-project/sglang: multimodal_gen/runtime/server_args/server_args.py, and what runtime/managers/gpu_worker.py says (OOM_MSG).
    switch(
        P::SglangDiffusion,
        &offload::FIX,
        "Stream weights layer by layer",
        "--layerwise-offload-components dit,text_encoder,image_encoder,vae\n# older releases: --text-encoder-cpu-offload true --vae-cpu-offload true",
    ),
    switch(
        P::SglangDiffusion,
        &smaller_inputs::FIX,
        "",
        "a smaller --height and --width, and fewer --num-frames",
    ),
    switch(
        P::SglangDiffusion,
        &shard_across_gpus::FIX,
        "",
        "--num-gpus 2 --use-fsdp-inference true",
    ),
    // lllyasviel/Fooocus: args_manager, ldm_patched/modules/args_parser.py.
    switch(
        P::Fooocus,
        &offload::FIX,
        "",
        "--always-offload-from-vram --attention-split",
    ),
    switch(
        P::Fooocus,
        &smaller_inputs::FIX,
        "",
        "a smaller \"Aspect Ratio\", one image at a time",
    ),
    // vladmandic/sdnext wiki: Offload, Troubleshooting.
    switch(
        P::SdNext,
        &offload::FIX,
        "",
        "--medvram  # then --lowvram; or Settings, Models: Offload: balanced",
    ),
    switch(
        P::SdNext,
        &smaller_inputs::FIX,
        "",
        "a smaller width and height, and one image at a time",
    ),
    // henk717/KoboldAI issue 381.
    switch(
        P::KoboldAi,
        &smaller_context::FIX,
        "",
        "Max Tokens: N  # in Settings, Generation: the context; half of what it is",
    ),
    switch(
        P::KoboldAi,
        &fewer_gpu_layers::FIX,
        "",
        "GPU layers: N  # when the model loads: fewer than now",
    ),
];
