//! Programs that compute, train, draw or decode.

use super::{Switch, switch, valued};
use crate::evidence::Program as P;
use crate::evidence::SettingKind as K;
use crate::fixes::{
    choose_another_gpu, chunk_the_operation, drop_references, fewer_bins, fewer_parallel_requests,
    grow_arena_as_needed, lower_batch_size, lower_engine_memory_share, offload, raise_memory_cap,
    set_device_by_local_rank, shard_across_gpus, simplify_the_scene, smaller_inputs,
    smaller_workspace, unified_memory,
};

pub(super) const COMPUTING: &[Switch] = &[
    // catboost/catboost docs/en: concepts/faq.md (out of memory on a GPU), concepts/speed-up-training.md (32 on a GPU),
    // references/training-parameters/quantization.md (128 otherwise, 32 with pairwise losses).
    switch(
        P::Catboost,
        &fewer_bins::FIX,
        "",
        "border_count=32  # 128 bins otherwise; and depth=6 where it is more\n# below 50,000 rows: boosting_type=\"Plain\"; with categorical features: max_ctr_complexity=1",
    ),
    switch(
        P::Catboost,
        &offload::FIX,
        "Keep categorical features in host memory",
        "gpu_cat_features_storage=\"CpuPinnedMemory\"",
    ),
    switch(
        P::Catboost,
        &shard_across_gpus::FIX,
        "Split the data over GPUs",
        "devices=\"0:1\"  # with task_type=\"GPU\"",
    ),
    // kaldi-asr/kaldi: egs/wsj/s5/steps/nnet3/chain/train.py; its own message names the first.
    switch(
        P::Kaldi,
        &set_device_by_local_rank::FIX,
        "Let each job wait for a GPU of its own",
        "--use-gpu=wait  # of steps/nnet3/chain/train.py, after: nvidia-smi -c 3\n# without root: --trainer.optimization.num-jobs-initial 1, and -final 1",
    ),
    valued(
        P::Kaldi,
        &lower_batch_size::FIX,
        "",
        "--trainer.num-chunk-per-minibatch {}",
        K::BatchSize,
    ),
    // relion.readthedocs.io, Reference pages, GPUs: ranks on one device are separated by colons. `--pad`: src/ml_optimiser.cpp.
    switch(
        P::Relion,
        &set_device_by_local_rank::FIX,
        "Run one rank on each GPU",
        "mpirun -n 3 relion_refine_mpi ... --gpu \"0:1\" --j 1\n# one rank a GPU, and the leader; --j: threads, each with buffers of its own",
    ),
    switch(
        P::Relion,
        &smaller_inputs::FIX,
        "Pad volumes less, or work with smaller boxes",
        "--pad 1  # \"Skip padding\": 2 otherwise, and eight times the volume",
    ),
    // manual.gromacs.org, gmx mdrun: -pme, -bonded, -update, -gpu_id.
    switch(
        P::Gromacs,
        &choose_another_gpu::FIX,
        "",
        "gmx mdrun -gpu_id N  # N: the freest GPU\n# nvidia-smi --query-gpu=index,memory.free --format=csv",
    ),
    switch(
        P::Gromacs,
        &offload::FIX,
        "Leave a part of the work to the CPU",
        "gmx mdrun -pme cpu -bonded cpu -update cpu",
    ),
    // amrex-codes.github.io, Runtime Parameters: three quarters of the GPU are taken at the start otherwise.
    switch(
        P::Simulation,
        &grow_arena_as_needed::FIX,
        "Let it take memory as it needs it",
        "amrex.the_arena_init_size=0  # behind the inputs file; all but a quarter is taken at the start otherwise",
    ),
    // docs.openmm.org, createSystem and Platform-Specific Properties: single precision unless told otherwise.
    switch(
        P::Simulation,
        &chunk_the_operation::FIX,
        "Keep shorter lists of neighbours",
        "nonbondedCutoff=N  # of createSystem: shorter than now; the lists grow with its cube\nproperties = {\"Precision\": \"single\"}  # where it is mixed or double",
    ),
    // docs.lammps.org, Speed_kokkos and Build_extras; AMReX likewise: a rank of its own for each GPU.
    switch(
        P::Simulation,
        &shard_across_gpus::FIX,
        "Spread the domain over more GPUs",
        "srun -n 2 --gpus-per-task=1 ...\n# the domain split over more GPUs, never two ranks on one",
    ),
    switch(
        P::Simulation,
        &smaller_inputs::FIX,
        "Simulate fewer atoms, particles or cells",
        "a smaller box, supercell or grid  # memory grows with what is in it",
    ),
    // docs.taichi-lang.org, Global settings: device_memory_GB, device_memory_fraction.
    switch(
        P::Taichi,
        &lower_engine_memory_share::FIX,
        "Take less of the GPU in advance",
        "ti.init(arch=ti.cuda, device_memory_GB=N)  # N: less than is free",
    ),
    switch(
        P::Taichi,
        &chunk_the_operation::FIX,
        "Store less in fields",
        "ti.root.pointer(ti.ijk, N).dense(ti.ijk, 8)  # sparse; or ti.field(ti.f16)",
    ),
    // nvidia.github.io/warp: allocators, types.
    switch(
        P::Warp,
        &chunk_the_operation::FIX,
        "",
        "wp.zeros(part, dtype=wp.float16)  # a part at a time; half of float32",
    ),
    switch(
        P::Warp,
        &drop_references::FIX,
        "",
        "del array; wp.set_mempool_release_threshold(device, 0)\n# what is let go of then goes back to the driver",
    ),
    // Isaac Gym and Isaac Lab: num_envs; PhysX: gpu_max_rigid_contact_count and its kin (isaaclab.sim.PhysxCfg).
    switch(
        P::Physx,
        &fewer_parallel_requests::FIX,
        "Simulate fewer environments",
        "num_envs=N  # half of what it is; Isaac Lab: --num_envs N",
    ),
    switch(
        P::Physx,
        &smaller_workspace::FIX,
        "Reserve smaller buffers for contacts",
        "sim.physx.gpu_max_rigid_contact_count and gpu_found_lost_*_capacity\n# Isaac Gym: max_gpu_contact_pairs; each takes its memory in advance",
    ),
    // NVlabs/instant-ngp discussion 189: four values of two bytes a pixel.
    switch(
        P::InstantNgp,
        &smaller_inputs::FIX,
        "Use fewer or smaller images",
        "smaller images: a pixel takes 8 bytes, half the side is a quarter\n# all images of the scene lie on the GPU",
    ),
    switch(
        P::InstantNgp,
        &fewer_bins::FIX,
        "Use a smaller hash table",
        "\"log2_hashmap_size\": 17  # of \"encoding\" in configs/nerf/*.json",
    ),
    // opencv: modules/core/include/opencv2/core/cuda.hpp (GpuMat::release, BufferPool).
    switch(
        P::Opencv,
        &drop_references::FIX,
        "Use one GpuMat for all frames",
        "gpu.upload(frame)  # into the same GpuMat; gpu.release() for what is done",
    ),
    switch(
        P::Opencv,
        &smaller_inputs::FIX,
        "",
        "cv::resize(frame, frame, {}, 0.5, 0.5)  // before upload(): a quarter",
    ),
    // docs.nvidia.com DALI: decoders.image (device_memory_padding), Pipeline (prefetch_queue_depth).
    valued(
        P::Dali,
        &lower_batch_size::FIX,
        "",
        "batch_size={}, num_threads=3, prefetch_queue_depth=1",
        K::BatchSize,
    ),
    switch(
        P::Dali,
        &smaller_inputs::FIX,
        "Sort out or shrink images that are far larger than the rest",
        "fn.decoders.image(..., device=\"cpu\")  # large images decoded by the CPU",
    ),
    switch(
        P::Pycuda,
        &chunk_the_operation::FIX,
        "",
        "for part in numpy.array_split(x, N): y = gpuarray.to_gpu(part)",
    ),
    switch(
        P::Pycuda,
        &drop_references::FIX,
        "",
        "pool = pycuda.tools.DeviceMemoryPool(); pool.free_held()\n# allocator=pool.allocate for gpuarray; arr.gpudata.free() for what is done",
    ),
    // nanoporetech/dorado: README (troubleshooting); --batchsize, --chunksize.
    valued(
        P::Dorado,
        &lower_batch_size::FIX,
        "",
        "--batchsize {}",
        K::BatchSize,
    ),
    switch(
        P::Native,
        &choose_another_gpu::FIX,
        "",
        "CUDA_VISIBLE_DEVICES=N  # N: the freest GPU\n# nvidia-smi --query-gpu=index,memory.free --format=csv",
    ),
    switch(
        P::Native,
        &chunk_the_operation::FIX,
        "Give it less at once",
        "a smaller problem, or fewer processes on the GPU\n# it asks the driver for all that it needs, and keeps no cache",
    ),
    // docs.nvidia.com hpc-sdk: -gpu=mem:managed (before 24.3: -gpu=managed).
    switch(
        P::Nvhpc,
        &shard_across_gpus::FIX,
        "Spread the domain over more GPUs",
        "mpirun -n N ...  # one rank a GPU, and more of them",
    ),
    switch(
        P::Nvhpc,
        &unified_memory::FIX,
        "",
        "nvfortran -gpu=mem:managed  # at compile time; before 24.3: -gpu=managed",
    ),
    // www.ks.uiuc.edu NAMD User's Guide, "CUDA GPU Acceleration".
    switch(
        P::Namd,
        &shard_across_gpus::FIX,
        "Spread the atoms over more GPUs",
        "namd3 +p8 +devices 0,1 FILE.namd  # the GPUs of one process share the atoms",
    ),
    switch(
        P::Namd,
        &choose_another_gpu::FIX,
        "",
        "namd3 +p8 +devices N FILE.namd  # N: the freest GPU",
    ),
    // ambermd.org, GPU support: precision models, and system size limits.
    switch(
        P::Amber,
        &chunk_the_operation::FIX,
        "Take what needs less memory",
        "pmemd.cuda_SPFP ...  # and not _DPFP; then a smaller box of water, or a smaller cut",
    ),
    // libavcodec/nvenc_hevc.c (its options): a surface for each frame that waits.
    switch(
        P::Ffmpeg,
        &smaller_inputs::FIX,
        "Let fewer frames wait in the encoder",
        "-surfaces 8  # fewer than now, and no -rc-lookahead; then a smaller -vf scale_cuda=W:H",
    ),
    switch(
        P::Ffmpeg,
        &fewer_parallel_requests::FIX,
        "Encode fewer streams at once",
        "-c:v libx264  # some of them on the CPU, or one after the other\n# nvidia-smi --query-gpu=encoder.stats.sessionCount --format=csv",
    ),
    // Chaos' "Memory usage optimizations for GPU rendering"; OTOY's "Out-of-Core Settings"; Maxon's "Redshift: Memory".
    switch(
        P::Renderer,
        &simplify_the_scene::FIX,
        "",
        "smaller textures, fewer polygons, one GPU without a display\n# V-Ray GPU: resize textures; Octane, Redshift: out-of-core textures on",
    ),
    // gfx-rs/wgpu: wgpu_types::Limits (256 MiB by default).
    switch(
        P::Wgpu,
        &raise_memory_cap::FIX,
        "Ask for the limits that the adapter has",
        "required_limits: adapter.limits(),  // in wgpu::DeviceDescriptor",
    ),
    switch(
        P::Wgpu,
        &smaller_inputs::FIX,
        "Draw or compute with smaller buffers",
        "smaller textures, meshes or batches, in several buffers",
    ),
    valued(
        P::Burn,
        &lower_batch_size::FIX,
        "",
        "DataLoaderBuilder::new(batcher).batch_size({})",
        K::BatchSize,
    ),
    // colmap.github.io/faq.html: out of memory on the GPU, in stereo and in matching.
    switch(
        P::Colmap,
        &smaller_inputs::FIX,
        "",
        "--PatchMatchStereo.max_image_size 2000  # all of the image otherwise",
    ),
    switch(
        P::Colmap,
        &lower_batch_size::FIX,
        "Match fewer features at once",
        "--SiftMatching.max_num_matches 16384  # half of the default of 32768\n# from 3.12 on: --FeatureMatching.max_num_matches",
    ),
    switch(
        P::Colmap,
        &shard_across_gpus::FIX,
        "Work on several GPUs",
        "--PatchMatchStereo.gpu_index 0,1",
    ),
    // milvus.io/docs, configure_gpu: in MB.
    switch(
        P::Milvus,
        &raise_memory_cap::FIX,
        "Give the pool for indexes more of the GPU",
        "gpu: {initMemSize: N, maxMemSize: N}  # MB, in milvus.yaml; half of the GPU otherwise",
    ),
    // docs.darktable.org, Memory & performance tuning.
    switch(
        P::Darktable,
        &lower_engine_memory_share::FIX,
        "Let darktable use less of the GPU",
        "preferences, processing: darktable resources: small\n# and \"use all device memory\" off; it then works in tiles",
    ),
];
