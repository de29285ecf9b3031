//! Trees look at histograms: the data set need not be there in full beside them.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::QuantileMatrix,
    cost: "none for the hist method; the matrix serves training only",
    page: include_str!("quantile-matrix.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let stack = &s.incident.traceback;
    let called = |name: &str| {
        stack
            .frames
            .iter()
            .any(|f| f.code.contains(name) || f.name() == name)
    };
    if s.program() != Program::Xgboost {
        return None;
    }
    // What is in use already helps by its own switches (doc/tutorials/external_memory.rst).
    if called("ExtMemQuantileDMatrix") {
        let how = "fewer, larger batches from the iterator, and \"max_bin\": 64\n# min_cache_page_bytes and cache_host_ratio keep more pages on the host";
        return Some(Offer::unmeasured(how).titled("Keep less of the external matrix on the GPU"));
    }
    (!called("QuantileDMatrix")).then(|| {
        Offer::unmeasured(
            "dtrain = xgb.QuantileDMatrix(X, y)  # instead of DMatrix; then del X\n# larger than the card: ExtMemQuantileDMatrix, from 3.0",
        )
    })
}
