//! "Free memory on device … on startup is less than desired GPU memory utilization": vLLM looks before it takes its share.

use crate::evidence::{Accelerator, Incident, Key, MessageId, Program};
use crate::messages::{Example, Field, Match, Message};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::VllmStartup,
    printed_by: "vllm/v1/worker/gpu_worker.py from 0.9, vllm/v1/worker/utils.py (request_memory) since, weights held by another process from 0.33; the device from 0.12",
    framework: Program::Vllm,
    signatures: &[
        "on startup is less than desired",
        "than desired GPU memory utilization",
        "on startup is less than the engine's budget",
        "than the engine's budget after excluding",
    ],
    head: r"Freememoryondevice(?:[a-z]{1,8}:\d{1,3})?\(\d[\d.]*/\d[\d.]*GiB\)onstartupislessthan(?:desiredGPUmemoryutilization|theengine'sbudgetafterexcludingexternalprocess'sweights)\(\d[\d.]*,\d[\d.]*GiB\)",
    reach: 300,
    fields: &[
        Field(Key::Free, r"\((\d[\d.]*)/\d[\d.]*(GiB)\)onstartup"),
        Field(Key::Total, r"/{size}\)onstartup"),
        // What it wants to have is what it would allow itself.
        Field(Key::Tried, r"(?:utilization|weights)\(\d[\d.]*,{size}\)"),
        Field(Key::Limit, r"(?:utilization|weights)\(\d[\d.]*,{size}\)"),
    ],
    more: Some(more),
    examples: &[
        Example(
            "ValueError: Free memory on device (31.20/79.15 GiB) on startup is less than desired GPU memory utilization (0.9, \
                   71.24 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
            &[
                (Key::Free, "31.20 GiB"),
                (Key::Total, "79.15 GiB"),
                (Key::Tried, "71.24 GiB"),
                (Key::Limit, "71.24 GiB"),
            ],
        ),
        Example(
            "ValueError: Free memory on device cuda:1 (0.5/23.5 GiB) on startup is less than desired GPU memory utilization \
                   (0.92, 21.62 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
            &[(Key::Free, "0.5 GiB"), (Key::Total, "23.5 GiB")],
        ),
        // Another process holds the weights, and this one takes the rest of the share.
        Example(
            "ValueError: Free memory on device cuda:0 (2.25/23.5 GiB) on startup is less than the engine's budget after excluding \
                   external process's weights (0.9, 5.75 GiB). Decrease GPU memory utilization or reduce GPU memory used by other \
                   processes.",
            &[
                (Key::Free, "2.25 GiB"),
                (Key::Total, "23.5 GiB"),
                (Key::Tried, "5.75 GiB"),
            ],
        ),
    ],
    silent: &[
        // The summary of a start that went well is no failure.
        "Free memory on device (78.60/79.15 GiB) on startup. Desired GPU memory utilization is (0.9, 71.24 GiB). Actual \
                    usage is 14.99 GiB for weight, 1.20 GiB for peak activation, 0.10 GiB for non-torch memory, and 0.70 GiB for \
                    CUDAGraph memory.",
    ],
    ..Message::EMPTY
};

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.device = hit.number(r"^Freememoryondevice[a-z]{1,8}:(\d{1,3})\(");
    let named = hit.capture(r"^Freememoryondevice([a-z]{1,8}):\d");
    incident.accelerator = match named.as_deref() {
        Some("xpu") => Accelerator::Xpu,
        Some("npu") => Accelerator::Npu,
        Some("hpu") => Accelerator::Hpu,
        _ => Accelerator::Cuda,
    };
}

#[cfg(test)]
mod tests {
    use crate::messages::examples::one;

    #[test]
    fn the_device_is_named_by_newer_releases() {
        let text = "Free memory on device cuda:3 (1.2/23.5 GiB) on startup is less than desired GPU memory utilization (0.92, 21.62 \
                    GiB).";
        assert_eq!(one(text).incident.device, Some(3));
    }
}
