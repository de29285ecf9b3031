//! "`StandardGpuResources`: alloc fail type `FlatData` … size N bytes (cudaMalloc error out of memory [2])": FAISS.

use crate::evidence::{Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::FaissResources,
    printed_by: "facebookresearch/faiss faiss/gpu/StandardGpuResources.cpp (allocMemory) and GpuResources.cpp (AllocRequest::toString); 1.6.4 and newer",
    framework: Program::Faiss,
    signatures: &[
        "StandardGpuResources: alloc fail",
        "StandardGpuResources: allo",
    ],
    head: r"StandardGpuResources:allocfailtype[A-Za-z]{3,40}dev\d{1,3}space[A-Za-z]{4,12}stream(?:0x)?[0-9a-f]{1,16}size\d{1,19}bytes\((?:cudaMalloc|hipMalloc|rmm)error[!-~]{0,80}?out_?of_?memory",
    reach: 400,
    fields: &[Field(Key::Tried, r"size{bytes}bytes\(")],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: Error in virtual void* faiss::gpu::StandardGpuResourcesImpl::allocMemory(const faiss::gpu::AllocRequest&) at \
                   /x/faiss/gpu/StandardGpuResources.cpp:530: Error: 'err == cudaSuccess' failed: StandardGpuResources: alloc fail type \
                   FlatData dev 0 space Device stream 0x5581a0 size 30720000000 bytes (cudaMalloc error out of memory [2])",
            &[(Key::Tried, "30720000000")],
        ),
        Example(
            "StandardGpuResources: alloc fail type TemporaryMemoryOverflow dev 1 space Device stream 0x7effcc size 4513349632 bytes \
                   (cudaMalloc error out of memory [2])",
            &[(Key::Tried, "4513349632")],
        ),
    ],
    silent: &[
        // A second try elsewhere is no failure.
        "StandardGpuResources: alloc fail type TemporaryMemoryBuffer dev 0 space Temporary stream 0x1 size 512 bytes (no \
        temp space); retrying as MemorySpace::Device",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device =
        hit.number(r"^StandardGpuResources:allocfailtype[A-Za-z]{3,40}?dev(\d{1,3})space");
    // What a search needs for a while; all else is the index.
    let part = if hit.says("typeTemporaryMemory") {
        Flag::ForWork
    } else {
        Flag::ForWeights
    };
    incident.flags.insert(part);
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::one;

    #[test]
    fn the_device_is_the_one_that_it_names() {
        let incident = one(super::MESSAGE.examples[1].0).incident;
        assert_eq!(incident.device, Some(1));
    }
}
