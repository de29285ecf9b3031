//! Ranks that opened a device which is not theirs.

use super::{Incident, Process};
use crate::bytes::GIB;

/// Other processes with neighbouring numbers, each about what a bare CUDA context takes, 0.2 to 1 GiB (pytorch/pytorch issue
/// 49481); empty where there are no two of them.
pub(crate) fn of_ranks(incident: &Incident) -> Vec<&Process> {
    let others = incident.processes.iter().filter(|p| !p.own);
    let contexts: Vec<&Process> = others
        .filter(|p| p.bytes.high() <= GIB && p.bytes.low() >= GIB / 5)
        .collect();
    let mut pids: Vec<u32> = contexts.iter().filter_map(|p| p.pid).collect();
    pids.sort_unstable();
    let neighbours = pids
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if b - a <= 8));
    if neighbours { contexts } else { Vec::new() }
}
