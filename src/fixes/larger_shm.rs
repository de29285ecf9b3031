//! Workers hand batches over in /dev/shm, of which Docker gives a container 64 MiB.

use super::{Fix, Offer, Situation};
use crate::bytes::Bytes;
use crate::evidence::{FixId, Keeper, Key, Memory, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::LargerShm,
    cost: "host memory, when it is used",
    page: include_str!("larger-shm.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.memory != Memory::Host || s.has(SettingKind::Windows) {
        return None;
    }
    let size = s.incident.facts.get(Key::Limit).map(larger);
    let how = if s.kept_by(Keeper::Kubernetes) {
        let limit = size.map_or(String::new(), |gib| format!(", sizeLimit: {gib}Gi"));
        format!("emptyDir: {{medium: Memory{limit}}}  # at /dev/shm")
    } else {
        match size {
            Some(gib) => format!("docker run --shm-size={gib}g ...  # or --ipc=host"),
            None => "docker run --ipc=host ...  # or --shm-size= above what df -h shows".to_owned(),
        }
    };
    Some(Offer::unmeasured(format!(
        "{how}\n# Kubernetes: emptyDir with medium: Memory at /dev/shm; no container: mount -o remount,size=... /dev/shm"
    )))
}

/// GiB that are certain to be more than what was full: twice as much.
fn larger(full: Bytes) -> u64 {
    full.high().saturating_mul(2).div_ceil(1 << 30).max(1)
}
