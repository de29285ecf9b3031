//! "Failed to allocate 8589934592 bytes on device 'cuda:0'": a program that is not known tells how much of a GPU's memory it did
//! not get.
//!
//! The sentence is built alike in most programs: a refusal, the word for allocating, a size, and somewhere in the line what it
//! was wanted of. Those that this tool knows by name have a message of their own, which comes first.

use crate::bytes::Bytes;
use crate::evidence::{Accelerator, Flag, Incident, Key, Memory, MessageId, Program};
use crate::messages::parts::{refusals, told};
use crate::messages::{Example, Field, Match, Message, capture, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceRefused,
    printed_by: "NVIDIA/warp warp/context.py (CudaDefaultAllocator, CudaMempoolAllocator); NVIDIA/DALI include/dali/core/cuda_error.h \
                 (CUDABadAlloc); PhysX gpucommon/src/PxgCudaMemoryAllocator.cpp; V-Ray GPU; and programs of the same words",
    framework: Program::Native,
    signatures: &[
        "ailed to allocate",
        "fail to allocate",
        "nable to allocate",
        "not allocate",
        "an't allocate",
        "rror allocating",
        "ailed to reserve",
    ],
    head: r"(?:fail(?:ed|ure|s)?to|unableto|couldnot|couldn't|can(?:not|'t)|error)(?:(?:re)?allocat(?:e|ing)|reserve)(?:memory(?:regionofsize|region)?\.?|(?:a|an|the)?(?:[A-Za-z]{3,12})?(?:buffer|array|tensor|texture|block|chunk|pool|arena|storage|region))?(?:of)?(?:size)?[:=]?(?:GPU|device|CUDA|HIP|VRAM)?(?:memory)?(?:of)?(?:size)?[:=(]?(?:\d[\d,.]*(?:bytes|[kmgt]i?b)|\d{5,})",
    accepts: Some(refusals::of_a_gpu),
    reach: 400,
    fields: &[
        Field(Key::Tried, r"^[a-z':=(]{10,90}?{size}"),
        Field(
            Key::Free,
            r"(?:,|\(|;|\.)only{size}(?:is|are)?(?:free|available|left)",
        ),
        Field(Key::Free, r"(?:available|free)(?:memory)?[:=]{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: Failed to allocate 23328000000 bytes on device 'cuda:0'",
            &[(Key::Tried, "23328000000 bytes")],
        ),
        Example(
            "Error when executing Mixed operator decoders__Image encountered:\nCan't allocate 201326592 bytes on device 0.\n\
                   Current pipeline object is no longer valid.",
            &[(Key::Tried, "201326592 bytes")],
        ),
        Example(
            "PxgCudaDeviceMemoryAllocator fail to allocate memory 335544320 bytes!! Result = 2",
            &[(Key::Tried, "335544320 bytes")],
        ),
        Example(
            "error: [GPU Light Cache] could not allocate buffer of size 1610612736",
            &[(Key::Tried, "1610612736")],
        ),
        Example(
            "RBXCRASH: OutOfMemoryGraphics (Failed to allocate memory. size = 3979776, alignment = 1024)",
            &[(Key::Tried, "3979776")],
        ),
        Example(
            "ERROR: unable to allocate 512.5 MiB of GPU memory",
            &[(Key::Tried, "512.5 MiB")],
        ),
    ],
    silent: &[
        // A try that goes on and a sentence are no failure.
        "failed to allocate 3.00G (3221225472 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        "Failed to allocate device memory of 28.41GiB",
        "Failed to allocate 512 MB on the GPU, falling back to the CPU",
        "You cannot allocate 8 GB of GPU memory in one buffer.",
        "When it fails to allocate 2 GB on the GPU, the program ends.",
        "Failed to allocate 64 bytes",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const SIGNS: [(&str, Program); 8] = [
        ("[malloc_or_wait]", Program::Mlx),
        // onnxruntime js/web/lib/wasm/wasm-core-impl.ts: the heap of WebAssembly, which lies in the host's memory.
        ("createasession", Program::OrtWeb),
        ("PxgCuda", Program::Physx),
        ("PxgPinned", Program::Physx),
        ("ondevice'cuda:", Program::Warp),
        ("operator", Program::Dali),
        ("[GPU", Program::Renderer),
        ("RBXCRASH", Program::Game),
    ];
    told::advice(hit, incident);
    let bare = capture(
        r"(?:size|buffer|memory)[:=(]?(\d{5,})(?:\.?$|[^0-9.kmgt])",
        hit.own_line(),
    );
    if let Some((digits, size)) =
        bare.and_then(|digits| Some((digits.clone(), digits.parse().ok()?)))
    {
        told::add(hit, incident, Key::Tried, Bytes::exact(size), digits);
    }
    let near = tail(hit.before, 160);
    let around = |words: &str| holds(near, words) || holds(hit.own_line(), words);
    if let Some((_, program)) = SIGNS.iter().find(|(words, _)| around(words)) {
        incident.framework = *program;
    }
    if incident.framework == Program::OrtWeb {
        incident.memory = Memory::Host;
    }
    if holds(tail(hit.before, 40), "HostMemoryAllocator") {
        incident.memory = Memory::Host;
        incident.flags.insert(Flag::Pinned);
    }
    incident.device = hit.number(r"(?:ondevice|cuda:|GPU)(\d{1,2})(?:$|[^0-9.])");
    if incident.framework == Program::Mlx {
        incident.accelerator = Accelerator::Mps;
        return;
    }
    let vendors = [
        ("hip", Accelerator::Rocm),
        ("rocm", Accelerator::Rocm),
        ("sycl", Accelerator::Xpu),
    ];
    let line = hit.line_text.to_ascii_lowercase();
    if let Some((_, vendor)) = vendors.iter().find(|(word, _)| line.contains(word)) {
        incident.accelerator = *vendor;
    } else if ["webgpu", "vulkan", "opencl", "metal"]
        .iter()
        .any(|word| line.contains(word))
    {
        incident.accelerator = Accelerator::Unnamed;
    }
    if capture(r"ondevice'cpu'", hit.own_line()).is_some() {
        incident.memory = Memory::Host;
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::Program;
    use crate::messages::examples::one;

    #[test]
    fn the_words_around_it_name_the_program() {
        let says = |text: &str| one(text).incident.framework;
        assert_eq!(
            says("RuntimeError: Failed to allocate 4096 bytes on device 'cuda:1'"),
            Program::Warp
        );
        assert_eq!(
            says("error: unable to allocate 3 GB of device memory"),
            Program::Native
        );
    }
}
