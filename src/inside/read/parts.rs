//! Models, optimizers, pools of the allocator and how far the work came, as the module wrote them.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::{OptimizerHeld, PoolHeld};

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
pub(super) struct Optimizer {
    name: Option<String>,
    class: String,
    parameters: u64,
    with_states: u64,
    foreach: Option<bool>,
    fused: Option<bool>,
    momentum: Option<f64>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
pub(super) struct Model {
    pub(super) trainable_bytes: u64,
    pub(super) trained: bool,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
pub(super) struct Pool {
    #[serde(rename = "pool")]
    of: String,
    stream: u64,
    private: bool,
    expandable: bool,
    bytes: u64,
    free: u64,
    pieces: u64,
    largest: Vec<u64>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
pub(super) struct ProgressRow {
    pub(super) class: String,
    pub(super) index: u64,
    pub(super) count: u64,
}

impl Optimizer {
    pub(super) fn held(&self) -> OptimizerHeld {
        OptimizerHeld {
            name: self.name.clone(),
            class: self.class.clone(),
            parameters: self.parameters,
            with_states: self.with_states,
            foreach: self.foreach,
            fused: self.fused,
            momentum: self.momentum.is_some_and(|momentum| momentum != 0.0),
        }
    }
}

impl Pool {
    pub(super) fn held(&self) -> PoolHeld {
        PoolHeld {
            private: self.private,
            expandable: self.expandable,
            small: self.of == "small",
            stream: self.stream,
            bytes: self.bytes,
            free: self.free,
            pieces: self.pieces,
            largest: self.largest.iter().copied().max().unwrap_or(0),
        }
    }
}

/// A name without the private parts of libraries that lead to it: `model.outputs` of `trainer._data_connector._hooks.model.outputs`.
pub(super) fn short(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let private = parts.iter().rposition(|part| part.starts_with('_'));
    let behind = private.and_then(|at| parts.get(at + 1..));
    behind
        .filter(|behind| behind.len() > 1)
        .map_or_else(|| name.to_owned(), |behind| behind.join("."))
}
