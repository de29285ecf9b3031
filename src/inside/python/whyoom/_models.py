"""Models, optimizers and what belongs to them: parameters, gradients, buffers, states."""
import functools
import types

from . import _code, _reads, _walk

_WRAPPERS = ("DistributedDataParallel", "FullyShardedDataParallel", "DataParallel", "DeepSpeedEngine", "OptimizedModule", "PipelineEngine",
             "PeftModel", "FSDPModule", "PipelineModule")
_CHECKPOINTING = ("gradient_checkpointing", "checkpointing", "use_checkpoint", "activation_checkpointing", "grad_checkpointing",
                  "use_gradient_checkpointing", "is_gradient_checkpointing", "use_reentrant_checkpointing")


_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks", "_state_dict_hooks")


class Sum:
    """Bytes of storages, each counted once, and what the tensors on them are."""

    def __init__(self):
        self.bytes = {}
        self.tensors = 0
        self.elements = 0
        self.dtypes = {}

    def add(self, tensor, held):
        self.tensors += 1
        name = _reads.dtype(tensor) or "?"
        self.dtypes[name] = self.dtypes.get(name, 0) + held.bytes
        try:
            self.elements += int(tensor.numel())
        except Exception:
            pass
        self.bytes[held.device] = self.bytes.get(held.device, 0) + held.bytes

    def row(self):
        return {"bytes": sum(self.bytes.values()), "tensors": self.tensors, "elements": self.elements, "dtypes": self.dtypes}


class Owners:
    """Which storage belongs to whom; the first to take one has it."""

    def __init__(self):
        self.taken = {}

    def take(self, tensor, key, into=None):
        """Gives a tensor's storage to `key`, and adds it up where it had no owner."""
        held = _reads.held(tensor)
        if held is None or held.storage in self.taken:
            return None
        self.taken[held.storage] = (held, key)
        if into is not None:
            into.add(tensor, held)
        return held


def inner(tensor):
    """The tensors that a tensor is made of: itself, or what a wrapper such as a sharded or a quantized one holds."""
    yield tensor
    if type(tensor) is _reads.TENSOR:
        return
    for value in list(_reads.attributes(tensor).values()):
        kind = type(value)
        if _reads.kind_of(kind) == "tensor":
            yield value
        elif not kind.__module__.startswith("builtins"):
            # The state of a quantized weight keeps its scales as attributes of its own.
            for part in list(_reads.attributes(value).values()):
                if _reads.kind_of(type(part)) == "tensor":
                    yield part


class Model:
    """One tree of modules."""

    def __init__(self, root):
        self.root = root
        self.parts = []
        self.parameters, self.gradients, self.buffers = Sum(), Sum(), Sum()
        self.trainable = 0
        self.ids = set()
        self.wrappers, self.checkpointing = set(), set()
        self.name = None
        self.copy_of = None
        self.optimizers = []
        self.grown = False
        self._gather()

    def _gather(self):
        todo, seen = [self.root], set()
        while todo:
            module = todo.pop()
            if module is None or id(module) in seen:
                continue
            seen.add(id(module))
            self.parts.append(module)
            names = _reads.attributes(module)
            todo.extend(list((names.get("_modules") or {}).values()))
            cls = _reads.class_name(module)
            if cls in _WRAPPERS or cls.startswith("FSDP"):
                self.wrappers.add(cls)
            self.checkpointing.update(name for name in _CHECKPOINTING if names.get(name) is True)
            if cls == "CheckpointWrapper":
                self.checkpointing.add(cls)

    def tensors(self):
        """(owner's kind, tensor) of all that belongs to it."""
        for module in self.parts:
            names = _reads.attributes(module)
            for parameter in list((names.get("_parameters") or {}).values()):
                if parameter is not None:
                    yield "parameters", parameter
            for buffer in list((names.get("_buffers") or {}).values()):
                if buffer is not None:
                    yield "buffers", buffer

    def by_library(self):
        """True where no name of the program leads to it."""
        return self.name is None or self.name.kind in (_walk.LIBRARY, _walk.EXCEPTION)

    def claim(self, owners, key):
        for kind, tensor in self.tensors():
            self.ids.add(id(tensor))
            for part in inner(tensor):
                into = self.parameters if kind == "parameters" else self.buffers
                held = owners.take(part, (kind, key), into)
                if held is not None and kind == "parameters" and getattr(tensor, "requires_grad", False):
                    self.trainable += held.bytes
            grad = _reads.gradient(tensor)
            if grad is not None:
                for part in inner(grad):
                    owners.take(part, ("gradients", key), self.gradients)

    def size(self):
        return sum(self.parameters.bytes.values())

    def shape(self):
        """What copies of a model have in common."""
        return (_reads.class_name(self.root), self.parameters.elements)

    def shapes_of_parts(self):
        """The same of its parts with parameters of their own: a copy in the making is a heap of them."""
        for module in self.parts:
            own = list((_reads.attributes(module).get("_parameters") or {}).values())
            count = sum(int(p.numel()) for p in own if p is not None)
            if count:
                yield (_reads.class_name(module), count)


def hooks(models):
    """The functions that models call around each step, with the names that they use."""
    found = {}
    for module in (module for model in models for module in model.parts):
        names = _reads.attributes(module)
        for kind in _HOOKS:
            kept = names.get(kind)
            for hook in list(dict.values(kept)) if isinstance(kept, dict) else ():
                _hook(hook, kind, found)
        if len(found) >= 16:
            break
    return list(found.values())


def _hook(hook, kind, found):
    if type(hook) is functools.partial:
        hook = hook.func
    function = hook.__func__ if type(hook) is types.MethodType else hook
    if type(function) is not types.FunctionType or not _code.is_user_file(function.__code__.co_filename):
        return
    code = function.__code__
    row = found.setdefault(id(code), {"function": function.__qualname__, "file": _code.shown(code.co_filename), "line": code.co_firstlineno, "kind": kind.strip("_"),
                                      "modules": 0, "uses": sorted({*code.co_names, *code.co_freevars})[:32]})
    row["modules"] += 1


def roots(modules):
    """The modules that are part of no other."""
    children = set()
    for module in modules:
        for child in list((_reads.attributes(module).get("_modules") or {}).values()):
            if child is not None:
                children.add(id(child))
    return [module for module in modules if id(module) not in children]


def best(names):
    """The most telling of some names: one that is not `self`, the shortest."""
    if not names:
        return None
    return min(names, key=lambda n: (n.kind in (_walk.EXCEPTION, _walk.LIBRARY), n.text.split(".")[0] == "self", n.container is not None, len(n.text)))


def in_container(names):
    """True where only containers lead to it: nothing of the program calls it by a name."""
    return bool(names) and all(n.container is not None and n.kind == _walk.CONTAINER for n in names)


def states(optimizer):
    """(the parameter, tensor) of all that an optimizer keeps for its parameters."""
    names = _reads.attributes(optimizer)
    kept = names.get("state") or {}
    for parameter, state in list(dict.items(kept)) if isinstance(kept, dict) else []:
        todo = [state]
        for _ in range(64):
            if not todo:
                break
            value = todo.pop()
            if _reads.kind_of(type(value)) == "tensor":
                yield parameter, value
            elif isinstance(value, dict):
                todo.extend(list(dict.values(value)))
            elif type(value) in (list, tuple):
                todo.extend(list(value))


def groups(optimizer):
    found = _reads.attributes(optimizer).get("param_groups")
    return [group for group in found if type(group) is dict] if isinstance(found, list) else []


def parameters_of(optimizer):
    for group in groups(optimizer):
        for parameter in list(group.get("params") or ()):
            if _reads.kind_of(type(parameter)) == "tensor":
                yield parameter


def settings_of(optimizer):
    """How its step works on the tensors."""
    found = {}
    for group in groups(optimizer)[:1]:
        for key in ("foreach", "fused", "capturable", "amsgrad", "momentum"):
            value = group.get(key)
            if type(value) in (bool, int, float):
                found[key] = value
    return found
