"""The census: all of the process's GPU memory by owner, as plain data. `CENSUS.md` says what each key means."""
import gc
import os
import platform
import sys
import time

import torch

from . import _code, _graph, _lost, _models, _pieces, _reads, _walk, _work

VERSION = 1
# A program that recovers from a failure must not wait longer than this for the census of it.
SECONDS = 0.85
MOST_ROWS = 40
MOST_MODELS = 24


def take(event, before=None):
    """Takes the census. `event` says what happened; `before` is the census before this one, for what grew since."""
    begun = time.monotonic()
    # The time of this thread counts, so that a busy machine makes a census late, and not poor.
    started = time.thread_time()
    collecting = gc.isenabled()
    # What this allocates must not start a collection, which would let go of what is to be counted.
    gc.disable()
    variables = _code.Locals()
    try:
        with _reads.quiet():
            found = _Taking(started, variables).take(event)
    finally:
        variables.close()
        if collecting:
            gc.enable()
    found["collector"]["enabled"] = collecting
    if before is not None:
        found["since"] = _since(before, found)
    found["milliseconds"] = round((time.monotonic() - begun) * 1000, 1)
    return found


class _Taking:
    def __init__(self, started, variables):
        self.started = started
        self.variables = variables
        self.left_out = []
        self.before = []

    def by(self, share):
        """The moment when this share of the time is used up."""
        return self.started + SECONDS * share

    def take(self, event):
        stacks = _code.threads(sys._getframe())
        tensors, modules, optimizers, self.before = _objects()
        objects = len(self.before)
        walk = self._walk(stacks)
        owners = _models.Owners()
        models = self._models(modules, optimizers, walk)
        rows = _Rows()
        self._claim(models, optimizers, walk, owners, rows)
        self._names(walk, owners, rows)
        self._lost(tensors, walk, owners, rows)
        census = {"whyoom_census": VERSION, "event": event, "process": _process(), "allocator": _allocator(),
                  "devices": self._devices(rows, event), "models": [_model(m) for m in models[:MOST_MODELS]],
                  "optimizers": [_optimizer(o, walk) for o in optimizers], "work": self._work(stacks, models),
                  "collector": {"objects": objects, "counts": list(gc.get_count())}, "left_out": self.left_out}
        walk.close()
        del self.before
        return census

    def _walk(self, stacks):
        walk = _walk.Walk(self.variables, time.thread_time() + SECONDS * 0.4)
        for _, frames in stacks:
            walk.frames(frames)
        main = sys.modules.get("__main__")
        for module in list(sys.modules.values()):
            if type(module) is type(sys) and (module is main or _code.is_user_file(getattr(module, "__file__", None))):
                walk.module(module)
        for value in _code.handled():
            walk.exception(value)
        if getattr(sys, "last_value", None) is not None:
            walk.exception(sys.last_value)
        if not walk.run():
            self.left_out.append("names: " + walk.cut)
        return walk

    def _models(self, modules, optimizers, walk):
        trained = {id(p) for o in optimizers for p in _models.parameters_of(o)}
        models = []
        for root in _models.roots(modules):
            model = _models.Model(root)
            names = [n for part in model.parts for n in walk.modules.get(id(part), ())]
            model.names = walk.modules.get(id(root)) or names
            model.name = _models.best(model.names)
            model.grown = _models.in_container(names)
            model.trained = any(id(t) in trained for _, t in model.tensors())
            models.append(model)
        models.sort(key=lambda m: (m.grown, m.by_library(), not m.trained, -len(m.parts)))
        return models

    def _claim(self, models, optimizers, walk, owners, rows):
        firsts, parts = {}, {}
        for model in models:
            model.claim(owners, model)
            if not model.parameters.elements:
                continue
            shape = model.shape()
            first = firsts.get(shape) or (parts.get(shape) if model.by_library() else None)
            # Layers of a model in the making are alike, too; no name of the program's leads to any of them yet.
            made = first is not None and first.by_library() and model.by_library()
            if first is not None and not made:
                model.copy_of = first
                continue
            firsts.setdefault(shape, model)
            for part in model.shapes_of_parts():
                parts.setdefault(part, model)
        models[:] = [m for m in models if m.parameters.bytes or m.gradients.bytes or m.buffers.bytes]
        for optimizer in optimizers:
            self._optimizer(optimizer, models, walk, owners, rows)
        for model in models:
            rows.model(model)

    def _optimizer(self, optimizer, models, walk, owners, rows):
        total = _models.Sum()
        name = _models.best(walk.optimizers.get(id(optimizer)))
        parameters = list(_models.parameters_of(optimizer))
        ids = {id(p) for p in parameters}
        served = next((m for m in models if ids & m.ids), None)
        for _, tensor in _models.states(optimizer):
            for part in _models.inner(tensor):
                owners.take(part, ("optimizer-states", optimizer), total)
        for parameter in parameters:
            owners.take(parameter, ("optimizer-states", optimizer), total)
            grad = _reads.gradient(parameter)
            if grad is not None:
                owners.take(grad, ("optimizer-states", optimizer), total)
        if served is not None:
            served.optimizers.append((optimizer, total))
        if total.bytes:
            rows.optimizer(optimizer, name, total, served)

    def _names(self, walk, owners, rows):
        found = sorted(walk.tensors.values(), key=lambda pair: pair[1].kind)
        for tensor, name in found:
            held = owners.take(tensor, name)
            graph = _reads.carries_graph(tensor)
            grad = _reads.gradient(tensor)
            rows.name(name, tensor, held, graph)
            if grad is not None:
                rows.name(name, grad, owners.take(grad, name), False)
        groups = sorted(rows.graphs.items(), key=lambda pair: (pair[0][0], -len(pair[1])))
        for key, kept in groups[:8]:
            rows.named[key]["graph"] = _graph.passes(kept, self.by(0.7))
        rows.graphs.clear()

    def _lost(self, tensors, walk, owners, rows):
        lost = []
        for tensor in tensors:
            held = _reads.held(tensor)
            if held is not None and held.storage not in owners.taken:
                lost.append((held.bytes, id(tensor), tensor))
        lost.sort(key=lambda row: row[:2], reverse=True)
        largest = [tensor for _, _, tensor in lost]
        much = sum(row[0] for row in lost) > 1 << 20
        if much and time.thread_time() > self.by(0.75):
            self.left_out.append("holders: time")
        elif much:
            search = _lost.Search(set(map(id, self.before)), self.by(0.95))
            search.ignore.add(id(self.before))
            for holder in _lost.holders(largest, search, walk.saw):
                rows.holder(holder, owners)
        for tensor in largest:
            held = owners.take(tensor, "unnamed")
            if held is not None:
                rows.add("unnamed", held, tensor)

    def _devices(self, rows, event):
        found = []
        count = torch.cuda.device_count() if torch.cuda.is_initialized() else 0
        for index in range(count):
            stats = torch.cuda.memory_stats(index)
            if index != event.get("device") and not stats.get("reserved_bytes.all.current"):
                continue
            found.append(_device(index, stats, rows, event))
            self._pools(found[-1], stats)
        return found

    def _pools(self, row, stats):
        if time.thread_time() > self.by(0.97):
            self.left_out.append("pools: time")
            return
        try:
            if _pieces.known(stats):
                row["pools"] = _pieces.pools(row["index"])
        except Exception:
            # Another allocator than PyTorch's own has none to tell of.
            pass

    def _work(self, stacks, models):
        work = _work.describe(stacks, self.variables)
        work.update(_work.modes())
        # The threads of the autograd engine run no Python: this module's frames are all that is on their stack.
        work["backward"] = bool(stacks) and not stacks[0][1]
        work["interactive"] = bool(_work.interactive())
        work["wrappers"] = sorted({w for m in models for w in m.wrappers})
        work["checkpointing"] = sorted({c for m in models for c in m.checkpointing})
        work["hooks"] = _models.hooks(models)
        work["training"] = any(_reads.attributes(m.root).get("training") is True for m in models)
        return work


def _objects():
    """Tensors, modules, optimizers, and all objects that there are before the census makes its own."""
    everything = gc.get_objects()
    classes = list(map(type, everything))
    found = {"tensor": [], "module": [], "optimizer": []}
    kinds = {cls: kind for cls in set(classes) for kind in (_reads.kind_of(cls),) if kind}
    for obj, cls in zip(everything, classes):
        if cls in kinds:
            found[kinds[cls]].append(obj)
    return found["tensor"], found["module"], found["optimizer"], everything


class _Rows:
    """The rows of the census, by owner and device."""

    def __init__(self):
        self.rows = {}
        self.named = {}
        self.graphs = {}

    def _row(self, key, **about):
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = {**{k: v for k, v in about.items() if v is not None}, "by_device": {}, "tensors": 0}
        return row

    @staticmethod
    def _sum(row, total):
        for device, size in total.bytes.items():
            row["by_device"][device] = row["by_device"].get(device, 0) + size
        row["tensors"] += total.tensors
        types = row.setdefault("dtypes", {})
        for name, size in total.dtypes.items():
            types[name] = types.get(name, 0) + size

    def model(self, model):
        place, cls = _place(model.name), _reads.class_name(model.root)
        if model.copy_of is None:
            for owner, total in (("parameters", model.parameters), ("gradients", model.gradients), ("buffers", model.buffers)):
                if total.bytes:
                    self._sum(self._row((owner, id(model)), owner=owner, **place, **{"class": cls}), total)
            return
        row = self._copies(model)
        row["copies"] = row.get("copies", 0) + 1
        for total in (model.parameters, model.gradients, model.buffers):
            self._sum(row, total)

    def _copies(self, model):
        # A copy in the making has no name of the program's yet.
        place = {} if model.by_library() else _place(model.name)
        key = ("copies", place.get("name"), model.grown)
        row = self._row(key, owner="copies", **place, **{"class": _reads.class_name(model.root)})
        if model.grown and model.name is not None:
            row["items"], row["container"] = model.name.items, model.name.container
        row["copy_of"] = model.copy_of.name.text if model.copy_of.name is not None else None
        return row

    def optimizer(self, optimizer, name, total, served):
        if served is not None and served.copy_of is not None:
            row = self._copies(served)
            row["optimizer_states"] = row.get("optimizer_states", 0) + sum(total.bytes.values())
        else:
            row = self._row(("optimizer-states", id(optimizer)), owner="optimizer-states", **_place(name),
                            **{"class": _reads.class_name(optimizer)})
        self._sum(row, total)

    def name(self, name, tensor, held, graph):
        """A tensor that a name leads to; `held` is `None` where its storage belongs to somebody else."""
        if held is None and not graph:
            return
        key = (name.kind, name.text, name.file, name.function)
        row = self.named.get(key)
        if row is None:
            row = self._row(key, owner=_walk.KINDS[name.kind], **_place(name), items=name.items, container=name.container, of=name.of)
            row["user"] = name.user
            self.named[key] = row
        if held is not None:
            self._tensor(row, tensor, held)
        if graph:
            row["graph_tensors"] = row.get("graph_tensors", 0) + 1
            kept = self.graphs.setdefault(key, [])
            if len(kept) < 4096:
                kept.append(tensor)

    @staticmethod
    def _tensor(row, tensor, held):
        row["by_device"][held.device] = row["by_device"].get(held.device, 0) + held.bytes
        row["tensors"] += 1
        shapes = row.setdefault("shapes", {})
        key = (tuple(_reads.shape(tensor) or ()), _reads.dtype(tensor))
        known = shapes.get(key)
        if known is not None:
            known[0] += 1
            known[1] += held.bytes
        elif len(shapes) < 256:
            shapes[key] = [1, held.bytes]

    def holder(self, holder, owners):
        owner = "unreachable" if holder.unreachable else "object"
        name = f"{_qualified(holder.cls)}.{holder.attribute}"
        row = self._row((owner, name), owner=owner, name=name, items=holder.objects)
        for tensor in holder.tensors:
            held = owners.take(tensor, name)
            if held is not None:
                self._tensor(row, tensor, held)

    def add(self, owner, held, tensor):
        self._tensor(self._row((owner,), owner=owner), tensor, held)

    def of(self, device):
        """The rows of one device, largest first; those that hold next to nothing and no graph are left out."""
        found = []
        for row in self.rows.values():
            size = row["by_device"].get(device, 0)
            if not size and not row.get("graph"):
                continue
            row = dict(row)
            row.pop("by_device")
            shapes = row.pop("shapes", None)
            if shapes:
                top = sorted(shapes.items(), key=lambda pair: -pair[1][1])[:3]
                row["shapes"] = [{"shape": list(shape), "dtype": dtype, "tensors": n, "bytes": size} for (shape, dtype), (n, size) in top]
            row["bytes"] = size
            found.append(row)
        found.sort(key=lambda row: (-row["bytes"], row["owner"], row.get("name") or ""))
        kept = [row for at, row in enumerate(found) if at < MOST_ROWS or (row.get("graph") or {}).get("passes", 0) > 1]
        other = sum(row["bytes"] for row in found) - sum(row["bytes"] for row in kept)
        if other:
            kept.append({"owner": "other-names", "bytes": other, "tensors": sum(r["tensors"] for r in found if r not in kept)})
        return kept


def _place(name):
    if name is None:
        return {}
    return {"name": name.text, "file": name.file, "line": name.line, "function": name.function}


def _qualified(cls):
    return getattr(cls, "__qualname__", None) or cls.__name__


def _device(index, stats, rows, event):
    row = {"index": index}
    try:
        about = torch.cuda.get_device_properties(index)
        row["name"], row["total"] = about.name, about.total_memory
    except Exception:
        pass
    try:
        row["free"], row["total"] = torch.cuda.mem_get_info(index)
    except Exception:
        if event.get("device") == index and event.get("free") is not None:
            row["free"] = event["free"]
    row["stats"] = {key: value for key, value in stats.items() if type(value) is int}
    allocated = stats.get("allocated_bytes.all.current", 0)
    requested = stats.get("requested_bytes.all.current", allocated)
    row["allocated"], row["rounding"] = allocated, max(0, allocated - requested)
    row["owners"] = rows.of(index)
    rest = allocated - row["rounding"] - sum(owner["bytes"] for owner in row["owners"])
    # Below zero where storages of other allocators were counted: shared by another process, or made by another library.
    row["rest"], row["foreign"] = max(0, rest), max(0, -rest)
    return row


def _model(model):
    return {"name": model.name.text if model.name is not None else None, "class": _reads.class_name(model.root),
            "parameters": model.parameters.row(), "trainable_bytes": model.trainable, "gradients": model.gradients.row(),
            "buffers": model.buffers.row(), "optimizer_states": sum(sum(t.bytes.values()) for _, t in model.optimizers),
            "copy_of": model.copy_of.name.text if model.copy_of is not None and model.copy_of.name is not None else None,
            "copy": model.copy_of is not None, "trained": model.trained}


def _optimizer(optimizer, walk):
    name = _models.best(walk.optimizers.get(id(optimizer)))
    parameters, with_state = list(_models.parameters_of(optimizer)), set()
    types = {}
    for parameter, tensor in _models.states(optimizer):
        with_state.add(id(parameter))
        kind = _reads.dtype(tensor) or "?"
        types[kind] = types.get(kind, 0) + 1
    return {"name": name.text if name is not None else None, "class": _reads.class_name(optimizer), "module": type(optimizer).__module__,
            "parameters": len(parameters), "with_states": len(with_state), "state_dtypes": types, **_models.settings_of(optimizer)}


def _process():
    found = {"pid": os.getpid(), "parent": os.getppid(), "python": platform.python_version(), "torch": str(torch.__version__),
             "cuda": getattr(torch.version, "cuda", None), "hip": getattr(torch.version, "hip", None)}
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):
        value = os.environ.get(name, "")
        if value.isdigit():
            found[name.lower()] = int(value)
    try:
        found["driver"] = torch._C._cuda_getDriverVersion()
    except Exception:
        pass
    return found


def _allocator():
    found = {}
    for name in ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF", "PYTORCH_HIP_ALLOC_CONF", "PYTORCH_NO_CUDA_MEMORY_CACHING"):
        value = os.environ.get(name)
        if value:
            found[name] = value[:400]
    try:
        found["backend"] = torch.cuda.get_allocator_backend()
    except Exception:
        pass
    return found


def _since(before, now):
    """What grew since the census before: bytes by device and owner."""
    found = {"milliseconds_between": round((now["event"]["monotonic"] - before["event"]["monotonic"]) * 1000), "owners": []}
    old = {(d["index"], r["owner"], r.get("name")): r["bytes"] for d in before["devices"] for r in d["owners"]}
    for device in now["devices"]:
        for row in device["owners"]:
            grown = row["bytes"] - old.get((device["index"], row["owner"], row.get("name")), 0)
            if grown > 0:
                found["owners"].append({"device": device["index"], "owner": row["owner"], "name": row.get("name"), "bytes": grown})
    found["owners"].sort(key=lambda row: -row["bytes"])
    del found["owners"][16:]
    return found
