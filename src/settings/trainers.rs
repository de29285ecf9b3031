//! Which program runs the training loop: its commands, banners, packages and files, which nothing else has.

mod scripts;

use crate::evidence::SettingKind;
use crate::text::literals::Literals;
use std::sync::LazyLock;

/// A program, and the texts of a log or parts of a frame's file that name it.
struct Trainer {
    name: &'static str,
    says: &'static [&'static str],
}

/// All of them; who is built upon another stands before it.
const TRAINERS: &[Trainer] = &[
    Trainer {
        name: "axolotl",
        says: &[
            "axolotl train",
            "axolotl.cli",
            "/axolotl/src/",
            "packages/axolotl/",
        ],
    },
    Trainer {
        name: "llama-factory",
        says: &[
            "llamafactory-cli",
            "llamafactory.",
            "/llamafactory/",
            "/llmtuner/",
            "finetuning_type",
        ],
    },
    Trainer {
        name: "ms-swift",
        says: &[
            "swift sft",
            "swift rlhf",
            "swift pt ",
            "ms-swift",
            "[INFO:swift]",
            "packages/swift/",
            "/swift/llm/",
            "/swift/cli/",
        ],
    },
    Trainer {
        name: "autotrain",
        says: &[
            "autotrain.trainers",
            "autotrain.app",
            "autotrain --config",
            "packages/autotrain/",
        ],
    },
    Trainer {
        name: "unsloth",
        says: &[
            "Unsloth: ",
            "==((====))==  Unsloth",
            "Unsloth - 2x faster",
            "packages/unsloth/",
            "unsloth_compiled_cache",
        ],
    },
    Trainer {
        name: "verl",
        says: &[
            "verl.trainer",
            "actor_rollout_ref.",
            "packages/verl/",
            "/verl/workers/",
            "/verl/trainer/",
        ],
    },
    Trainer {
        name: "openrlhf",
        says: &["openrlhf.cli", "packages/openrlhf/", "/openrlhf/"],
    },
    // kohya-ss/musubi-tuner, which has scripts of the same kind for models of videos.
    Trainer {
        name: "musubi",
        says: &[
            "musubi-tuner",
            "musubi_tuner",
            "hv_train_network",
            "wan_train_network",
        ],
    },
    // tdrussell/diffusion-pipe.
    Trainer {
        name: "diffusion-pipe",
        says: &["diffusion-pipe", "transformer_dtype = "],
    },
    // ostris/ai-toolkit.
    Trainer {
        name: "ai-toolkit",
        says: &["ai-toolkit", "BaseSDTrainProcess", "diffusion_trainer"],
    },
    // bghira/SimpleTuner.
    Trainer {
        name: "simpletuner",
        says: &["SimpleTuner", "simpletuner"],
    },
    // Nerogar/OneTrainer.
    Trainer {
        name: "onetrainer",
        says: &["OneTrainer"],
    },
    Trainer {
        name: "kohya",
        says: &[
            "sd-scripts",
            "train_network.py",
            "sdxl_train.py",
            "flux_train.py",
            "kohya_ss",
            "networks.lora",
            "bucket_no_upscale",
        ],
    },
    // d8ahazard/sd_dreambooth_extension, inside of a web interface that draws.
    Trainer {
        name: "sd-dreambooth",
        says: &["sd_dreambooth_extension", "modules/dreambooth/"],
    },
    Trainer {
        name: "diffusers",
        says: &[
            "train_dreambooth",
            "train_text_to_image",
            "train_controlnet",
            "examples/dreambooth",
            "train_instruct_pix2pix",
            "train_custom_diffusion",
            "train_unconditional",
            "train_t2i_adapter",
            "textual_inversion.py",
        ],
    },
    // NVIDIA-NeMo/RL, with Megatron or DTensor below it.
    Trainer {
        name: "nemo-rl",
        says: &["nemo_rl/", "/nemo-rl/", "nemo_rl."],
    },
    // Its speech has other switches than its language models.
    Trainer {
        name: "nemo-speech",
        says: &[
            "nemo/collections/asr/",
            "nemo/collections/tts/",
            "speech_to_text_",
        ],
    },
    Trainer {
        name: "nemo",
        says: &[
            "packages/nemo/collections",
            "/nemo/collections/",
            "[NeMo I ",
            "[NeMo W ",
        ],
    },
    Trainer {
        name: "megatron",
        says: &[
            "pretrain_gpt.py",
            "pretrain_gpt2.py",
            "pretrain_bert.py",
            "megatron/training/",
            "megatron/training.py",
            "megatron/model/",
            "megatron/core/",
            "Megatron-LM",
        ],
    },
    Trainer {
        name: "torchtune",
        says: &[
            "tune run ",
            "packages/torchtune/",
            "torchtune.",
            // torchtune/config/_utils.py, log_config; the name of its logger is a prefix of the line.
            " with resolved config:",
            "recipes/full_finetune",
            "recipes/lora_finetune",
        ],
    },
    Trainer {
        name: "torchtitan",
        says: &[
            "torchtitan.",
            "/torchtitan/",
            "activation_checkpoint.mode",
            "[titan] ",
        ],
    },
    // The same, configured by Hydra.
    Trainer {
        name: "fairseq-hydra",
        says: &["fairseq-hydra-train", "fairseq_cli/hydra_train"],
    },
    Trainer {
        name: "fairseq",
        says: &[
            "fairseq-train",
            "fairseq_cli",
            "packages/fairseq/",
            "fairseq.trainer",
            "/fairseq/tasks/",
            // fairseq/trainer.py, `handle_ooms`.
            "ran out of memory with exception",
        ],
    },
    Trainer {
        name: "icefall",
        says: &[
            "icefall",
            "zipformer/train.py",
            "pruned_transducer_stateless",
        ],
    },
    Trainer {
        name: "ultralytics",
        says: &[
            "yolo train",
            "yolo detect",
            "yolo segment",
            "yolo pose",
            "Ultralytics YOLO",
            "Ultralytics 8",
            "ultralytics/engine/",
            "ultralytics/utils/",
            "ultralytics/nn/",
            "engine/trainer: ",
        ],
    },
    Trainer {
        name: "openmmlab",
        says: &[
            "packages/mmengine/",
            "packages/mmdet/",
            "packages/mmcv/",
            "packages/mmseg/",
            "mmdet - INFO",
            "mmengine - INFO",
            "/mmdetection/",
            "/mmsegmentation/",
            "samples_per_gpu",
            "../_base_/",
            "download.openmmlab.com",
            "packages/mmaction/",
            "/mmaction2/",
            "packages/mmdet3d/",
            "/mmdetection3d/",
            "packages/mmrotate/",
            "mmrotate/",
            "packages/mmpose/",
            "/mmpose/",
        ],
    },
    Trainer {
        name: "detectron2",
        says: &[
            "detectron2/",
            "detectron2.",
            "Detectron2",
            "d2.utils.events",
            "d2.utils.memory",
            "d2.engine",
            "SOLVER.IMS_PER_BATCH",
        ],
    },
    // EleutherAI/lm-evaluation-harness.
    Trainer {
        name: "lm-eval",
        says: &["lm_eval/", "lm_eval.", "lm_eval --"],
    },
    Trainer {
        name: "nnunet",
        says: &[
            "nnUNetv2_train",
            "nnUNetv2_predict",
            "nnunetv2/",
            // nnunetv2/inference/predict_from_raw_data.py.
            "Moving results arrays to CPU",
            "nnUNet_results",
            "'nnUNetPlans_",
        ],
    },
    // Its first version, with plans of its own.
    Trainer {
        name: "nnunet-1",
        says: &["nnUNet_train ", "/nnunet/training/", "nnUNetTrainerV2"],
    },
    // nerfstudio-project/nerfstudio.
    Trainer {
        name: "splatfacto",
        says: &["splatfacto"],
    },
    // nerfstudio-project/gsplat's own trainer.
    Trainer {
        name: "gsplat",
        says: &["gsplat/examples/", "simple_trainer.py", "packages/gsplat/"],
    },
    // Its fields of rays, and autonomousvision/sdfstudio, built on it.
    Trainer {
        name: "nerfstudio",
        says: &["ns-train ", "nerfstudio/", "sdfstudio"],
    },
    // aqlaboratory/openfold.
    Trainer {
        name: "openfold",
        says: &["train_openfold.py"],
    },
    // coqui-ai/TTS and its package `trainer`.
    Trainer {
        name: "coqui",
        says: &[
            "> Training Environment:",
            "-- GLOBAL_STEP: ",
            "TTS/tts/models/",
            "packages/TTS/",
            "packages/trainer/",
        ],
    },
    // NVlabs/stylegan3, stylegan2-ada-pytorch.
    Trainer {
        name: "stylegan",
        says: &["stylegan3", "stylegan2-ada", "networks_stylegan"],
    },
    // RVC-Boss/GPT-SoVITS, run from its web interface.
    Trainer {
        name: "gpt-sovits",
        says: &["GPT-SoVITS", "GPT_SoVITS"],
    },
    Trainer {
        name: "espnet",
        says: &["espnet2/", "/espnet/", "batch_bins", "espnet2."],
    },
    // svc-develop-team/so-vits-svc and its kin: trainers of voices after jaywalnut310/vits.
    Trainer {
        name: "vits",
        says: &["so-vits-svc", "sovits"],
    },
];

/// A library that others are built on, which says the least.
const LAST: &[Trainer] = &[Trainer {
    name: "accelerate",
    says: &["accelerate launch ", "accelerate/accelerator.py"],
}];

/// All of them, in their order.
fn all() -> impl Iterator<Item = &'static Trainer> + Clone {
    TRAINERS.iter().chain(scripts::ALL).chain(LAST)
}

/// The texts, each with its program's place in the list.
static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
    let trainers = (0..).zip(all());
    Literals::new(
        trainers.flat_map(|(tag, trainer)| trainer.says.iter().map(move |says| (*says, tag))),
    )
});

/// What the scan looks for: whatever names a program.
pub(super) fn signatures() -> impl Iterator<Item = &'static str> + Clone {
    all().flat_map(|trainer| trainer.says).copied()
}

/// How far down the list a program stands: a library below it says less.
pub(super) fn rank(name: &str) -> usize {
    all()
        .position(|trainer| trainer.name == name)
        .unwrap_or(usize::MAX)
}

/// Hands over the first program of the list that a text names.
pub(super) fn read(text: &[u8], keep: &mut dyn FnMut(SettingKind, &str, &str)) {
    if let Some(name) = named(text) {
        keep(SettingKind::Trainer, "program", name);
    }
}

/// The first program of the list that a text names.
pub(super) fn named(text: &[u8]) -> Option<&'static str> {
    let mut first: Option<u8> = None;
    LITERALS.each(text, 0..text.len(), &mut |hit| {
        first = Some(first.map_or(hit.tag, |tag| tag.min(hit.tag)));
    });
    let trainer = all().nth(usize::from(first?))?;
    Some(trainer.name)
}

#[cfg(test)]
mod tests;
