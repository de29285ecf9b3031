"""How the work ran when memory ran out: frames with their tensors, modes, settings, and how far the forward pass had come."""
import sys

import torch

from . import _code, _reads

MOST_FRAMES = 24
MOST_TENSORS = 24


def modes():
    """Grad mode, autocast and the like, of the thread that asked for memory."""
    found = {"grad": torch.is_grad_enabled()}
    ask = getattr(torch, "is_inference_mode_enabled", None)
    if ask is not None:
        found["inference"] = bool(ask())
    try:
        found["autocast"] = bool(torch.is_autocast_enabled())
        if found["autocast"]:
            get = getattr(torch, "get_autocast_dtype", None)
            found["autocast_dtype"] = str(get("cuda") if get is not None else torch.get_autocast_gpu_dtype()).replace("torch.", "")
    except Exception:
        pass
    return found


def tensors(variables):
    """The tensors among some variables; those in tuples, lists and dicts too."""
    found = []
    for name, value in list(variables.items()):
        for key, tensor in _flat(str(name), value):
            held = _reads.held(tensor)
            if held is None:
                continue
            row = {"name": key, "shape": _reads.shape(tensor), "dtype": _reads.dtype(tensor), "bytes": held.bytes, "device": held.device}
            if _reads.carries_graph(tensor):
                row["graph"] = True
            found.append(row)
            if len(found) >= MOST_TENSORS:
                return found
    return found


def _flat(name, value):
    kind = type(value)
    if _reads.kind_of(kind) == "tensor":
        yield name, value
    elif kind in (tuple, list):
        for number, part in enumerate(value[:4]):
            if _reads.kind_of(type(part)) == "tensor":
                yield f"{name}[{number}]", part
    elif issubclass(kind, dict):
        for key, part in list(dict.items(value))[:6]:
            if type(key) is str and _reads.kind_of(type(part)) == "tensor":
                yield f"{name}[{key!r}]", part


def describe(stacks, variables):
    """Frames, innermost first, of the first stack that runs code of the program's."""
    frames, steps, sizes, settings, loaders = [], {}, {}, {}, []
    modules = []
    for frame in next((s for _, s in stacks if any(_code.is_user_file(f.f_code.co_filename) for f in s)), []):
        names = variables.of(frame)
        user = _code.is_user_file(frame.f_code.co_filename)
        self = names.get("self")
        if self is not None and _reads.kind_of(type(self)) == "module" and (not modules or modules[-1] is not self):
            modules.append(self)
        if user or len(frames) < 8:
            if len(frames) < MOST_FRAMES:
                frames.append(_frame(frame, names, user, self))
        _settings(names, settings, loaders)
        if user:
            for key, value in _code.numbers(names, _code.STEPS).items():
                steps.setdefault(key, value)
            # The arguments of library functions are about what they do, and not about the run.
            for key, value in _code.numbers(names, _code.SIZES).items():
                sizes.setdefault(key, value)
    return {"frames": frames, "steps": steps, "sizes": sizes, "settings": settings, "loaders": loaders, "progress": progress(modules)}


def _frame(frame, names, user, self):
    row = _code.place(frame)
    row["user"] = user
    if self is not None:
        row["self"] = _reads.class_name(self)
    row["tensors"] = tensors(names)
    return row


def _settings(names, settings, loaders):
    for name, value in list(names.items()):
        cls = type(value)
        if name in _code.ARGUMENTS or (name == "self" and cls.__name__.endswith("Trainer")):
            of = _reads.attributes(value) if cls is not dict else value
            if name == "self":
                of = _reads.attributes(of.get("args"))
            for key in _code.SETTINGS:
                found = _code.plain(of.get(key)) if type(of) is dict else None
                if found is not None:
                    settings.setdefault(key, found)
        if any(base.__name__ == "DataLoader" for base in cls.__mro__):
            of = _reads.attributes(value)
            row = {key: _code.plain(of.get(key)) for key in ("batch_size", "num_workers", "pin_memory", "prefetch_factor")}
            row = {key: found for key, found in row.items() if found is not None}
            row["name"] = str(name)
            if row not in loaders and len(loaders) < 8:
                loaders.append(row)


def progress(modules):
    """Where the modules that run stand among their siblings of the same class: how much of a forward pass had been done."""
    found = []
    for child, parent in zip(modules, modules[1:]):
        for name, value in list((_reads.attributes(parent).get("_modules") or {}).items()):
            if value is None:
                continue
            parts = list((_reads.attributes(value).get("_modules") or {}).values())
            if value is child:
                parts, name = list((_reads.attributes(parent).get("_modules") or {}).values()), ""
            places = [at for at, part in enumerate(parts) if part is child]
            if places:
                same = [at for at, part in enumerate(parts) if type(part) is type(child)]
                found.append({"of": _reads.class_name(parent), "list": name, "class": _reads.class_name(child),
                              "index": same.index(places[0]), "count": len(same)})
                break
    return found


def interactive():
    """True in IPython and at a prompt, where names outlive what failed."""
    return "IPython" in sys.modules and hasattr(sys.modules["IPython"], "get_ipython") or hasattr(sys, "ps1")
