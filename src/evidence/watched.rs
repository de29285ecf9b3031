//! What was seen of the GPUs while a program ran: plain data.

use super::Kin;
use super::live::{Devices, Holder, Sight};

/// Used memory of one GPU at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuMoment {
    /// Its index, by the driver.
    pub index: u32,
    /// Bytes in use.
    pub used: u64,
    /// All that programs can use.
    pub total: u64,
}

/// One reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Milliseconds since the start of the program.
    pub at: u64,
    /// The GPUs.
    pub gpus: Vec<GpuMoment>,
}

/// A process that was seen on a GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The GPU, by the driver's index.
    pub gpu: u32,
    /// Its id.
    pub pid: u32,
    /// True where it is the program itself, or a child of it.
    pub own: bool,
    /// Its command line.
    pub command: Option<String>,
    /// When it was first seen, in milliseconds since the start.
    pub first: u64,
    /// When it was last seen.
    pub last: u64,
    /// The most that it held.
    pub peak: u64,
}

/// All that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// The readings, oldest first; of a long run the last ones.
    pub samples: Vec<Sample>,
    /// The processes, by GPU and id.
    pub visitors: Vec<Visitor>,
    /// When the output first said that memory ran out, in milliseconds since the start.
    pub failed_at: Option<u64>,
    /// The readings around that moment, whole, oldest first: a program often ends its children before it prints why it fails.
    pub around: Vec<Devices>,
    /// The id of the program.
    pub program: u32,
    /// The last reading, whole; after a failure it is of when the program had ended.
    pub last: Option<Devices>,
    /// Why the GPUs could not be read.
    pub problem: Option<String>,
}

impl Watched {
    /// The GPU that the program used most, if it was seen on one.
    pub fn own_gpu(&self) -> Option<u32> {
        let own = self.visitors.iter().filter(|v| v.own);
        own.max_by_key(|v| (v.peak, std::cmp::Reverse(v.gpu)))
            .map(|v| v.gpu)
    }

    /// True where the program was seen on this GPU.
    pub fn used(&self, gpu: u32) -> bool {
        self.visitors.iter().any(|v| v.own && v.gpu == gpu)
    }

    /// Whose process this is.
    pub fn kin(&self, gpu: u32, holder: &Holder) -> Kin {
        let start = self.samples.first().map_or(0, |s| s.at);
        let known = self
            .visitors
            .iter()
            .find(|v| (v.gpu, v.pid) == (gpu, holder.pid));
        match known {
            Some(known) if known.own && known.pid == self.program => Kin::Program,
            Some(known) if known.own => Kin::Child,
            Some(known) if holder.state == Sight::NotVisible && known.first > start => Kin::Unclear,
            _ => Kin::Stranger,
        }
    }
}
