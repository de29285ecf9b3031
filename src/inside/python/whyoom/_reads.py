"""Reads PyTorch's objects without running anything on a GPU, without touching a tensor's values, and without calling code of the
program: no property, method or operator of an object that the program defines is used."""
import contextlib
import sys
import types

import torch

TENSOR = torch.Tensor
MODULE = torch.nn.Module
OPTIMIZER = torch.optim.Optimizer
# Storage sizes are rounded up to this by PyTorch's allocator (c10/cuda/CUDACachingAllocator.h, kMinBlockSize).
BLOCK = 512
# "cuda" is also what PyTorch calls AMD's GPUs. Tests of this module without a GPU name another type here.
DEVICE_TYPES = {"cuda"}


def quiet():
    """No `__torch_function__` of a tensor's class or of a mode runs inside of this."""
    off = getattr(torch._C, "DisableTorchFunction", None)
    return off() if off is not None else contextlib.nullcontext()


def kind_of(cls):
    """"tensor", "module", "optimizer" or "" for a class."""
    bases = type.__dict__["__mro__"].__get__(cls)
    if TENSOR in bases:
        return "tensor"
    if MODULE in bases:
        return "module"
    if OPTIMIZER in bases:
        return "optimizer"
    return ""


def attributes(obj):
    """The instance dict of an object, past any `__getattribute__` of its class; empty where it has none."""
    try:
        found = object.__getattribute__(obj, "__dict__")
    except Exception:
        return {}
    return found if isinstance(found, dict) else {}


_SLOTS = {}


def slots(obj):
    """(name, value) of what `__slots__` hold."""
    cls = type(obj)
    known = _SLOTS.get(cls)
    if known is None:
        known = []
        for base in type.__dict__["__mro__"].__get__(cls):
            for name, member in list(type.__dict__["__dict__"].__get__(base).items()):
                if type(member) is types.MemberDescriptorType and base is not object:
                    known.append((name, member))
        if len(_SLOTS) < 4096:
            _SLOTS[cls] = known
    for name, member in known:
        try:
            yield name, member.__get__(obj, cls)
        except Exception:
            continue


class Held:
    """What one tensor stands on: the storage's identity and bytes, and its GPU."""

    __slots__ = ("bytes", "device", "storage")

    def __init__(self, storage, size, device):
        self.storage = storage
        self.bytes = size
        self.device = device


def held(tensor):
    """What a tensor holds on a GPU; `None` where it holds nothing there."""
    try:
        if tensor.device.type not in DEVICE_TYPES:
            return None
        get = getattr(tensor, "untyped_storage", None)
        storage = get() if get is not None else tensor.storage()
        # Not the address of the data: asking for it would make a copy of a lazy clone.
        size = storage.nbytes()
        # A compiler's fake tensor names a GPU, and its storage is on none (torch/_subclasses/fake_tensor.py).
        if size <= 0 or getattr(storage, "device", tensor.device).type not in DEVICE_TYPES:
            return None
        return Held(storage._cdata, size, tensor.device.index or 0)
    except Exception:
        # A wrapper of other tensors, a sparse or a fake one: its parts are tensors of their own.
        return None


def shape(tensor):
    try:
        return [int(n) for n in tensor.shape]
    except Exception:
        return None


def dtype(tensor):
    try:
        return str(tensor.dtype).replace("torch.", "")
    except Exception:
        return None


def carries_graph(tensor):
    """True where a tensor was computed with gradients, so that it keeps what its backward pass needs."""
    try:
        return bool(tensor.requires_grad and not tensor.is_leaf)
    except Exception:
        return False


def gradient(tensor):
    """The gradient of a leaf; asking another tensor for its gradient would print a warning."""
    try:
        if tensor.is_leaf:
            return tensor.grad
    except Exception:
        pass
    return None


def class_name(obj):
    cls = type(obj)
    return getattr(cls, "__qualname__", None) or cls.__name__


def main_file():
    main = sys.modules.get("__main__")
    return getattr(main, "__file__", None) if main is not None else None
