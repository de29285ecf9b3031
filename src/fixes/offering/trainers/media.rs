//! Programs that train on pictures, scenes and speech.

use super::{NONE, Switches};

pub(super) static ALL: &[Switches] = &[
    Switches {
        name: "icefall",
        batch: Some("--max-duration {}  # seconds of speech in a batch"),
        precision: Some("--use-fp16 1"),
        length: Some("cuts.filter(lambda c: c.duration < N)  # drop long recordings"),
        checkpointing: Some(""),
        image: Some(""),
        ..NONE
    },
    Switches {
        name: "ultralytics",
        batch: Some("batch={}"),
        eval_batch: Some("batch={}"),
        // `amp` is on by default (cfg/default.yaml).
        precision: Some(""),
        image: Some("imgsz=N  # smaller than now (the default is 640), a multiple of 32"),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some("device=0,1  # the batch is split over GPUs"),
        attention: Some(""),
        ..NONE
    },
    Switches {
        name: "openmmlab",
        batch: Some("--cfg-options train_dataloader.batch_size={}\n# mm 2.x: data.samples_per_gpu"),
        eval_batch: Some("--cfg-options val_dataloader.batch_size={}"),
        precision: Some("--amp  # mm 2.x: fp16 = dict(loss_scale='dynamic') in the config"),
        checkpointing: Some("--cfg-options model.backbone.with_cp=True"),
        image: Some("a smaller scale in Resize of train_pipeline  # img_scale in mm 2.x"),
        offload: Some(""),
        ..NONE
    },
    Switches {
        name: "detectron2",
        batch: Some("SOLVER.IMS_PER_BATCH {}"),
        // Its loader of an evaluation gives one picture at a time (data/build.py, `build_detection_test_loader`).
        eval_batch: Some(""),
        precision: Some("SOLVER.AMP.ENABLED True"),
        image: Some("INPUT.MIN_SIZE_TRAIN \"(N,)\" INPUT.MAX_SIZE_TRAIN N  # smaller than now"),
        checkpointing: Some(""),
        offload: Some(""),
        ..NONE
    },
    Switches {
        name: "nnunet",
        batch: Some("\"batch_size\": {}  # in nnUNetPlans.json"),
        image: Some(
            "nnUNetv2_plan_experiment -d ID -gpu_memory_target N  # GiB; 8 unless told\n# a smaller patch; with -overwrite_plans_name, then nnUNetv2_train ... -p NAME",
        ),
        precision: Some(""),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    Switches {
        name: "nnunet-1",
        batch: Some("plans[\"plans_per_stage\"][0][\"batch_size\"] = {}  # in nnUNetPlans*.pkl"),
        image: Some(
            "plans[\"plans_per_stage\"][0][\"patch_size\"] = ...  # in nnUNetPlans*.pkl\n# smaller, and divisible by 2 as often as the network pools",
        ),
        precision: Some(""),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // One photo goes through at a time; what grows is the number of Gaussians (arguments/__init__.py, utils/general_utils.py).
    Switches {
        name: "gaussian-splatting",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "-r 2  # photos at half their size; 4 or 8 for less\n# fewer Gaussians: --densify_grad_threshold 0.0004, or an earlier --densify_until_iter",
        ),
        offload: Some("--data_device cpu  # the photos wait in host memory"),
        checkpointing: Some(""),
        precision: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // nerfstudio (data/datamanagers/base_datamanager.py, engine/trainer.py, data/dataparsers).
    Switches {
        name: "nerfstudio",
        batch: Some("--pipeline.datamanager.train-num-rays-per-batch {}"),
        eval_batch: Some("--pipeline.model.eval-num-rays-per-chunk {}"),
        image: Some("--downscale-factor 2  # behind the name of the data parser"),
        precision: Some("--mixed-precision True"),
        checkpointing: Some(""),
        offload: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // nerfstudio (models/splatfacto.py, data/datamanagers/full_images_datamanager.py).
    Switches {
        name: "splatfacto",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "--pipeline.model.densify-grad-thresh 0.0016  # fewer Gaussians\n# and --pipeline.model.strategy default; photos at half their size: --downscale-factor 2, behind the name of the data parser",
        ),
        offload: Some("--pipeline.datamanager.cache-images cpu  # photos wait in host memory"),
        checkpointing: Some(""),
        precision: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // nerfstudio-project/gsplat (examples/simple_trainer.py, gsplat/strategy).
    Switches {
        name: "gsplat",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "--strategy.cap-max 1000000  # at most so many Gaussians, with mcmc\n# default: --strategy.grow-grad2d 0.0004; and --packed, photos at a quarter: --data_factor 4",
        ),
        offload: Some(""),
        checkpointing: Some(""),
        precision: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // ray-project/ray (rllib/algorithms/algorithm_config.py): a step takes parts of this size from the train batch, all of which
    // is on the GPU.
    Switches {
        name: "rllib",
        batch: Some("minibatch_size={}  # of config.training(...); older: sgd_minibatch_size"),
        eval_batch: Some(""),
        length: Some(
            "train_batch_size_per_learner=N  # half of what it is\n# older: train_batch_size",
        ),
        checkpointing: Some(""),
        precision: Some(""),
        image: Some(""),
        offload: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // NVlabs/stylegan3 (train.py): a batch goes through in parts of this size.
    Switches {
        name: "stylegan",
        batch: Some("--batch-gpu {}  # the batch itself stays; gradients are added up"),
        checkpointing: Some(""),
        precision: Some(""),
        image: Some("--cbase 16384  # half as many channels; or images of half the side"),
        offload: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // coqui-ai/TTS (TTS/config/shared_configs.py, TTS/tts/layers/xtts/trainer/gpt_trainer.py) and its `trainer`.
    Switches {
        name: "coqui",
        batch: Some("batch_size={}  # in the trainer's config\n# grad_accum_steps makes up for it"),
        eval_batch: Some("eval_batch_size={}  # in the trainer's config"),
        precision: Some("mixed_precision=True  # in the trainer's config"),
        length: Some(
            "max_audio_len=N  # in samples; XTTS: max_wav_length, max_text_length\n# longer recordings are left out",
        ),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // RVC-Boss/GPT-SoVITS (webui.py).
    Switches {
        name: "gpt-sovits",
        batch: Some("Batch size per GPU: {}  # in the web interface"),
        precision: Some(""),
        length: Some("recordings of at most 10 seconds  # cut longer ones with its slicer"),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // One crop goes through at a time (aqlaboratory/openfold: openfold/config.py, train_openfold.py).
    Switches {
        name: "openfold",
        batch: Some(""),
        eval_batch: Some(""),
        precision: Some("--precision bf16-mixed"),
        length: Some(
            "\"data.train.crop_size\": N  # in the file of --experiment_config_json\n# fewer residues of each protein; the presets take 256, finetuning 384; and max_extra_msa",
        ),
        attention: Some("\"globals.use_deepspeed_evo_attention\": true  # likewise"),
        checkpointing: Some(""),
        offload: Some("--deepspeed_config_path deepspeed_config.json  # with offload_optimizer"),
        optimizer: Some(""),
        shard: Some(""),
        ..NONE
    },
    // ACEsuit/mace (mace/tools/arg_parser.py): atoms and their neighbours, mostly in eight bytes.
    Switches {
        name: "mace",
        batch: Some("--batch_size={}"),
        eval_batch: Some("--valid_batch_size={}"),
        precision: Some("--default_dtype=float32  # takes half of float64"),
        checkpointing: Some(""),
        image: Some(""),
        length: Some(""),
        offload: Some(""),
        optimizer: Some(""),
        shard: Some(""),
        attention: Some(""),
        ..NONE
    },
    // espnet2 (tasks/abs_task.py, samplers/num_elements_batch_sampler.py).
    Switches {
        name: "espnet",
        batch: Some("batch_bins: {}  # with batch_type: numel; else batch_size"),
        precision: Some("use_amp: true"),
        length: Some("--max_wav_duration N  # seconds; longer recordings are left out"),
        attention: Some(""),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        ..NONE
    },
    Switches {
        name: "vits",
        batch: Some("\"batch_size\": {}  # in configs/config.json, under train"),
        precision: Some("\"fp16_run\": true  # in configs/config.json"),
        length: Some("recordings of at most 10 seconds  # cut longer ones"),
        checkpointing: Some(""),
        offload: Some(""),
        shard: Some(""),
        ..NONE
    },
    // RVC-Project/Retrieval-based-Voice-Conversion-WebUI (infer/lib/train/utils.py: `-bs`; infer-web.py).
    Switches {
        name: "rvc",
        batch: Some(
            "-bs {}  # of train.py; in the web interface the batch size per GPU\n# and cache all training sets in GPU memory: no (-c 0)",
        ),
        precision: Some(""),
        length: Some(""),
        checkpointing: Some(""),
        offload: Some(""),
        optimizer: Some(""),
        attention: Some(""),
        shard: Some(""),
        ..NONE
    },
];
