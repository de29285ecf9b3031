//! Who printed a message: frameworks, engines, libraries, the system.

/// Who printed the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// `PyTorch` on CUDA, ROCm, XPU, MPS, NPU and their kin.
    Pytorch,
    /// JAX, and what else runs on XLA's client.
    Jax,
    /// llama.cpp, its forks, and what else prints the words of `ggml`'s back ends.
    LlamaCpp,
    /// Ollama, around llama.cpp or an engine of its own.
    Ollama,
    /// whisper.cpp.
    WhisperCpp,
    /// stable-diffusion.cpp.
    StableDiffusionCpp,
    /// Apple's MLX.
    Mlx,
    /// Vulkan, whichever program calls it.
    Vulkan,
    /// `OpenCL`, likewise.
    Opencl,
    /// Blender's renderer Cycles.
    Blender,
    /// TensorFlow.
    Tensorflow,
    /// `CuPy`.
    Cupy,
    /// `PaddlePaddle`.
    Paddle,
    /// `MXNet`.
    Mxnet,
    /// Theano.
    Theano,
    /// Caffe.
    Caffe,
    /// Darknet.
    Darknet,
    /// Microsoft's CNTK.
    Cntk,
    /// `MindSpore`.
    Mindspore,
    /// `OneFlow`.
    Oneflow,
    /// RMM, and what allocates through it: cuDF, cuML, cuGraph.
    Rapids,
    /// `XGBoost`.
    Xgboost,
    /// `LightGBM`.
    Lightgbm,
    /// Numba.
    Numba,
    /// Julia's CUDA.jl and its relatives.
    Julia,
    /// tinygrad.
    Tinygrad,
    /// MATLAB.
    Matlab,
    /// cudarc, on which Rust's candle, dfdx and Burn run.
    Cudarc,
    /// Programs that simulate on GPUs: molecules, fluids, waves.
    Simulation,
    /// NCCL, cuBLAS, cuDNN and other CUDA libraries by themselves.
    Cuda,
    /// vLLM.
    Vllm,
    /// `SGLang`.
    Sglang,
    /// TensorRT-LLM.
    TensorrtLlm,
    /// `TensorRT` by itself, or below another program.
    Tensorrt,
    /// ONNX Runtime.
    Onnxruntime,
    /// Hugging Face's Text Generation Inference.
    Tgi,
    /// `LMDeploy`.
    Lmdeploy,
    /// MLC LLM.
    MlcLlm,
    /// `CTranslate2`, on which faster-whisper runs.
    Ctranslate2,
    /// `OpenVINO`.
    Openvino,
    /// `DirectML`, below `PyTorch` or ONNX Runtime.
    Directml,
    /// The operating system or a launcher.
    System,
}

impl Framework {
    /// The framework in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pytorch => "pytorch",
            Self::Jax => "jax",
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "ollama",
            Self::WhisperCpp => "whisper.cpp",
            Self::StableDiffusionCpp => "stable-diffusion.cpp",
            Self::Mlx => "mlx",
            Self::Vulkan => "vulkan",
            Self::Opencl => "opencl",
            Self::Blender => "blender",
            Self::Tensorflow => "tensorflow",
            Self::Cupy => "cupy",
            Self::Paddle => "paddle",
            Self::Mxnet => "mxnet",
            Self::Theano => "theano",
            Self::Caffe => "caffe",
            Self::Darknet => "darknet",
            Self::Cntk => "cntk",
            Self::Mindspore => "mindspore",
            Self::Oneflow => "oneflow",
            Self::Rapids => "rapids",
            Self::Xgboost => "xgboost",
            Self::Lightgbm => "lightgbm",
            Self::Numba => "numba",
            Self::Julia => "julia",
            Self::Tinygrad => "tinygrad",
            Self::Matlab => "matlab",
            Self::Cudarc => "cudarc",
            Self::Simulation => "simulation",
            Self::Cuda => "cuda",
            Self::Vllm => "vllm",
            Self::Sglang => "sglang",
            Self::TensorrtLlm => "tensorrt-llm",
            Self::Tensorrt => "tensorrt",
            Self::Onnxruntime => "onnxruntime",
            Self::Tgi => "tgi",
            Self::Lmdeploy => "lmdeploy",
            Self::MlcLlm => "mlc-llm",
            Self::Ctranslate2 => "ctranslate2",
            Self::Openvino => "openvino",
            Self::Directml => "directml",
            Self::System => "system",
        }
    }

    /// True where the memory comes from a pool that has a limit of its own and is not `PyTorch`'s.
    pub const fn pooled(self) -> bool {
        matches!(
            self,
            Self::Jax
                | Self::Tensorflow
                | Self::Cupy
                | Self::Paddle
                | Self::Rapids
                | Self::Xgboost
                | Self::Julia
                | Self::Mindspore
                | Self::Simulation
                | Self::Matlab
                | Self::Theano
        )
    }

    /// True where it is an engine that runs models and does not train them.
    pub const fn serves(self) -> bool {
        matches!(
            self,
            Self::Vllm
                | Self::Sglang
                | Self::TensorrtLlm
                | Self::Tensorrt
                | Self::Onnxruntime
                | Self::Tgi
                | Self::Lmdeploy
                | Self::MlcLlm
                | Self::Ctranslate2
                | Self::Openvino
                | Self::Directml
        )
    }

    /// True where each part of a model gets one buffer, straight from the driver, and keeps it: `ggml` and all around it.
    pub const fn buffers(self) -> bool {
        matches!(
            self,
            Self::LlamaCpp | Self::Ollama | Self::WhisperCpp | Self::StableDiffusionCpp
        )
    }

    /// Its name as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pytorch => "PyTorch",
            Self::Jax => "JAX",
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "Ollama",
            Self::WhisperCpp => "whisper.cpp",
            Self::StableDiffusionCpp => "stable-diffusion.cpp",
            Self::Mlx => "MLX",
            Self::Vulkan => "Vulkan",
            Self::Opencl => "OpenCL",
            Self::Blender => "Blender",
            Self::Tensorflow => "TensorFlow",
            Self::Cupy => "CuPy",
            Self::Paddle => "PaddlePaddle",
            Self::Mxnet => "MXNet",
            Self::Theano => "Theano",
            Self::Caffe => "Caffe",
            Self::Darknet => "Darknet",
            Self::Cntk => "CNTK",
            Self::Mindspore => "MindSpore",
            Self::Oneflow => "OneFlow",
            Self::Rapids => "RAPIDS",
            Self::Xgboost => "XGBoost",
            Self::Lightgbm => "LightGBM",
            Self::Numba => "Numba",
            Self::Julia => "CUDA.jl",
            Self::Tinygrad => "tinygrad",
            Self::Matlab => "MATLAB",
            Self::Cudarc => "cudarc",
            Self::Simulation => "the simulation",
            Self::Cuda => "CUDA",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
            Self::TensorrtLlm => "TensorRT-LLM",
            Self::Tensorrt => "TensorRT",
            Self::Onnxruntime => "ONNX Runtime",
            Self::Tgi => "TGI",
            Self::Lmdeploy => "LMDeploy",
            Self::MlcLlm => "MLC LLM",
            Self::Ctranslate2 => "CTranslate2",
            Self::Openvino => "OpenVINO",
            Self::Directml => "DirectML",
            Self::System => "the system",
        }
    }
}
