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
    (s.program() == Program::Xgboost).then(|| {
        Offer::unmeasured(
            "dtrain = xgb.QuantileDMatrix(X, y)  # instead of DMatrix; then del X\n# larger than the card: ExtMemQuantileDMatrix, from 3.0",
        )
    })
}
