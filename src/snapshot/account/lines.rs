//! The line of the program behind a stack, and what the stack says that the memory is for.

use hashbrown::HashMap;

use crate::evidence::{Frame, MemoryKind};
use crate::snapshot::{NO_STACK, Snapshot};
use crate::stack;

/// Who asked, as one owner: stacks that come from the same line and through the same function of a library are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Line {
    /// The number of the user's own frame; `None` where nothing was recorded.
    pub(super) frame: Option<u32>,
    /// What the memory is for.
    pub(super) kind: MemoryKind,
}

/// The lines of all stacks of a snapshot, each worked out once.
pub(super) struct Lines<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// Of each frame, whether it is the user's own; where code of a library lies says what it does.
    frames: Vec<Role>,
    /// Of each frame, whether it is of Python: a snapshot has those of C++ too, unless `stacks="python"` was asked for.
    python: Vec<bool>,
    /// Of each stack, whether it has such a frame.
    of_python: Vec<bool>,
    known: Vec<Option<Line>>,
}

/// What one frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It is the user's own code.
    Own,
    /// It shows what the memory is for.
    Shows(MemoryKind),
    /// A module is called: what is made within belongs to the forward pass, if nothing nearer says otherwise.
    Calls,
    /// It says nothing.
    Silent,
}

impl<'a> Lines<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, own: &[String]) -> Self {
        let (frames, python) = roles(snapshot, own);
        let mut lines = Self {
            snapshot,
            frames,
            python,
            of_python: Vec::new(),
            known: vec![None; snapshot.stacks.len()],
        };
        let stacks = u32::try_from(snapshot.stacks.len()).unwrap_or(u32::MAX);
        let of_python = (0..stacks).map(|stack| lines.python(stack).next().is_some());
        lines.of_python = of_python.collect();
        lines
    }

    /// The line behind a stack.
    pub(super) fn line(&mut self, stack: u32) -> Line {
        let index = usize::try_from(stack).unwrap_or(usize::MAX);
        if let Some(Some(line)) = self.known.get(index) {
            return *line;
        }
        let line = self.find(stack);
        if let Some(known) = self.known.get_mut(index) {
            *known = Some(line);
        }
        line
    }

    fn find(&self, stack: u32) -> Line {
        if stack == NO_STACK {
            return Line {
                frame: None,
                kind: MemoryKind::Unknown,
            };
        }
        let frames = self.snapshot.stacks.of(stack);
        let role = |frame: &u32| {
            let index = usize::try_from(*frame).unwrap_or(usize::MAX);
            self.frames.get(index).copied().unwrap_or(Role::Silent)
        };
        let own = frames.iter().find(|frame| role(frame) == Role::Own);
        let line = own.or_else(|| frames.iter().find(|frame| self.is_python(**frame)));
        let shown = frames.iter().find_map(|frame| match role(frame) {
            Role::Shows(kind) => Some(kind),
            _ => None,
        });
        let called = frames.iter().any(|frame| role(frame) == Role::Calls);
        let kind = match shown {
            Some(kind) => kind,
            None if called => MemoryKind::Activations,
            None if own.is_some() => MemoryKind::Program,
            None => MemoryKind::Unknown,
        };
        Line {
            frame: line.copied(),
            kind,
        }
    }

    /// True for a frame of Python.
    pub(super) fn is_python(&self, frame: u32) -> bool {
        let index = usize::try_from(frame).unwrap_or(usize::MAX);
        self.python.get(index).copied().unwrap_or(false)
    }

    /// True for a stack with such a frame.
    pub(super) fn has_python(&self, stack: u32) -> bool {
        let index = usize::try_from(stack).unwrap_or(usize::MAX);
        self.of_python.get(index).copied().unwrap_or(false)
    }

    /// The frames of a stack that are of Python, innermost first.
    pub(super) fn python(&self, stack: u32) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let frames = self.snapshot.stacks.of(stack).iter().copied();
        frames.filter(|frame| self.is_python(*frame))
    }

    /// True for a frame of the user's own code.
    pub(super) fn is_own(&self, frame: u32) -> bool {
        let index = usize::try_from(frame).unwrap_or(usize::MAX);
        matches!(self.frames.get(index), Some(Role::Own))
    }

    /// True for a frame that calls, makes or steps a model: a loop inside it is none of the program's.
    pub(super) fn works_on_a_model(&self, frame: u32) -> bool {
        let index = usize::try_from(frame).unwrap_or(usize::MAX);
        let named = |frame: crate::snapshot::Frame| self.snapshot.names.get(frame.name);
        match self.frames.get(index) {
            Some(Role::Shows(_) | Role::Calls) => true,
            _ => self.snapshot.stacks.get(frame).map(named) == Some("__init__"),
        }
    }

    /// The innermost function that is not the line itself, which says what was made there.
    pub(super) fn through(&self, stack: u32, line: Line) -> String {
        let mut before = self
            .python(stack)
            .take_while(|frame| Some(*frame) != line.frame);
        let frame = before
            .next()
            .and_then(|frame| self.snapshot.stacks.get(frame));
        frame.map_or_else(String::new, |frame| {
            let file = self.snapshot.names.get(frame.file);
            let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
            format!("{} in {file}", self.snapshot.names.get(frame.name))
        })
    }
}

/// True for a function of the threads that go backward (torch/csrc/autograd/engine.cpp).
pub(super) fn is_autograd(name: &str) -> bool {
    name.starts_with("torch::autograd::Engine::")
}

/// Frames of C++ mostly have no line, and say nothing to who writes Python.
pub(super) fn is_python(snapshot: &Snapshot, frame: u32) -> bool {
    let found = snapshot.stacks.get(frame);
    found.is_some_and(|f| f.line > 0 && !stack::is_compiled(snapshot.names.get(f.file)))
}

/// A frame of a snapshot as one of a traceback.
pub(super) fn frame(snapshot: &Snapshot, number: u32) -> Frame {
    let found = snapshot.stacks.get(number);
    Frame {
        file: found.map_or("", |f| snapshot.names.get(f.file)).to_owned(),
        line: found.map_or(0, |f| f.line),
        function: found.map_or("", |f| snapshot.names.get(f.name)).to_owned(),
        code: String::new(),
        at: 1,
    }
}

/// Files and functions that show what memory is for: parts of a path, and names of functions or nothing for any.
///
/// They are PyTorch's own (torch/nn/modules/module.py, torch/optim, torch/autograd, torch/distributed) and those of
/// Transformers, Accelerate and vLLM.
const SHOWN: [(&str, &[&str], MemoryKind); 16] = [
    ("/torch/optim/", &[], MemoryKind::Optimizer),
    ("/bitsandbytes/optim/", &[], MemoryKind::Optimizer),
    ("/deepspeed/runtime/zero/", &[], MemoryKind::Optimizer),
    ("/transformers/cache_utils.py", &[], MemoryKind::KvCache),
    (
        "/vllm/",
        &[
            "allocate_kv_cache",
            "_allocate_kv_cache",
            "_allocate_kv_cache_tensors",
            "initialize_kv_cache",
        ],
        MemoryKind::KvCache,
    ),
    (
        "/torch/autograd/",
        &["_engine_run_backward", "backward", "grad"],
        MemoryKind::Backward,
    ),
    (
        "/torch/utils/checkpoint.py",
        &["backward"],
        MemoryKind::Backward,
    ),
    (
        "/torch/nn/modules/module.py",
        &[
            "_apply",
            "to_empty",
            "convert",
            "load_state_dict",
            "_load_from_state_dict",
        ],
        MemoryKind::Parameters,
    ),
    (
        "/torch/nn/modules/",
        &["__init__", "reset_parameters"],
        MemoryKind::Parameters,
    ),
    ("/torch/nn/parameter.py", &[], MemoryKind::Parameters),
    ("/torch/nn/init.py", &[], MemoryKind::Parameters),
    ("/torch/serialization.py", &[], MemoryKind::Parameters),
    (
        "/transformers/modeling_utils.py",
        &["from_pretrained", "_load_pretrained_model"],
        MemoryKind::Parameters,
    ),
    ("/safetensors/", &[], MemoryKind::Parameters),
    ("/torch/distributed/fsdp/", &[], MemoryKind::Parameters),
    ("/torch/distributed/", &[], MemoryKind::Library),
];

/// What the file of a frame says. Frames have few files between them.
#[derive(Clone, Copy, Default)]
struct FileSays {
    own: bool,
    compiled: bool,
    /// A bit for each row of [`SHOWN`] that is about it.
    shown: u32,
}

impl FileSays {
    fn of(file: &str, own: &[String]) -> Self {
        let file = file.replace('\\', "/");
        let rows = SHOWN.iter().enumerate();
        let about = rows.filter(|(_, (part, ..))| file.contains(part));
        Self {
            own: stack::is_own(&file, own),
            compiled: stack::is_compiled(&file),
            shown: about.fold(0, |shown, (row, _)| shown | 1 << row),
        }
    }
}

/// What each frame says, and whether it is of Python.
fn roles(snapshot: &Snapshot, own: &[String]) -> (Vec<Role>, Vec<bool>) {
    let count = u32::try_from(snapshot.stacks.frames()).unwrap_or(u32::MAX);
    let mut files: HashMap<u32, FileSays> = HashMap::new();
    let frames = (0..count).filter_map(|number| snapshot.stacks.get(number));
    let says = frames.map(|frame| {
        let file = || FileSays::of(snapshot.names.get(frame.file), own);
        let file = *files.entry(frame.file).or_insert_with(file);
        let python = frame.line > 0 && !file.compiled;
        (
            role(snapshot.names.get(frame.name), frame.line, file),
            python,
        )
    });
    says.unzip()
}

fn role(name: &str, line: u32, file: FileSays) -> Role {
    if file.own && line > 0 {
        return Role::Own;
    }
    let rows = SHOWN.iter().enumerate();
    let mut rows = rows.filter(|(row, _)| file.shown >> row & 1 == 1);
    let shows = rows.find(|(_, (_, names, _))| names.is_empty() || names.contains(&name));
    match shows {
        Some((_, (.., kind))) => Role::Shows(*kind),
        None if is_autograd(name) => Role::Shows(MemoryKind::Backward),
        None if matches!(name, "_call_impl" | "_wrapped_call_impl") => Role::Calls,
        None => Role::Silent,
    }
}
