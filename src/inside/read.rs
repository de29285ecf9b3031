//! Reads what the module wrote: `CENSUS.md` beside it says what each key means. Keys that are not known are passed over, and what
//! is missing is taken as unknown, so that an older or a newer module can be read too.

mod parts;

use std::collections::BTreeMap;

#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::evidence::{
    Census, FrameHeld, Graph, Grown, HookHeld, OwnerHeld, OwnerKind, Progress, ShapeHeld,
    TensorHeld, WorkHeld,
};

use parts::{Model, Optimizer, Pool, ProgressRow, short};

/// The version of the format that is known. A change of meaning raises it.
const VERSION: u64 = 1;

/// The census of each device in one file.
pub(crate) fn read(source: &str, bytes: &[u8]) -> Result<Vec<Census>, String> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if file.whyoom_census != VERSION {
        return Err(format!(
            "a census of version {}; this whyoom knows version {VERSION}",
            file.whyoom_census
        ));
    }
    let failed = file.event.device;
    let devices = file
        .devices
        .iter()
        .filter(|device| failed.is_none_or(|failed| failed == device.index));
    Ok(devices.map(|device| file.census(source, device)).collect())
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct File {
    whyoom_census: u64,
    #[serde(default)]
    event: Event,
    #[serde(default)]
    process: Process,
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    models: Vec<Model>,
    #[serde(default)]
    optimizers: Vec<Optimizer>,
    #[serde(default)]
    work: Work,
    #[serde(default)]
    since: Since,
    #[serde(default)]
    collector: Collector,
    #[serde(default)]
    left_out: Vec<String>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Event {
    device: Option<u32>,
    requested: Option<u64>,
    free: Option<u64>,
    number: u64,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Process {
    pid: u32,
    rank: Option<u32>,
    world_size: Option<u32>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Device {
    index: u32,
    total: Option<u64>,
    free: Option<u64>,
    allocated: u64,
    rounding: u64,
    rest: u64,
    foreign: u64,
    stats: BTreeMap<String, Value>,
    owners: Vec<Row>,
    pools: Vec<Pool>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Row {
    owner: String,
    name: Option<String>,
    class: Option<String>,
    of: Option<String>,
    container: Option<String>,
    items: Option<u64>,
    file: Option<String>,
    line: Option<u64>,
    function: Option<String>,
    user: Option<bool>,
    bytes: u64,
    tensors: u64,
    graph_tensors: u64,
    graph: Option<GraphRow>,
    shapes: Vec<ShapeRow>,
    dtypes: BTreeMap<String, u64>,
    copies: u64,
    copy_of: Option<String>,
    optimizer_states: u64,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct GraphRow {
    nodes: u64,
    passes: u64,
    cut: bool,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct ShapeRow {
    shape: Vec<u64>,
    dtype: Option<String>,
    tensors: u64,
    bytes: u64,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mode of its own, as PyTorch has them"
)]
struct Work {
    frames: Vec<FrameRow>,
    steps: BTreeMap<String, i64>,
    #[serde(deserialize_with = "whole")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, i64>"))]
    sizes: Vec<(String, i64)>,
    settings: BTreeMap<String, Value>,
    progress: Vec<ProgressRow>,
    grad: bool,
    inference: bool,
    autocast: bool,
    backward: bool,
    interactive: bool,
    training: bool,
    wrappers: Vec<String>,
    checkpointing: Vec<String>,
    hooks: Vec<HookRow>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct HookRow {
    function: String,
    file: String,
    line: u64,
    uses: Vec<String>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct FrameRow {
    file: String,
    line: u64,
    function: String,
    user: bool,
    #[serde(rename = "self")]
    module: Option<String>,
    tensors: Vec<TensorRow>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct TensorRow {
    name: String,
    shape: Option<Vec<u64>>,
    bytes: Option<u64>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Since {
    owners: Vec<Row>,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(default)]
struct Collector {
    enabled: Option<bool>,
}

/// Whole numbers of a map, in their order.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, i64)>, D::Error> {
    let map = serde_json::Map::<String, Value>::deserialize(from)?;
    let numbers = map.into_iter();
    Ok(numbers
        .filter_map(|(name, value)| Some((name, value.as_i64()?)))
        .collect())
}

impl File {
    fn census(&self, source: &str, device: &Device) -> Census {
        let stat = |name: &str| device.stats.get(name).and_then(Value::as_u64);
        Census {
            source: source.to_owned(),
            pid: self.process.pid,
            number: self.event.number,
            rank: self.process.rank,
            world_size: self.process.world_size,
            device: device.index,
            requested: self.event.requested,
            total: device.total,
            free: self.event.free.or(device.free),
            allocated: device.allocated,
            reserved: stat("reserved_bytes.all.current").unwrap_or(device.allocated),
            peak: stat("allocated_bytes.all.peak").unwrap_or(device.allocated),
            rounding: device.rounding,
            rest: device.rest,
            foreign: device.foreign,
            owners: device.owners.iter().filter_map(Row::owner).collect(),
            optimizers: self.optimizers.iter().map(Optimizer::held).collect(),
            work: self.work.held(),
            grown: self.since.owners.iter().filter_map(Row::grown).collect(),
            trainable: self
                .models
                .iter()
                .filter(|m| m.trained)
                .map(|m| m.trainable_bytes)
                .sum(),
            pools: device.pools.iter().map(Pool::held).collect(),
            collector_off: self.collector.enabled == Some(false),
            left_out: self.left_out.clone(),
        }
    }
}

impl Row {
    fn kind(&self) -> Option<OwnerKind> {
        Some(match self.owner.as_str() {
            "parameters" => OwnerKind::Parameters,
            "gradients" => OwnerKind::Gradients,
            "optimizer-states" => OwnerKind::OptimizerStates,
            "buffers" => OwnerKind::Buffers,
            // Layers of a model in the making are alike, too.
            "copies" if self.name.is_none() && self.copy_of.is_none() => OwnerKind::Parameters,
            "copies" => OwnerKind::Copies,
            "container" => OwnerKind::Container,
            "attribute" => OwnerKind::Attribute,
            "closure" => OwnerKind::Closure,
            "global" => OwnerKind::Global,
            "local" => OwnerKind::Local,
            "library" => OwnerKind::Library,
            "exception" => OwnerKind::Exception,
            "unreachable" => OwnerKind::Unreachable,
            "object" => OwnerKind::Object,
            "unnamed" => OwnerKind::Unnamed,
            "other-names" => OwnerKind::Other,
            _ => return None,
        })
    }

    fn owner(&self) -> Option<OwnerHeld> {
        let kind = self.kind()?;
        let graph = self.graph.map(|graph| Graph {
            nodes: graph.nodes,
            passes: graph.passes,
            cut: graph.cut,
        });
        let shapes = self.shapes.iter().map(|row| ShapeHeld {
            shape: row.shape.clone(),
            dtype: row.dtype.clone().unwrap_or_default(),
            tensors: row.tensors,
            bytes: row.bytes,
        });
        Some(OwnerHeld {
            kind,
            name: self.name.as_deref().map(short),
            class: self.class.clone().or_else(|| self.of.clone()),
            container: self.container.clone(),
            items: self.items,
            file: self.file.clone(),
            line: self.line.filter(|line| *line > 0),
            function: self.function.clone(),
            user: self.user.unwrap_or(true),
            bytes: self.bytes,
            tensors: self.tensors,
            graph_tensors: self.graph_tensors,
            graph,
            shapes: shapes.collect(),
            dtypes: self.dtypes.clone().into_iter().collect(),
            copies: self.copies,
            copy_of: self.copy_of.clone(),
            optimizer_states: self.optimizer_states,
        })
    }

    fn grown(&self) -> Option<Grown> {
        Some(Grown {
            kind: self.kind()?,
            name: self.name.as_deref().map(short),
            bytes: self.bytes,
        })
    }
}

impl Work {
    fn held(&self) -> WorkHeld {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let settings = self.settings.iter();
        let progress = self.progress.iter().map(|row| Progress {
            class: row.class.clone(),
            index: row.index,
            count: row.count,
        });
        WorkHeld {
            frames: self.frames.iter().map(FrameRow::held).collect(),
            steps: self.steps.clone().into_iter().collect(),
            sizes: self.sizes.clone(),
            settings: settings
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            progress: progress.collect(),
            grad: self.grad,
            inference: self.inference,
            autocast: self.autocast,
            backward: self.backward,
            interactive: self.interactive,
            training: self.training,
            wrappers: self.wrappers.clone(),
            checkpointing: self.checkpointing.clone(),
            hooks: self.hooks.iter().map(HookRow::held).collect(),
        }
    }
}

impl HookRow {
    fn held(&self) -> HookHeld {
        HookHeld {
            function: self.function.clone(),
            file: self.file.clone(),
            line: self.line,
            uses: self.uses.clone(),
        }
    }
}

impl TensorRow {
    fn held(&self) -> Option<TensorHeld> {
        Some(TensorHeld {
            name: self.name.clone(),
            shape: self.shape.clone()?,
            bytes: self.bytes.unwrap_or(0),
        })
    }
}

impl FrameRow {
    fn held(&self) -> FrameHeld {
        let tensors = self.tensors.iter();
        FrameHeld {
            file: self.file.clone(),
            line: self.line,
            function: self.function.clone(),
            user: self.user,
            module: self.module.clone(),
            tensors: tensors.filter_map(TensorRow::held).collect(),
        }
    }
}
