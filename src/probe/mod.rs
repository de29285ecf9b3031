//! The GPUs as they are now: who holds what. Everything here is data of one moment; nothing is judged.
//!
//! A [`GpuProbe`] says what devices and processes there are; `holders` tells from `/proc` who those processes are.

mod amdgpu;
mod family;
pub mod forecast;
mod holders;
mod nvml;
mod recording;
pub(crate) mod small_file;

use std::fmt;
use std::path::{Path, PathBuf};

pub use family::{belongs, state};
pub use recording::Recording;

use crate::evidence::Devices;

/// Something that can be asked for the GPUs, again and again.
pub trait GpuProbe {
    /// All GPUs now.
    fn read(&mut self) -> Result<Devices, NoGpus>;
}

/// Why there is nothing to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoGpus {
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
pub fn probe(root: &Path) -> Result<Box<dyn GpuProbe>, NoGpus> {
    match nvml::Library::open(root) {
        Ok(library) => Ok(Box::new(Here {
            inner: library,
            root: root.to_owned(),
        })),
        Err(reason) => match amdgpu::Files::open(root) {
            Some(files) => Ok(Box::new(Here {
                inner: files,
                root: root.to_owned(),
            })),
            None => Err(reason),
        },
    }
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
