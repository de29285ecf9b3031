//! What the device is: whose, and what that changes.

/// What the device is, which decides the allocator, its settings and the tools that look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Accelerator {
    /// NVIDIA's, and what goes by its name.
    #[default]
    Cuda,
    /// AMD's, which goes by CUDA's name in Python.
    Rocm,
    /// Intel's.
    Xpu,
    /// Apple's.
    Mps,
    /// Huawei's Ascend.
    Npu,
    /// Intel's Gaudi.
    Hpu,
    /// Cambricon's.
    Mlu,
    /// Enflame's.
    Gcu,
    /// Moore Threads'.
    Musa,
    /// Google's TPU.
    Tpu,
    /// One behind Vulkan, `OpenCL` or the like, whose vendor the text does not name.
    Unnamed,
}

impl Accelerator {
    /// The device as Python names it in `torch.<device>` and in `autocast`; ROCm goes by CUDA's name.
    pub const fn python(self) -> &'static str {
        match self {
            Self::Cuda | Self::Rocm | Self::Unnamed => "cuda",
            Self::Xpu => "xpu",
            Self::Mps => "mps",
            Self::Npu => "npu",
            Self::Hpu => "hpu",
            Self::Mlu => "mlu",
            Self::Gcu => "gcu",
            Self::Musa => "musa",
            Self::Tpu => "xla",
        }
    }

    /// What people call the device.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Tpu => "TPU",
            _ => "GPU",
        }
    }

    /// True where `PyTorch`'s own CUDA allocator serves it, under its settings.
    pub const fn native(self) -> bool {
        matches!(self, Self::Cuda | Self::Rocm)
    }

    /// What lists the device's processes, as a person calls it.
    pub const fn monitor(self) -> &'static str {
        match self {
            Self::Cuda => "nvidia-smi",
            Self::Rocm => "rocm-smi",
            Self::Xpu => "xpu-smi",
            Self::Npu => "npu-smi info",
            Self::Hpu => "hl-smi",
            Self::Mlu => "cnmon",
            Self::Gcu => "efsmi",
            Self::Musa => "mthreads-gmi",
            Self::Mps => "the Activity Monitor",
            // AI-Hypercomputer/cloud-accelerator-diagnostics.
            Self::Tpu => "tpu-info",
            Self::Unnamed => "the monitor of the GPU's vendor",
        }
    }
}
