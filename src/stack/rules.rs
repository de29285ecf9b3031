//! Which frames only one phase has: a row each, with the reason.

use super::phase::{Rule, Weight};
use crate::evidence::Phase;

/// What a rule leaves out fits everything.
const ANY: Rule = Rule {
    phase: Phase::Forward,
    weight: Weight::Firm,
    files: "",
    functions: "",
    code: "",
};

/// All rules. Of those that fit one frame, the first counts.
pub(super) static RULES: &[Rule] = &[
    // The failing line itself reads a model, whatever its function is for.
    Rule {
        phase: Phase::Load,
        weight: Weight::Innermost,
        code: ".from_pretrained(",
        ..ANY
    },
    // Replay has none of these, and allocates nothing.
    Rule {
        phase: Phase::GraphCapture,
        weight: Weight::Firm,
        files: "torch/cuda/graphs.py",
        functions: "capture_begin capture_end __enter__ __exit__ make_graphed_callables",
        code: "",
    },
    // A recorded tree of graphs replays through `run`.
    Rule {
        phase: Phase::GraphCapture,
        weight: Weight::Firm,
        files: "torch/_inductor/cudagraph_trees.py",
        functions: "_record record_function",
        code: "",
    },
    // Engines capture under these names.
    Rule {
        phase: Phase::GraphCapture,
        weight: Weight::Firm,
        functions: "capture_model _capture_cudagraphs capture_graph capture_one_batch_size init_device_graphs \
            compile_or_warm_up_model _warm_up_model _run_cuda_graph_warmup _capture_generation_cuda_graphs \
            _make_graphed_callables create_cudagraphs",
        ..ANY
    },
    Rule {
        phase: Phase::GraphCapture,
        weight: Weight::Firm,
        files: "sglang/srt/model_executor/cuda_graph_runner.py",
        functions: "__init__ capture",
        code: "",
    },
    // These run while a graph is built; running it passes torch/_dynamo/eval_frame.py instead.
    Rule {
        phase: Phase::Compile,
        weight: Weight::Firm,
        files: "torch/_inductor/compile_fx.py torch/_inductor/graph.py torch/_inductor/scheduler.py \
            torch/_inductor/select_algorithm.py torch/_inductor/autotune_process.py \
            torch/_inductor/codegen/ torch/_inductor/fx_passes/ torch/_inductor/pattern_matcher.py \
            torch/_dynamo/convert_frame.py torch/_dynamo/output_graph.py torch/_dynamo/symbolic_convert.py \
            torch/_inductor/async_compile.py",
        ..ANY
    },
    // A tuned kernel only passes `run`.
    Rule {
        phase: Phase::Compile,
        weight: Weight::Firm,
        files: "triton_heuristics.py triton/runtime/autotuner.py triton/testing.py triton/compiler/",
        functions: "_bench bench do_bench autotune_to_one_config benchmark_all_configs precompile compile",
        code: "",
    },
    // Optimizers live in these files.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        files: "torch/optim/ bitsandbytes/optim/ apex/optimizers/ torch_optimizer/ transformers/optimization.py \
            pytorch_optimizer/ deepspeed/ops/adam/ \
            deepspeed/runtime/fp16/fused_optimizer.py deepspeed/runtime/bf16_optimizer.py \
            megatron/core/optimizer/ megatron/optimizer/",
        ..ANY
    },
    // Gradients are complete and states are made or used.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        functions: "_init_group clip_grad_norm_ clip_grad_value_ clip_grad_norm _take_model_step optimizer_step \
            unscale_and_clip_grads _optimizer_step",
        ..ANY
    },
    // Before the first batch, each makes its fp32 copy of the weights and takes a step of zeros, so that the states are there
    // (deepspeed/runtime/engine.py, zero/stage_1_and_2.py, zero/stage3.py, bf16_optimizer.py).
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        files: "deepspeed/runtime/",
        functions: "_configure_optimizer _configure_zero_optimizer _configure_bf16_optimizer _configure_fp16_optimizer \
            _setup_for_real_optimizer _create_fp32_partitions initialize_optimizer_states _init_hp_grads",
        code: "",
    },
    // ZeRO's optimizers make their copies when they are made themselves.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        files: "deepspeed/runtime/zero/stage_1_and_2.py deepspeed/runtime/zero/stage3.py \
            deepspeed/runtime/zero/stage2.py deepspeed/runtime/zero/stage1.py",
        functions: "__init__",
        code: "",
    },
    // An adapter is merged into weights that are there already (peft/tuners/tuners_utils.py).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        code: ".merge_and_unload(",
        ..ANY
    },
    // The scaler's other half scales the loss, which is before the backward pass.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        files: "torch/amp/grad_scaler.py torch/cuda/amp/grad_scaler.py",
        functions: "step unscale_ _unscale_grads_ _maybe_opt_step",
        code: "",
    },
    // The engine's and the ZeRO optimizers' step.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        files: "deepspeed/runtime/",
        functions: "step",
        code: "",
    },
    // The line itself is the step.
    Rule {
        phase: Phase::Optimizer,
        weight: Weight::Firm,
        code: "optimizer.step( optim.step( _multi_tensor_ torch._foreach_",
        ..ANY
    },
    // The whole model is put together from its shards to be written (torch/distributed/fsdp/_state_dict_utils.py).
    Rule {
        phase: Phase::Save,
        weight: Weight::Firm,
        files: "torch/distributed/fsdp/_state_dict_utils.py torch/distributed/_state_dict_utils.py \
            torch/distributed/checkpoint/state_dict_saver.py torch/distributed/checkpoint/state_dict.py",
        functions: "_full_pre_state_dict_hook _full_post_state_dict_hook _pre_state_dict_hook _post_state_dict_hook \
            _common_unshard_pre_state_dict_hook _common_unshard_post_state_dict_hook _enter_unshard_params_ctx \
            _gather_state_dict _iterate_state_dict _full_post_state_dict_hook save async_save get_model_state_dict \
            get_state_dict get_optimizer_state_dict _get_model_state_dict",
        code: "",
    },
    // What trainers and users call it.
    Rule {
        phase: Phase::Save,
        weight: Weight::Firm,
        functions: "save_model save_pretrained save_checkpoint _save_checkpoint save_state save_ckpt save_16bit_model \
            _zero3_consolidated_16bit_state_dict consolidate_state_dict get_state_dict save_model_checkpoint",
        ..ANY
    },
    // The line itself writes.
    Rule {
        phase: Phase::Save,
        weight: Weight::Innermost,
        functions: "state_dict",
        ..ANY
    },
    Rule {
        phase: Phase::Save,
        weight: Weight::Firm,
        code: "torch.save( .save_pretrained( .save_checkpoint( get_model_state_dict( get_optimizer_state_dict( \
            full_state_dict=True",
        ..ANY
    },
    // Collectives, copies between devices and their buffers.
    Rule {
        phase: Phase::Communication,
        weight: Weight::Firm,
        files: "torch/distributed/distributed_c10d.py torch/distributed/_functional_collectives.py \
            torch/nn/parallel/comm.py torch/nn/parallel/replicate.py torch/nn/parallel/scatter_gather.py \
            torch/cuda/nccl.py deepspeed/comm/ torch/distributed/utils.py",
        ..ANY
    },
    // The wrapper makes its buckets, once more the size of the gradients.
    Rule {
        phase: Phase::Communication,
        weight: Weight::Firm,
        files: "torch/nn/parallel/distributed.py",
        functions: "__init__ _ddp_init_helper _sync_module_states _sync_params_and_buffers \
            _build_params_for_reducer",
        code: "",
    },
    // Whole parameters or gradients are put together from their shards.
    Rule {
        phase: Phase::Communication,
        weight: Weight::Firm,
        files: "torch/distributed/fsdp/ torch/distributed/_composable/fsdp/ \
            torch/distributed/fsdp/_fully_shard/",
        functions: "unshard _unshard _alloc_padded_unsharded_flat_param _all_gather_flat_param foreach_all_gather \
            foreach_reduce _reduce_grad _post_backward_hook _prefetch_handle all_gather_copy_in",
        code: "",
    },
    // Parameters move or are filled.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "torch/nn/modules/module.py",
        functions: "_apply to cuda to_empty convert half float bfloat16 load_state_dict _load_from_state_dict load",
        code: "",
    },
    // Weights are read.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        functions: "from_pretrained load_state_dict _load_pretrained_model _load_state_dict_into_meta_model \
            set_module_tensor_to_device load_checkpoint_and_dispatch dispatch_model load_file load_model \
            load_weights create_weights load_checkpoint load_torch_model load_single_module",
        ..ANY
    },
    // Weights are read.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "torch/serialization.py safetensors/ transformers/core_model_loading.py /model_loader/ \
            comfy/model_management.py",
        ..ANY
    },
    // Engines make their cache before they serve.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "vllm/ sglang/ lmdeploy/",
        functions: "initialize_cache initialize_kv_caches _initialize_kv_caches init_memory_pool request_memory \
            check_enough_kv_cache_memory _check_enough_kv_cache_memory raise_if_cache_size_invalid init_device",
        code: "",
    },
    // CTranslate2's models are read when they are made (faster_whisper/transcribe.py, whisperx/asr.py), and TurboMind's weights
    // by these functions (lmdeploy/turbomind/turbomind.py).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "faster_whisper/transcribe.py faster_whisper/__init__.py whisperx/asr.py lmdeploy/turbomind/",
        functions: "__init__ load_model _create_model_instance _create_weight _from_hf _from_workspace create_model_instance",
        code: "",
    },
    // Keras fills the variables of a model from a file (keras/saving/hdf5_format.py).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        code: ".load_weights( batch_set_value(",
        ..ANY
    },
    // A module makes its parameters, on the device where that is the default.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "torch/nn/modules/ torch/nn/init.py",
        functions: "__init__ reset_parameters _reset_parameters kaiming_uniform_ xavier_uniform_ normal_ uniform_",
        code: "",
    },
    // The engine runs the backward pass.
    Rule {
        phase: Phase::Backward,
        weight: Weight::Firm,
        files: "torch/autograd/__init__.py torch/autograd/graph.py",
        functions: "backward grad _engine_run_backward",
        code: "",
    },
    // A function of autograd or a launcher's wrapper of it.
    Rule {
        phase: Phase::Backward,
        weight: Weight::Firm,
        functions: "backward",
        ..ANY
    },
    // The line itself starts the backward pass.
    Rule {
        phase: Phase::Backward,
        weight: Weight::Firm,
        code: ".backward(",
        ..ANY
    },
    // A data set puts its samples onto the GPU.
    Rule {
        phase: Phase::Dataloader,
        weight: Weight::Firm,
        files: "",
        functions: "__getitem__ collate_fn",
        code: ".cuda() .to( device= map_location",
    },
    // Batches are made or pinned.
    Rule {
        phase: Phase::Dataloader,
        weight: Weight::Firm,
        files: "torch/utils/data/",
        ..ANY
    },
    // Engines run their largest batch before they have a cache.
    Rule {
        phase: Phase::TrialRun,
        weight: Weight::Firm,
        files: "vllm/ sglang/ tensorrt_llm/ text_generation_server/ lmdeploy/",
        functions: "determine_num_available_blocks determine_available_memory profile_run \
            profile_cudagraph_memory warmup Warmup _run_torch_compile_warmup _run_autotuner_warmup \
            _run_attention_warmup",
        code: "",
    },
    // Only token by token generation has these.
    Rule {
        phase: Phase::Generate,
        weight: Weight::Firm,
        functions: "generate prefill initialize_kv_cache _allocate_kv_cache _allocate_kv_cache_tensors \
            _initialize_kv_caches init_memory_pool _create_buffers greedy_search beam_search _beam_search \
            decode_one_token warmup_decode",
        ..ANY
    },
    // The generation of Transformers and its caches.
    Rule {
        phase: Phase::Generate,
        weight: Weight::Firm,
        files: "transformers/generation/ transformers/cache_utils.py",
        ..ANY
    },
    // The names that programs and trainers give to evaluation.
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        functions: "evaluate validate validation_step predict predict_step test_step eval_step evaluation_loop \
            prediction_loop prediction_step _run_validation run_validation validation evaluation valid_step \
            val_step eval_epoch val_epoch validation_epoch evaluate_model validate_epoch run_evaluation \
            _evaluate validate_model eval_model _run_evaluate _do_evaluate single_gpu_test multi_gpu_test \
            validation_step_end test_step_end validation_epoch_end on_validation_epoch_end test_epoch_end \
            on_test_epoch_end cache_latents new_cache_latents cache_batch_latents",
        ..ANY
    },
    // The line itself evaluates (BasicSR, ESRGAN: `model.test()` draws the picture of a validation).
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        code: "model.test() self.test() model.validation( model.validate(",
        ..ANY
    },
    // The evaluation of Lightning, Ultralytics, Detectron2 and the evaluation harness.
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        files: "/loops/evaluation_loop.py ultralytics/engine/validator.py detectron2/evaluation/ lm_eval/",
        ..ANY
    },
    // The failing line itself moves data to the device.
    Rule {
        phase: Phase::Load,
        weight: Weight::Innermost,
        code: ".cuda( .to(device .to(\"cuda .to('cuda .to(self.device .to(args.device .to(rank .to(local_rank \
            torch.load(",
        ..ANY
    },
    // Modules run. Their other functions move or build them.
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        files: "torch/nn/modules/",
        functions: "forward __call__ _call_impl _wrapped_call_impl _slow_forward _conv_forward",
        code: "",
    },
    // Functions of a forward pass.
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        files: "torch/nn/functional.py",
        ..ANY
    },
    // The names of a module's computation.
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        functions: "forward training_step compute_loss",
        ..ANY
    },
    // It is still being made.
    Rule {
        phase: Phase::Load,
        weight: Weight::Ambient,
        files: "vllm/",
        functions: "",
        code: "EngineCoreProc( from_engine_args( from_vllm_config(",
    },
    // An inference engine does nothing else once its weights are there.
    Rule {
        phase: Phase::Generate,
        weight: Weight::Ambient,
        files: "vllm/ sglang/ text_generation_server/ lmdeploy/ tensorrt_llm/ exllamav2/ mlc_llm/",
        ..ANY
    },
];
