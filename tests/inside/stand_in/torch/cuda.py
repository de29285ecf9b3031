"""A card of 8 GiB, and the allocator's counters."""
TOTAL = 8 << 30
CONTEXT = 1 << 29
_allocated, _requested = {}, {}
_initialized = True
_waiting = []


def _index(where):
    return int(where.partition(":")[2] or 0) if where.startswith("cuda") else None


def _grow(size, where):
    index = _index(where)
    if index is None:
        return 0
    rounded = -(-size // 512) * 512
    _allocated[index] = _allocated.get(index, 0) + rounded
    _requested[index] = _requested.get(index, 0) + size
    return rounded


def _shrink(size, where, rounded):
    index = _index(where)
    if index is not None:
        _allocated[index] -= rounded
        _requested[index] -= size


def is_initialized():
    return _initialized


def _lazy_call(call):
    call()


def device_count():
    return 2


def memory_stats(device=None):
    if device not in _allocated:
        return {}
    return {"allocated_bytes.all.current": _allocated[device], "requested_bytes.all.current": _requested[device],
            "reserved_bytes.all.current": _allocated[device], "num_ooms": 1, "segment.all.current": len(_segments)}


_segments = []


def memory_snapshot():
    return _segments


def mem_get_info(device=None):
    if device not in _allocated:
        from ._tensor import forbidden

        # On a device that the process does not use, the driver would make a context, which takes memory.
        forbidden.append("a context on another device")
    return TOTAL - _allocated[device], TOTAL


def get_device_properties(device=None):
    return type("Properties", (), {"name": "Stand-in", "total_memory": TOTAL})()


def get_allocator_backend():
    return "native"


def memory_allocated(device=None):
    return _allocated.get(device or 0, 0)


def _fail(requested, device=0, tries=()):
    """What the allocator does where it gives up. A library that can do with less room tries more first."""
    from . import OutOfMemoryError, _C

    allocated = _allocated.get(device, 0)
    free = TOTAL - CONTEXT - allocated
    for asked in (*tries, requested):
        for observer in list(_C._observers):
            observer(device, asked, TOTAL, free)
    gib = 2**30
    raise OutOfMemoryError(
        f"CUDA out of memory. Tried to allocate {requested / gib:.2f} GiB. GPU {device} has a total capacity of {TOTAL / gib:.2f} GiB of which "
        f"{free / gib:.2f} GiB is free. Including non-PyTorch memory, this process has {(allocated + CONTEXT) / gib:.2f} GiB memory in use. Of the "
        f"allocated memory {allocated / gib:.2f} GiB is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated. If reserved but "
        "unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for "
        "Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)")
