//! Builds start a compiler for each core, and each of those for kernels takes several GiB of RAM.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper, MessageId};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerBuildJobs,
    cost: "a longer build",
    page: include_str!("fewer-build-jobs.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // A killed compiler, or one that got no more.
    if !s.kept_by(Keeper::Compiler) && s.incident.format != MessageId::CompilerMemory {
        return None;
    }
    if s.kept_by(Keeper::Go) {
        // `go help build`: as many packages side by side as there are cores.
        return Some(Offer::unmeasured(
            "GOFLAGS=-p=2 go build ./...  # as many packages at once; it is one a core unless set",
        ));
    }
    Some(Offer::unmeasured(
        "MAX_JOBS=2 NVCC_THREADS=1  # before pip install or python setup.py\n# make -j2, ninja -j2, cmake --build . -j2",
    ))
}
