//! Which frames only one phase has: a row each, with the reason. Here are those of graphs, compilers, optimizers, checkpoints and
//! collectives; what a program does besides, loading first, is in `steps.rs`.

use super::phase::{Rule, Weight};
use crate::evidence::Phase;

/// What a rule leaves out fits everything.
pub(super) const ANY: Rule = Rule {
    phase: Phase::Forward,
    weight: Weight::Firm,
    files: "",
    functions: "",
    code: "",
};

/// Of the rules that fit one frame the first counts, and these come before those in `steps.rs`.
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
            _sharded_pre_state_dict_hook _sharded_post_state_dict_hook _local_post_state_dict_hook \
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
            full_state_dict=True .save_pretrained_merged( .save_pretrained_gguf( .push_to_hub_merged( .push_to_hub_gguf(",
        ..ANY
    },
    // Adapters are merged layer by layer as the model is written (unslothai/unsloth: unsloth/save.py; unsloth-zoo:
    // unsloth_zoo/saving_utils.py).
    Rule {
        phase: Phase::Save,
        weight: Weight::Firm,
        files: "unsloth/save.py unsloth_zoo/saving_utils.py",
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
];
