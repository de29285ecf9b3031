//! Histograms and the quantized data grow with the number of bins.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::FewerBins,
    cost: "coarser splits, mostly without a loss",
    page: include_str!("fewer-bins.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    let how = match s.program() {
        Program::Xgboost => "\"max_bin\": 64  # of the training and of the matrix; 256 otherwise",
        Program::Lightgbm => "\"max_bin\": 63  # 255 otherwise; and \"gpu_use_dp\": false",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
