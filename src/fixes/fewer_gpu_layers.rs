//! The layers that do not fit are computed by the CPU, with their weights in the host's memory.

use super::{Fix, Offer, Situation};
use crate::evidence::Memory;

pub(crate) static FIX: Fix = Fix {
    id: "fewer-gpu-layers",
    title: "Keep fewer layers on the GPU",
    cost: "slower: the CPU computes the rest; needs host memory",
    page: include_str!("fewer-gpu-layers.md"),
    offer,
};

fn offer(s: &Situation<'_>) -> Option<Offer> {
    // What is not on the GPU is in the host's memory.
    if s.incident.memory == Memory::Host {
        return None;
    }
    let how = match s.program() {
        "llama.cpp" => {
            "-ngl N  # N: fewer layers than now; MoE: --n-cpu-moe N\n# newer builds find N: --fit on, without -ngl and -c"
        }
        "ollama" => {
            "/set parameter num_gpu N  # N: fewer layers than now\n# in a Modelfile: PARAMETER num_gpu N"
        }
        "whisper.cpp" => "-ng  # all on the CPU: there is nothing in between",
        _ => return None,
    };
    Some(Offer::unmeasured(how))
}
