//! The table of `nvidia-smi`, pasted beside a failure: how full each GPU is.

use crate::bytes;
use crate::evidence::{GpuUse, Incident, MessageId, Program};
use crate::messages::{Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NvidiaSmiGpus,
    printed_by: "nvidia-smi, all drivers since R384",
    role: Role::Evidence,
    framework: Program::Cuda,
    signatures: &["| 00000000:", "|   00000000:"],
    head: ROW,
    reach: 400,
    more: Some(more),
    texts: &[
        "|   1  Tesla V100-SXM2...  Off  | 00000000:16:00.0 Off |                    0 |\n| N/A   36C    P0    42W / 300W |      3MiB / 32510MiB |      0%      Default |",
        "|   0  NVIDIA A100-SXM4-80GB          On  |   00000000:07:00.0 Off |                  Off |\n| N/A   31C    P0              63W /  400W |   79812MiB /  81920MiB |      0%      Default |",
    ],
    ..Message::EMPTY
};

/// A GPU takes two rows: its index, name and address; then its temperature, power and memory.
const ROW: &str = r"\|\d{1,2}[!-{}~]{2,60}\|00000000:[0-9A-F]{2}:[0-9A-F]{2}\.\d[!-{}~]{2,3}\|[!-{}~]{0,12}\|\|[!-{}~]{3,40}\|\d{1,7}MiB/\d{3,7}MiB\|";

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let mib = |pattern: &'static str| bytes::parse(&hit.capture(pattern)?, "MiB");
    let row = || {
        Some(GpuUse {
            index: hit.capture(r"^\|(\d{1,2})")?.parse().ok()?,
            used: mib(r"\|(\d{1,7})MiB/\d{3,7}MiB\|")?,
            total: mib(r"\|\d{1,7}MiB/(\d{3,7})MiB\|")?,
            line: (hit.line_number)(0),
        })
    };
    incident.gpus.extend(row());
}
