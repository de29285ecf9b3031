//! ONNX Runtime's arena doubles each time that it grows and never shrinks; it can be told to take only what is asked for.

use super::{Fix, Offer, Situation};
use crate::evidence::{Accelerator, FixId, Program};

pub(crate) static FIX: Fix = Fix {
    id: FixId::GrowArenaAsNeeded,
    cost: "more calls of the driver at the start",
    page: include_str!("grow-arena-as-needed.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // The provider of DirectML has no such option.
    let cuda = matches!(s.accelerator(), Accelerator::Cuda | Accelerator::Rocm);
    if s.incident.framework != Program::Onnxruntime || !cuda {
        return None;
    }
    let how = match s.program() {
        // onnxruntime_backend of triton-inference-server, README.md: 1 is kSameAsRequested.
        Program::TritonServer => {
            "parameters { key: \"arena_extend_strategy\" value: { string_value: \"1\" } }\n# in config.pbtxt of a model that ONNX Runtime runs"
        }
        Program::Onnxruntime => {
            "{\"arena_extend_strategy\": \"kSameAsRequested\"}\n# options of CUDAExecutionProvider; with \"cudnn_conv_use_max_workspace\": \"0\" for convolutions"
        }
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
