"""How near to its end a GPU's memory came, by what PyTorch counts. Nothing is measured before CUDA is in use."""
import functools
import sys
from typing import Any, Dict, List, Optional, Tuple

GIB = 1 << 30


def _cuda() -> Any:
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None


def _or_nothing(ask: Any) -> Any:
    """After an assert on the device every call of CUDA fails: what is only looked at must not fail the program then."""

    @functools.wraps(ask)
    def asked(*given: Any) -> Any:
        try:
            return ask(*given)
        except Exception:
            return ask.__annotations__["return"].__origin__()

    return asked


@_or_nothing
def reset() -> Dict[int, Tuple[int, int]]:
    """From here on peaks are those of what follows. Returns what is reserved and allocated on each GPU by now."""
    cuda, held = _cuda(), {}
    for gpu in range(cuda.device_count() if cuda else 0):
        cuda.reset_peak_memory_stats(gpu)
        held[gpu] = cuda.memory_reserved(gpu), cuda.memory_allocated(gpu)
    return held


@_or_nothing
def near(percent: float, before: Optional[Dict[int, Tuple[int, int]]] = None) -> List[str]:
    """A sentence for each GPU of which PyTorch left less than so much free; `before`: what was held when peaks were reset."""
    cuda, words = _cuda(), []
    for gpu in range(cuda.device_count() if cuda else 0):
        peak, total = cuda.max_memory_reserved(gpu), cuda.mem_get_info(gpu)[1]
        if before is not None:
            # What an earlier test left, in the cache or alive, is not this one's, unless it came to use more of it.
            reserved, allocated = before.get(gpu, (0, 0))
            used = cuda.max_memory_allocated(gpu)
            peak = peak if peak > reserved else used if used > allocated else 0
        if peak > total * (1 - percent / 100):
            words.append(f"GPU {gpu} was near its end: {peak / GIB:.2f} GiB of {total / GIB:.2f} GiB were reserved at the peak")
    return words


@_or_nothing
def readings() -> Dict[str, float]:
    """What this process holds on its GPU now, by names that `whyoom` reads in a log."""
    cuda = _cuda()
    if not cuda:
        return {}
    held = {"memory_allocated_gib": cuda.memory_allocated(), "memory_reserved_gib": cuda.memory_reserved()}
    return {name: round(size / GIB, 2) for name, size in held.items()}
