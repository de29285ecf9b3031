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
        // docs/Parameters.rst: double precision is an option of the OpenCL build, and all that the CUDA build has.
        Program::Lightgbm => {
            "\"max_bin\": 63  # 255 otherwise\n# \"device_type\": \"gpu\" with \"gpu_use_dp\": false takes less than \"cuda\", which computes in double precision"
        }
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
