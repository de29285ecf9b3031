//! An operation that needs one huge result can work on slices and keep only what is needed.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::ChunkTheOperation,
    cost: "a little time",
    page: include_str!("chunk-the-operation.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let at = s.at_here();
    let stack = &s.incident.traceback;
    let boxes = [
        "bbox_overlaps",
        "_box_inter_union",
        "select_candidates_in_gts",
    ];
    if s.torch() && boxes.iter().any(|name| stack.runs(name)) {
        return Some(Offer::unmeasured(
            "gpu_assign_thr=100  # mmdet, in the assigner: more boxes go to the CPU\n# elsewhere: crop or drop images with thousands of boxes",
        ));
    }
    if s.torch() && stack.runs("to_dense") {
        return Some(Offer::unmeasured(
            "NeighborLoader(data, num_neighbors=[10, 10], batch_size=1024)\n# or a model that works on edge_index: a dense matrix holds all pairs of nodes",
        ));
    }
    let how = match s.program() {
        Program::Jax => "y = jax.lax.map(f, x, batch_size=1024)".to_owned(),
        Program::Cupy => format!("for part in cupy.array_split(x, 16): ...{at}"),
        Program::Rapids => format!(
            "ddf = ddf.repartition(partition_size=\"256MB\")  # dask_cudf\n# or read and reduce the table in pieces{at}"
        ),
        Program::Julia => "for part in Iterators.partition(axes(x, 2), 1024) ... end".to_owned(),
        Program::Numba => format!("for part in numpy.array_split(x, 16): ...{at}"),
        _ if s.torch() => format!(
            "y = torch.cat([f(part) for part in x.split(1024)]){at}\n# inside: reduce (min, topk, sum) before anything of full size is kept"
        ),
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
