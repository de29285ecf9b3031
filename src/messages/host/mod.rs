//! What says that the memory of the host ran out: the kernel, schedulers, launchers, libraries.

pub(super) mod batch_limit;
pub(super) mod cloud_oom;
pub(super) mod compiler_killed;
pub(super) mod cpu_allocator;
pub(super) mod dask_nanny;
pub(super) mod dataloader_killed;
pub(super) mod elastic_sigkill;
pub(super) mod exit_137;
pub(super) mod gunicorn_sigkill;
pub(super) mod host_refused;
pub(super) mod jetsam;
pub(super) mod killed_line;
pub(super) mod kubernetes_oom;
pub(super) mod launcher_sigkill;
pub(super) mod linux_oom_killer;
pub(super) mod numpy_memory_error;
pub(super) mod python_memory_error;
pub(super) mod ray_node_oom;
pub(super) mod runner_lost;
pub(super) mod service_oom;
pub(super) mod slurm_oom;
pub(super) mod subprocess_sigkill;
pub(super) mod torch_shared_memory;
pub(super) mod windows_commit;
