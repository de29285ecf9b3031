//! ONNX Runtime's arena doubles each time that it grows and never shrinks; it can be told to take only what is asked for.

use super::{Fix, Offer, Situation};
use crate::evidence::{FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::GrowArenaAsNeeded,
    cost: "more calls of the driver at the start",
    page: include_str!("grow-arena-as-needed.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    (s.program() == Program::Onnxruntime).then(|| {
        Offer::unmeasured(
            "{\"arena_extend_strategy\": \"kSameAsRequested\"}\n# options of CUDAExecutionProvider; with \"cudnn_conv_use_max_workspace\": \"0\" for convolutions",
        )
    })
}
