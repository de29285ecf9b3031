//! Processes that run side by side each hold their own copy: half of them need half of the memory.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Keeper};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerProcesses,
    cost: "a longer run",
    page: include_str!("fewer-processes.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    if s.kept_by(Keeper::Mpi) {
        return Some(ranks(s));
    }
    s.kept_by(Keeper::Pool).then(|| workers(s))
}

/// joblib's and scikit-learn's workers (joblib/parallel.py), and those of `multiprocessing`.
fn workers(s: &Situation<'_>) -> Offer {
    match s.half_of(Keeper::Pool) {
        Some((half, count)) => Offer::unmeasured(format!(
            "n_jobs={half}  # {count} in the log; each holds its own copy of what it works on"
        ))
        .titled(format!("Run fewer workers at once, {count} → {half}")),
        None => Offer::unmeasured(
            "n_jobs=...  # half of what it is; each holds its own copy of what it works on\n# n_jobs=1 shows whether one alone fits",
        )
        .titled("Run fewer workers at once".to_owned()),
    }
}

/// Open MPI's and MPICH's way to place so many ranks on a node (mpirun(1), `--map-by ppr:N:node`; hydra, `-ppn`).
fn ranks(s: &Situation<'_>) -> Offer {
    match s.half_of(Keeper::Mpi) {
        Some((half, count)) => Offer::unmeasured(format!(
            "mpirun --map-by ppr:{half}:node ...  # {count} in the log; MPICH: -ppn {half}"
        )),
        None => Offer::unmeasured(
            "mpirun --map-by ppr:N:node ...  # N: half of the ranks that a node has now; MPICH: -ppn N",
        ),
    }
    .titled("Place fewer ranks on each node".to_owned())
    .costing("more nodes, or a longer run")
}
