//! The GPUs as they are now: plain data, whoever read it. The same shape is written as JSON and read back as a recording.

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All GPUs at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Devices {
    /// Who was asked: "nvml" or "amdgpu".
    #[serde(default)]
    pub source: String,
    /// The driver's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The GPUs, by index.
    pub gpus: Vec<Gpu>,
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Gpu {
    /// Its index, in the order of the driver.
    pub index: u32,
    /// Its product name.
    pub name: String,
    /// Its UUID, as `CUDA_VISIBLE_DEVICES` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Its address on the bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Its memory; `None` where the driver did not say.
    pub memory: Option<MemoryNow>,
    /// Who may open a context: "default", "exclusive-process", "prohibited".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_mode: Option<String>,
    /// Whether MIG is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mig: Option<bool>,
    /// The MIG instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Instance>,
    /// Who holds memory.
    pub processes: Vec<Holder>,
    /// Bytes that no listed process accounts for, where that is more than rounding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unattributed: Option<u64>,
    /// What else to know, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The memory of a GPU or an instance, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct MemoryNow {
    /// All of it.
    pub total: u64,
    /// In use by programs.
    pub used: u64,
    /// Left to give.
    pub free: u64,
    /// Kept by the driver for itself, where the call tells it apart from `used`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<u64>,
    /// The call or file that said so: calls differ in what they count as used.
    pub by: String,
}

impl MemoryNow {
    /// What programs see as the size of the device (cudaMemGetInfo): all but the driver's own.
    pub fn usable(&self) -> u64 {
        self.total.saturating_sub(self.reserved.unwrap_or(0))
    }
}

/// One MIG instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Instance {
    /// Its index on the GPU.
    pub index: u32,
    /// Its name ("NVIDIA H200 MIG 1g.18gb").
    pub name: String,
    /// Its UUID ("MIG-..."), as `CUDA_VISIBLE_DEVICES` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Its memory.
    pub memory: Option<MemoryNow>,
}

/// How much of a process can be seen from here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// It runs.
    Running,
    /// It has ended and is not yet reaped.
    Zombie,
    /// Its id is not in `/proc`: another PID namespace, or it has just ended.
    #[default]
    NotVisible,
}

/// A process that holds memory of a GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Holder {
    /// Its id, as the driver says it.
    pub pid: u32,
    /// Its memory; `None` where the driver does not say.
    pub bytes: Option<u64>,
    /// "compute" or "graphics", or both.
    pub kinds: Vec<String>,
    /// The MIG instance that it runs on, by index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<u32>,
    /// How much of it can be seen.
    #[serde(default)]
    pub state: Sight,
    /// Its command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How long it has been running, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
    /// The container, pod, job or unit that it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The process that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Its rank in its job, by its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

impl Gpu {
    /// Bytes left to give; `None` where the driver did not say.
    pub fn free(&self) -> Option<u64> {
        self.memory.as_ref().map(|memory| memory.free)
    }

    /// The process of this id, if it holds memory here.
    pub fn holder(&self, pid: u32) -> Option<&Holder> {
        self.processes.iter().find(|p| p.pid == pid)
    }
}

/// How the used memory of one GPU moved over several readings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Bytes in use, oldest first.
    pub used: Vec<u64>,
    /// Its growth, where it grows steadily.
    pub growth: Option<Growth>,
}

/// A steady growth, carried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Bytes a second.
    pub per_second: u64,
    /// Seconds until nothing is free.
    pub full_in: u64,
}
