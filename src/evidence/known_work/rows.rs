//! The places that are known, a row each.

use super::KnownWork;

/// Parts of the path, names of functions, parts of the line; one of each must fit, and an empty list fits everything.
pub(super) type Row = (
    KnownWork,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

pub(super) static ROWS: &[Row] = &[
    // kohya-ss/sd-scripts (library/train_util.py, strategy_base.py) and what is built on it.
    (
        KnownWork::CachesLatents,
        &[],
        &[
            "cache_latents",
            "new_cache_latents",
            "cache_batch_latents",
            "cache_latents_to_disk",
            "precompute_latents",
        ],
        &[],
    ),
    // kohya-ss/musubi-tuner (cache_latents.py, wan_cache_latents.py), bghira/SimpleTuner (helpers/caching/vae.py).
    (
        KnownWork::CachesLatents,
        &["cache_latents.py", "caching/vae.py"],
        &[],
        &[],
    ),
    // mmdet (fcn_mask_head.py), detectron2 (layers/mask_ops.py), torchvision (models/detection/roi_heads.py), Ultralytics
    // (utils/ops.py).
    (
        KnownWork::PastesMasks,
        &[],
        &[
            "_do_paste_mask",
            "paste_masks_in_image",
            "paste_mask_in_image",
            "get_seg_masks",
            "process_mask_native",
            "process_mask_upsample",
        ],
        &[],
    ),
    // The same by hand, as YOLACT and what is built on it do (layers/output_utils.py).
    (KnownWork::PastesMasks, &[], &[], &["interpolate(masks"]),
    // `compute` of a metric with lists joins and sorts all that it was given (torchmetrics/metric.py, torcheval/metrics).
    (
        KnownWork::ComputesMetric,
        &["torchmetrics/", "torcheval/metrics/"],
        &[
            "compute",
            "dim_zero_cat",
            "_binary_clf_curve",
            "_sync_dist",
            "gather_all_tensors",
        ],
        &[],
    ),
    // `update` of the metrics that sort all values at their end (torchmetrics/classification/precision_recall_curve.py, `dim_zero_cat`
    // of lists): ROC, AUROC, average precision and their like.
    (
        KnownWork::UpdatesMetric,
        &[
            "torchmetrics/classification/precision_recall_curve.py",
            "torchmetrics/functional/classification/precision_recall_curve.py",
        ],
        &[],
        &[],
    ),
    // graphdeco-inria/gaussian-splatting (scene/gaussian_model.py), nerfstudio (models/splatfacto.py).
    (
        KnownWork::GrowsGaussians,
        &[],
        &[
            "densify_and_clone",
            "densify_and_split",
            "densify_and_prune",
            "densification_postfix",
            "cat_tensors_to_optimizer",
            "split_gaussians",
            "dup_gaussians",
            "_grow_gs",
        ],
        &[],
    ),
    // nerfstudio-project/gsplat.
    (KnownWork::GrowsGaussians, &["gsplat/strategy/"], &[], &[]),
    // Scripts of diffusers (examples) and kohya-ss/sd-scripts (library/train_util.py).
    (
        KnownWork::DrawsSamples,
        &[],
        &[
            "log_validation",
            "sample_images",
            "sample_images_common",
            "sample_image_inference",
        ],
        &[],
    ),
    (
        KnownWork::DrawsSamples,
        &[],
        &[],
        &["args.validation_prompt"],
    ),
    // Optuna, and the search of transformers' Trainer around it (integrations/integration_utils.py).
    (
        KnownWork::Trial,
        &["optuna/", "transformers/integrations"],
        &["_run_trial", "_objective", "_optimize_sequential"],
        &[],
    ),
    // wandb/agents/pyagent.py.
    (KnownWork::Trial, &["wandb/agents/"], &["_run_job"], &[]),
    // NVIDIA/TransformerEngine and Megatron-LM (megatron/core/transformer/cuda_graphs.py).
    (
        KnownWork::CapturesLayers,
        &[
            "transformer_engine/pytorch/graph.py",
            "transformer/cuda_graphs.py",
        ],
        &[],
        &[],
    ),
    // xinntao/ESRGAN and BasicSR and what is built on them; SwinIR.
    (
        KnownWork::RestoresPicture,
        &[
            "RRDBNet",
            "rrdbnet",
            "basicsr/",
            "swinir",
            "SwinIR",
            "srresnet",
            "super_resolution",
            "ESRGAN",
        ],
        &[],
        &[],
    ),
    // `Dataset.__getitem__` and `collate_fn` make what the loader hands on, several samples ahead (torch/utils/data).
    (
        KnownWork::LoadsSamples,
        &[],
        &["__getitem__", "collate_fn"],
        &[".cuda()", ".to(", "device=", "map_location"],
    ),
    (
        KnownWork::EncodesPictures,
        &["segment_anything/modeling/image_encoder.py"],
        &[],
        &[],
    ),
    // facebookresearch/sam2 (sam2_video_predictor.py), and the same in transformers (models/sam2_video).
    (
        KnownWork::FollowsVideo,
        &["sam2_video", "sam3_video", "sam3_tracking"],
        &[],
        &[],
    ),
    // facebookresearch/esm (scripts/extract.py).
    (
        KnownWork::EmbedsProteins,
        &["esm/model/esm", "esm/multihead_attention.py"],
        &[],
        &[],
    ),
    // RVC-Project/Retrieval-based-Voice-Conversion-WebUI (infer/modules/vc, vc_infer_pipeline.py up to 2023).
    (
        KnownWork::ConvertsVoices,
        &["infer/modules/vc/", "vc_infer_pipeline.py"],
        &[],
        &[],
    ),
    // streamlit/streamlit (runtime/scriptrunner).
    (KnownWork::RerunsScript, &["streamlit/runtime/"], &[], &[]),
    // Wan-Video/Wan2.1, Wan2.2 (wan/*.py).
    (
        KnownWork::DrawsVideo,
        &[
            "wan/text2video.py",
            "wan/image2video.py",
            "wan/textimage2video.py",
            "wan/speech2video.py",
            "wan/first_last_frame2video.py",
            "wan/vace.py",
        ],
        &[],
        &[],
    ),
    // yenchenlin/nerf-pytorch and what is built on it.
    (KnownWork::CastsRays, &["run_nerf"], &[], &[]),
    // transformers/models/qwen2_vl, qwen2_5_vl, qwen3_vl, glm4v and their kin.
    (
        KnownWork::SeesPictures,
        &["transformers/models/", "transformers_modules/"],
        &[],
        &[
            "self.visual(",
            "self.vision_tower(",
            "self.vision_model(",
            "self.get_image_features(",
            "self.get_video_features(",
            // A block of their towers.
            "cu_seqlens=cu_seqlens_now",
        ],
    ),
    // transformers/trainer.py.
    (
        KnownWork::ResumesOptimizer,
        &["transformers/trainer.py"],
        &["_load_optimizer_and_scheduler"],
        &[],
    ),
    // `load_state_dict` copies the states where they lie, up to PyTorch 2.0, and casts each (torch/optim/optimizer.py).
    (
        KnownWork::CopiesStates,
        &["torch/optim/optimizer.py"],
        &["load_state_dict"],
        &[],
    ),
    // princeton-vl/RAFT (core/corr.py) and what is built on it; torchvision (models/optical_flow/raft.py).
    (
        KnownWork::CorrelatesFrames,
        &["core/corr.py", "/corr.py", "optical_flow/raft.py"],
        &["corr", "build_pyramid", "_compute_corr_volume"],
        &[],
    ),
    // Project-MONAI/MONAI (monai/transforms/post/array.py: AsDiscrete), which people call on whole volumes.
    (
        KnownWork::SpreadsLabels,
        &["monai/transforms/post"],
        &[],
        &[],
    ),
    (
        KnownWork::GathersOnFirst,
        &["torch/nn/parallel/scatter_gather.py"],
        &["gather", "gather_map"],
        &[],
    ),
    // AutoGPTQ/AutoGPTQ, ModelCloud/GPTQModel, casper-hansen/AutoAWQ, vllm-project/llm-compressor, intel/auto-round,
    // huggingface/optimum (gptq/quantizer.py).
    (
        KnownWork::QuantizesLayers,
        &[
            "auto_gptq/",
            "gptqmodel/",
            "awq/quantize/",
            "llmcompressor/",
            "auto_round/",
            "optimum/gptq/",
        ],
        &[],
        &[],
    ),
    // MouseLand/cellpose (cellpose/dynamics.py): all pixels of the picture at once, while the network works in tiles.
    (
        KnownWork::FollowsPixels,
        &["cellpose/dynamics.py"],
        &[],
        &[],
    ),
    // open-mmlab/mmdetection (mmdet/apis/inference.py) and mmsegmentation (mmseg/apis/inference.py).
    (
        KnownWork::DetectsInOne,
        &["mmdet/apis/inference.py", "mmseg/apis/inference.py"],
        &[
            "inference_detector",
            "inference_model",
            "inference_segmentor",
        ],
        &[],
    ),
    // openai/whisper.
    (
        KnownWork::WritesSpeech,
        &["whisper/transcribe.py", "whisper/decoding.py"],
        &[],
        &[],
    ),
    // arcee-ai/mergekit.
    (
        KnownWork::MergesModels,
        &["mergekit/graph.py", "mergekit/merge"],
        &[],
        &[],
    ),
    // Calculators of ase: ACEsuit/mace (mace/calculators/mace.py), FAIR-Chem/fairchem (core/calculate), CederGroupHub/chgnet
    // (model/dynamics.py), MDIL-SNU/SevenNet (sevenn/calculator.py), mir-group/nequip (ase/), orbital-materials/orb-models.
    (
        KnownWork::ComputesForces,
        &[
            "mace/calculators/",
            "fairchem/core/calculate",
            "chgnet/model/dynamics",
            "sevenn/calculator",
            "nequip/ase/",
            "orb_models/forcefield/calculator",
            "matgl/ext/ase",
        ],
        &[],
        &[],
    ),
    // aqlaboratory/openfold.
    (
        KnownWork::FoldsProtein,
        &["run_pretrained_openfold.py"],
        &[],
        &[],
    ),
    // PyTorch's tutorial of an agent (intermediate_source/mario_rl_tutorial.py) and what is made from it.
    (
        KnownWork::RemembersOnGpu,
        &[],
        &[
            "cache",
            "remember",
            "push",
            "store",
            "add_to_memory",
            "memorize",
        ],
        &["memory.append(", "buffer.append(", "replay.append("],
    ),
    // Triangle attention of AlphaFold's models: aqlaboratory/openfold, dptech-corp/Uni-Fold, hpcaitech/FastFold.
    (
        KnownWork::PairsResidues,
        &[],
        &[],
        &[
            "tri_att_start(",
            "tri_att_end(",
            "self.tri_att",
            "triangle_att",
        ],
    ),
    // google/brax (training/replay_buffers.py), google-deepmind/acme, instadeepai/flashbax (buffers/): an array of JAX for all steps.
    (
        KnownWork::MakesReplayBuffer,
        &["replay_buffer", "flashbax/"],
        &["init", "__init__", "init_fn"],
        &["jnp.zeros", "jnp.empty", "jnp.broadcast_to", "jnp.full"],
    ),
    (
        KnownWork::SavesQuantized,
        &["bitsandbytes/nn/modules.py"],
        &["_save_to_state_dict"],
        &[],
    ),
    // Around whatever else is known, so it comes last: gradio (routes.py, queueing.py), encode/starlette (routing.py, concurrency.py), pallets/flask (app.py).
    (
        KnownWork::AnswersRequest,
        &["gradio/", "starlette/", "flask/app.py"],
        &[],
        &[],
    ),
];
