//! "Out of gpu memory. Free: … Asked: …": `AMReX`, and the codes that stand on it.

use crate::evidence::{Key, MessageId, Program};
use crate::messages::{Example, Field, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::AmrexAbort,
    printed_by: "amrex Src/Base/AMReX_Arena.cpp (Arena::allocate_system), AMReX_GpuError.H; plain bytes",
    framework: Program::Simulation,
    signatures: &[
        "Out of gpu memory. Free",
        "amrex::Abort::",
        "AMReX_Arena.cpp",
    ],
    head: r"Outofgpumemory\.Free:\d+Asked:\d|(?:CUDA|HIP)error2infile[!-~]{1,300}?line\d+:outofmemory",
    reach: 300,
    fields: &[
        Field(Key::Free, r"gpumemory\.Free:{bytes}Asked"),
        Field(Key::Tried, r"Asked:{bytes}"),
    ],
    examples: &[Example(
        "amrex::Abort::0::Out of gpu memory. Free: 1073741824 Asked: 4294967296 !!!\nSIGABRT",
        &[(Key::Free, "1073741824"), (Key::Tried, "4294967296")],
    )],
    texts: &[
        "amrex::Abort::2::CUDA error 2 in file /home/user/warpx/_deps/fetchedamrex-src/Src/Base/AMReX_Arena.cpp line 204: out of memory !!!",
    ],
    ..Message::EMPTY
};
