//! Code of libraries that runs a model without a graph: nothing is kept for a backward pass, and none will come. Those that
//! only infer, and the evaluation of trainers that also train.

use super::traceback::{Frame, Traceback};
use super::{Flag, Incident, KnownWork, Phase, SameStack, SettingKind};

thread_local! {
    /// Findings and fixes ask again and again.
    static LAST: SameStack<bool> = const { SameStack::new() };
}

/// Part of the file's path, and the functions that enter `no_grad` or `inference_mode` themselves; any where none is named.
type Entry = (&'static str, &'static [&'static str]);

static ENTRIES: &[Entry] = &[
    // Every `__call__` of a pipeline has the decorator (diffusers, `pipelines/*/pipeline_*.py`).
    ("diffusers/pipelines/", &["__call__", "decorate_context"]),
    // `Pipeline.forward` enters `get_inference_context()` (transformers, `pipelines/base.py`).
    (
        "transformers/pipelines/",
        &[
            "__call__",
            "run_single",
            "forward",
            "_forward",
            "get_next_item",
        ],
    ),
    // sentence_transformers/SentenceTransformer.py and cross_encoder/CrossEncoder.py.
    ("sentence_transformers/", &["encode", "predict", "rank"]),
    // `smart_inference_mode` (ultralytics, `engine/predictor.py`).
    ("ultralytics/engine/predictor.py", &[]),
    ("segment_anything/predictor.py", &[]),
    // `Sam.forward` has the decorator.
    ("segment_anything/modeling/sam.py", &["forward"]),
    // `predict` of every model enters `torch.no_grad` (0.x).
    ("pytorch_forecasting/models/", &["predict"]),
    ("segment_anything/automatic_mask_generator.py", &[]),
    ("sam2/sam2_image_predictor.py", &[]),
    ("sam2/sam2_video_predictor.py", &[]),
    // OpenAI's whisper: `decode` and `detect_language` have the decorator.
    ("whisper/decoding.py", &[]),
    ("whisper/transcribe.py", &[]),
    // `generate` enters `torch.no_grad` (Wan-Video/Wan2.2, wan/*.py).
    ("wan/text2video.py", &["generate"]),
    ("wan/image2video.py", &["generate"]),
    ("wan/textimage2video.py", &["generate", "t2v", "i2v"]),
    ("wan/speech2video.py", &["generate"]),
    ("wan/first_last_frame2video.py", &["generate"]),
    ("wan/vace.py", &["generate"]),
    // RVC's conversion (infer/modules/vc/pipeline.py).
    ("infer/modules/vc/", &[]),
    ("vc_infer_pipeline.py", &[]),
    ("pyannote/audio/core/inference.py", &[]),
    ("demucs/apply.py", &[]),
    // `freeze` takes the gradients from all parameters before it (openunmix/cli.py, openunmix/model.py).
    ("openunmix/predict.py", &[]),
    ("openunmix/cli.py", &["separate"]),
    ("realesrgan/utils.py", &[]),
    ("gfpgan/utils.py", &["enhance"]),
    ("easyocr/recognition.py", &[]),
    ("easyocr/detection.py", &[]),
    // OpenMMLab's `single_gpu_test`, `inference_detector` and their kin, and MMEngine's inferencer.
    ("mmdet/apis/test.py", &[]),
    ("mmseg/apis/test.py", &[]),
    ("mmdet/apis/inference.py", &[]),
    ("mmseg/apis/inference.py", &[]),
    ("mmpose/apis/inference.py", &[]),
    ("mmengine/infer/infer.py", &[]),
    // pytorch/vision (references/*: `evaluate` is decorated with or enters `torch.inference_mode`).
    ("references/detection/", &["evaluate"]),
    ("references/segmentation/", &["evaluate"]),
    ("references/classification/", &["evaluate"]),
    // `DefaultPredictor.__call__` (detectron2).
    ("detectron2/engine/defaults.py", &["__call__"]),
    (
        "detectron2/evaluation/evaluator.py",
        &["inference_on_dataset"],
    ),
    ("nnunetv2/inference/", &[]),
    ("bark/generation.py", &[]),
    // neonbjb/tortoise-tts (tortoise/api.py, `tts` runs under `torch.no_grad()`); coqui-ai/TTS (tts/models/xtts.py and
    // tts/models/tortoise.py: decorated with `torch.inference_mode` or `torch.no_grad`).
    ("tortoise/api.py", &[]),
    (
        "TTS/tts/models/",
        &[
            "inference",
            "synthesize",
            "full_inference",
            "inference_stream",
        ],
    ),
    ("TTS/utils/synthesizer.py", &[]),
    ("TTS/api.py", &[]),
    ("audiocraft/models/", &[]),
    ("FlagEmbedding/inference/", &[]),
    // mindee/doctr (models/*/predictor/pytorch.py: decorated with `torch.inference_mode`).
    ("doctr/models/", &[]),
    // Under `torch.no_grad` (openfold/utils/script_utils.py, `run_model`).
    ("run_pretrained_openfold.py", &[]),
    // `eval` enters `torch.no_grad` (cellpose/core.py, `run_net`; cellpose/dynamics.py).
    ("cellpose/models.py", &["eval"]),
    ("cellpose/dynamics.py", &[]),
    // Decorated with `torch.inference_mode` (scvi-tools, model/base/*.py).
    (
        "scvi/model/",
        &[
            "get_latent_representation",
            "get_normalized_expression",
            "get_elbo",
            "get_reconstruction_error",
            "differential_expression",
            "posterior_predictive_sample",
            "predict",
        ],
    ),
];

/// Trainers that switch the graph off around their own evaluation: Lightning around its loops (`torch.no_grad` or
/// `inference_mode` in `loops/utilities.py`), transformers' Trainer in `prediction_step`, `MMEngine` in `ValLoop.run_iter`,
/// Ultralytics by `smart_inference_mode`, nnU-Net around `validation_step`, fairseq in `valid_step`, espnet2 on
/// `validate_one_epoch`, `SpeechBrain` around `evaluate_batch`, Keras in `test_step` of its trainer for torch, fastai around
/// `_do_epoch_validate`.
const TRAINERS: [&str; 11] = [
    "transformers/trainer",
    "lightning/pytorch/",
    "pytorch_lightning/",
    "mmengine/runner/",
    "ultralytics/engine/validator.py",
    "nnunetv2/training/",
    "fairseq/trainer.py",
    "espnet2/train/trainer.py",
    "speechbrain/core.py",
    "keras/src/backend/torch/trainer.py",
    "fastai/learner.py",
];

/// Programs that only answer, by the names of `SettingKind::Trainer`: no pass of theirs is followed by a backward one.
pub(crate) const ANSWERERS: [&str; 5] = ["real-esrgan", "sam", "demucs", "open-unmix", "diffdock"];

/// Scripts of libraries that many run from a clone: a part of the stack that names them, and their function that evaluates under
/// `torch.no_grad()`: pytorch-image-models (train.py, validate.py), ultralytics/yolov5 (val.py), WongKinYiu/yolov7 (test.py).
const SCRIPTS: [(&str, &str); 3] = [
    ("timm/", "validate"),
    ("yolov5/", "run"),
    ("yolov7/", "test"),
];

/// Words in the names of scripts that answer.
pub(crate) const ANSWERING_SCRIPTS: [&str; 8] = [
    "demo",
    "infer",
    "inference",
    "predict",
    "prediction",
    "detect",
    "separate",
    "transcribe",
];

/// What Lightning calls without a graph, named so in whatever class the user writes.
const HOOKS: [&str; 3] = ["validation_step", "test_step", "predict_step"];

/// The files of Lightning's loops over the batches of an evaluation, of all its versions.
const LOOPS: [&str; 4] = [
    "/loops/evaluation_loop.py",
    "/loops/prediction_loop.py",
    "/loops/epoch/evaluation_epoch_loop.py",
    "/loops/epoch/prediction_epoch_loop.py",
];

impl Incident {
    /// True where a library infers, or a trainer evaluates that switches the graph off.
    pub(crate) fn evaluates_without_graph(&self) -> bool {
        let evaluates = self.phase == Some(Phase::Eval);
        self.traceback.infers()
            || self.only_answers()
            || self.traceback.by_a_script()
            || evaluates && (self.settings.has(SettingKind::Lightning) || self.by_a_trainer())
    }

    /// True for a program that only answers.
    pub(crate) fn only_answers(&self) -> bool {
        let program = self.settings.get(SettingKind::Trainer);
        program.is_some_and(|program| ANSWERERS.contains(&program.value.as_str()))
    }

    /// True where only the writer's words tell of an evaluation: nothing shows how it is run.
    pub(crate) fn evaluates_by_word_alone(&self) -> bool {
        let said = self.settings.has(SettingKind::Evaluates) || self.flagged(Flag::Infers);
        said && self.traceback.frames.is_empty()
    }

    /// True where such a trainer or its hook stands around what failed, whatever it was doing.
    pub(crate) fn in_a_loop_without_graph(&self) -> bool {
        let hook = self.traceback.frames.iter();
        let hook = hook.filter(|frame| HOOKS.contains(&frame.name())).count() > 0;
        self.traceback.infers()
            || self.traceback.by_a_script()
            || self.by_a_trainer()
            || hook && self.settings.has(SettingKind::Lightning)
    }

    /// True where Lightning's own loop goes through the batches of an evaluation.
    pub(crate) fn loops_over_an_evaluation(&self) -> bool {
        let frames = &self.traceback.frames;
        // pytorch-forecasting keeps what `predict` gives of each batch until the last.
        let predicts = |frame: &Frame| {
            frame.path().contains("pytorch_forecasting/models/") && frame.name() == "predict"
        };
        let lightning = |frame: &Frame| LOOPS.iter().any(|file| frame.path().ends_with(file));
        self.phase == Some(Phase::Eval) && frames.iter().any(|f| lightning(f) || predicts(f))
    }

    fn by_a_trainer(&self) -> bool {
        let frames = &self.traceback.frames;
        frames
            .iter()
            .any(|frame| TRAINERS.iter().any(|file| frame.path().contains(file)))
    }

    /// Keeps what the stack tells of it: reports can have its paths taken out.
    pub(crate) fn note_inference(&mut self) {
        if self.traceback.infers() {
            self.flags.insert(Flag::Infers);
        }
    }
}

impl Traceback {
    /// True where a loss is computed around it: the model gets labels, or a trainer asks for the loss.
    pub(crate) fn trains(&self) -> bool {
        const LOSS: [&str; 4] = ["labels=", "loss = ", ").loss", "compute_loss("];
        const STEPS: [&str; 3] = ["training_step", "compute_loss", "train_step"];
        let asks = |frame: &Frame| {
            LOSS.iter().any(|word| frame.code.contains(word)) || STEPS.contains(&frame.name())
        };
        let generates = self.frames.iter().any(|frame| frame.name() == "generate");
        !generates && self.frames.iter().any(asks)
    }

    /// True where the script of a library evaluates, in its own words.
    fn by_a_script(&self) -> bool {
        let runs = |function: &str| self.frames.iter().any(|frame| frame.name() == function);
        // YOLOv5's, run in its own folder.
        let validates = self.frames.iter().any(|frame| frame.is_run_of(&["val.py"]));
        let in_its_folder = validates
            && ["models/common.py", "models/yolo.py"]
                .iter()
                .any(|file| self.mentions(file));
        in_its_folder
            || SCRIPTS
                .iter()
                .any(|(library, function)| self.mentions(library) && runs(function))
    }

    /// True where nothing but the name of the script that was started tells that it answers: whether it keeps a graph does not show.
    pub(crate) fn answers_by_its_script(&self) -> bool {
        const WORDS: [&str; 9] = [
            "test",
            "testing",
            "val",
            "valid",
            "validate",
            "validation",
            "eval",
            "evaluate",
            "evaluation",
        ];
        let named = |frame: &Frame| frame.name().split('_').any(|word| WORDS.contains(&word));
        let first = self.frames.first();
        first.is_some_and(Frame::of_a_script_that_answers) && !self.frames.iter().any(named)
    }

    /// True where a library's own code runs a model for its answer alone.
    pub(crate) fn infers(&self) -> bool {
        SameStack::ask(&LAST, self, || {
            self.frames.iter().any(Frame::infers)
                // Under `torch.no_grad()` (kohya-ss/sd-scripts, library/train_util.py).
                || self.known_work() == Some(KnownWork::CachesLatents)
        })
    }
}

impl Frame {
    /// True for the function `run` of one of these scripts.
    pub(crate) fn is_run_of(&self, scripts: &[&str]) -> bool {
        let path = self.path();
        let file = path.rsplit('/').next().unwrap_or_default();
        self.name() == "run" && scripts.contains(&file)
    }

    /// True for a script that answers, by the words of its name: `demo.py`, `test_video.py`, `run_inference.py`. A test of a runner
    /// has a file of that name, too, and is a function.
    pub(crate) fn of_a_script_that_answers(&self) -> bool {
        // Words that only a stack's file is known by.
        const IN_A_STACK: [&str; 3] = ["test", "amg", "upscale"];
        const LEARNS: [&str; 5] = ["train", "fit", "finetune", "learn", "epoch"];
        let path = self.path();
        let file = path.rsplit('/').next().unwrap_or_default();
        let named = file.strip_suffix(".py").is_some_and(|stem| {
            let mut words = stem.split(['_', '-']);
            let learns = words.clone().any(|word| LEARNS.contains(&word));
            !learns
                && words.any(|word| ANSWERING_SCRIPTS.contains(&word) || IN_A_STACK.contains(&word))
        });
        named && ["<module>", "main", ""].contains(&self.name()) && !path.contains("tests/")
    }

    /// True for a frame of such code.
    pub(crate) fn infers(&self) -> bool {
        let (file, name) = (self.path(), self.name());
        ENTRIES.iter().any(|(part, functions)| {
            file.contains(part) && (functions.is_empty() || functions.contains(&name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_that_answers_infers_and_one_that_loads_does_not() {
        let frame = |file: &str, function: &str| Frame {
            file: file.to_owned(),
            line: 1,
            function: function.to_owned(),
            code: String::new(),
            at: 1,
        };
        for (file, function, infers) in [
            (
                r"C:\sd\Lib\site-packages\diffusers\pipelines\flux\pipeline_flux.py",
                "__call__",
                true,
            ),
            (
                "/x/diffusers/pipelines/pipeline_utils.py",
                "from_pretrained",
                false,
            ),
            ("/x/diffusers/models/unets/unet_2d.py", "forward", false),
            (
                "/x/transformers/pipelines/base.py",
                "Pipeline.forward",
                true,
            ),
            ("/x/transformers/trainer.py", "training_step", false),
            ("/x/whisper/decoding.py", "_main_loop", true),
            ("train.py", "predict", false),
        ] {
            assert_eq!(frame(file, function).infers(), infers, "{file} {function}");
        }
    }
}
