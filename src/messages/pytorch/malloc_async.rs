//! "Allocation on device 0 would exceed allowed memory": PyTorch on the driver's own pool, cudaMallocAsync.

use crate::evidence::{Incident, Key, MessageId, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Example, Field, Match, Message, standing, tail};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::PytorchMallocAsync,
    printed_by: "c10/cuda/CUDAMallocAsyncAllocator.cpp, PyTorch from 2.0",
    framework: Program::Pytorch,
    signatures: &["Allocation on device", "would exceed allowed memory"],
    head: r"Allocationondevice(?:(?:\d{1,3}|\\x0[0-9a-f]|\^[@A-P])?wouldexceedallowedmemory)?",
    accepts: Some(accepts),
    reach: 600,
    fields: &[
        Field(Key::Allocated, r"Currentlyallocated:{size}"),
        Field(Key::Tried, r"Requested:{size}"),
        Field(Key::Total, r"Devicelimit:{size}"),
        Field(Key::Free, r"Free\(accordingtoCUDA\):{size}"),
        // All ones where no fraction is set.
        Field(Key::Limit, r"memoryfraction\):{size}"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "torch.OutOfMemoryError: Allocation on device 1 would exceed allowed memory. (out of memory)\nCurrently \
                   allocated     : 54.14 GiB\nRequested               : 686.41 MiB\nDevice limit            : 79.35 \
                   GiB\nFree (according to CUDA): 27.19 MiB\nPyTorch limit (set by user-supplied memory fraction)\n\
                   \x20                       : 17179869184.00 GiB",
            &[
                (Key::Allocated, "54.14 GiB"),
                (Key::Tried, "686.41 MiB"),
                (Key::Total, "79.35 GiB"),
                (Key::Free, "27.19 MiB"),
            ],
        ),
        Example(
            "thread 'main' panicked at src/main.rs:12:6: called `Result::unwrap()` on an `Err` value: \"Allocation on \
                   device 0 would exceed allowed memory. (out of memory)\\nCurrently allocated     : 7.50 GiB\\nRequested   \
                   \x20           : 2.00 GiB\\nDevice limit            : 8.00 GiB\"",
            &[
                (Key::Allocated, "7.50 GiB"),
                (Key::Tried, "2.00 GiB"),
                (Key::Total, "8.00 GiB"),
            ],
        ),
    ],
    texts: &[
        // The index was a raw byte from 2.3 to 2.9: for GPU 0 a NUL, where Python ends the text.
        "torch.OutOfMemoryError: Allocation on device ",
        // ComfyUI's report of an error, as its page copies it.
        "- **Exception Type:** torch.OutOfMemoryError\n- **Exception Message:** Allocation on device \n## Stack Trace",
    ],
    ..Message::EMPTY
};

/// The bare form is nothing but three words: it counts where the message of an exception stands.
fn accepts(hit: &Match<'_>) -> bool {
    is_whole(hit)
        || standing::raised(hit)
        || tail(hit.before, 19).eq_ignore_ascii_case("ExceptionMessage:**")
        || hit.begins_line(0)
            && hit.line_after().is_empty()
            && hit.line_text.trim_end().ends_with("device")
}

fn is_whole(hit: &Match<'_>) -> bool {
    hit.capture(r"^Allocationondevice[!-~]{0,4}wouldexceed")
        .is_some()
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let mut note = |kind, value: &str| {
        told::setting(hit, incident, (kind, "cudaMallocAsync"), value);
    };
    note(SettingKind::MallocAsync, "");
    if is_whole(hit) {
        incident.device = hit.number(r"^Allocationondevice(\d+)would");
    } else {
        note(SettingKind::TorchAtLeast, "2.3");
        note(SettingKind::TorchAtMost, "2.9");
        incident.device = Some(0);
    }
}
