//! "Device does not have enough free memory to hold the DAG … Required: 5.02 GB, free: 4.97 GB.": a program counts before it asks.
//!
//! What is needed and what is there stand in one sentence, or the program is known by it. Sentences that name a GPU's memory at once
//! are those of [`super::device_exhausted`].

use super::device_exhausted;
use crate::bytes;
use crate::evidence::{Incident, Key, MessageId, Program};
use crate::messages::parts::{refusals, told};
use crate::messages::{Example, Field, Match, Message, capture, holds, standing, start, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::DeviceShort,
    printed_by: "T-Rex (closed: trexminer/T-Rex issues 906, 1007); Qiskit Aer src/controllers; Redshift (closed: its log); and programs \
                 of the same words",
    framework: Program::Native,
    signatures: &[
        "nsufficient memory to",
        "have enough ",
        "GB but device",
        "ailed to allocate",
        "not allocate",
        "an't allocate",
        "reached memory limit",
    ],
    head: r"(?:insufficient|(?:do|does)(?:not|n't)haveenough|not?haveenough)(?:available|free|remaining)?(?:GPU|device|video)?(?:memory|RAM|VRAM)to(?:run|hold|fit|load|store|place|build)|(?:requires?|needs)\d[\d.]*[KMGT]i?Bbut(?:the)?(?:device|GPU|card)(?:only)?has|\[Redshift\]Failedtoallocatemem|(?:failedto|couldnot|unableto|cannot|can't)allocate[A-Za-z\[]{0,30}?(?:CUDA|GPU|VRAM|device|HIP)[A-Za-z\]]{0,24}|CUDAdevice\d{1,2}reachedmemorylimitwhiletryingtoallocate\d+bytes",
    accepts: Some(accepts),
    reach: 300,
    fields: &[
        Field(Key::Tried, r"required:{size}"),
        Field(Key::Tried, r"requires{size}"),
        Field(Key::Tried, r"needs{size}"),
        Field(Key::Free, r"free:{size}"),
        Field(Key::Free, r"available:{size}"),
        Field(Key::Total, r"devicehas{size}"),
        Field(Key::Total, r"gpuhas{size}"),
        Field(Key::Tried, r"limitwhiletryingtoallocate{bytes}bytes"),
        Field(Key::Tried, r"\(size[:=]?{bytes}\)"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "Device does not have enough free memory to hold the DAG for epoch 65. Required: 5.02 GB, free: 4.97 GB.",
            &[(Key::Tried, "5.02 GB"), (Key::Free, "4.97 GB")],
        ),
        Example(
            "ERROR: Epoch 331 requires 4.09GB but device has 3.94GB",
            &[(Key::Tried, "4.09 GB"), (Key::Total, "3.94 GB")],
        ),
        Example(
            "ERROR:  [Experiment 0] Insufficient memory to run circuit circuit-164 using the statevector_gpu simulator. Required \
                   memory: 131072M, max memory: 24564M (GPU)",
            &[(Key::Tried, "131072M"), (Key::Total, "24564M")],
        ),
        Example(
            "CUDA device 0 reached memory limit while trying to allocate 414853888 bytes, currently at 3317279728/4100456448",
            &[(Key::Tried, "414853888")],
        ),
    ],
    texts: &[
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  Could not allocate shared buffer for CUDA \
                   basecaller.",
        // Deeplearning4j (nd4j-jcublas, CudaMemoryManager.java).
        "Caused by: java.lang.IllegalStateException: Can't allocate [DEVICE] special buffer memory!",
        "[Redshift] ASSERT FAILED\n[Redshift] Failed to allocate mem",
    ],
    silent: &[
        // What people say of it and other memory is no failure.
        "The GPU may not have enough memory to hold the model.",
        "Insufficient memory to run the tests",
        "Could not allocate the device buffer, so we chunk it.",
        "ERROR: failed to allocate GPU memory, falling back to the CPU",
        "We do not have enough memory to build this: required: 8 GB, free: 2 GB",
        "If the device does not have enough memory to load it (required: 8 GB, free: 2 GB), use a smaller one.",
        "epoch 3 requires 4.09GB but device has 8GB?",
    ],
    ..Message::EMPTY
};

/// What it needs and what there is, of a GPU; or the program's own line.
fn accepts(hit: &Match<'_>) -> bool {
    const BOTH: &str = r"(?:requi|need)[a-z]{1,5}(?:memory)?[:=]?\d[\d.]*[KMGT](?:i?B)?(?:,|but|and)[!-~]{0,30}?(?:free|available|memory|has|has?only)[:=]?\d";
    const GPU: [&str; 7] = ["device", "gpu", "vram", "cuda", "card", "opencl", "vulkan"];
    if hit.folded.starts_with("[redshift]") || hit.folded.starts_with("cudadevice") {
        return true;
    }
    if hit.folded.contains("allocate") && !hit.folded.starts_with(['i', 'd', 'n', 'r']) {
        return refused(hit);
    }
    let (before, text) = (tail(hit.before, 160), start(hit.text, 200));
    let names_it = GPU
        .iter()
        .any(|word| holds(before, word) || holds(text, word));
    names_it && capture(BOTH, hit.text).is_some() && !device_exhausted::talks(hit)
}

/// "Could not allocate shared buffer for CUDA basecaller.": without a size it counts as the message of an exception or a record.
fn refused(hit: &Match<'_>) -> bool {
    const RECORD: &str = r"(?:^|[^A-Za-z])(?:(?-i:ERROR|CRITICAL|FATAL)(?:[^A-Za-z]|$)|(?-i:Error|Fatal):)|\[(?:error|fatal|critical)\]|what\(\):$";
    let before = tail(hit.line_before(), 300);
    // A terminal may have wrapped the line.
    let thrown = tail(hit.before, 7).eq_ignore_ascii_case("what():");
    let told = thrown || capture(RECORD, before).is_some() || standing::raised(hit);
    // With a size it is another's.
    let sized = capture(
        r"^[!-~]{0,12}?\d[\d.,]*(?:[kmgt]i?b|bytes)|^[^(]{0,12}?\d{5,}",
        hit.line_after(),
    )
    .is_some();
    told && !sized && refusals::of_a_gpu(hit) && !device_exhausted::talks(hit)
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    const SIGNS: [(&str, Program); 6] = [
        ("basecaller", Program::Guppy),
        ("reachedmemorylimit", Program::Guppy),
        ("[Redshift]", Program::Renderer),
        ("theDAG", Program::Miner),
        ("Epoch", Program::Miner),
        ("circuit", Program::Quantum),
    ];
    // Qiskit Aer (src/controllers/controller_execute.hpp) counts in MiB, and calls them "M".
    const MEBIBYTES: [(Key, &str); 2] = [
        (Key::Tried, r"Requiredmemory:(\d+)M(?:[^A-Za-z]|$)"),
        (Key::Total, r"(\d+)M\(GPU\)"),
    ];
    told::advice(hit, incident);
    let around = |words: &str| holds(hit.own_line(), words) || holds(hit.line_before(), words);
    if let Some((_, program)) = SIGNS.iter().find(|(words, _)| around(words)) {
        incident.framework = *program;
    }
    for (key, pattern) in MEBIBYTES {
        let found = hit.capture(pattern);
        let size = found.as_ref().and_then(|n| bytes::parse(n, "MiB"));
        if let Some((number, size)) = found.zip(size) {
            told::add(hit, incident, key, size, format!("{number}M"));
        }
    }
}
