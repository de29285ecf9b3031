//! "unable to allocate shared memory(shm)": a worker or a rank could not put what it hands over into /dev/shm.

use crate::evidence::{Flag, Incident, Memory, MessageId, Phase, Program};
use crate::messages::parts::dev_shm;
use crate::messages::{Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::TorchSharedMemory,
    printed_by: "aten/src/ATen/MapAllocator.cpp; NVIDIA/nccl src/misc/shmutils.cc; Python, OSError of multiprocessing's files in /dev/shm",
    memory: Memory::Host,
    framework: Program::Pytorch,
    signatures: &[
        "unable to allocate shared memory",
        "unable to mmap",
        "unable to write to file </",
        "shared memory segment",
        "failed to extend /dev/shm",
        "device: '/dev/shm",
    ],
    head: r"unabletoallocatesharedmemory\(shm\)forfile|unabletommap\d{1,20}bytesfromfile|unabletowritetofile</torch_|Errorwhilecreatingsharedmemorysegment/dev/shm/|Error:failedtoextend/dev/shm/|Nospaceleftondevice:'/dev/shm",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "RuntimeError: unable to allocate shared memory(shm) for file </torch_4711_2293422226_0>: Resource temporarily \
                   unavailable (11)",
        "RuntimeError: unable to mmap 67108864 bytes from file </torch_4711_2293422226_0>: Cannot allocate memory (12)",
        "RuntimeError: unable to allocate shared memory(shm) for file </torch_12_3_4>: No space left on device (28)",
        "RuntimeError: unable to write to file </torch_12_3_4>: No space left on device (28)",
        "misc/shmutils.cc:72 NCCL WARN Error: failed to extend /dev/shm/nccl-Ab12Cd to 9637892 bytes",
        "include/shm.h:42 NCCL WARN Error while creating shared memory segment /dev/shm/nccl-Ab12Cd (size 9637888)",
        "OSError: [Errno 28] No space left on device: '/dev/shm/pym-12-ab'",
    ],
    ..Message::EMPTY
};

/// Errors of the file itself (permission, not found) are none of memory.
fn accepts(hit: &Match<'_>) -> bool {
    let of_the_segment = ["errorwhilecreating", "error:failedto", "nospaceleft"];
    of_the_segment
        .iter()
        .any(|head| hit.folded.starts_with(head))
        || [
            "temporarilyunavailable",
            "Cannotallocatememory",
            "Nospaceleft",
        ]
        .iter()
        .any(|reason| hit.says(reason))
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    // NCCL's ranks hand over as well, and not only those who load data.
    if !hit.folded.starts_with("error") {
        incident.phase = Some(Phase::Dataloader);
    }
    // mmap(2): "Cannot allocate memory" is the word for too many maps; a full /dev/shm has others, "No space left" and a bus error.
    if hit.folded.starts_with("unabletommap") && hit.says("Cannotallocatememory") {
        return;
    }
    incident.flags.insert(Flag::Shm);
    dev_shm::read(hit, incident);
}
