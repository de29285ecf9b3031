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
        self.names().0
    }

    /// Its name as people write it.
    pub const fn title(self) -> &'static str {
        self.names().1
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Pytorch => ("pytorch", "PyTorch"),
            Self::Jax => ("jax", "JAX"),
            Self::LlamaCpp => ("llama.cpp", "llama.cpp"),
            Self::Ollama => ("ollama", "Ollama"),
            Self::WhisperCpp => ("whisper.cpp", "whisper.cpp"),
            Self::StableDiffusionCpp => ("stable-diffusion.cpp", "stable-diffusion.cpp"),
            Self::Mlx => ("mlx", "MLX"),
            Self::Vulkan => ("vulkan", "Vulkan"),
            Self::Opencl => ("opencl", "OpenCL"),
            Self::Blender => ("blender", "Blender"),
            Self::Tensorflow => ("tensorflow", "TensorFlow"),
            Self::Cupy => ("cupy", "CuPy"),
            Self::Paddle => ("paddle", "PaddlePaddle"),
            Self::Mxnet => ("mxnet", "MXNet"),
            Self::Theano => ("theano", "Theano"),
            Self::Caffe => ("caffe", "Caffe"),
            Self::Darknet => ("darknet", "Darknet"),
            Self::Cntk => ("cntk", "CNTK"),
            Self::Mindspore => ("mindspore", "MindSpore"),
            Self::Oneflow => ("oneflow", "OneFlow"),
            Self::Rapids => ("rapids", "RAPIDS"),
            Self::Xgboost => ("xgboost", "XGBoost"),
            Self::Lightgbm => ("lightgbm", "LightGBM"),
            Self::Numba => ("numba", "Numba"),
            Self::Julia => ("julia", "CUDA.jl"),
            Self::Tinygrad => ("tinygrad", "tinygrad"),
            Self::Matlab => ("matlab", "MATLAB"),
            Self::Cudarc => ("cudarc", "cudarc"),
            Self::Simulation => ("simulation", "the simulation"),
            Self::Cuda => ("cuda", "CUDA"),
            Self::Vllm => ("vllm", "vLLM"),
            Self::Sglang => ("sglang", "SGLang"),
            Self::TensorrtLlm => ("tensorrt-llm", "TensorRT-LLM"),
            Self::Tensorrt => ("tensorrt", "TensorRT"),
            Self::Onnxruntime => ("onnxruntime", "ONNX Runtime"),
            Self::Tgi => ("tgi", "TGI"),
            Self::Lmdeploy => ("lmdeploy", "LMDeploy"),
            Self::MlcLlm => ("mlc-llm", "MLC LLM"),
            Self::Ctranslate2 => ("ctranslate2", "CTranslate2"),
            Self::Openvino => ("openvino", "OpenVINO"),
            Self::Directml => ("directml", "DirectML"),
            Self::System => ("system", "the system"),
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
}
