//! Programs that draw, count, mine, encode or fold, and those that are known by their interface only.

use super::{Switch, switch, valued};
use crate::evidence::Program as P;
use crate::evidence::SettingKind as K;
use crate::fixes::{
    choose_another_gpu, chunk_the_operation, drop_references, fewer_gpu_layers,
    fewer_parallel_requests, leave_headroom, lower_batch_size, offload, shard_across_gpus,
    simplify_the_scene, smaller_context, smaller_inputs, tile_the_image, unified_memory,
};

pub(super) const OTHERS: &[Switch] = &[
    // hashcat.net/wiki, frequently asked questions; hashcat/hashcat src/usage.c (-w, -O, -n: "outerloop step size").
    switch(
        P::Hashcat,
        &lower_batch_size::FIX,
        "Give the GPU a smaller workload",
        "-w 1 -O  # workload profile \"low\", optimized kernels; or -n N: fewer at once than now",
    ),
    switch(
        P::Hashcat,
        &chunk_the_operation::FIX,
        "Split the list of hashes or of words",
        "split -n l/4 hashes.txt part.  # each part by itself; rules: -r, fewer of them",
    ),
    // The DAG grows with each epoch, and lies on the GPU as a whole.
    switch(
        P::Miner,
        &drop_references::FIX,
        "Free what else lies on this GPU",
        "no display and no dual mining on it; Windows: a page file as large as all GPUs together\n# the DAG must fit as a whole, and grows with each epoch",
    ),
    switch(
        P::Miner,
        &smaller_inputs::FIX,
        "Mine what needs less memory",
        "an algorithm with a smaller DAG, or none",
    ),
    // qiskit.github.io/qiskit-aer, AerSimulator: precision, blocking_enable; docs.pennylane.ai, lightning.gpu: c_dtype.
    switch(
        P::Quantum,
        &lower_batch_size::FIX,
        "Use half of the precision",
        "AerSimulator(precision=\"single\"); PennyLane: c_dtype=np.complex64\n# half of the memory, which is one more qubit",
    ),
    switch(
        P::Quantum,
        &shard_across_gpus::FIX,
        "Spread the state over GPUs",
        "AerSimulator(device=\"GPU\", blocking_enable=True, blocking_qubits=N)  # with MPI; PennyLane: mpi=True",
    ),
    switch(
        P::Quantum,
        &smaller_inputs::FIX,
        "Simulate fewer qubits, or another way",
        "each qubit doubles the memory; few entangled ones: method=\"matrix_product_state\"",
    ),
    // xinntao/Real-ESRGAN-ncnn-vulkan, nihui/waifu2x-ncnn-vulkan, nihui/rife-ncnn-vulkan: README (-t, -j); Upscayl: settings.
    switch(
        P::Ncnn,
        &tile_the_image::FIX,
        "Work on smaller tiles",
        "-t 128  # then 64; Upscayl: settings, custom tile size\n# and -j 1:1:1: one image at a time",
    ),
    switch(
        P::Ncnn,
        &smaller_inputs::FIX,
        "",
        "a smaller picture or scale, as -s 2; RIFE: -u for ultra-high definition",
    ),
    switch(
        P::Game,
        &simplify_the_scene::FIX,
        "Lower what the picture takes",
        "texture quality, resolution, render scale and ray tracing down\n# Unreal: r.Streaming.PoolSize N, in MiB; and close browsers and recorders",
    ),
    // obsproject/obs-studio plugins/obs-nvenc: nvenc.c (surfaces grow with look-ahead and B-frames), data/locale/en-US.ini.
    switch(
        P::Obs,
        &smaller_inputs::FIX,
        "Let the encoder keep fewer surfaces",
        "Settings, Output: Look-ahead off, B-Frames 0; Video: a smaller output resolution\n# and one encoder for stream and recording",
    ),
    switch(
        P::Obs,
        &offload::FIX,
        "Encode on the CPU",
        "Settings, Output: Encoder x264  # frees all of NVENC's surfaces",
    ),
    // rigaya/NVEnc NVEncC_Options.en.md: --avsw, --avhw, --lookahead.
    switch(
        P::Nvencc,
        &offload::FIX,
        "Decode on the CPU",
        "--avsw  # in place of --avhw; and no --lookahead",
    ),
    switch(
        P::Nvencc,
        &fewer_parallel_requests::FIX,
        "Encode fewer files at once",
        "one NVEncC at a time",
    ),
    // google-deepmind/alphafold3 docs/performance.md; alphafold docker/run_docker.py; ColabFold colabfold/batch.py.
    switch(
        P::Alphafold,
        &unified_memory::FIX,
        "",
        "XLA_PYTHON_CLIENT_PREALLOCATE=false TF_FORCE_UNIFIED_MEMORY=true XLA_CLIENT_MEM_FRACTION=3.2\n# AlphaFold 2: XLA_PYTHON_CLIENT_MEM_FRACTION=4.0; the rest goes to host memory, which must be there",
    ),
    switch(
        P::Alphafold,
        &smaller_inputs::FIX,
        "Fold fewer residues at once",
        "domains or fewer chains; memory grows with the square of the tokens\n# --buckets N: no padding to the next bucket; ColabFold: --max-seq 256 --max-extra-seq 512",
    ),
    // github.com/soedinglab/MMseqs2/wiki, GPU-accelerated search: all visible GPUs share the target database; --max-seqs is 300.
    switch(
        P::Mmseqs,
        &choose_another_gpu::FIX,
        "Let it have whole GPUs, or several",
        "CUDA_VISIBLE_DEVICES=0,1 mmseqs search ... --gpu 1  # free ones: they share the target database\n# nvidia-smi --query-gpu=index,memory.free --format=csv",
    ),
    switch(
        P::Mmseqs,
        &smaller_inputs::FIX,
        "Search a part of the target database at a time",
        "mmseqs splitdb targetDB part --split 4  # makepaddedseqdb of each, one search after the other\n# or a clustered database; and --max-seqs N, fewer than now",
    ),
    // jwohlwend/boltz docs/prediction.md: --max_parallel_samples (5), --max_msa_seqs (8192), --subsample_msa.
    switch(
        P::Boltz,
        &lower_batch_size::FIX,
        "Draw fewer samples at once",
        "--max_parallel_samples 1 --diffusion_samples 1",
    ),
    switch(
        P::Boltz,
        &smaller_inputs::FIX,
        "Fold fewer residues, with fewer sequences beside them",
        "domains or fewer chains; memory grows with the square of the tokens\n# and --max_msa_seqs 1024 --subsample_msa --num_subsampled_msa 512",
    ),
    // facebookresearch/esm: README, scripts/fold.py (--chunk-size, --cpu-offload); RosettaCommons/foundry (diffusion_batch_size);
    // bytedance/Protenix (--sample); chaidiscovery/chai-lab (--num-diffn-samples).
    switch(
        P::Folding,
        &chunk_the_operation::FIX,
        "Let attention work in chunks",
        "model.set_chunk_size(64)  # then 32; fold.py: --chunk-size 64\n# RF3: diffusion_batch_size=1; Protenix: --sample 1; Chai: --num-diffn-samples 1",
    ),
    switch(
        P::Folding,
        &smaller_inputs::FIX,
        "Fold fewer residues at once",
        "domains or fewer chains; memory grows with the square of the residues\n# and a shallower alignment",
    ),
    // community.nanoporetech.com, Guppy protocol (closed); nanoporetech/rerio issue 25.
    switch(
        P::Guppy,
        &lower_batch_size::FIX,
        "Run fewer chunks at once",
        "--gpu_runners_per_device N --chunks_per_runner N  # each lower than now",
    ),
    switch(
        P::Bonito,
        &lower_batch_size::FIX,
        "",
        "bonito basecaller --batchsize N  # half of what it is",
    ),
    // kvcache-ai/ktransformers ktransformers/server/args.py, doc/en/injection_tutorial.md, kt-kernel/README.md.
    switch(
        P::Ktransformers,
        &fewer_gpu_layers::FIX,
        "Place less on the GPU",
        "--optimize_config_path RULES.yaml  # experts and more layers on \"cpu\"; *-multi-gpu.yaml for several\n# with SGLang: --kt-num-gpu-experts N, fewer than now",
    ),
    switch(
        P::Ktransformers,
        &smaller_context::FIX,
        "",
        "--cache_lens N --chunk_size 256  # N: half of what it is; local_chat: --max_new_tokens N",
    ),
    // withcatai/node-llama-cpp: LlamaContextOptions (contextSize, sequences, batchSize), LlamaModelOptions (gpuLayers).
    valued(
        P::NodeLlamaCpp,
        &smaller_context::FIX,
        "",
        "model.createContext({contextSize: {}})  # or {contextSize: {max: N}}: as much as fits",
        K::ContextSize,
    ),
    valued(
        P::NodeLlamaCpp,
        &fewer_parallel_requests::FIX,
        "",
        "model.createContext({sequences: {}})",
        K::Sequences,
    ),
    switch(
        P::NodeLlamaCpp,
        &fewer_gpu_layers::FIX,
        "",
        "llama.loadModel({modelPath, gpuLayers: N})  # \"auto\" leaves room; N: fewer than now",
    ),
    // alicevision/AliceVision: meshroom/aliceVision/DepthMap.py (Downscale 2, tiles of 1024, four neighbours a tile).
    switch(
        P::Meshroom,
        &smaller_inputs::FIX,
        "Estimate depth on smaller pictures",
        "node DepthMap: Downscale 4  # 2 otherwise; and Tiling: Buffer Width and Height 512",
    ),
    switch(
        P::Meshroom,
        &lower_batch_size::FIX,
        "Look at fewer cameras at once",
        "node DepthMap: SGM and Refine: Max Nb Neighbour Cameras Per Tile N  # fewer than now, 4 by default",
    ),
    switch(
        P::Vulkan,
        &drop_references::FIX,
        "Free what else lies on this GPU",
        "close what draws or computes on it beside this program\n# nvidia-smi, radeontop or the task manager show what it is",
    ),
    switch(
        P::Vulkan,
        &smaller_inputs::FIX,
        "Give it less at once",
        "smaller pictures, scenes or buffers, in several pieces",
    ),
    switch(
        P::D3d12,
        &drop_references::FIX,
        "Free what else lies on this GPU",
        "close what draws or computes on it beside this program\n# the task manager, Details: \"Dedicated GPU memory\" of each process",
    ),
    switch(
        P::D3d12,
        &smaller_inputs::FIX,
        "Give it less at once",
        "a smaller resolution, smaller textures, fewer of them at once",
    ),
    // clCreateBuffer(3): CL_DEVICE_MAX_MEM_ALLOC_SIZE.
    switch(
        P::Opencl,
        &chunk_the_operation::FIX,
        "Split the buffer",
        "several buffers, each below the limit\n# clinfo: \"Max memory allocation\", often a quarter of the memory",
    ),
    switch(
        P::Opencl,
        &smaller_inputs::FIX,
        "Give it less at once",
        "smaller buffers, in several pieces\n# one buffer may have a quarter of the memory: clinfo, \"Max memory allocation\"",
    ),
    // docs.nvidia.com NCCL, environment variables: NCCL_BUFFSIZE (4 MiB), NCCL_MAX_NCHANNELS; each channel has its buffers.
    switch(
        P::Cuda,
        &leave_headroom::FIX,
        "Leave memory for NCCL, or let it take less",
        "NCCL_BUFFSIZE=1048576 NCCL_MAX_NCHANNELS=8  # 4194304 bytes and more channels otherwise; slower\n# or a smaller pool or batch of the program that calls it: NCCL's buffers lie beside them",
    ),
    switch(
        P::Cuda,
        &choose_another_gpu::FIX,
        "",
        "CUDA_VISIBLE_DEVICES=N  # N: the freest GPU\n# nvidia-smi --query-gpu=index,memory.free --format=csv",
    ),
    switch(
        P::Cuda,
        &chunk_the_operation::FIX,
        "Give it less at once",
        "a smaller problem, or fewer processes on the GPU\n# it asks the driver for all that it needs, and keeps no cache",
    ),
];
