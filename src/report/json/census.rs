//! What a Python process held on its GPU when memory ran out, in the JSON report.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

#[cfg(test)]
use crate::evidence::OwnerKind;
use crate::evidence::{Census, OwnerHeld};

/// What a process held, by the names in its Python.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct CensusReport {
    /// The file that it was read from.
    source: String,
    /// The process.
    pid: u32,
    /// The GPU.
    device: u32,
    /// Which failure of the process, from 1.
    number: u64,
    /// Bytes handed out to tensors.
    allocated: u64,
    /// Bytes that the allocator held.
    reserved: u64,
    /// The most bytes that were ever handed out.
    peak: u64,
    /// Bytes that nothing in Python names: saved for the backward pass, or being computed.
    rest: u64,
    /// Bytes lost to the allocator's rounding.
    rounding: u64,
    /// Bytes of tensors that other allocators made.
    foreign: u64,
    /// Who holds the tensors, largest first.
    owners: Vec<CensusOwnerReport>,
    /// What the census did not get to, as sentences.
    left_out: Vec<String>,
}

/// One owner.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct CensusOwnerReport {
    /// What it is.
    #[cfg_attr(test, schemars(extend("enum" = OwnerKind::ALL.map(OwnerKind::name))))]
    kind: &'static str,
    /// Its name, as one would type it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The class of its object.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// The file of the line that made it or holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The line in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The function.
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    /// Bytes.
    bytes: u64,
    /// In so many tensors.
    tensors: u64,
    /// Of which so many keep a graph for the backward pass.
    graph_tensors: u64,
}

impl From<&OwnerHeld> for CensusOwnerReport {
    fn from(owner: &OwnerHeld) -> Self {
        Self {
            kind: owner.kind.name(),
            name: owner.name.clone(),
            class: owner.class.clone(),
            file: owner.file.clone(),
            line: owner.line,
            function: owner.function.clone(),
            bytes: owner.bytes,
            tensors: owner.tensors,
            graph_tensors: owner.graph_tensors,
        }
    }
}

impl From<&Census> for CensusReport {
    fn from(census: &Census) -> Self {
        Self {
            source: census.source.clone(),
            pid: census.pid,
            device: census.device,
            number: census.number,
            allocated: census.allocated,
            reserved: census.reserved,
            peak: census.peak,
            rest: census.rest,
            rounding: census.rounding,
            foreign: census.foreign,
            owners: census.owners.iter().map(CensusOwnerReport::from).collect(),
            left_out: census.left_out.clone(),
        }
    }
}
