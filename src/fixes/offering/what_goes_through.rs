//! What goes through the model: sequences, images, latents of images.

use crate::evidence::{
    A_DEMO, A_PROMPT, ClueKind, Family, FindingId, Flag, Frame, Phase, Program, SettingKind,
};
use crate::fixes::Situation;

impl Situation<'_> {
    /// True where the stack shows that sequences go through the model.
    pub(in crate::fixes) fn sequences(&self) -> bool {
        const SIGNS: [&str; 8] = [
            "transformers/models/",
            "attention",
            "attn",
            "lm_head",
            "input_ids",
            "token",
            "seq_len",
            "modules/rnn.py",
        ];
        const TRAINERS: [&str; 16] = [
            "coqui",
            "gpt-sovits",
            "openfold",
            "autotrain",
            "espnet",
            "vits",
            "axolotl",
            "llama-factory",
            "ms-swift",
            "unsloth",
            "verl",
            "openrlhf",
            "megatron",
            "torchtune",
            "torchtitan",
            "fairseq",
        ];
        if self.trained_by(&DRAWS) {
            return false;
        }
        SIGNS.iter().any(|s| self.incident.traceback.mentions(s))
            || self.trained_by(&TRAINERS)
            || self.has(SettingKind::SequenceLength)
            || self
                .incident
                .clues
                .iter()
                .any(|clue| clue.kind == ClueKind::Length)
            || [
                FindingId::AttentionScores,
                FindingId::Logits,
                FindingId::KvCache,
            ]
            .contains(&self.finding)
    }

    /// True for programs whose model is a scene of Gaussians, and grows with it. Nobody changes their code.
    pub(in crate::fixes) fn draws_gaussians(&self) -> bool {
        self.trained_by(&["gaussian-splatting", "splatfacto", "gsplat"])
    }

    /// True where the stack shows no phase, and neither it nor the log a training: what a backward pass needs says nothing then.
    pub(in crate::fixes) fn shows_no_training(&self) -> bool {
        const WORDS: [&str; 4] = ["train", "fit", "epoch", "tune"];
        const SETTINGS: [SettingKind; 8] = [
            SettingKind::Trainer,
            SettingKind::HuggingFace,
            SettingKind::Lightning,
            SettingKind::DeepSpeed,
            SettingKind::Fsdp,
            SettingKind::Adapters,
            SettingKind::GradientAccumulation,
            SettingKind::SmallOptimizer,
        ];
        let stack = &self.incident.traceback;
        let run = &self.incident.run;
        let speaks = |frame: &Frame| {
            let path = frame.path();
            let file = path.rsplit('/').next().unwrap_or_default();
            let mut words = file.split(['_', '.', '-']).chain(frame.name().split('_'));
            words.any(|word| WORDS.iter().any(|said| word.starts_with(said)))
        };
        self.torch()
            && self.incident.phase.is_none()
            && !stack.frames.is_empty()
            && run.step.is_none()
            && !run.first
            && !SETTINGS.iter().any(|kind| self.has(*kind))
            && !stack.trains()
            && !stack.frames.iter().any(speaks)
    }

    /// True where what meets in an attention are the pixels or patches of pictures, and no words.
    pub(in crate::fixes) fn attends_to_pictures(&self) -> bool {
        const WORDS: [&str; 4] = ["lm_head", "input_ids", "token", "seq_len"];
        let stack = &self.incident.traceback;
        self.torch()
            && self.images()
            && !self.has(SettingKind::SequenceLength)
            && !self.trained_by(&["openfold"])
            && !WORDS.iter().any(|word| stack.mentions(word))
    }

    /// True where a script that predicts makes a batch of one picture.
    pub(in crate::fixes) fn predicts_one(&self) -> bool {
        const SCRIPTS: [&str; 4] = ["predict.py", "inference.py", "infer.py", "demo.py"];
        let frames = &self.incident.traceback.frames;
        if self.shows_a_demo() {
            return true;
        }
        frames.iter().any(|f| f.code.contains(".unsqueeze(0)"))
            && frames
                .iter()
                .any(|f| SCRIPTS.iter().any(|script| f.path().ends_with(script)))
    }

    /// True where the command of a demonstration stands above the failure.
    pub(in crate::fixes) fn shows_a_demo(&self) -> bool {
        let told = self.incident.settings.get(SettingKind::Evaluates);
        told.is_some_and(|told| told.name == A_DEMO)
            && self.incident.flagged(Flag::Infers)
            && !self.has(SettingKind::BatchSize)
    }

    /// True where who asks tells of one prompt that a model answers, by its length.
    pub(in crate::fixes) fn answers_a_prompt(&self) -> bool {
        let told = self.incident.settings.get(SettingKind::SequenceLength);
        let prompt = told.is_some_and(|told| told.name == A_PROMPT);
        prompt && self.incident.flagged(Flag::Infers) && !self.has(SettingKind::BatchSize)
    }

    /// True where recordings go through a model of speech.
    pub(in crate::fixes) fn hears(&self) -> bool {
        const MODELS: [&str; 4] = ["whisper", "wav2vec2", "hubert", "wavlm"];
        let stack = &self.incident.traceback;
        MODELS.iter().any(|model| stack.mentions(model))
    }

    /// True where diffusers turns latents into images (`AutoencoderKL.decode`): that is no training, and goes image by image.
    pub(in crate::fixes) fn decodes_images(&self) -> bool {
        self.torch()
            && self.incident.traceback.frames.iter().any(|frame| {
                // Up to 0.24 they stood one folder higher.
                let path = frame.path();
                let decoder = path.contains("diffusers/models/")
                    && path.contains("autoencoder")
                    && frame.name() == "decode";
                decoder || frame.code.contains("vae.decode(")
            })
    }

    /// True where a training turns pictures or frames into latents, which nothing is learned from: what layers keep for a backward
    /// pass is not in the way (diffusers/models/autoencoders).
    pub(in crate::fixes) fn encodes_images(&self) -> bool {
        let stack = &self.incident.traceback;
        let encodes = |frame: &Frame| {
            let path = frame.path();
            let encoder = path.contains("diffusers/models/") && path.contains("autoencoder");
            encoder && frame.name() == "encode" || frame.code.contains("vae.encode(")
        };
        let plain = [FindingId::Activations, FindingId::MoreThanTheDevice].contains(&self.finding);
        self.torch() && plain && stack.known_work().is_none() && stack.frames.iter().any(encodes)
    }

    /// True where an interface to image models turns its result into a picture (`ComfyUI`, nodes.py; A1111 and Forge,
    /// modules/processing.py).
    pub(in crate::fixes) fn interface_decodes(&self) -> bool {
        const DECODES: [&str; 3] = ["decode", "decode_first_stage", "decode_latent_batch"];
        let mut frames = self.incident.traceback.frames.iter();
        let node = self.incident.settings.get(SettingKind::Node);
        let by_node = node.is_some_and(|node| node.value.starts_with("VAE"));
        self.program().family() == Family::ImageInterface
            && (by_node
                || frames.any(|frame| {
                    let path = frame.path();
                    // InvokeAI: app/invocations.
                    DECODES.contains(&frame.name())
                        || path.contains("latents_to_image")
                        || path.contains("vae_decode")
                        || frame.code.contains("vae.decode(")
                }))
    }

    /// True where weights fill the GPU of such an interface before a picture is worked on: most of it is live, and a small piece more
    /// was refused.
    pub(in crate::fixes) fn weights_fill_the_interface(&self) -> bool {
        const KEEPS_ALL: [Program; 4] = [
            Program::Forge,
            Program::Invokeai,
            Program::A1111,
            Program::SdNext,
        ];
        let figures = self.balance.live.zip(self.balance.total);
        let full = figures.is_some_and(|(live, total)| live.surely_over(total.percent(75)));
        let figures = self.balance.tried.zip(self.balance.total);
        let little = figures.is_some_and(|(tried, total)| total.percent(2).surely_over(tried));
        KEEPS_ALL.contains(&self.program()) && full && little
    }

    /// True where text-generation-webui runs a model by Transformers itself (modules/models.py, `huggingface_loader`).
    pub(in crate::fixes) fn loads_by_transformers(&self) -> bool {
        let stack = &self.incident.traceback;
        self.incident.framework == Program::Pytorch
            && !stack.mentions("exllama")
            && (stack.mentions("generate_reply_HF")
                || stack.mentions("transformers/")
                // Its modules/models.py; transformers_loader since 2025.
                || stack.runs("huggingface_loader")
                || stack.runs("transformers_loader")
                || stack.runs("generate_reply_HF"))
    }

    /// True where a voice is made, without a graph (coqui-ai/TTS).
    pub(in crate::fixes) fn speaks(&self) -> bool {
        let stack = &self.incident.traceback;
        stack.infers()
            && ["TTS/tts/models/", "TTS/utils/synthesizer.py", "TTS/api.py"]
                .iter()
                .any(|file| stack.mentions(file))
    }

    /// True where a writer tells of the size of pictures, and nothing tells of a batch or of a backward pass.
    pub(in crate::fixes) fn told_of_pictures(&self) -> bool {
        let size = self.incident.settings.get(SettingKind::ImageSize);
        size.is_some_and(|size| size.name == "told size")
            && self.torch()
            && self.number(SettingKind::BatchSize).is_none_or(|n| n == 1)
            && !self.in_phase(&[Phase::Backward, Phase::Optimizer, Phase::Load])
    }

    /// True where the stack shows that images or volumes go through the model.
    pub(in crate::fixes) fn images(&self) -> bool {
        const SIGNS: [&str; 9] = [
            "vision",
            "timm",
            "diffusers",
            "image",
            "picture",
            "photo",
            "unet",
            "vae",
            "ultralytics",
        ];
        let stack = &self.incident.traceback;
        // Their convolutions run over time, or over points in space.
        let sound = self.hears()
            || [
                "conv1d",
                "mamba",
                "spconv/",
                "MinkowskiEngine",
                "torchsparse",
            ]
            .iter()
            .any(|word| stack.mentions(word));
        // "convert" is no convolution.
        let convolves = !sound
            && stack.frames.iter().any(|frame| {
                let texts = [&frame.file, &frame.function, &frame.code];
                texts
                    .into_iter()
                    .any(|text| text.replace("convert", "").contains("conv"))
            });
        convolves
            || SIGNS.iter().any(|s| stack.mentions(s))
            || self.trained_by(&DRAWS)
            || self.has(SettingKind::ImageSize)
    }
}

/// Programs that train on pictures, videos and scenes.
const DRAWS: [&str; 19] = [
    "real-esrgan",
    "cyclegan",
    "musubi",
    "diffusion-pipe",
    "ai-toolkit",
    "simpletuner",
    "onetrainer",
    "nerfstudio",
    "stylegan",
    "splatfacto",
    "gsplat",
    "gaussian-splatting",
    "kohya",
    "diffusers",
    "ultralytics",
    "openmmlab",
    "detectron2",
    "nnunet",
    "nnunet-1",
];
