//! Programs that only answer: nothing is learned, and nobody changes their code. What each calls the parts of its work.

use super::{NONE, Switches};

/// A program without a backward pass, states of an optimizer or a type to be chosen.
const ANSWERS: Switches = Switches {
    checkpointing: Some(""),
    precision: Some(""),
    optimizer: Some(""),
    attention: Some(""),
    offload: Some(""),
    shard: Some(""),
    ..NONE
};

pub(super) static ALL: &[Switches] = &[
    // xinntao/Real-ESRGAN (inference_realesrgan.py): pictures go through one after the other, whole unless told.
    Switches {
        name: "real-esrgan",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "--tile 400  # in code: RealESRGANer(..., tile=400); then 200\n# 0, which it is unless told, takes the whole picture",
        ),
        ..ANSWERS
    },
    // facebookresearch/segment-anything (automatic_mask_generator.py; scripts/amg.py has the same with dashes): 64 points at once,
    // 32 a side unless told.
    Switches {
        name: "sam",
        batch: Some("points_per_batch={}  # of SamAutomaticMaskGenerator, 64 unless told"),
        eval_batch: Some("points_per_batch={}  # of SamAutomaticMaskGenerator, 64 unless told"),
        image: Some(
            "points_per_side=16  # 32 unless told; each mask is kept at full size\n# or a smaller picture, or a smaller model: vit_l, vit_b",
        ),
        ..ANSWERS
    },
    // facebookresearch/demucs (demucs/separate.py): no batch, and pieces of `--segment` seconds.
    Switches {
        name: "demucs",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "--segment 7  # seconds of a piece, one after the other\n# a long recording: cut it first; ffmpeg -i IN -f segment -segment_time 600 out%03d.wav",
        ),
        offload: Some("-d cpu  # slower, with the host's memory"),
        ..ANSWERS
    },
    // sigsep/open-unmix-pytorch (openunmix/cli.py): all of the recording goes through at once.
    Switches {
        name: "open-unmix",
        batch: Some(""),
        eval_batch: Some(""),
        image: Some(
            "--duration 60  # seconds of the recording; the next with --start 60\n# fewer sources at once: --targets vocals",
        ),
        offload: Some("--no-cuda  # slower, with the host's memory"),
        ..ANSWERS
    },
    // gcorso/DiffDock (inference.py): 10 poses at once unless told.
    Switches {
        name: "diffdock",
        batch: Some("--batch_size {}  # poses at once, 10 unless told; inference_args.yaml, too"),
        eval_batch: Some(
            "--batch_size {}  # poses at once, 10 unless told; inference_args.yaml, too",
        ),
        image: Some(""),
        ..ANSWERS
    },
];
