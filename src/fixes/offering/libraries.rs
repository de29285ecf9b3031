//! Which library's code is at work, where its own calls are what is to be typed.

use crate::evidence::{FindingId, Flag, Frame, Phase, Program, SettingKind, contexts};
use crate::fixes::Situation;
use crate::fixes::situation::Own;

impl Situation<'_> {
    /// True for one request that is too large in a program that nobody changes: its stack has no line of the user's, or it has a
    /// switch that cuts what goes in. What goes in can be as small as it takes.
    pub(in crate::fixes) fn cut_at_will(&self) -> bool {
        let too_large = [FindingId::LargeRequest, FindingId::LargerThanDevice];
        let trains = self.in_phase(&[Phase::Forward, Phase::Backward, Phase::Optimizer]);
        let only_libraries =
            self.incident.frame.is_none() && !self.incident.traceback.frames.is_empty() && !trains;
        let switch = matches!(self.own_switch(|switches| switches.image), Own::Switch(_));
        self.torch() && too_large.contains(&self.finding) && (only_libraries || switch)
    }

    /// True where the model may be one that the user loads by `from_pretrained`: the stack passes through Transformers, called by
    /// the user's own code or by what hands its arguments on; without a stack the log must not show another program.
    pub(in crate::fixes) fn loads_pretrained(&self) -> bool {
        const HANDS_ON: [&str; 10] = [
            "torch/",
            "transformers/",
            "trl/",
            "peft/",
            "accelerate/",
            "unsloth",
            "deepspeed/",
            "bitsandbytes/",
            "diffusers/",
            "sentence_transformers/",
        ];
        const HUB: [&str; 4] = ["transformers/", "peft/", "trl/", "accelerate/"];
        let of = |file: &str, names: &[&str]| {
            // Reports can have the folders before a package taken out: ".../transformers/trainer.py".
            let package = file
                .rsplit_once("-packages/")
                .or_else(|| file.split_once(".../"));
            let (_, package) = package.unwrap_or_default();
            names.iter().any(|name| package.starts_with(name))
        };
        let stack = &self.incident.traceback;
        let files: Vec<_> = stack.frames.iter().map(Frame::path).collect();
        let Some(at) = files.iter().position(|file| of(file, &HUB)) else {
            const KNOWN: [SettingKind; 5] = [
                SettingKind::HuggingFace,
                SettingKind::DeviceMap,
                SettingKind::Adapters,
                SettingKind::Parameters,
                SettingKind::HalfWeights,
            ];
            let known = KNOWN.iter().any(|kind| self.has(*kind));
            return known || files.is_empty() || stack.mentions("from_pretrained");
        };
        let mut callers = files.iter().take(at).rev();
        let caller = callers.find(|file| !of(file, &HANDS_ON));
        !caller.is_some_and(|file| file.contains("-packages/") || file.starts_with(".../"))
    }

    /// True where several ranks each put all of a quantized model onto their GPU, layer by layer.
    pub(in crate::fixes) fn each_rank_loads_it_all(&self) -> bool {
        let stack = &self.incident.traceback;
        self.finding == FindingId::Weights
            && self.incident.rank.is_some()
            && self.in_phase(&[Phase::Load])
            && stack.mentions("bitsandbytes/nn/")
    }

    /// True where `DeepSpeed` puts weights together from their shards (deepspeed/runtime/zero, `stage3_*`).
    pub(in crate::fixes) fn gathers_weights(&self) -> bool {
        const GATHERS: [&str; 4] = [
            "all_gather",
            "allgather",
            "fetch_sub_module",
            "partitioned_param",
        ];
        let stack = &self.incident.traceback;
        let third = self.incident.settings.get(SettingKind::DeepSpeed);
        let third = third.is_some_and(|stage| stage.value == "3")
            || stack.mentions("zero/partition")
            || stack.mentions("zero/stage3");
        self.torch() && third && GATHERS.iter().any(|word| stack.mentions(word))
    }

    /// True where the request is the logits of all tokens at once: the innermost lines make them.
    pub(in crate::fixes) fn makes_all_logits(&self) -> bool {
        const WORDS: [&str; 5] = [
            "lm_head(",
            "logits",
            "cross_entropy",
            "log_softmax",
            "output_layer(",
        ];
        let mut inner = self.incident.traceback.frames.iter().rev().take(3);
        self.torch() && inner.any(|frame| WORDS.iter().any(|word| frame.code.contains(word)))
    }

    /// True where the request is a copy or a state of all weights that a rank takes care of (`deepspeed/runtime/zero/stage_1_and_2.py`): no
    /// batch and no shape makes it smaller.
    pub(in crate::fixes) fn states_in_one_piece(&self) -> bool {
        self.torch()
            && self.in_phase(&[Phase::Optimizer])
            && self.finding == FindingId::LargerThanDevice
    }

    /// True where an engine that slept finds no room beside a trainer whose log tells its share: that is what its users set.
    pub(in crate::fixes) fn wakes_beside_a_trainer(&self) -> bool {
        let pool =
            self.finding == FindingId::TakenWhileAsleep || self.incident.flagged(Flag::EnginePool);
        pool && self.has(SettingKind::EngineShare)
            && self.trained_by(&["verl", "openrlhf", "ms-swift"])
    }

    /// True where other ranks of the job have opened this GPU, too: each of them reads all of the model.
    pub(in crate::fixes) fn contexts_of_ranks(&self) -> bool {
        contexts::of_ranks(self.incident).len() > 1
    }

    /// True where a trainer works beside an engine that keeps its cache in the same process: TRL and ms-swift do so by design
    /// (`trl/trainer/grpo_config.py`, `vllm_mode="colocate"`; `swift/trainers/rlhf_trainer`); others of their kind let the cache go before
    /// they train, so that there the figures must show memory beside `PyTorch`'s.
    pub(in crate::fixes) fn colocated(&self) -> bool {
        let by_design = ["trl/trainer/", "swift/trainers/rlhf_trainer/"]
            .iter()
            .any(|trainer| self.incident.traceback.mentions(trainer));
        let shown =
            self.finding == FindingId::OtherLibrary && self.trained_by(&["verl", "openrlhf"]);
        // New weights of the model that learns come into the engine's copy, layer by layer.
        let hands_over = by_design
            && self.finding == FindingId::Weights
            && self.incident.traceback.runs("load_weights");
        // The trainer makes the engine beside its own model.
        let starts = by_design
            && self.program() == Program::Vllm
            && self.in_phase(&[Phase::Load])
            && self.incident.traceback.runs("initialize_cache");
        starts
            || self.has(SettingKind::EngineShare)
                && (hands_over || self.torch() && (by_design || shown))
    }

    /// True where a model is read by `from_pretrained` in a notebook or with a map of devices, and nothing tells of a training.
    pub(in crate::fixes) fn loads_for_use(&self) -> bool {
        let stack = &self.incident.traceback;
        let frames = &stack.frames;
        let mapped = self.has(SettingKind::DeviceMap) || stack.runs("device_map");
        let cell = frames.iter().any(|frame| frame.cell().is_some());
        self.in_phase(&[Phase::Load])
            && self.incident.rank.is_none()
            && (mapped || cell)
            && self.loads_pretrained()
            && !stack.trains()
            && !self.has(SettingKind::Trainer)
            && !self.has(SettingKind::HuggingFace)
            && !self.has(SettingKind::Adapters)
    }

    /// True where a script of TensorRT-LLM converts a checkpoint, and no engine runs.
    pub(in crate::fixes) fn converts_for_tensorrt(&self) -> bool {
        let stack = &self.incident.traceback;
        self.program() == Program::TensorrtLlm
            && [
                "convert_checkpoint.py",
                "quantization/quantize.py",
                "modelopt/",
            ]
            .iter()
            .any(|file| stack.mentions(file))
    }

    /// True where a pipeline of diffusers runs: by its code on the stack, or by the log.
    pub(in crate::fixes) fn diffusers_pipeline(&self) -> bool {
        self.incident.traceback.mentions("diffusers/") || self.program() == Program::Diffusers
    }

    /// True where `ComfyUI` runs a model of videos (`comfy/ldm`).
    pub(in crate::fixes) fn makes_a_video(&self) -> bool {
        const MODELS: [&str; 5] = ["wan", "hunyuan_video", "lightricks", "cosmos", "mochi"];
        let stack = &self.incident.traceback;
        MODELS
            .iter()
            .any(|model| stack.mentions(&format!("comfy/ldm/{model}/")))
    }

    /// True where `OpenAI`'s whisper loads one of its models by name: nothing of transformers fits it.
    pub(in crate::fixes) fn whisper(&self) -> bool {
        self.incident.traceback.mentions("whisper/__init__.py")
    }
}
