//! Which frames only one step of a program has: loading, the backward pass, reading of data, trial runs, generation, evaluation,
//! the forward pass. A row each, with the reason.

use super::phase::{Rule, Weight};
use super::rules::ANY;
use crate::evidence::Phase;

/// Of the rules that fit one frame the first counts.
pub(super) static STEPS: &[Rule] = &[
    // Parameters move or are filled.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "torch/nn/modules/module.py",
        functions: "_apply <lambda> to cuda to_empty convert half float bfloat16 load_state_dict _load_from_state_dict load",
        code: "",
    },
    // The same, of whole models and pipelines.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "transformers/modeling_utils.py diffusers/models/modeling_utils.py diffusers/pipelines/pipeline_utils.py",
        functions: "to cuda half float",
        code: "",
    },
    // Weights are read.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        functions: "from_pretrained load_state_dict _load_pretrained_model _load_state_dict_into_meta_model \
            set_module_tensor_to_device load_checkpoint_and_dispatch dispatch_model load_file load_model \
            load_weights create_weights load_checkpoint load_torch_model load_single_module _move_model_to_device \
            prepare_model_for_kbit_training _pre_load_state_dict_hook fsdp2_load_full_state_dict",
        ..ANY
    },
    // The line itself moves a model, or parameters of one, in a stack that was cut below it (transformers/trainer.py, `__init__`;
    // torch/nn/modules/module.py, `convert`).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        code: "_move_model_to_device( prepare_model_for_kbit_training( t.is_floating_point()",
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
    // ComfyUI moves the model that its next step needs (comfy/sd.py, comfy/sampler_helpers.py).
    Rule {
        phase: Phase::Load,
        weight: Weight::Innermost,
        files: "comfy/",
        functions: "",
        code: ".load_model() load_models_gpu(",
    },
    // All photos of a scene are read before the first step (graphdeco-inria/gaussian-splatting: utils/camera_utils.py).
    Rule {
        phase: Phase::Dataloader,
        weight: Weight::Firm,
        functions: "cameraList_from_camInfos loadCam",
        ..ANY
    },
    // ONNX Runtime opens the GPU and reads a model as its session is made.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        code: ".InferenceSession(",
        ..ANY
    },
    // Engines make their cache before they serve.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "vllm/ vllm_ascend/ vllm_gaudi/ sglang/ lmdeploy/",
        functions: "initialize_cache initialize_kv_caches _initialize_kv_caches init_memory_pool request_memory \
            init_torch_distributed \
            check_enough_kv_cache_memory _check_enough_kv_cache_memory raise_if_cache_size_invalid init_device \
            wake_up resume_memory_occupation",
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
    // Engines make the layers of a model when they load it.
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "vllm/model_executor/ vllm_ascend/models/ sglang/srt/models/ sglang/srt/layers/ lmdeploy/pytorch/models/",
        functions: "__init__ make_layers create_weights process_weights_after_loading",
        code: "",
    },
    // TurboMind's weights are laid out by these (lmdeploy/turbomind/deploy/).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "lmdeploy/turbomind/deploy/",
        ..ANY
    },
    // ExLlama's modules read their weights one after the other (exllamav2/model.py, exllamav3/model/model_ls.py).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "exllamav2/ exllamav3/ exllama/",
        functions: "load load_gen load_autosplit load_autosplit_gen _load_autosplit _load_single _load_tp load_tp",
        code: "",
    },
    // TensorRT-LLM's scripts turn a checkpoint into its own form, and quantize it on the way (examples/*/convert_checkpoint.py,
    // examples/quantization/quantize.py, modelopt).
    Rule {
        phase: Phase::Load,
        weight: Weight::Firm,
        files: "convert_checkpoint.py quantization/quantize.py tensorrt_llm/quantization/",
        functions: "convert_and_save_rank convert_and_save_hf quantize quantize_and_export main",
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
        functions: "backward custom_backward backward_step",
        ..ANY
    },
    // The line itself starts the backward pass (torch/autograd/__init__.py; megatron/core/pipeline_parallel/schedules.py).
    Rule {
        phase: Phase::Backward,
        weight: Weight::Firm,
        code: ".backward( custom_backward( run_backward(",
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
        files: "vllm/ vllm_ascend/ vllm_gaudi/ sglang/ tensorrt_llm/ text_generation_server/ lmdeploy/",
        functions: "determine_num_available_blocks determine_available_memory profile_run \
            profile_cudagraph_memory warmup Warmup _run_torch_compile_warmup _run_autotuner_warmup \
            _run_attention_warmup",
        code: "",
    },
    // What draws videos has a function `generate` without any tokens (Wan-Video/Wan2.1, Wan2.2: under `torch.no_grad`).
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        files: "wan/text2video.py wan/image2video.py wan/textimage2video.py wan/speech2video.py \
            wan/first_last_frame2video.py wan/vace.py",
        ..ANY
    },
    // Only token by token generation has these.
    Rule {
        phase: Phase::Generate,
        weight: Weight::Firm,
        functions: "generate prefill setup_caches setup_cache initialize_kv_cache _allocate_kv_cache _allocate_kv_cache_tensors \
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
    // An agent that learns asks its critic what a state is worth, and its policy how likely an action was
    // (leggedrobotics/rsl_rl: modules/actor_critic.py; DLR-RM/stable-baselines3: common/policies.py).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        files: "actor_critic /policies.py",
        functions: "evaluate evaluate_actions act",
        code: "",
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
    // A script that asks a model for its vectors alone, with no loss around it.
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        functions: "<module> get_embeddings get_embedding compute_embeddings extract_embeddings embed_texts embed_batch \
            embed_documents embed_images embed_text",
        code: ").last_hidden_state ).pooler_output ).text_embeds ).image_embeds .get_text_features( \
            .get_image_features(",
        ..ANY
    },
    // The line itself evaluates (BasicSR, ESRGAN: `model.test()` draws the picture of a validation).
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        code: "model.test() self.test() model.validation( model.validate(",
        ..ANY
    },
    // What an evaluation gave is joined (transformers/trainer_pt_utils.py).
    Rule {
        phase: Phase::Eval,
        weight: Weight::Firm,
        functions: "nested_concat torch_pad_and_concatenate numpy_pad_and_concatenate",
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
    // Attention of diffusion models is called through a processor (diffusers/models/attention_processor.py).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        files: "diffusers/models/",
        functions: "__call__",
        code: "",
    },
    // What a model gives back becomes numbers of four bytes.
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        files: "accelerate/utils/operations.py",
        functions: "convert_to_fp32 _convert_to_fp32",
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
        functions: "forward _forward _forward_impl forward_impl eager_attention_forward training_step compute_loss _compute_loss \
            _forward_micro_batch compute_log_prob",
        ..ANY
    },
    // A loss over words is the last of a forward pass, and an evaluation's is around it (transformers/loss/loss_utils.py).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Firm,
        code: "functional.cross_entropy( F.cross_entropy(",
        ..ANY
    },
    // The losses and the matching of trainers (trl, mmdet, Ultralytics, YOLOv7).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Ambient,
        functions: "_get_per_token_logps _get_per_token_logps_and_entropies get_batch_logps concatenated_forward forward_train loss_by_feat selective_log_softmax build_targets assign get_targets \
            loss_by_feat_single forward_backward_step forward_step",
        ..ANY
    },
    // fastai's loop calls the model, in a validation through `_do_epoch_validate` (fastai/learner.py).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Ambient,
        files: "fastai/learner.py",
        functions: "_do_one_batch do_one_batch",
        code: "",
    },
    // Its loop calls the model for the loss, and validates elsewhere (ultralytics/engine/trainer.py).
    Rule {
        phase: Phase::Forward,
        weight: Weight::Ambient,
        files: "ultralytics/engine/trainer.py ultralytics/utils/loss.py",
        functions: "_do_train __call__ loss",
        code: "",
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
        files: "vllm/ vllm_ascend/ vllm_gaudi/ sglang/ text_generation_server/ lmdeploy/ tensorrt_llm/ exllamav2/ mlc_llm/",
        ..ANY
    },
];
