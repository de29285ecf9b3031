//! How full a GPU is, by a table that somebody pasted.

use super::{Accelerator, Incident, SettingKind};
use crate::bytes::Bytes;

/// One GPU of a table of `nvidia-smi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuUse {
    /// Its index.
    pub index: u32,
    /// What is in use.
    pub used: Bytes,
    /// All of it.
    pub total: Bytes,
    /// The line that says so, from 1.
    pub line: u64,
}

impl Incident {
    /// The least used of the GPUs in the table, where nearly all of it is free and another one is not.
    pub(crate) fn free_gpu(&self) -> Option<&GpuUse> {
        let own = self.physical_index();
        let idle = |gpu: &&GpuUse| gpu.used.high() <= gpu.total.low() / 10;
        let others = self.gpus.iter().filter(|gpu| Some(gpu.index) != own);
        let free = others.filter(idle).min_by_key(|gpu| gpu.used.high())?;
        let full = self.gpus.iter().any(|gpu| !idle(&gpu));
        (full && self.accelerator == Accelerator::Cuda).then_some(free)
    }

    /// The index of the GPU as the driver counts: a process counts those that `CUDA_VISIBLE_DEVICES` shows it.
    pub(crate) fn physical_index(&self) -> Option<u32> {
        let device = self.device?;
        let shown = self.settings.get(SettingKind::VisibleDevices);
        let Some(shown) = shown else {
            return Some(device);
        };
        let listed = shown.value.trim_matches(['[', ']']).split(',');
        let at = listed.map(|index| index.trim().parse().ok());
        at.flatten().nth(usize::try_from(device).ok()?)
    }
}
