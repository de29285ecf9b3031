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
            "nnUNetv2_plan_experiment -d ID -gpu_memory_target N  # GiB\n# a smaller patch; with -overwrite_plans_name, then nnUNetv2_train ... -p NAME",
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
    // espnet2 (tasks/abs_task.py, samplers/num_elements_batch_sampler.py).
    Switches {
        name: "espnet",
        batch: Some("batch_bins: {}  # with batch_type: numel; else batch_size"),
        precision: Some("use_amp: true"),
        length: Some("--max_wav_duration N  # seconds; longer recordings are left out"),
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
];
