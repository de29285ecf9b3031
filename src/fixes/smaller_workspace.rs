//! A builder tries what its workspace allows; one that fits into what is free makes it try what can work.

use super::{Fix, Offer, Situation};
use crate::bytes::{Bytes, GIB, MIB};
use crate::evidence::{FixId, Flag, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::SmallerWorkspace,
    cost: "a slower tactic for some layers",
    page: include_str!("smaller-workspace.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // An engine that is built has no workspace to choose any more.
    if s.program() != Program::Tensorrt || s.incident.flagged(Flag::AtWork) {
        return None;
    }
    let how = format!(
        "trtexec --memPoolSize=workspace:{}  # in MiB\n# config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, N) in bytes; DeepStream: workspace-size",
        below(s.balance.tried) / MIB
    );
    Some(Offer::unmeasured(how))
}

/// The largest power of two at most half of what was refused, in bytes; 1 GiB where that is not known or is little.
fn below(tried: Option<Bytes>) -> u64 {
    let half = tried.map_or(0, |tried| tried.low() / 2);
    if half < GIB {
        return GIB;
    }
    1 << half.ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_well_below_what_was_refused() {
        assert_eq!(below(Some(Bytes::exact(4 * GIB))), 2 * GIB);
        assert_eq!(below(Some(Bytes::exact(35 * GIB))), 16 * GIB);
        assert_eq!(below(Some(Bytes::exact(MIB))), GIB);
        assert_eq!(below(None), GIB);
    }
}
