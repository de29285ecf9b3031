//! "Out of gpu memory. Free: … Asked: …": `AMReX`, and the codes that stand on it.

use crate::evidence::{FactSource, Framework, Key, Memory};
use crate::messages::{Compiled, Example, Field, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: "amrex-abort",
    printed_by: "amrex Src/Base/AMReX_Arena.cpp (Arena::allocate_system), AMReX_GpuError.H; plain bytes",
    role: Role::Failure,
    memory: Memory::Device,
    framework: Framework::Simulation,
    signatures: &[
        "Out of gpu memory. Free",
        "amrex::Abort::",
        "AMReX_Arena.cpp",
    ],
    head: r"Outofgpumemory\.Free:\d+Asked:\d|(?:CUDA|HIP)error2infile[!-~]{1,300}?line\d+:outofmemory",
    accepts: None,
    reach: 300,
    source: FactSource::Message,
    fields: &[
        Field {
            key: Key::Free,
            pattern: r"gpumemory\.Free:{bytes}Asked",
        },
        Field {
            key: Key::Tried,
            pattern: r"Asked:{bytes}",
        },
    ],
    more: None,
    examples: &[
        Example {
            text: "amrex::Abort::0::Out of gpu memory. Free: 1073741824 Asked: 4294967296 !!!\nSIGABRT",
            reads: &[(Key::Free, "1073741824"), (Key::Tried, "4294967296")],
        },
        Example {
            text: "amrex::Abort::2::CUDA error 2 in file /home/user/warpx/_deps/fetchedamrex-src/Src/Base/AMReX_Arena.cpp line 204: out of memory !!!",
            reads: &[],
        },
    ],
    compiled: Compiled::new(),
};
