//! The host's memory ran out, not the GPU's, so the job needs more of it or a higher limit.

use super::{Fix, Offer, Situation};
use crate::evidence::{FindingId, FixId, Memory, SettingKind};

pub(crate) static FIX: Fix = Fix {
    id: FixId::AddHostMemory,
    cost: "the cluster's or the machine's memory",
    page: include_str!("add-host-memory.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.incident.memory != Memory::Host {
        return None;
    }
    let how = if s.has(SettingKind::Windows) {
        "SystemPropertiesAdvanced\n# Performance, Advanced, Virtual memory: a larger page file"
    } else {
        match s.finding {
            FindingId::Cgroup => {
                "docker run --memory=64g ...\n# Kubernetes: resources.limits.memory; Slurm: #SBATCH --mem=64G"
            }
            _ if s.incident.framework.buffers() => {
                "more RAM or swap, or a higher limit of the container\n# docker run --memory=64g; WSL: memory=64GB in .wslconfig"
            }
            _ => {
                "#SBATCH --mem=64G  # Slurm\n# docker run --memory=64g; Kubernetes: limits.memory\n# without such a limit: more RAM or swap"
            }
        }
    };
    Some(Offer::unmeasured(how))
}
