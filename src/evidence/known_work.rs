//! Work at places of libraries that has an answer of its own, whatever the program around it: a row each.

use super::same_stack::SameStack;
use super::traceback::{Frame, Traceback};

thread_local! {
    /// Each row asks for the names of all frames, and findings and fixes ask for each failure a dozen times.
    static LAST: SameStack<Option<KnownWork>> = const { SameStack::new() };
}

/// What a place of a library is known to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownWork {
    /// Pictures go through the autoencoder once, before the training.
    CachesLatents,
    /// Each mask is laid out at the size of its picture.
    PastesMasks,
    /// A metric works on all values that it kept.
    ComputesMetric,
    /// A metric takes in the next batch.
    UpdatesMetric,
    /// A scene gets more Gaussians.
    GrowsGaussians,
    /// A training draws samples with a pipeline beside the model that is trained.
    DrawsSamples,
    /// Weights of 8 bits are turned back to be written.
    SavesQuantized,
    /// One trial of a search of hyperparameters, behind others in the same process.
    Trial,
    /// A trainer captures its layers as CUDA graphs.
    CapturesLayers,
    /// A picture that is restored or enlarged goes through whole.
    RestoresPicture,
    /// The data set itself puts samples onto the GPU.
    LoadsSamples,
    /// An image encoder that takes 1024 x 1024 pixels of each picture at once.
    EncodesPictures,
    /// Objects are followed through all frames of a video, which lie on the GPU with what was found in them.
    FollowsVideo,
    /// A script of ESM puts so many letters of proteins through at once.
    EmbedsProteins,
    /// Streamlit runs the whole script again at every click.
    RerunsScript,
    /// What answers a request loads the model.
    AnswersRequest,
    /// Rays are drawn through a scene.
    CastsRays,
    /// A model of language and pictures turns its pictures into tokens.
    SeesPictures,
    /// A training goes on: what its optimizer kept is read back.
    ResumesOptimizer,
    /// The same in a program's own loop: the optimizer copies what the checkpoint holds.
    CopiesStates,
    /// Every pixel of one frame meets every pixel of another.
    CorrelatesFrames,
    /// A validation spreads its prediction over all classes, at the size of the whole volume.
    SpreadsLabels,
    /// `DataParallel` puts the outputs of all GPUs onto the first.
    GathersOnFirst,
    /// What an agent remembers is moved to the GPU as it is kept.
    RemembersOnGpu,
}

/// Parts of the path, names of functions, parts of the line; one of each must fit, and an empty list fits everything.
type Row = (
    KnownWork,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

static ROWS: &[Row] = &[
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
    // streamlit/streamlit (runtime/scriptrunner).
    (KnownWork::RerunsScript, &["streamlit/runtime/"], &[], &[]),
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

impl Traceback {
    /// True where a worker of a `DataLoader` runs the user's code (torch/utils/data/_utils/worker.py).
    pub(crate) fn in_a_loader(&self) -> bool {
        let mut frames = self.frames.iter();
        frames.any(|f| f.name() == "_worker_loop" && f.path().contains("torch/utils/data/"))
    }

    /// What one of its frames is known to do.
    pub(crate) fn known_work(&self) -> Option<KnownWork> {
        SameStack::ask(&LAST, self, || known(&self.frames))
    }
}

fn known(frames: &[Frame]) -> Option<KnownWork> {
    let named = frames.iter().map(|frame| (frame.name(), frame));
    let frames: Vec<_> = named.collect();
    let row = ROWS.iter().find(|row| frames.iter().any(|f| fits(*f, row)));
    row.map(|(known, ..)| *known)
}

fn fits((name, frame): (&str, &Frame), (_, files, functions, code): &Row) -> bool {
    let any = |words: &[&str], has: &dyn Fn(&str) -> bool| {
        words.is_empty() || words.iter().any(|word| has(word))
    };
    (functions.is_empty() || functions.contains(&name))
        && any(code, &|part| frame.code.contains(part))
        && any(files, &|part| frame.path().contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_its_function_in_whatever_folder_it_stands() {
        let of = |file: &str, function: &str, code: &str| {
            let frame = Frame {
                file: file.to_owned(),
                line: 1,
                function: function.to_owned(),
                code: code.to_owned(),
                at: 1,
            };
            Traceback {
                frames: vec![frame],
                ..Traceback::default()
            }
            .known_work()
        };
        let metric = r"C:\e\site-packages\torchmetrics\metric.py";
        for (file, function, known) in [
            (
                "/k/library/train_util.py",
                "cache_batch_latents",
                Some(KnownWork::CachesLatents),
            ),
            (metric, "Metric.compute", Some(KnownWork::ComputesMetric)),
            (metric, "update", None),
            ("/me/eval.py", "compute", None),
            (
                ".../detection/roi_heads.py",
                "paste_masks_in_image",
                Some(KnownWork::PastesMasks),
            ),
        ] {
            assert_eq!(of(file, function, ""), known, "{file} {function}");
        }
    }
}
