//! Workers hand batches over in /dev/shm, of which Docker gives a container 64 MiB.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Memory, SettingKind};

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
    Some(Offer::unmeasured(
        "docker run --shm-size=8g ...  # or --ipc=host\n# Kubernetes: emptyDir with medium: Memory at /dev/shm; no container: mount -o remount,size=8g /dev/shm",
    ))
}
