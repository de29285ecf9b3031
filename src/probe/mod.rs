//! The GPUs as they are now: who holds what. Everything here is data of one moment; nothing is judged.
//!
//! A [`GpuProbe`] says what devices and processes there are; `holders` tells from `/proc` who those processes are.

mod amdgpu;
mod family;
pub(crate) mod forecast;
mod holders;
#[cfg(feature = "gpu")]
mod nvml;
mod recording;
pub(crate) mod small_file;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use family::{belongs, state};
pub(crate) use recording::Recording;

use crate::evidence::Devices;

/// Something that can be asked for the GPUs, again and again.
pub(crate) trait GpuProbe {
    /// All GPUs now.
    fn read(&mut self) -> Result<Devices, NoGpus>;
}

/// Why there is nothing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoGpus {
    /// The reason, as a sentence without its full stop.
    pub reason: String,
}

impl NoGpus {
    fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for NoGpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for NoGpus {}

/// The probe of this machine: NVIDIA's library, else amdgpu's files.
///
/// `root` is the root of the file tree: `/`, or a copy of its parts in a test.
pub(crate) fn probe(root: &Path) -> Result<Box<dyn GpuProbe>, NoGpus> {
    nvidia(root).or_else(|reason| match amdgpu::Files::open(root) {
        Some(files) => Ok(here(files, root)),
        None => Err(reason),
    })
}

#[cfg(feature = "gpu")]
fn nvidia(root: &Path) -> Result<Box<dyn GpuProbe>, NoGpus> {
    nvml::Library::open(root).map(|library| here(library, root))
}

/// In a build without NVIDIA's library.
#[cfg(not(feature = "gpu"))]
fn nvidia(_: &Path) -> Result<Box<dyn GpuProbe>, NoGpus> {
    Err(NoGpus::because("this build does not ask NVIDIA's GPUs"))
}

/// A probe whose processes are named as this machine knows them.
fn here(inner: impl GpuProbe + 'static, root: &Path) -> Box<dyn GpuProbe> {
    Box::new(Here {
        inner,
        root: root.to_owned(),
    })
}

/// A probe whose processes are those of this machine.
struct Here<P> {
    inner: P,
    root: PathBuf,
}

impl<P: GpuProbe> GpuProbe for Here<P> {
    fn read(&mut self) -> Result<Devices, NoGpus> {
        let mut devices = self.inner.read()?;
        holders::identify(&mut devices, &self.root);
        Ok(devices)
    }
}
