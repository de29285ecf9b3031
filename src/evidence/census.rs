//! What a process held on its GPU when memory ran out, by owner: plain data, as the module inside of the process wrote it.

use super::named;

named! {
    /// Whose some bytes are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum OwnerKind {
        /// Weights of a model.
        Parameters => "parameters",
        /// Their gradients.
        Gradients => "gradients",
        /// What an optimizer keeps for each parameter.
        OptimizerStates => "optimizer-states",
        /// What a model keeps besides its weights.
        Buffers => "buffers",
        /// Further models of the same shape, with their gradients and optimizer states.
        Copies => "copies",
        /// A list, dict, set or deque, and all that it holds.
        Container => "container",
        /// An attribute of an object.
        Attribute => "attribute",
        /// A variable that a function has closed over.
        Closure => "closure",
        /// A variable of a module.
        Global => "global",
        /// A variable of a function of the program's.
        Local => "local",
        /// A variable of a function of a library.
        Library => "library",
        /// A variable of a frame that only an exception keeps.
        Exception => "exception",
        /// Objects that only hold each other: Python's collector has yet to find them.
        Unreachable => "unreachable",
        /// Objects of a class that no name of the program leads to.
        Object => "object",
        /// Tensors that Python has and that have no name: what backward needs, and what is being computed.
        Unnamed => "unnamed",
        /// All rows that are too small to be listed.
        Other => "other-names",
    }
}

/// The forward passes behind a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graph {
    /// Its nodes.
    pub nodes: u64,
    /// How many passes it keeps.
    pub passes: u64,
    /// True where it is larger than what was counted.
    pub cut: bool,
}

/// One shape of an owner's tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeHeld {
    /// The sizes.
    pub shape: Vec<u64>,
    /// The type, as PyTorch calls it without its module.
    pub dtype: String,
    /// How many tensors.
    pub tensors: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerHeld {
    /// Whose.
    pub kind: OwnerKind,
    /// The name in the program.
    pub name: Option<String>,
    /// The class of the model, the optimizer, or the object that has the attribute.
    pub class: Option<String>,
    /// The class of the container.
    pub container: Option<String>,
    /// How much the container holds; how many objects.
    pub items: Option<u64>,
    /// Where the name is: the file of its frame.
    pub file: Option<String>,
    /// The line that its frame was in.
    pub line: Option<u64>,
    /// The function.
    pub function: Option<String>,
    /// True where the program's own code has the name, and no library's.
    pub user: bool,
    /// Bytes on this device.
    pub bytes: u64,
    /// How many tensors.
    pub tensors: u64,
    /// How many of them carry a graph.
    pub graph_tensors: u64,
    /// The passes that those keep.
    pub graph: Option<Graph>,
    /// The shapes that take most, largest first.
    pub shapes: Vec<ShapeHeld>,
    /// Bytes by type, where known.
    pub dtypes: Vec<(String, u64)>,
    /// How many copies of a model.
    pub copies: u64,
    /// The name of the model that they are copies of.
    pub copy_of: Option<String>,
    /// What of the bytes are states of optimizers.
    pub optimizer_states: u64,
}

/// One optimizer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptimizerHeld {
    /// Its name in the program.
    pub name: Option<String>,
    /// Its class.
    pub class: String,
    /// How many parameters it has.
    pub parameters: u64,
    /// How many of them have states by now.
    pub with_states: u64,
    /// Works on all parameters at once, on one after another, or as PyTorch chooses.
    pub foreach: Option<bool>,
    /// One kernel for all.
    pub fused: Option<bool>,
    /// Keeps a running mean of the gradients, where it can do without.
    pub momentum: bool,
}

/// A pool of the allocator: what it has and does not use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolHeld {
    /// Only a CUDA graph or another private pool may use it.
    pub private: bool,
    /// It grows in place.
    pub expandable: bool,
    /// For requests of at most 1 MiB.
    pub small: bool,
    /// The stream.
    pub stream: u64,
    /// All its bytes.
    pub bytes: u64,
    /// What is free of them.
    pub free: u64,
    /// In so many pieces.
    pub pieces: u64,
    /// The largest of those.
    pub largest: u64,
}

/// One frame of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHeld {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The function.
    pub function: String,
    /// True for the program's own code.
    pub user: bool,
    /// The class of the module whose method it is.
    pub module: Option<String>,
    /// Its tensors.
    pub tensors: Vec<TensorHeld>,
}

/// A tensor that a frame has by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorHeld {
    /// The name.
    pub name: String,
    /// The sizes.
    pub shape: Vec<u64>,
    /// Its bytes.
    pub bytes: u64,
}

/// How far a forward pass had come: the module that ran, among its siblings of the same class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The class.
    pub class: String,
    /// Its place, from 0.
    pub index: u64,
    /// How many there are.
    pub count: u64,
}

/// How the work ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mode of its own, as PyTorch has them"
)]
pub struct WorkHeld {
    /// The stack, innermost first.
    pub frames: Vec<FrameHeld>,
    /// Counters of steps, by name.
    pub steps: Vec<(String, i64)>,
    /// Sizes of batches and sequences, by name.
    pub sizes: Vec<(String, i64)>,
    /// Settings of the trainer, by name, as text.
    pub settings: Vec<(String, String)>,
    /// How far it had come, innermost first.
    pub progress: Vec<Progress>,
    /// Whether results carry a graph.
    pub grad: bool,
    /// Whether it ran in inference mode.
    pub inference: bool,
    /// Whether autocast was on.
    pub autocast: bool,
    /// True in the backward pass.
    pub backward: bool,
    /// True in a notebook or at a prompt.
    pub interactive: bool,
    /// True where a model is in training mode.
    pub training: bool,
    /// Wrappers of the model: DDP, FSDP and the like.
    pub wrappers: Vec<String>,
    /// What shows that activations are computed anew.
    pub checkpointing: Vec<String>,
    /// Functions of the program that models call.
    pub hooks: Vec<HookHeld>,
}

/// A function that a model calls around its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookHeld {
    /// The function.
    pub function: String,
    /// Its file.
    pub file: String,
    /// Its first line, from 1.
    pub line: u64,
    /// The names that it uses.
    pub uses: Vec<String>,
}

/// What grew since the census before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Whose.
    pub kind: OwnerKind,
    /// The name.
    pub name: Option<String>,
    /// By how much.
    pub bytes: u64,
}

/// The census of one device at one failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// The file that it was read from.
    pub source: String,
    /// The process.
    pub pid: u32,
    /// Which failure of the process, from 1.
    pub number: u64,
    /// Its rank, where a launcher says.
    pub rank: Option<u32>,
    /// How many ranks there are.
    pub world_size: Option<u32>,
    /// The device.
    pub device: u32,
    /// What was asked for, where the observer tells.
    pub requested: Option<u64>,
    /// All that the device has.
    pub total: Option<u64>,
    /// What the driver says is free.
    pub free: Option<u64>,
    /// Handed out to tensors.
    pub allocated: u64,
    /// Held by the allocator.
    pub reserved: u64,
    /// The most that was ever handed out.
    pub peak: u64,
    /// Lost to the allocator's rounding.
    pub rounding: u64,
    /// What nothing in Python has: saved for backward, or being computed.
    pub rest: u64,
    /// What other allocators made.
    pub foreign: u64,
    /// The owners, largest first.
    pub owners: Vec<OwnerHeld>,
    /// The optimizers.
    pub optimizers: Vec<OptimizerHeld>,
    /// How the work ran.
    pub work: WorkHeld,
    /// What grew since the census before, largest first.
    pub grown: Vec<Grown>,
    /// True where Python's collector was switched off.
    pub collector_off: bool,
    /// Bytes of the parameters that an optimizer changes.
    pub trainable: u64,
    /// The allocator's pools, the one with most free bytes first; empty where it was not asked.
    pub pools: Vec<PoolHeld>,
    /// What the census did not get to.
    pub left_out: Vec<String>,
}

impl Census {
    /// Bytes of all owners of a kind.
    pub fn sum(&self, kind: OwnerKind) -> u64 {
        self.of(kind).map(|owner| owner.bytes).sum()
    }

    /// The owners of a kind, largest first.
    pub fn of(&self, kind: OwnerKind) -> impl Iterator<Item = &OwnerHeld> {
        self.owners.iter().filter(move |owner| owner.kind == kind)
    }

    /// True where the frames of several failed calls are kept, each with a tensor under the same name: by their exceptions, in a list
    /// or the like. One that is being handled keeps the frames of one call.
    pub(crate) fn keeps_exceptions(&self) -> bool {
        const SEVERAL: u64 = 3;
        let largest = self.of(OwnerKind::Exception).next();
        largest.is_some_and(|row| row.container.is_none() && row.tensors >= SEVERAL)
    }

    /// What is neither a model's nor kept by a name: saved for backward, and what was being computed.
    pub fn activations(&self) -> u64 {
        let passing = [OwnerKind::Unnamed, OwnerKind::Local, OwnerKind::Library];
        let sum: u64 = passing.into_iter().map(|kind| self.sum(kind)).sum();
        self.rest.saturating_add(sum)
    }
}
