//! What NVIDIA's management library says. The only file that names its crate.

use std::ffi::OsStr;
use std::path::Path;

use nvml_wrapper::enum_wrappers::device::{ComputeMode, EccCounter, MemoryError};
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::struct_wrappers::device::ProcessInfo;
use nvml_wrapper::{Device, Nvml};

use super::{GpuProbe, NoGpus};
use crate::evidence::{Devices, Gpu, Holder, Instance, MemoryNow};

/// The call behind the figures. Its older namesake counts the driver's own memory as used, this one apart from it.
const MEMORY_CALL: &str = "nvmlDeviceGetMemoryInfo_v2";

/// Where the library lies when the loader does not find it: WSL, `NixOS`, Kubernetes' device plugins.
const PLACES: [&str; 4] = [
    "usr/lib/wsl/lib/libnvidia-ml.so.1",
    "run/opengl-driver/lib/libnvidia-ml.so.1",
    "usr/local/nvidia/lib64/libnvidia-ml.so.1",
    "home/kubernetes/bin/nvidia/lib64/libnvidia-ml.so.1",
];

/// The library, loaded and initialized.
pub(super) struct Library {
    nvml: Nvml,
}

impl Library {
    /// Loads it. What lies under `root` only tells why it cannot be loaded.
    pub(super) fn open(root: &Path) -> Result<Self, NoGpus> {
        let error = match Nvml::init() {
            Ok(nvml) => return Ok(Self { nvml }),
            Err(error) => error,
        };
        if matches!(error, NvmlError::LibloadingError(_)) {
            let found = PLACES.iter().map(|place| root.join(place));
            for path in found.filter(|path| path.exists()) {
                let path: &OsStr = path.as_ref();
                if let Ok(nvml) = Nvml::builder().lib_path(path).init() {
                    return Ok(Self { nvml });
                }
            }
        }
        Err(NoGpus::because(reason(&error, root)))
    }
}

/// Why the library cannot be used, in words that say what to do.
fn reason(error: &NvmlError, root: &Path) -> String {
    let driver = root.join("proc/driver/nvidia/version").exists();
    match error {
        _ if cfg!(target_os = "macos") => "macOS has no NVIDIA driver to ask".to_owned(),
        NvmlError::LibloadingError(_) if driver => "the NVIDIA driver is loaded, but its library libnvidia-ml.so.1 is not here: start the container with `--gpus all` and NVIDIA_DRIVER_CAPABILITIES=compute,utility".to_owned(),
        NvmlError::LibloadingError(_) => "no NVIDIA driver library (libnvidia-ml.so.1) and no amdgpu device here".to_owned(),
        NvmlError::DriverNotLoaded if driver => "the NVIDIA library finds no device: start the container with `--gpus all`".to_owned(),
        NvmlError::DriverNotLoaded => "the NVIDIA library is here, but the kernel driver is not loaded".to_owned(),
        NvmlError::LibRmVersionMismatch => "the NVIDIA library and the kernel driver are of different versions, as after an update: restart the machine".to_owned(),
        NvmlError::NotFound => "the NVIDIA driver finds no device".to_owned(),
        other => format!("the NVIDIA library says: {other}"),
    }
}

impl GpuProbe for Library {
    fn read(&mut self) -> Result<Devices, NoGpus> {
        let failed =
            |error: NvmlError| NoGpus::because(format!("the NVIDIA library says: {error}"));
        let count = self.nvml.device_count().map_err(failed)?;
        if count == 0 {
            return Err(NoGpus::because("the NVIDIA driver finds no device"));
        }
        Ok(Devices {
            source: "nvml".to_owned(),
            driver: self.nvml.sys_driver_version().ok(),
            gpus: (0..count).map(|index| self.gpu(index)).collect(),
            problem: None,
        })
    }
}

impl Library {
    fn gpu(&self, index: u32) -> Gpu {
        match self.nvml.device_by_index(index) {
            Ok(device) => gpu(index, &device),
            Err(error) => Gpu {
                index,
                name: "?".to_owned(),
                notes: vec![format!("This GPU cannot be asked: {error}.")],
                ..Gpu::default()
            },
        }
    }
}

/// All that is asked of one device. What it does not support is left out.
fn gpu(index: u32, device: &Device<'_>) -> Gpu {
    let mut notes = Vec::new();
    let mut gpu = Gpu {
        index,
        name: device.name().unwrap_or_else(|_| "?".to_owned()),
        uuid: device.uuid().ok(),
        bus: device.pci_info().ok().map(|pci| pci.bus_id),
        memory: memory(device).map_err(|note| notes.push(note)).ok(),
        compute_mode: device.compute_mode().ok().map(compute_mode),
        mig: device.mig_mode().ok().map(|mode| mode.current == 1),
        processes: processes(device),
        ..Gpu::default()
    };
    if gpu.mig == Some(true) {
        gpu.instances = instances(device, &mut gpu.processes);
    }
    notes.extend(faults(device));
    gpu.notes = notes;
    gpu
}

fn memory(device: &Device<'_>) -> Result<MemoryNow, String> {
    match device.memory_info() {
        Ok(info) => Ok(MemoryNow {
            total: info.total,
            used: info.used,
            free: info.free,
            reserved: Some(info.reserved),
            by: MEMORY_CALL.to_owned(),
        }),
        Err(NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound) => Err(format!(
            "The driver has no {MEMORY_CALL}, which came with driver 510: nvidia-smi tells the memory."
        )),
        Err(NvmlError::NotSupported) => {
            Err("The driver keeps no count of this GPU's memory: it shares the host's.".to_owned())
        }
        Err(error) => Err(format!("The memory cannot be asked for: {error}.")),
    }
}

fn compute_mode(mode: ComputeMode) -> String {
    match mode {
        ComputeMode::Default => "default",
        ComputeMode::ExclusiveThread => "exclusive-thread",
        ComputeMode::Prohibited => "prohibited",
        ComputeMode::ExclusiveProcess => "exclusive-process",
    }
    .to_owned()
}

/// Compute and graphics processes; one that is both stands once.
fn processes(device: &Device<'_>) -> Vec<Holder> {
    let mut holders: Vec<Holder> = Vec::new();
    let lists = [
        ("compute", device.running_compute_processes()),
        ("graphics", device.running_graphics_processes()),
    ];
    for (kind, list) in lists {
        for process in list.unwrap_or_default() {
            let same = holders
                .iter_mut()
                .find(|h| h.pid == process.pid && h.instance == process.gpu_instance_id);
            match same {
                // The figure is of the process, not of its kind of work: it is the same in both lists.
                Some(holder) => holder.kinds.push(kind.to_owned()),
                None => holders.push(holder(kind, &process)),
            }
        }
    }
    holders
}

fn holder(kind: &str, process: &ProcessInfo) -> Holder {
    Holder {
        pid: process.pid,
        bytes: match process.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(bytes),
            UsedGpuMemory::Unavailable => None,
        },
        kinds: vec![kind.to_owned()],
        instance: process.gpu_instance_id,
        ..Holder::default()
    }
}

/// The MIG instances that exist, with their processes added to those of the whole GPU.
fn instances(device: &Device<'_>, holders: &mut Vec<Holder>) -> Vec<Instance> {
    let most = device.mig_device_count().unwrap_or(0);
    let mut found = Vec::new();
    for index in 0..most {
        let Ok(instance) = device.mig_device_by_index(index) else {
            continue;
        };
        found.push(Instance {
            index,
            name: instance.name().unwrap_or_else(|_| "MIG".to_owned()),
            uuid: instance.uuid().ok(),
            memory: memory(&instance).ok(),
        });
        for mut process in processes(&instance) {
            process.instance = Some(index);
            holders.retain(|h| h.pid != process.pid || h.instance == Some(index));
            holders.push(process);
        }
    }
    found
}

/// Faults that can look like a lack of memory, or explain one.
fn faults(device: &Device<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let uncorrected = device.total_ecc_errors(MemoryError::Uncorrected, EccCounter::Volatile);
    if let Ok(errors @ 1..) = uncorrected {
        notes.push(format!(
            "{errors} uncorrected ECC errors since the driver was loaded: `nvidia-smi -q -d ECC`, and `dmesg | grep -i xid`."
        ));
    }
    if matches!(device.are_pages_pending_retired(), Ok(true)) {
        notes.push("Memory pages wait to be retired: the GPU needs a reset.".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_without_the_library_is_told_from_a_machine_without_a_driver() {
        let root = tempfile::tempdir().unwrap();
        let gone = || NvmlError::DriverNotLoaded;
        assert!(reason(&gone(), root.path()).contains("not loaded"));
        std::fs::create_dir_all(root.path().join("proc/driver/nvidia")).unwrap();
        std::fs::write(root.path().join("proc/driver/nvidia/version"), "580").unwrap();
        assert!(reason(&gone(), root.path()).contains("--gpus all"));
        assert!(reason(&NvmlError::LibRmVersionMismatch, root.path()).contains("restart"));
    }
}
