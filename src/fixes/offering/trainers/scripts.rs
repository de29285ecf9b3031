//! Scripts of one model or paper, which many run from a clone: what each calls its batch, by its own arguments.

use super::{NONE, Switches};

/// A program that puts images through, and whose users do not change its code.
const SCRIPT: Switches = Switches {
    offload: Some(""),
    shard: Some(""),
    ..NONE
};

/// WongKinYiu/yolov7 (train.py), meituan/YOLOv6 (tools/train.py, yolov6/core/engine.py); both always under autocast.
const YOLOV7: Switches = Switches {
    name: "yolov7",
    batch: Some("--batch-size {}  # of all GPUs together"),
    eval_batch: Some("--batch-size {}"),
    precision: Some(""),
    checkpointing: Some(""),
    image: Some("--img-size N  # smaller than now (the default is 640), a multiple of 32"),
    ..SCRIPT
};

/// facebookresearch/mae (`main_pretrain.py`, `main_finetune.py`), `ConvNeXt` (main.py), detr (main.py),
/// fundamentalvision/Deformable-DETR (main.py). Only that of MAE always computes under autocast.
const MAE: Switches = Switches {
    name: "mae",
    batch: Some("--batch_size {}"),
    eval_batch: Some("--batch_size {}"),
    checkpointing: Some(""),
    precision: Some(""),
    ..SCRIPT
};

pub(super) static ALL: &[Switches] = &[
    // EleutherAI/lm-evaluation-harness (lm_eval/__main__.py, models/huggingface.py).
    Switches {
        name: "lm-eval",
        batch: Some("--batch_size {}"),
        eval_batch: Some("--batch_size {}"),
        checkpointing: Some(""),
        precision: Some("--model_args ...,dtype=bfloat16"),
        length: Some("--model_args ...,max_length=N  # half of what the model takes"),
        weights: Some("--model_args ...,load_in_4bit=True"),
        optimizer: Some(""),
        shard: Some("--model_args ...,parallelize=True"),
        attention: Some("--model_args ...,attn_implementation=flash_attention_2"),
        ..NONE
    },
    // huggingface/finetrainers (finetrainers/args.py; `--precompute_conditions` before `enable_precomputation`).
    Switches {
        name: "finetrainers",
        batch: Some("--batch_size {}"),
        checkpointing: Some("--gradient_checkpointing"),
        precision: Some(""),
        optimizer: Some("--optimizer adamw-bnb-8bit"),
        image: Some("--video_resolution_buckets 25x320x480  # or less: frames, height, width"),
        weights: Some("--layerwise_upcasting_modules transformer  # weights in fp8"),
        shard: Some("--parallel_backend ptd --dp_shards 2"),
        offload: Some("--enable_slicing --enable_tiling --enable_precomputation"),
        ..NONE
    },
    // modelscope/DiffSynth-Studio (diffsynth/diffusion/parsers.py; before diffsynth/trainers/utils.py): one video at a time.
    Switches {
        name: "diffsynth",
        batch: Some(""),
        eval_batch: Some(""),
        checkpointing: Some("--use_gradient_checkpointing"),
        precision: Some(""),
        image: Some("--height 480 --width 832  # or less, multiples of 16; and --num_frames 49"),
        weights: Some(
            "--fp8_models MODELS  # those that are not trained, or by LoRA alone\n# written as in --model_paths or --model_id_with_origin_paths",
        ),
        offload: Some("--use_gradient_checkpointing_offload"),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some(""),
        ..NONE
    },
    // d8ahazard/sd_dreambooth_extension (scripts/main.py, dreambooth/utils/utils.py): fields of its tab.
    Switches {
        name: "sd-dreambooth",
        batch: Some("Batch Size: {}  # in the tab of Dreambooth"),
        checkpointing: Some("Gradient Checkpointing  # a box in the tab of Dreambooth"),
        precision: Some("Mixed Precision: fp16  # in the tab of Dreambooth"),
        optimizer: Some("Optimizer: 8bit AdamW  # in the tab of Dreambooth"),
        image: Some("Max Resolution: N  # in the tab of Dreambooth, smaller than now"),
        attention: Some("Memory Attention: xformers  # in the tab of Dreambooth"),
        ..SCRIPT
    },
    // isaac-sim/IsaacLab (scripts/reinforcement_learning/rsl_rl/train.py), isaac-sim/IsaacGymEnvs (cfg/config.yaml),
    // leggedrobotics/legged_gym (utils/helpers.py): each environment adds to a rollout.
    Switches {
        name: "isaac",
        batch: Some("--num_envs {}  # fewer worlds at once; in IsaacGymEnvs num_envs=N"),
        eval_batch: Some("--num_envs {}  # fewer worlds at once"),
        checkpointing: Some(""),
        precision: Some(""),
        image: Some(""),
        optimizer: Some(""),
        ..SCRIPT
    },
    // DLR-RM/stable-baselines3 (ppo/ppo.py, common/off_policy_algorithm.py).
    Switches {
        name: "stable-baselines3",
        batch: Some(
            "batch_size={}  # of the agent\n# a rollout holds n_steps x n_envs observations: fewer of these, too",
        ),
        eval_batch: Some(""),
        checkpointing: Some(""),
        precision: Some(""),
        image: Some(""),
        ..SCRIPT
    },
    // ultralytics/yolov5 (train.py, val.py).
    Switches {
        name: "yolov5",
        batch: Some("--batch-size {}  # of all GPUs together"),
        eval_batch: Some("--batch-size {}"),
        precision: Some(""),
        checkpointing: Some(""),
        image: Some("--imgsz N  # smaller than now (the default is 640), a multiple of 32"),
        ..SCRIPT
    },
    YOLOV7,
    Switches {
        name: "yolov6",
        ..YOLOV7
    },
    // Megvii-BaseDetection/YOLOX (tools/train.py, tools/eval.py, `merge` of yolox/exp/base_exp.py).
    Switches {
        name: "yolox",
        batch: Some("-b {}  # of all GPUs together"),
        eval_batch: Some("-b {}"),
        precision: Some("--fp16"),
        image: Some("input_size 480,480  # behind all arguments; 640,640 unless told"),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // microsoft/Swin-Transformer (main.py): mixed precision unless it is told `--disable_amp`.
    Switches {
        name: "swin",
        batch: Some("--batch-size {}"),
        eval_batch: Some("--batch-size {}"),
        checkpointing: Some("--use-checkpoint"),
        precision: Some(""),
        ..SCRIPT
    },
    // facebookresearch/deit (main.py; engine.py computes under autocast).
    Switches {
        name: "deit",
        batch: Some("--batch-size {}"),
        eval_batch: Some("--batch-size {}"),
        checkpointing: Some(""),
        precision: Some(""),
        ..SCRIPT
    },
    MAE,
    Switches {
        name: "convnext",
        precision: Some("--use_amp true"),
        ..MAE
    },
    Switches {
        name: "detr",
        precision: None,
        ..MAE
    },
    // mlfoundations/open_clip (src/open_clip_train/params.py).
    Switches {
        name: "open-clip",
        batch: Some("--batch-size {}  # --accum-freq 2 keeps the size of the contrastive batch"),
        checkpointing: Some("--grad-checkpointing"),
        precision: Some("--precision amp_bf16"),
        loss: Some("--local-loss --gather-with-grad"),
        offload: Some("--fsdp --fsdp-offload-cpu  # in the versions that have it"),
        shard: Some("--fsdp  # in the versions that have it"),
        ..SCRIPT
    },
    // karpathy/nanoGPT (train.py, configurator.py).
    Switches {
        name: "nanogpt",
        batch: Some("--batch_size={}"),
        length: Some("--block_size=N  # half of what it is"),
        checkpointing: Some(""),
        precision: Some("--dtype=bfloat16"),
        ..SCRIPT
    },
    // junyanz/pytorch-CycleGAN-and-pix2pix (options/base_options.py; test.py takes one picture at a time),
    // taesungp/contrastive-unpaired-translation (options/base_options.py).
    Switches {
        name: "cyclegan",
        batch: Some("--batch_size {}"),
        eval_batch: Some(""),
        image: Some(
            "--load_size 143 --crop_size 128  # 286 and 256 unless told\n# or --preprocess scale_width_and_crop with a smaller crop",
        ),
        checkpointing: Some(""),
        precision: Some(""),
        ..SCRIPT
    },
    // princeton-vl/RAFT (train.py), princeton-vl/RAFT-Stereo (train_stereo.py): `DataParallel`.
    Switches {
        name: "raft",
        batch: Some("--batch_size {}  # of all GPUs together"),
        precision: Some("--mixed_precision"),
        image: Some("--image_size H W  # smaller than now, multiples of 8"),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // thuml/Time-Series-Library (run.py), thuml/Autoformer (run.py), zhouhaoyi/Informer2020 (main_informer.py).
    Switches {
        name: "tslib",
        batch: Some("--batch_size {}"),
        eval_batch: Some("--batch_size {}"),
        length: Some("--seq_len N  # half of what it is; and --d_model, --d_ff"),
        precision: Some("--use_amp"),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // zhihanyue/ts2vec (train.py).
    Switches {
        name: "ts2vec",
        batch: Some("--batch-size {}"),
        length: Some("--max-train-length N  # half of what it is"),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // huggingface/pytorch-image-models (train.py, validate.py).
    Switches {
        name: "timm",
        batch: Some("--batch-size {}"),
        eval_batch: Some("--validation-batch-size {}  # of train.py; validate.py: --batch-size"),
        checkpointing: Some("--grad-checkpointing"),
        precision: Some("--amp"),
        image: Some("--img-size N  # smaller than now; where the model takes other sizes"),
        ..SCRIPT
    },
    // openai/guided-diffusion (scripts/image_train.py, scripts/image_sample.py, guided_diffusion/script_util.py),
    // openai/improved-diffusion (scripts/image_train.py): a batch goes through in parts of this size.
    Switches {
        name: "guided-diffusion",
        batch: Some("--microbatch {}  # the batch itself stays"),
        eval_batch: Some("--batch_size {}"),
        checkpointing: Some("--use_checkpoint True"),
        precision: Some("--use_fp16 True"),
        ..SCRIPT
    },
    // facebookresearch/SlowFast (slowfast/config/defaults.py, slowfast/datasets/loader.py): behind `--opts`.
    Switches {
        name: "slowfast",
        batch: Some("TRAIN.BATCH_SIZE {}  # of all GPUs together"),
        eval_batch: Some("TEST.BATCH_SIZE {}  # while it trains: TRAIN.BATCH_SIZE"),
        checkpointing: Some("MODEL.ACT_CHECKPOINT True"),
        precision: Some("TRAIN.MIXED_PRECISION True"),
        image: Some("DATA.NUM_FRAMES N  # fewer than now; and DATA.TRAIN_CROP_SIZE"),
        ..SCRIPT
    },
    // XPixelGroup/BasicSR (options/train, basicsr/archs/swinir_arch.py).
    Switches {
        name: "basicsr",
        batch: Some("batch_size_per_gpu: {}  # under datasets, train"),
        image: Some("gt_size: N  # under datasets, train; smaller than now"),
        checkpointing: Some("use_checkpoint: true  # under network_g, where its type is SwinIR"),
        precision: Some(""),
        ..SCRIPT
    },
    // explosion/spaCy (spacy/training/batchers.py; any setting can be given to `spacy train` as a flag): `nlp.batch_size` is of
    // evaluation and `pipe`.
    Switches {
        name: "spacy",
        batch: Some("--training.batcher.size {}  # or size = {} under [training.batcher]"),
        eval_batch: Some("--nlp.batch_size {}"),
        checkpointing: Some(""),
        precision: Some("--components.transformer.model.mixed_precision true"),
        length: Some("window = 96  # of span_getters, 128 mostly; and shorter documents"),
        image: Some(""),
        ..SCRIPT
    },
    // RUCAIBox/RecBole (recbole/properties/overall.yaml): its evaluation sets each user against all items.
    Switches {
        name: "recbole",
        batch: Some("train_batch_size: {}"),
        eval_batch: Some(
            "eval_batch_size: {}\n# under eval_args, mode: full sets each user against all items; uni100 samples them",
        ),
        checkpointing: Some(""),
        precision: Some("enable_amp: True"),
        image: Some(""),
        attention: Some(""),
        ..SCRIPT
    },
    // open-mmlab/OpenPCDet (tools/train.py).
    Switches {
        name: "openpcdet",
        batch: Some("--batch_size {}  # of all GPUs together"),
        eval_batch: Some("--batch_size {}"),
        checkpointing: Some(""),
        precision: Some("--use_amp"),
        ..SCRIPT
    },
    // NVIDIA/tacotron2 (train.py, hparams.py), NVIDIA/waveglow (config.json).
    Switches {
        name: "tacotron",
        batch: Some("--hparams=batch_size={}  # waveglow: batch_size in config.json"),
        precision: Some("--hparams=fp16_run=True  # waveglow: fp16_run in config.json"),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // speechbrain/speechbrain (core.py, utils/run_opts.py, recipes): what its file has can be set behind it.
    Switches {
        name: "speechbrain",
        batch: Some("--batch_size={}  # behind the file of hyperparameters"),
        precision: Some("--precision=bf16"),
        length: Some("--avoid_if_longer_than=N  # seconds, in the recipes that have it"),
        attention: Some(""),
        checkpointing: Some(""),
        ..SCRIPT
    },
    // keras-team/keras (src/trainers/trainer.py, src/backend/common/remat.py).
    Switches {
        name: "keras-torch",
        batch: Some("batch_size={}  # of model.fit"),
        eval_batch: Some("batch_size={}  # of model.evaluate or model.predict"),
        checkpointing: Some(
            "with keras.RematScope(mode=\"full\"):  # around the making of the layers",
        ),
        precision: Some("keras.mixed_precision.set_global_policy(\"mixed_bfloat16\")"),
        ..NONE
    },
    // fastai/fastai (data/core.py, callback/fp16.py, vision/augment.py).
    Switches {
        name: "fastai",
        batch: Some("bs={}  # of the DataLoaders; GradientAccumulation makes up for it"),
        eval_batch: Some("val_bs={}  # of the DataLoaders"),
        precision: Some("learn.to_fp16()  # before learn.fit"),
        image: Some("item_tfms=Resize(N)  # smaller than now"),
        checkpointing: Some(""),
        ..NONE
    },
    // facebookresearch/esm (scripts/extract.py, scripts/fold.py): proteins of one batch, by their residues.
    Switches {
        name: "esm",
        batch: Some("--toks_per_batch {}  # of extract.py; in fold.py --max-tokens-per-batch"),
        eval_batch: Some("--toks_per_batch {}  # of extract.py; in fold.py --max-tokens-per-batch"),
        checkpointing: Some(""),
        offload: Some("--cpu-offload  # of fold.py"),
        ..SCRIPT
    },
];
