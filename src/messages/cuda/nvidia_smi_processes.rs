//! The process table of `nvidia-smi`, pasted beside a failure: who holds the device.

use crate::bytes;
use crate::evidence::{Incident, MessageId, Process, Program};
use crate::messages::{Match, Message, Role};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NvidiaSmiProcesses,
    printed_by: "nvidia-smi, all drivers; the columns GI and CI since R450",
    role: Role::Evidence,
    framework: Program::Cuda,
    signatures: &["N/A  N/A  ", "GPU Memory", "Processes:"],
    head: ROW,
    reach: 300,
    more: Some(more),
    texts: &[
        "|    0   N/A  N/A      1047      G   /usr/lib/xorg/Xorg                168MiB |",
        "| Processes:                                                       GPU Memory |\n|    0     20213      C   python                                     10513MiB |",
    ],
    ..Message::EMPTY
};

/// A row begins with its device, MIG ids where the driver prints them, the process and its type.
const ROW: &str = r"\|\d{3,9}(?:C\+G|C|G|M\+C)[!-{}~]{1,200}MiB\||\|\d{1,2}N/AN/A\d{2,7}(?:C\+G|C|G|M\+C)[!-{}~]{1,200}MiB\|";

fn more(hit: &Match<'_>, incident: &mut Incident) {
    let cells: Vec<&str> = hit
        .line_text
        .trim_matches(['|', ' '])
        .split_whitespace()
        .collect();
    let typed = |cell: &&&str| matches!(**cell, "C" | "G" | "C+G" | "M+C");
    let (Some(first), Some(last), Some(at)) = (
        cells.first(),
        cells.last(),
        cells.iter().position(|cell| typed(&cell)),
    ) else {
        return;
    };
    let pid = at
        .checked_sub(1)
        .and_then(|at| cells.get(at))
        .and_then(|cell| cell.parse().ok());
    let Some(bytes) = last
        .strip_suffix("MiB")
        .and_then(|n| bytes::parse(n, "MiB"))
    else {
        return;
    };
    incident.device = first.parse().ok();
    incident.processes.push(Process {
        pid,
        bytes,
        text: (*last).to_owned(),
        gpu: incident.device,
        own: false,
        same_job: false,
        draws: cells.get(at) == Some(&"G"),
        line: (hit.line_number)(0),
    });
}
