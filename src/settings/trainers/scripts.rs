//! Trainers of one model, paper or kind of world, by the names of their repositories and packages.

use super::Trainer;

pub(super) const ALL: &[Trainer] = &[
    // haotian-liu/LLaVA and what is built on it.
    Trainer {
        name: "llava",
        says: &["llava/train/train"],
    },
    // deepspeedai/DeepSpeedExamples, the third step of DeepSpeed-Chat.
    Trainer {
        name: "deepspeed-chat",
        says: &["step3_rlhf_finetuning", "actor_zero_stage"],
    },
    // Lightning-AI/litgpt, lit-gpt before.
    Trainer {
        name: "litgpt",
        says: &["litgpt ", "litgpt/", "lit-gpt", "lit_gpt", "lit_model.pth"],
    },
    // hao-ai-lab/FastVideo.
    Trainer {
        name: "fastvideo",
        says: &[
            "fastvideo/train.py",
            "/fastvideo/training/",
            "master_weight_type",
        ],
    },
    // huggingface/finetrainers.
    Trainer {
        name: "finetrainers",
        says: &["/finetrainers/", "finetrainers."],
    },
    // modelscope/DiffSynth-Studio.
    Trainer {
        name: "diffsynth",
        says: &["/diffsynth/", "DiffSynth-Studio", "examples/wanvideo/"],
    },
    // graphdeco-inria/gaussian-splatting and what is built on it.
    Trainer {
        name: "gaussian-splatting",
        says: &[
            "gaussian_renderer/",
            "diff_gaussian_rasterization",
            "rasterize_gaussians",
            "scene/gaussian_model.py",
            "cameraList_from_camInfos",
            "gaussian-splatting",
        ],
    },
    // ACEsuit/mace (mace/cli/run_train.py).
    Trainer {
        name: "mace",
        says: &[
            "mace_run_train",
            "mace/cli/run_train",
            "mace/tools/train.py",
        ],
    },
    // chainer/training/trainer.py.
    Trainer {
        name: "chainer",
        says: &["Exception in main training loop", "chainer/training/"],
    },
    // ray-project/ray (rllib).
    Trainer {
        name: "rllib",
        says: &["ray/rllib/", "num_sgd_iter", "sgd_minibatch_size"],
    },
    // Robots that learn in many copies of a world at once: NVIDIA's IsaacGym and IsaacLab, leggedrobotics/rsl_rl, rl_games.
    Trainer {
        name: "isaac",
        says: &[
            "isaacgym",
            "isaaclab",
            "legged_gym",
            "rsl_rl",
            "rl_games/",
            "--sim_device",
        ],
    },
    Trainer {
        name: "stable-baselines3",
        says: &["stable_baselines3/"],
    },
    // Scripts of one model or paper, by the folders that their repositories are cloned into.
    Trainer {
        name: "yolov5",
        says: &["yolov5/", "--weights yolov5"],
    },
    Trainer {
        name: "spacy",
        says: &[
            "spacy train ",
            "spacy.batch_by_",
            "[training.batcher]",
            "packages/spacy/",
        ],
    },
    Trainer {
        name: "yolov7",
        says: &["yolov7/"],
    },
    Trainer {
        name: "yolov6",
        says: &["YOLOv6/"],
    },
    Trainer {
        name: "yolox",
        says: &["YOLOX/", "/yolox/core/", "yolox.core.", "yolox.models."],
    },
    Trainer {
        name: "swin",
        says: &["Swin-Transformer/"],
    },
    Trainer {
        name: "deit",
        says: &["/deit/main.py", "/deit/engine.py", "/deit/models"],
    },
    Trainer {
        name: "mae",
        says: &["/mae/main_", "/mae/engine_", "/mae/models_"],
    },
    Trainer {
        name: "convnext",
        says: &[
            "/ConvNeXt/main.py",
            "/ConvNeXt/engine.py",
            "/ConvNeXt/models/",
            "ConvNeXt-V2/",
        ],
    },
    Trainer {
        name: "detr",
        says: &[
            "/detr/main.py",
            "/detr/engine.py",
            "/detr/models/",
            "Deformable-DETR/",
        ],
    },
    Trainer {
        name: "open-clip",
        says: &["open_clip_train/", "open_clip/src/"],
    },
    Trainer {
        name: "nanogpt",
        says: &["nanoGPT/"],
    },
    Trainer {
        name: "cyclegan",
        says: &[
            "pytorch-CycleGAN-and-pix2pix/",
            "contrastive-unpaired-translation/",
        ],
    },
    Trainer {
        name: "raft",
        says: &[
            "/RAFT/core/",
            "/RAFT/train",
            "/RAFT/evaluate",
            "/RAFT/demo",
            "RAFT-Stereo/",
        ],
    },
    Trainer {
        name: "tslib",
        says: &["Time-Series-Library", "Informer2020", "Autoformer/"],
    },
    Trainer {
        name: "ts2vec",
        says: &["ts2vec"],
    },
    Trainer {
        name: "timm",
        says: &["pytorch-image-models/"],
    },
    Trainer {
        name: "guided-diffusion",
        says: &[
            "guided_diffusion/",
            "improved_diffusion/",
            "guided-diffusion/",
        ],
    },
    Trainer {
        name: "slowfast",
        says: &["/slowfast/", "SlowFast/"],
    },
    Trainer {
        name: "basicsr",
        // `create_model` and what is built on it print "Model [RealESRGANModel] is created." (basicsr/models/__init__.py).
        says: &["basicsr/train.py", "basicsr/models/", "Model] is created."],
    },
    Trainer {
        name: "real-esrgan",
        says: &["inference_realesrgan", "realesrgan/utils.py"],
    },
    // facebookresearch/segment-anything (automatic_mask_generator.py, scripts/amg.py) and what is built on it.
    Trainer {
        name: "sam",
        says: &[
            "SamAutomaticMaskGenerator(",
            "automatic_mask_generator.py",
            "points_per_batch",
        ],
    },
    // facebookresearch/demucs (demucs/separate.py).
    Trainer {
        name: "demucs",
        says: &[
            "demucs/separate.py",
            "demucs\\separate.py",
            "demucs/apply.py",
            "Separated tracks will be stored in",
        ],
    },
    // sigsep/open-unmix-pytorch.
    Trainer {
        name: "open-unmix",
        says: &["openunmix/"],
    },
    // gcorso/DiffDock (inference.py).
    Trainer {
        name: "diffdock",
        says: &["DiffDock", "confidence model uses different type of graphs"],
    },
    Trainer {
        name: "recbole",
        says: &["recbole"],
    },
    Trainer {
        name: "openpcdet",
        says: &["OpenPCDet", "/pcdet/"],
    },
    Trainer {
        name: "tacotron",
        says: &["/tacotron2/", "/waveglow/"],
    },
    Trainer {
        name: "speechbrain",
        says: &["speechbrain/"],
    },
    // Keras on torch.
    Trainer {
        name: "keras-torch",
        // keras/src/utils/traceback_utils.py, `inject_argument_info_in_traceback`; TensorFlow's Keras says the same.
        says: &["keras/src/backend/torch/", "Arguments received by "],
    },
    Trainer {
        name: "fastai",
        says: &["fastai/", "vision_learner(", "text_classifier_learner("],
    },
    Trainer {
        name: "esm",
        says: &["esm/scripts/", "packages/esm/"],
    },
    // RVC-Project/Retrieval-based-Voice-Conversion-WebUI.
    Trainer {
        name: "rvc",
        says: &[
            "Retrieval-based-Voice-Conversion",
            "infer/modules/train/",
            "infer\\modules\\train\\",
            "train_nsf_sim_cache_sid",
        ],
    },
];
