"""When a census is taken: PyTorch's observer of failures, and what is left at the end of the program. No hook of the program or
of a notebook is replaced."""
import atexit
import json
import os
import sys
import threading
import time
from typing import Any, Dict, Optional

# A program that looks for the largest batch fails on purpose, again and again. Seconds are of this thread's work, so that a busy
# machine takes no census away.
MOST = 8
MOST_SECONDS = 4.0
_OUT_OF_MEMORY = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED", "CUDA_ERROR_OUT_OF_MEMORY", "OutOfMemory")


class _State:
    """One for a process, however many copies of this package are loaded in it."""

    def __init__(self, folder, quiet):
        self.folder = folder
        self.quiet = quiet
        self.number = 0
        self.seconds = 0.0
        self.last = None
        self.path = None
        self.call = None
        self.found = None
        self.missed = False
        self.busy = threading.Lock()
        self.pid = os.getpid()


def _state():
    return getattr(sys, "_whyoom", None)


def install(folder: Optional[str] = None, quiet: bool = False) -> bool:
    """From now on a failure for want of GPU memory leaves a census: a file `whyoom-census-PID-N.json` in `folder`.

    The folder is `$WHYOOM_CENSUS`, or the temporary one, where none is named. Where the file is, is said in one line on standard
    error unless `quiet`. Returns False, and changes nothing, where PyTorch is not there or too old.
    """
    if _state() is not None:
        return True
    try:
        import torch

        if _state() is not None:
            # The import of torch has started another copy of this package.
            return True
        sys._whyoom = _State(folder or os.environ.get("WHYOOM_CENSUS"), quiet)
        # torch runs this when CUDA is initialized, and at once where it is: a program that uses no GPU pays next to nothing.
        torch.cuda._lazy_call(_attach)
        atexit.register(_at_exit)
    except Exception as error:
        _complain(error)
        return False
    return True


def _attach():
    try:
        import tempfile

        import torch

        state = _state()
        state.folder = state.folder or tempfile.gettempdir()
        # All that a census needs is loaded now: at the failure, nothing is imported any more.
        from . import _census  # noqa: F401
    except Exception as error:
        # torch calls this while it initializes CUDA: an error here would be the program's.
        _complain(error)
        return
    try:
        torch._C._cuda_attach_out_of_memory_observer(_observe)
    except Exception:
        # Other allocators than PyTorch's own have no observer: what is left at the end is looked at.
        pass


def _observe(device, requested, limit, free):
    """PyTorch calls this where its allocator gives up, just before it raises."""
    try:
        _take({"kind": "observer", "device": int(device), "requested": int(requested), "limit": int(limit), "free": int(free)})
    except Exception as error:
        _complain(error)


def _at_exit():
    """An exception that ended the program, where no census was taken of it."""
    try:
        state, value = _state(), getattr(sys, "last_value", None)
        if state is None or value is None or (state.number and state.pid == os.getpid() and not state.missed):
            return
        import torch

        text = f"{type(value).__name__}: {value}"
        if torch.cuda.is_initialized() and any(sign in text for sign in _OUT_OF_MEMORY):
            _take({"kind": "exception", "message": text[:2000]}, last=True)
    except Exception as error:
        _complain(error)


def _take(event, last=False):
    state = _state()
    if state is None or not state.busy.acquire(blocking=False):
        return None
    try:
        if state.pid != os.getpid():
            # A fork has its own failures.
            state.pid, state.number, state.seconds = os.getpid(), 0, 0.0
            state.last = state.call = state.found = None
        call = _call(event)
        if call is not None and call == state.call:
            # A library tries one way after another in a single call (cuDNN does, for room to work in): nothing of Python's has run
            # since, so that the same names hold the same. Only the last try may be raised.
            state.found["event"] = {**state.found["event"], **event, "time": time.time(), "monotonic": time.monotonic()}
            return _write(state, state.found)
        if not last and (state.number >= MOST or state.seconds > MOST_SECONDS):
            state.missed = True
            return None
        from . import _census

        begun, started = time.monotonic(), time.thread_time()
        event = {**event, "number": state.number + 1, "time": time.time(), "monotonic": begun}
        found = _census.take(event, state.last)
        state.number += 1
        state.path = _write(state, found)
        state.last = {"event": event, "devices": found["devices"]}
        state.call, state.found, state.missed = call, found, False
        state.seconds += time.thread_time() - started
        if not state.quiet:
            print(f"whyoom: who holds the GPU's memory is written in {state.path}", file=sys.stderr)
        return state.path
    finally:
        state.busy.release()


def _call(event):
    """What tells one call from another: where every thread is, and what is held. `None` where nothing tells it."""
    import torch

    from . import _code

    if event["kind"] != "observer":
        return None
    frames = [[(id(frame), frame.f_lasti) for frame in frames] for _, frames in _code.threads(sys._getframe())]
    return event["device"], torch.cuda.memory_allocated(event["device"]), frames


def _write(state, found):
    if state.folder is None:
        import tempfile

        state.folder = tempfile.gettempdir()
    os.makedirs(state.folder, exist_ok=True)
    path = os.path.join(state.folder, f"whyoom-census-{os.getpid()}-{state.number}.json")
    # Never half a file: a reader may look at any time.
    half = path + ".part"
    with open(half, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(found, file, separators=(",", ":"), allow_nan=False)
        file.write("\n")
    os.replace(half, path)
    return path


def census() -> Dict[str, Any]:
    """Takes a census now, whatever happens, and returns it as plain data."""
    from . import _census

    state = _state()
    begun = time.monotonic()
    found = _census.take({"kind": "asked", "number": 0, "time": time.time(), "monotonic": begun}, state.last if state else None)
    if state is not None:
        state.last = {"event": found["event"], "devices": found["devices"]}
    return found


def last_census() -> Optional[str]:
    """Where the last census of this process was written; `None` where there is none."""
    state = _state()
    return state.path if state is not None else None


def _complain(error):
    try:
        print(f"whyoom: no census: {error!r}"[:300], file=sys.stderr)
    except Exception:
        pass
