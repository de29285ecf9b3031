//! Who printed a message: frameworks, engines, libraries, the system.

macro_rules! programs {
    ($($(#[$doc:meta])+ $variant:ident => $family:ident, $name:literal, $title:literal;)+) => {
        /// Who printed the message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Program {
            $($(#[$doc])+ $variant,)+
        }

        impl Program {
            /// Every program.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What it is answered like where it has no answer of its own.
            pub const fn family(self) -> Family {
                match self {
                    $(Self::$variant => Family::$family,)+
                }
            }

            /// The framework in every output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Its name as people write it.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }
        }
    };
}

programs! {
    /// `PyTorch` on CUDA, ROCm, XPU, MPS, NPU and their kin.
    Pytorch => Torch, "pytorch", "PyTorch";
    /// JAX, and what else runs on XLA's client.
    Jax => Trainer, "jax", "JAX";
    /// llama.cpp, its forks, and what else prints the words of `ggml`'s back ends.
    LlamaCpp => Buffers, "llama.cpp", "llama.cpp";
    /// Ollama, around llama.cpp or an engine of its own.
    Ollama => Buffers, "ollama", "Ollama";
    /// whisper.cpp.
    WhisperCpp => Buffers, "whisper.cpp", "whisper.cpp";
    /// stable-diffusion.cpp.
    StableDiffusionCpp => Buffers, "stable-diffusion.cpp", "stable-diffusion.cpp";
    /// Apple's MLX.
    Mlx => Trainer, "mlx", "MLX";
    /// Vulkan, whichever program calls it.
    Vulkan => Graphics, "vulkan", "Vulkan";
    /// `OpenCL`, likewise.
    Opencl => Graphics, "opencl", "OpenCL";
    /// Blender's renderer Cycles.
    Blender => Graphics, "blender", "Blender";
    /// TensorFlow.
    Tensorflow => Trainer, "tensorflow", "TensorFlow";
    /// `CuPy`.
    Cupy => Arrays, "cupy", "CuPy";
    /// `PaddlePaddle`.
    Paddle => Trainer, "paddle", "PaddlePaddle";
    /// `MXNet`.
    Mxnet => Trainer, "mxnet", "MXNet";
    /// Theano.
    Theano => Trainer, "theano", "Theano";
    /// Caffe.
    Caffe => Trainer, "caffe", "Caffe";
    /// Darknet.
    Darknet => Trainer, "darknet", "Darknet";
    /// Microsoft's CNTK.
    Cntk => Trainer, "cntk", "CNTK";
    /// `MindSpore`.
    Mindspore => Trainer, "mindspore", "MindSpore";
    /// `OneFlow`.
    Oneflow => Trainer, "oneflow", "OneFlow";
    /// RMM, and what allocates through it: cuDF, cuML, cuGraph.
    Rapids => Arrays, "rapids", "RAPIDS";
    /// `XGBoost`.
    Xgboost => Arrays, "xgboost", "XGBoost";
    /// `LightGBM`.
    Lightgbm => Arrays, "lightgbm", "LightGBM";
    /// Numba.
    Numba => Arrays, "numba", "Numba";
    /// Julia's CUDA.jl and its relatives.
    Julia => Arrays, "julia", "CUDA.jl";
    /// tinygrad.
    Tinygrad => Trainer, "tinygrad", "tinygrad";
    /// MATLAB.
    Matlab => Trainer, "matlab", "MATLAB";
    /// cudarc, on which Rust's candle, dfdx and Burn run.
    Cudarc => Trainer, "cudarc", "cudarc";
    /// FAISS.
    Faiss => Arrays, "faiss", "FAISS";
    /// Programs that simulate on GPUs: molecules, fluids, waves.
    Simulation => Arrays, "simulation", "the simulation";
    /// NCCL, cuBLAS, cuDNN and other CUDA libraries by themselves.
    Cuda => Torch, "cuda", "CUDA";
    /// vLLM.
    Vllm => Engine, "vllm", "vLLM";
    /// `SGLang`.
    Sglang => Engine, "sglang", "SGLang";
    /// TensorRT-LLM.
    TensorrtLlm => Engine, "tensorrt-llm", "TensorRT-LLM";
    /// `TensorRT` by itself, or below another program.
    Tensorrt => Engine, "tensorrt", "TensorRT";
    /// ONNX Runtime.
    Onnxruntime => Engine, "onnxruntime", "ONNX Runtime";
    /// Hugging Face's Text Generation Inference.
    Tgi => Engine, "tgi", "TGI";
    /// Hugging Face's Text Embeddings Inference.
    Tei => Engine, "text-embeddings-inference", "TEI";
    /// Infinity, which serves embeddings on `PyTorch`.
    Infinity => Engine, "infinity", "Infinity";
    /// NAMD, which spreads its atoms over the GPUs of one process.
    Namd => Arrays, "namd", "NAMD";
    /// AMBER's `pmemd.cuda`, which holds the whole system on a GPU.
    Amber => Arrays, "amber", "AMBER";
    /// Modular's MAX.
    ModularMax => Engine, "max", "MAX";
    /// `LMDeploy`.
    Lmdeploy => Engine, "lmdeploy", "LMDeploy";
    /// MLC LLM.
    MlcLlm => Engine, "mlc-llm", "MLC LLM";
    /// `CTranslate2`, on which faster-whisper runs.
    Ctranslate2 => Engine, "ctranslate2", "CTranslate2";
    /// `OpenVINO`.
    Openvino => Engine, "openvino", "OpenVINO";
    /// `DirectML`, below `PyTorch` or ONNX Runtime.
    Directml => Engine, "directml", "DirectML";
    /// NVIDIA's Triton Inference Server, around other engines.
    TritonServer => Engine, "triton-server", "Triton Server";
    /// `ExLlama`, versions 2 and 3.
    Exllama => Engine, "exllama", "ExLlama";
    /// text-generation-webui, around llama.cpp, `ExLlama` and Transformers.
    TextGenerationWebui => Engine, "text-generation-webui", "text-generation-webui";
    /// LM Studio, around llama.cpp and MLX.
    LmStudio => Buffers, "lm-studio", "LM Studio";
    /// `KoboldCpp`, around llama.cpp and stable-diffusion.cpp.
    Koboldcpp => Buffers, "koboldcpp", "KoboldCpp";
    /// Hugging Face's diffusers.
    Diffusers => Torch, "diffusers", "diffusers";
    /// Direct3D 12, whichever program calls it.
    D3d12 => Graphics, "d3d12", "Direct3D 12";
    /// `ComfyUI`, around `PyTorch`.
    Comfyui => ImageInterface, "comfyui", "ComfyUI";
    /// AUTOMATIC1111's web interface of Stable Diffusion.
    A1111 => ImageInterface, "a1111", "AUTOMATIC1111";
    /// Its fork Forge.
    Forge => ImageInterface, "forge", "Forge";
    /// `InvokeAI`.
    Invokeai => ImageInterface, "invokeai", "InvokeAI";
    /// `CatBoost`.
    Catboost => Arrays, "catboost", "CatBoost";
    /// Kaldi, and what decodes with it.
    Kaldi => Trainer, "kaldi", "Kaldi";
    /// Burn, on cudarc or wgpu.
    Burn => Trainer, "burn", "Burn";
    /// RELION.
    Relion => Arrays, "relion", "RELION";
    /// GROMACS.
    Gromacs => Arrays, "gromacs", "GROMACS";
    /// Taichi.
    Taichi => Arrays, "taichi", "Taichi";
    /// NVIDIA's Warp.
    Warp => Arrays, "warp", "Warp";
    /// `PhysX`, in Isaac Gym, Isaac Sim and Isaac Lab.
    Physx => Arrays, "physx", "PhysX";
    /// instant-ngp, and tiny-cuda-nn below others.
    InstantNgp => Arrays, "instant-ngp", "instant-ngp";
    /// `OpenCV`'s CUDA modules.
    Opencv => Arrays, "opencv", "OpenCV";
    /// NVIDIA's DALI.
    Dali => Arrays, "dali", "DALI";
    /// `PyCUDA`.
    Pycuda => Arrays, "pycuda", "PyCUDA";
    /// Oxford Nanopore's Dorado.
    Dorado => Arrays, "dorado", "Dorado";
    /// COLMAP.
    Colmap => Arrays, "colmap", "COLMAP";
    /// Milvus.
    Milvus => Arrays, "milvus", "Milvus";
    /// `KoboldAI`, around Transformers.
    KoboldAi => Engine, "koboldai", "KoboldAI";
    /// SD.Next.
    SdNext => ImageInterface, "sd.next", "SD.Next";
    /// darktable.
    Darktable => Graphics, "darktable", "darktable";
    /// What NVIDIA's compilers make of Fortran, C and C++ with `OpenACC` or `OpenMP`.
    Nvhpc => Arrays, "nvhpc", "NVIDIA's runtime for OpenACC";
    /// A program that is not known, and calls the driver by itself.
    Native => Arrays, "native", "the program";
    /// `FFmpeg`, and what encodes with it.
    Ffmpeg => Graphics, "ffmpeg", "FFmpeg";
    /// V-Ray, Octane, Redshift and other renderers for GPUs.
    Renderer => Graphics, "renderer", "the renderer";
    /// wgpu, whichever program calls it.
    Wgpu => Graphics, "wgpu", "wgpu";
    /// mistral.rs.
    MistralRs => Engine, "mistral.rs", "mistral.rs";
    /// vllm.rs and its kin on candle.
    VllmRs => Engine, "vllm.rs", "vllm.rs";
    /// DeepSpeed-MII.
    DeepspeedMii => Engine, "deepspeed-mii", "DeepSpeed-MII";
    /// Xinference, around vLLM and other engines.
    Xinference => Engine, "xinference", "Xinference";
    /// ONNX Runtime in a browser, and Transformers.js.
    OrtWeb => Engine, "onnxruntime-web", "ONNX Runtime Web";
    /// `LocalAI`, around llama.cpp and other engines.
    LocalAi => Buffers, "localai", "LocalAI";
    /// Jan, around llama.cpp.
    Jan => Buffers, "jan", "Jan";
    /// `GPT4All`, around llama.cpp.
    Gpt4all => Buffers, "gpt4all", "GPT4All";
    /// hashcat.
    Hashcat => Graphics, "hashcat", "hashcat";
    /// Programs that mine coins.
    Miner => Graphics, "miner", "the miner";
    /// Programs that simulate quantum circuits: Qiskit Aer, `PennyLane`, cuQuantum.
    Quantum => Arrays, "quantum-simulator", "the quantum simulator";
    /// ncnn on Vulkan: Real-ESRGAN, waifu2x, RIFE, Upscayl.
    Ncnn => Graphics, "ncnn", "ncnn";
    /// Games, and the engines that they are made with.
    Game => Graphics, "game", "the game";
    /// OBS Studio.
    Obs => Graphics, "obs", "OBS";
    /// `NVEncC`.
    Nvencc => Graphics, "nvencc", "NVEncC";
    /// `AlphaFold` 2 and 3, and `ColabFold`, around JAX.
    Alphafold => Trainer, "alphafold", "AlphaFold";
    /// Boltz, which predicts structures.
    Boltz => Engine, "boltz", "Boltz";
    /// Programs that fold proteins without training: `ESMFold`, RF3, Protenix, Chai.
    Folding => Engine, "folding", "the folding program";
    /// Oxford Nanopore's Guppy.
    Guppy => Arrays, "guppy", "Guppy";
    /// Oxford Nanopore's Bonito.
    Bonito => Engine, "bonito", "Bonito";
    /// `KTransformers`.
    Ktransformers => Engine, "ktransformers", "KTransformers";
    /// node-llama-cpp, around llama.cpp.
    NodeLlamaCpp => Buffers, "node-llama-cpp", "node-llama-cpp";
    /// Meshroom and `AliceVision`.
    Meshroom => Arrays, "meshroom", "Meshroom";
    /// `MMseqs2` on GPUs, and Foldseek and `ColabFold`'s searches, which run on it.
    Mmseqs => Arrays, "mmseqs2", "MMseqs2";
    /// `SGLang`'s server for pictures and videos (`sglang/multimodal_gen`).
    SglangDiffusion => ImageInterface, "sglang-diffusion", "SGLang Diffusion";
    /// Fooocus.
    Fooocus => ImageInterface, "fooocus", "Fooocus";
    /// The operating system or a launcher.
    System => System, "system", "the system";
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
    /// The program of this name in outputs.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|program| program.name() == name)
    }

    /// True where this program may stand around what printed a message, and its settings count: an engine around `PyTorch`, a
    /// server around llama.cpp, an array library that called CUDA.
    pub const fn stands_around(self, printed_by: Self) -> bool {
        match (self.family(), printed_by) {
            (
                Family::Engine | Family::ImageInterface,
                Self::Pytorch | Self::Cuda | Self::Native,
            )
            | (Family::Arrays, Self::Cuda | Self::Native)
            | (Family::Trainer, Self::Cuda | Self::Cudarc)
            | (Family::Engine, Self::Cudarc) => true,
            (_, Self::Pytorch | Self::Cuda) => {
                matches!(self, Self::Diffusers | Self::Dorado | Self::Simulation)
            }
            (_, Self::Openvino) => matches!(self, Self::LlamaCpp),
            (_, Self::Native) => matches!(
                self,
                Self::Burn
                    | Self::Kaldi
                    | Self::Renderer
                    | Self::Hashcat
                    | Self::Miner
                    | Self::Obs
                    | Self::Nvencc
                    | Self::Game
                    | Self::Guppy
            ),
            (_, Self::Jax) => matches!(self, Self::Alphafold),
            (_, Self::Wgpu) => matches!(self, Self::Burn),
            (_, Self::Rapids) => matches!(self, Self::Milvus),
            (_, Self::Opencl) => matches!(self, Self::Darktable | Self::Hashcat),
            (_, Self::D3d12) => matches!(self, Self::Game),
            (_, Self::Vllm) => matches!(self, Self::Xinference),
            (_, Self::Vulkan) if matches!(self, Self::MlcLlm | Self::Ncnn | Self::Game) => true,
            (_, Self::LlamaCpp | Self::Vulkan) => matches!(
                self,
                Self::Ollama
                    | Self::LmStudio
                    | Self::Koboldcpp
                    | Self::TextGenerationWebui
                    | Self::LocalAi
                    | Self::Jan
                    | Self::Gpt4all
                    | Self::NodeLlamaCpp
                    | Self::WhisperCpp
            ),
            (_, Self::Exllama) => matches!(self, Self::TextGenerationWebui),
            (_, Self::Tensorrt) => matches!(
                self,
                Self::TritonServer | Self::TensorrtLlm | Self::Onnxruntime
            ),
            (_, Self::Onnxruntime) => matches!(self, Self::TritonServer),
            _ => false,
        }
    }

    /// True where a share of the device is taken in advance for weights and a cache, and the rest is left for what runs beside.
    pub const fn takes_a_share(self) -> bool {
        matches!(
            self,
            Self::Vllm
                | Self::Sglang
                | Self::TensorrtLlm
                | Self::Tgi
                | Self::Lmdeploy
                | Self::ModularMax
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
                | Self::Catboost
                | Self::Kaldi
                | Self::Relion
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
