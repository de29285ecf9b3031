//! The message carries no figures.

use super::{Case, Cause, Confidence, Finding, Verdict, sums};
use crate::evidence::Memory;
use crate::fixes::use_newer_pytorch;

pub(super) static FINDING: Finding = Finding {
    id: "no-figures",
    cause: Cause::Unknown,
    title: "the message carries no figures",
    page: include_str!("no-figures.md"),
    fixes: &[&use_newer_pytorch::FIX],
    decide,
};

fn decide(case: &Case<'_>) -> Option<Verdict> {
    let missing = case.incident.memory == Memory::Device
        && case.balance.free.is_none()
        && case.balance.limit.is_none();
    if !missing || case.incident.marked("library") || case.incident.marked("corrupt-size") {
        return None;
    }
    let because = case.balance.tried.map_or_else(
        || "The device's memory ran out, but the text says neither how much was asked for nor how much was there.".to_owned(),
        |tried| format!("{tried} was asked for, but the text does not say how much was free or held."),
    );
    let settle = "nvidia-smi at that moment, and print(torch.cuda.memory_summary()) just before the line that fails";
    Some(sums::settled_by(Confidence::Possible, because, settle))
}
