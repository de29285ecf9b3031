"""A stand-in for PyTorch without a GPU, for tests of what a census looks at. It has the parts of torch that a census and a training
loop touch, and it tells on whoever reads a tensor's values, allocates on a GPU, or waits for one: `forbidden` holds what was done."""
import contextlib
import itertools

from . import _C, cuda, nn, optim, version  # noqa: F401
from ._tensor import Tensor, forbidden  # noqa: F401

__version__ = "2.99.0+standin"
OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {"__module__": "torch"})

_modes = {"grad": True, "inference": False, "autocast": False}


def is_grad_enabled():
    return _modes["grad"]


def is_inference_mode_enabled():
    return _modes["inference"]


def is_autocast_enabled():
    return _modes["autocast"]


def get_autocast_dtype(kind):
    return "torch.bfloat16"


@contextlib.contextmanager
def no_grad():
    _modes["grad"] = False
    try:
        yield
    finally:
        _modes["grad"] = True


def empty(*shape, dtype="float32", device="cuda:0", graph=None, requires_grad=False):
    """A tensor; `graph` is what it was computed from."""
    return Tensor._made(shape, dtype, device, grad_fn=graph, requires_grad=requires_grad or graph is not None)
