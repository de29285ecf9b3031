//! What a probe said once, played again: for tests, and to look at a machine that is not here.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{GpuProbe, NoGpus};
use crate::evidence::Devices;

/// No recording is larger.
const LARGEST: u64 = 64 << 20;

/// Moments in the order of a file; the last one stays.
#[derive(Debug)]
pub(crate) struct Recording {
    moments: Vec<Devices>,
    next: usize,
}

impl Recording {
    /// Opens a file of what `whyoom live --format json` printed.
    pub(crate) fn open(path: &Path) -> Result<Self, NoGpus> {
        let failed =
            |e: std::io::Error| NoGpus::because(format!("cannot read `{}`: {e}", path.display()));
        let mut json = Vec::new();
        let file = File::open(path).map_err(failed)?;
        file.take(LARGEST).read_to_end(&mut json).map_err(failed)?;
        Self::parse(&json)
    }

    /// Reads what `whyoom live --format json` prints, one object or several one after another.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, NoGpus> {
        let moments = serde_json::Deserializer::from_slice(json)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|e| NoGpus::because(format!("the recording is not one of GPUs: {e}")))?;
        Ok(Self { moments, next: 0 })
    }
}

impl GpuProbe for Recording {
    fn read(&mut self) -> Result<Devices, NoGpus> {
        let moment = self.moments.get(self.next).or_else(|| self.moments.last());
        self.next += 1;
        let devices = moment.ok_or_else(|| NoGpus::because("the recording is empty"))?;
        match &devices.problem {
            Some(reason) => Err(NoGpus::because(reason)),
            None => Ok(devices.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_in_their_order_and_the_last_one_stays() {
        let json = br#"{"source":"nvml","gpus":[]} {"source":"nvml","driver":"580","gpus":[]}"#;
        let mut recording = Recording::parse(json).unwrap();
        assert_eq!(recording.read().unwrap().driver, None);
        for _ in 0..2 {
            assert_eq!(recording.read().unwrap().driver.as_deref(), Some("580"));
        }
    }

    #[test]
    fn a_moment_without_gpus_says_why() {
        let mut recording =
            Recording::parse(br#"{"gpus":[],"problem":"no driver library"}"#).unwrap();
        assert_eq!(recording.read().unwrap_err().reason, "no driver library");
    }

    #[test]
    fn what_is_no_recording_is_said_to_be_none() {
        assert!(Recording::parse(b"[1, 2").is_err());
        assert!(Recording::parse(br#"{"gpus": 7}"#).is_err());
        assert!(Recording::parse(b"").unwrap().read().is_err());
    }
}
