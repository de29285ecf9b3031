"""Runs a program of PyTorch's on a GPU that is not there: every tensor of "cuda" is one of "meta", which has a shape and a storage's
size but no data, and a ledger of the storages that live is the allocator. Where it is full, the observer is called and
`torch.OutOfMemoryError` raised, as by the real one.

  emulated_gpu.py [--gib N] PROGRAM [ARGUMENTS...]

Only for tests: no number that a program computes means anything.
"""
import runpy
import sys
import weakref
from pathlib import Path

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

GIB = 2**30


class Card:
    """The ledger."""

    def __init__(self, total):
        self.total = total
        self.context = 600 * 2**20
        self.live = {}
        self.allocated = self.requested = self.peak = 0
        self.cap = None
        self.observers = []

    def limit(self):
        return self.cap if self.cap is not None else self.total - self.context

    def ask(self, size):
        rounded = -(-size // 512) * 512
        if self.allocated + rounded > self.limit():
            free = self.total - self.context - self.allocated
            for observer in self.observers:
                observer(0, size, self.total, free)
            raise torch.OutOfMemoryError(
                f"CUDA out of memory. Tried to allocate {size / 2**20:.2f} MiB. GPU 0 has a total capacity of {self.total / GIB:.2f} GiB of "
                f"which {free / 2**20:.2f} MiB is free. Including non-PyTorch memory, this process has {(self.allocated + self.context) / GIB:.2f} "
                f"GiB memory in use. Of the allocated memory {self.allocated / GIB:.2f} GiB is allocated by PyTorch, and 0 bytes is reserved by "
                "PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True to "
                "avoid fragmentation.  See documentation for Memory Management  "
                "(https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)")
        return rounded

    def add(self, tensor):
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.live or storage.nbytes() == 0:
            return
        size = storage.nbytes()
        rounded = self.ask(size)
        self.live[key] = (size, rounded)
        self.allocated += rounded
        self.requested += size
        self.peak = max(self.peak, self.allocated)
        weakref.finalize(storage, self.drop, key)

    def drop(self, key):
        size, rounded = self.live.pop(key, (0, 0))
        self.allocated -= rounded
        self.requested -= size


class Ledger(TorchDispatchMode):
    """Sees every operation, those of backward passes too."""

    def __init__(self, card):
        super().__init__()
        self.card = card

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.__name__
        if name.startswith("_local_scalar_dense"):
            dtype = args[0].dtype
            return False if dtype == torch.bool else 0.5 if dtype.is_floating_point else 1
        if name.startswith("_to_copy") and kwargs and str(kwargs.get("device")) == "cpu" and args[0].device.type == "meta":
            return torch.zeros(args[0].shape, dtype=kwargs.get("dtype") or args[0].dtype)
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, (tuple, list)) else (out,):
            if isinstance(tensor, torch.Tensor) and tensor.device.type == "meta":
                self.card.add(tensor)
        return out


def moved(device):
    return torch.device("meta") if device is not None and str(device).startswith("cuda") else device


class Redirect(TorchFunctionMode):
    """ "cuda" means "meta"."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if "device" in kwargs:
            kwargs["device"] = moved(kwargs["device"])
        name = getattr(func, "__name__", "")
        if name == "cuda" and args and isinstance(args[0], torch.Tensor):
            return args[0].to("meta")
        if name == "to":
            args = tuple(moved(a) if isinstance(a, (str, torch.device)) else a for a in args)
        if name == "cpu" and args and args[0].device.type == "meta":
            return torch.zeros(args[0].shape, dtype=args[0].dtype)
        if name in ("item", "__float__", "__int__", "__bool__", "__index__") and args[0].device.type == "meta":
            return {"__bool__": False, "__int__": 1, "__index__": 1}.get(name, 0.5)
        if name in ("tolist", "numpy") and args[0].device.type == "meta":
            return func(torch.zeros(args[0].shape, dtype=args[0].dtype), *args[1:], **kwargs)
        if func is torch.Tensor.is_cuda.__get__:
            return args[0].device.type == "meta"
        return func(*args, **kwargs)


class Properties:
    name = "Emulated GPU"

    def __init__(self, total):
        self.total_memory = total
        self.major, self.minor, self.multi_processor_count = 9, 0, 132


def stats(card):
    def read(device=None):
        allocated = card.allocated
        return {"allocated_bytes.all.current": allocated, "allocated_bytes.all.peak": card.peak, "reserved_bytes.all.current": allocated,
                "requested_bytes.all.current": card.requested, "num_ooms": 1}
    return read


def install(total, whyoom=None):
    """Makes this process one with a GPU of so many bytes."""
    card = Card(total)
    cuda = torch.cuda
    for name, value in {
        "is_available": lambda: True, "is_initialized": lambda: True, "device_count": lambda: 1, "init": lambda: None, "_lazy_init": lambda: None,
        "_lazy_call": lambda call, **_: call(), "current_device": lambda: 0, "synchronize": lambda device=None: None, "empty_cache": lambda: None,
        "memory_allocated": lambda device=None: card.allocated, "max_memory_allocated": lambda device=None: card.peak,
        "memory_reserved": lambda device=None: card.allocated, "max_memory_reserved": lambda device=None: card.peak,
        "memory_stats": stats(card), "mem_get_info": lambda device=None: (card.total - card.context - card.allocated, card.total),
        "get_device_properties": lambda device=None: Properties(card.total), "is_bf16_supported": lambda *a, **k: True,
        "get_device_name": lambda device=None: "Emulated GPU", "reset_peak_memory_stats": lambda device=None: None, "is_current_stream_capturing": lambda: False, "get_allocator_backend": lambda: "native",
        "set_per_process_memory_fraction": lambda share, device=None: setattr(card, "cap", int(card.total * share)),
    }.items():
        setattr(cuda, name, value)
    torch._C._cuda_attach_out_of_memory_observer = card.observers.append
    if whyoom is not None:
        whyoom._reads.DEVICE_TYPES.add("meta")
        whyoom._code._USER[__file__] = False
    return card


def main(arguments):
    gib = 140.0
    if arguments[:1] == ["--gib"]:
        gib, arguments = float(arguments[1]), arguments[2:]
    program = arguments[0]
    sys.argv = arguments
    sys.path.insert(0, str(Path(program).resolve().parent))
    whyoom = sys.modules.get("_whyoom") or sys.modules.get("whyoom")
    if whyoom is not None:
        import importlib

        importlib.import_module(whyoom.__name__ + "._reads")
    card = install(int(gib * GIB), whyoom)
    for attach in PENDING:
        attach()
    with Redirect(), Ledger(card):
        runpy.run_path(program, run_name="__main__")


# Who waits for CUDA to be initialized.
PENDING = []

if __name__ == "__main__":
    main(sys.argv[1:])
