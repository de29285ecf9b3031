//! The job moves to a GPU where nobody else holds memory.

use super::{Fix, Offer, Situation, gpus};
use crate::evidence::{Accelerator, FixId, Flag, Phase, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ChooseAnotherGpu,
    cost: "needs a second GPU",
    page: include_str!("choose-another-gpu.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let weights = s.incident.flagged(Flag::ForWeights) || s.in_phase(&[Phase::Load]);
    // Without figures it is worth a line where no batch can help: weights found no room.
    if s.little_is_taken() || s.blind() && (s.torch() || !weights) {
        return None;
    }
    // The variable moves all processes of a job to the same other GPU.
    if s.distributed() {
        return None;
    }
    // docs of CANN, MUSA and Cambricon's PyTorch name the variables; Gaudi and GCU number devices in other ways.
    let (name, look) = match s.incident.accelerator {
        _ if s.has(SettingKind::UnifiedMemory) => return None,
        Accelerator::Rocm => ("HIP_VISIBLE_DEVICES", "rocm-smi --showmeminfo vram"),
        _ if s.has(SettingKind::Rocm) => ("HIP_VISIBLE_DEVICES", "rocm-smi --showmeminfo vram"),
        Accelerator::Cuda => (
            "CUDA_VISIBLE_DEVICES",
            "nvidia-smi --query-gpu=index,memory.free --format=csv",
        ),
        Accelerator::Npu => ("ASCEND_RT_VISIBLE_DEVICES", "npu-smi info"),
        Accelerator::Musa => ("MUSA_VISIBLE_DEVICES", "mthreads-gmi"),
        Accelerator::Mlu => ("MLU_VISIBLE_DEVICES", "cnmon"),
        // Level Zero's, for all that runs on oneAPI.
        Accelerator::Xpu => ("ZE_AFFINITY_MASK", "xpu-smi discovery"),
        Accelerator::Unnamed if s.incident.framework.buffers() => {
            ("GGML_VK_VISIBLE_DEVICES", "vulkaninfo --summary")
        }
        Accelerator::Mps
        | Accelerator::Hpu
        | Accelerator::Gcu
        | Accelerator::Tpu
        | Accelerator::Unnamed => {
            return None;
        }
    };
    if let Some(free) = s.incident.free_gpu().filter(|_| s.gpus().is_none()) {
        let how = gpus::of_a_table(s, name, free);
        let counted = s.incident.physical_index();
        let counted = counted.filter(|index| Some(*index) != s.incident.device);
        let title = match counted {
            Some(own) => format!(
                "Run on the machine's GPU {}: this was its GPU {own}",
                free.index
            ),
            None => format!("Run on GPU {}", free.index),
        };
        return Some(Offer::unmeasured(how).titled(title));
    }
    let set = s.set_word();
    let offer = Offer::unmeasured(format!(
        "{set}{name}=N  # N: the freest GPU, but not this one\n# {look}"
    ));
    match s.gpus() {
        Some(now) => gpus::another(now, offer, s.balance),
        None => Some(offer),
    }
}
