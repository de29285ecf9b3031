//! Who printed a message: frameworks, engines, libraries, the system.

/// Who printed the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
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
    /// FAISS.
    Faiss,
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
    /// NVIDIA's Triton Inference Server, around other engines.
    TritonServer,
    /// `ExLlama`, versions 2 and 3.
    Exllama,
    /// text-generation-webui, around llama.cpp, `ExLlama` and Transformers.
    TextGenerationWebui,
    /// LM Studio, around llama.cpp and MLX.
    LmStudio,
    /// `KoboldCpp`, around llama.cpp and stable-diffusion.cpp.
    Koboldcpp,
    /// Hugging Face's diffusers.
    Diffusers,
    /// Direct3D 12, whichever program calls it.
    D3d12,
    /// `ComfyUI`, around `PyTorch`.
    Comfyui,
    /// AUTOMATIC1111's web interface of Stable Diffusion.
    A1111,
    /// Its fork Forge.
    Forge,
    /// `InvokeAI`.
    Invokeai,
    /// The operating system or a launcher.
    System,
}

/// Programs that are answered alike where no answer of their own is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `PyTorch`, and CUDA's libraries below it: the user's own Python code can be changed.
    Torch,
    /// Interfaces to image models around `PyTorch`, the code of which is not theirs to change.
    ImageInterface,
    /// Engines that run models and do not train them.
    Engine,
    /// `ggml` and all around it: each part of a model gets one buffer, straight from the driver, and keeps it.
    Buffers,
    /// Other frameworks that train models.
    Trainer,
    /// Programs that work on arrays, tables or particles, which have no batch.
    Arrays,
    /// Renderers and graphics interfaces.
    Graphics,
    /// The operating system or a launcher.
    System,
}

impl Program {
    /// Every program.
    pub const ALL: &[Self] = &[
        Self::Pytorch,
        Self::Jax,
        Self::LlamaCpp,
        Self::Ollama,
        Self::WhisperCpp,
        Self::StableDiffusionCpp,
        Self::Mlx,
        Self::Vulkan,
        Self::Opencl,
        Self::Blender,
        Self::Tensorflow,
        Self::Cupy,
        Self::Paddle,
        Self::Mxnet,
        Self::Theano,
        Self::Caffe,
        Self::Darknet,
        Self::Cntk,
        Self::Mindspore,
        Self::Oneflow,
        Self::Rapids,
        Self::Xgboost,
        Self::Lightgbm,
        Self::Numba,
        Self::Julia,
        Self::Tinygrad,
        Self::Matlab,
        Self::Cudarc,
        Self::Faiss,
        Self::Simulation,
        Self::Cuda,
        Self::Vllm,
        Self::Sglang,
        Self::TensorrtLlm,
        Self::Tensorrt,
        Self::Onnxruntime,
        Self::Tgi,
        Self::Lmdeploy,
        Self::MlcLlm,
        Self::Ctranslate2,
        Self::Openvino,
        Self::Directml,
        Self::TritonServer,
        Self::Exllama,
        Self::TextGenerationWebui,
        Self::LmStudio,
        Self::Koboldcpp,
        Self::Diffusers,
        Self::D3d12,
        Self::Comfyui,
        Self::A1111,
        Self::Forge,
        Self::Invokeai,
        Self::System,
    ];

    /// The program of this name in outputs.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|program| program.name() == name)
    }

    /// What it is answered like where it has no answer of its own.
    pub const fn family(self) -> Family {
        match self {
            Self::Pytorch | Self::Cuda | Self::Diffusers => Family::Torch,
            Self::Comfyui | Self::A1111 | Self::Forge | Self::Invokeai => Family::ImageInterface,
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
            | Self::TritonServer
            | Self::Exllama
            | Self::TextGenerationWebui => Family::Engine,
            Self::LlamaCpp
            | Self::Ollama
            | Self::LmStudio
            | Self::Koboldcpp
            | Self::WhisperCpp
            | Self::StableDiffusionCpp => Family::Buffers,
            Self::Jax
            | Self::Tensorflow
            | Self::Paddle
            | Self::Mxnet
            | Self::Theano
            | Self::Caffe
            | Self::Darknet
            | Self::Cntk
            | Self::Mindspore
            | Self::Oneflow
            | Self::Tinygrad
            | Self::Matlab
            | Self::Cudarc
            | Self::Mlx => Family::Trainer,
            Self::Cupy
            | Self::Numba
            | Self::Rapids
            | Self::Julia
            | Self::Xgboost
            | Self::Lightgbm
            | Self::Faiss
            | Self::Simulation => Family::Arrays,
            Self::Vulkan | Self::Opencl | Self::D3d12 | Self::Blender => Family::Graphics,
            Self::System => Family::System,
        }
    }

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
            Self::Faiss => ("faiss", "FAISS"),
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
            Self::TritonServer => ("triton-server", "Triton Server"),
            Self::Exllama => ("exllama", "ExLlama"),
            Self::TextGenerationWebui => ("text-generation-webui", "text-generation-webui"),
            Self::LmStudio => ("lm-studio", "LM Studio"),
            Self::Koboldcpp => ("koboldcpp", "KoboldCpp"),
            Self::Diffusers => ("diffusers", "diffusers"),
            Self::D3d12 => ("d3d12", "Direct3D 12"),
            Self::Comfyui => ("comfyui", "ComfyUI"),
            Self::A1111 => ("a1111", "AUTOMATIC1111"),
            Self::Forge => ("forge", "Forge"),
            Self::Invokeai => ("invokeai", "InvokeAI"),
            Self::System => ("system", "the system"),
        }
    }

    /// True where this program may stand around what printed a message, and its settings count: an engine around `PyTorch`, a
    /// server around llama.cpp, an array library that called CUDA.
    pub const fn stands_around(self, printed_by: Self) -> bool {
        match (self.family(), printed_by) {
            (Family::Engine | Family::ImageInterface, Self::Pytorch | Self::Cuda)
            | (Family::Arrays | Family::Trainer, Self::Cuda) => true,
            (_, Self::Pytorch | Self::Cuda) => matches!(self, Self::Diffusers),
            (_, Self::Vulkan) if matches!(self, Self::MlcLlm) => true,
            (_, Self::LlamaCpp | Self::Vulkan) => matches!(
                self,
                Self::Ollama | Self::LmStudio | Self::Koboldcpp | Self::TextGenerationWebui
            ),
            (_, Self::Exllama) => matches!(self, Self::TextGenerationWebui),
            (_, Self::Onnxruntime | Self::Tensorrt) => matches!(self, Self::TritonServer),
            _ => false,
        }
    }

    /// True where a share of the device is taken in advance for weights and a cache, and the rest is left for what runs beside.
    pub const fn takes_a_share(self) -> bool {
        matches!(
            self,
            Self::Vllm | Self::Sglang | Self::TensorrtLlm | Self::Tgi | Self::Lmdeploy
        )
    }

    /// True where a cache for the longest context is made when the model loads, and is no share of the device.
    pub const fn reserves_its_cache(self) -> bool {
        matches!(self, Self::Exllama | Self::TextGenerationWebui)
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
                | Self::Faiss
                | Self::Simulation
                | Self::Matlab
                | Self::Theano
        )
    }

    /// True where it is an engine that runs models and does not train them.
    pub const fn serves(self) -> bool {
        matches!(self.family(), Family::Engine)
    }

    /// True where each part of a model gets one buffer, straight from the driver, and keeps it: `ggml` and all around it.
    pub const fn buffers(self) -> bool {
        matches!(self.family(), Family::Buffers)
    }
}
