//! "Failed to allocate a memory region of …": Kaldi takes the GPU's memory in large regions.

use crate::bytes::{Bytes, MIB};
use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::KaldiRegion,
    printed_by: "kaldi-asr/kaldi src/cudamatrix/cu-allocator.cc (AllocateNewRegion), cu-device.cc (GetFreeGpuMemory: whole MiB)",
    framework: Program::Kaldi,
    signatures: &[
        "to allocate a memory region of",
        "due to sharing the GPU",
        "smaller minibatch size would help",
    ],
    head: r"Failedtoallocateamemoryregionof\d+bytes",
    accepts: Some(|hit| hit.says("Memoryinfo:") || hit.says("CUDAerror:")),
    reach: 600,
    fields: &[Field(Key::Tried, r"regionof{bytes}bytes")],
    more: Some(more),
    examples: &[
        Example(
            "ERROR (nnet3-train[5.5]:AllocateNewRegion():cu-allocator.cc:491) Failed to allocate a memory region of 3145728000 \
                   bytes.  Possibly this is due to sharing the GPU.  Try switching the GPUs to exclusive mode (nvidia-smi -c 3) and \
                   using the option --use-gpu=wait to scripts like steps/nnet3/chain/train.py.  Memory info: free:1210M, used:6772M, \
                   total:7982M, free/total:0.151591 CUDA error: 'out of memory'",
            &[
                (Key::Tried, "3145728000"),
                (Key::Free, "1210M"),
                (Key::Total, "7982M"),
            ],
        ),
        Example(
            "ERROR (nnet3-train[5.5]:AllocateNewRegion():cu-allocator.cc:498) Failed to allocate a memory region of 629145600 bytes.  \
                   Possibly smaller minibatch size would help.  Memory info: free:310M, used:10868M, total:11178M, \
                   free/total:0.0277 CUDA error: 'out of memory'",
            &[(Key::Tried, "629145600"), (Key::DeviceInUse, "10868M")],
        ),
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    for (key, pattern) in [
        (Key::Free, r"free:(\d{1,7})M,"),
        (Key::DeviceInUse, r"used:(\d{1,7})M,"),
        (Key::Total, r"total:(\d{1,7})M,"),
    ] {
        let number = hit.capture(pattern).and_then(|n| n.parse::<u64>().ok());
        if let Some((count, size)) = number.and_then(|n| Some((n, Bytes::floored(n, MIB)?))) {
            told::add(hit, incident, key, size, format!("{count}M"));
        }
    }
}
