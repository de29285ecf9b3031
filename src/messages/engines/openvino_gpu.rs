//! `OpenVINO` on Intel GPUs: one buffer that is larger than the driver allows, or all of them than the device holds.

use crate::evidence::{Flag, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message, holds, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::OpenvinoGpu,
    printed_by: "src/plugins/intel_gpu/src/runtime/ocl/ocl_engine.cpp, runtime/engine.cpp (check_allocatable), OpenVINO from 2021",
    framework: Program::Openvino,
    signatures: &[
        "Exceeded max size of memory object",
        "max size of memory object allocation",
        "Exceeded max size of memory allocation",
        "but max alloc size",
        "bytes, already occupied :",
    ],
    head: r"Exceededmaxsizeofmemory(?:objectallocation:requested|allocation:Required)\d",
    accepts: Some(accepts),
    reach: 260,
    fields: &[
        Field(Key::Tried, r"allocation:requested{bytes}bytes"),
        Field(Key::Tried, r"allocation:Required{bytes}bytes"),
        Field(Key::Reserved, r"alreadyoccupied:{bytes}bytes"),
        // Of a single buffer.
        Field(
            Key::Limit,
            r"butmaxallocsize(?:supportedbydevice)?is{bytes}bytes",
        ),
        // The larger one of the device's memory and the host's (`get_max_memory_size`).
        Field(Key::Limit, r"butavailablememorysizeis{bytes}bytes"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "RuntimeError: [GPU] Exceeded max size of memory object allocation: requested 6442450944 bytes, but max alloc size \
                   supported by device is 4294959104 bytes.Please try to reduce batch size or use lower precision.",
            &[(Key::Tried, "6442450944"), (Key::Limit, "4294959104")],
        ),
        Example(
            "RuntimeError: Exceeded max size of memory object allocation: Requested 5368709120 bytes but max alloc size is \
                   4294959104 bytes",
            &[(Key::Tried, "5368709120"), (Key::Limit, "4294959104")],
        ),
        Example(
            "RuntimeError: [GPU] Exceeded max size of memory allocation: Required 3221225472 bytes, already occupied : \
                   14495514624 bytes, but available memory size is 16777216000 bytes",
            &[
                (Key::Tried, "3221225472"),
                (Key::Reserved, "14495514624"),
                (Key::Limit, "16777216000"),
            ],
        ),
    ],
    silent: &[
        // A warning is no failure.
        "[Warning] [GPU] Exceeded max size of memory allocation: Required 3221225472 bytes, already occupied : \
                    14495514624 bytes, but available memory size is 16777216000 bytes",
    ],
    ..Message::EMPTY
};

/// On Windows the second one is a warning, and it goes on.
fn accepts(hit: &Match<'_>) -> bool {
    !holds(tail(hit.before, 20), "[Warning]")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    if hit.capture(r"^Exceededmaxsizeofmemoryobject").is_some() {
        incident.flags.insert(Flag::SingleAllocationLimit);
    }
    let tried = incident.facts.get(Key::Tried);
    if tried.is_some_and(|tried| tried.low() >= 1 << 50) {
        incident.flags.insert(Flag::CorruptSize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::examples::one;

    #[test]
    fn only_a_single_buffer_has_a_limit_of_the_driver() {
        let marked = |at: usize| {
            let incident = one(MESSAGE.examples[at].0).incident;
            incident.flagged(Flag::SingleAllocationLimit)
        };
        assert!(marked(0) && marked(1) && !marked(2));
    }
}
