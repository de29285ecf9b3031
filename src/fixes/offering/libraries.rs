//! Which library's code is at work, where its own calls are what is to be typed.

use crate::evidence::{Program, SettingKind};
use crate::fixes::Situation;

impl Situation<'_> {
    /// True where TRL trains beside an engine that keeps its cache in the same process (`trl/trainer/grpo_config.py`,
    /// `vllm_mode="colocate"`). Others of its kind let the cache go before they train.
    pub(in crate::fixes) fn colocated(&self) -> bool {
        self.torch()
            && self.has(SettingKind::EngineShare)
            && self.incident.traceback.mentions("trl/trainer/")
    }

    /// True where a pipeline of diffusers runs: by its code on the stack, or by the log.
    pub(in crate::fixes) fn diffusers_pipeline(&self) -> bool {
        self.incident.traceback.mentions("diffusers/") || self.program() == Program::Diffusers
    }

    /// True where the autoencoder of such a pipeline makes the picture, or reads one.
    pub(in crate::fixes) fn decodes_an_image(&self) -> bool {
        let traceback = &self.incident.traceback;
        traceback.infers() && traceback.mentions("diffusers/models/autoencoders/")
    }

    /// True where `OpenAI`'s whisper loads one of its models by name: nothing of transformers fits it.
    pub(in crate::fixes) fn whisper(&self) -> bool {
        self.incident.traceback.mentions("whisper/__init__.py")
    }
}
