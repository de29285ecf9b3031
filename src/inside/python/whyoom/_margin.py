"""How near to its end a GPU's memory came, by what PyTorch counts. Nothing is measured before CUDA is in use."""
import sys
from typing import Any, Dict, List

GIB = 1 << 30


def _cuda() -> Any:
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None


def reset() -> None:
    """From here on peaks are those of what follows."""
    cuda = _cuda()
    for gpu in range(cuda.device_count() if cuda else 0):
        cuda.reset_peak_memory_stats(gpu)


def near(percent: float) -> List[str]:
    """A sentence for each GPU of which PyTorch left less than so much free."""
    cuda, words = _cuda(), []
    for gpu in range(cuda.device_count() if cuda else 0):
        peak, total = cuda.max_memory_reserved(gpu), cuda.mem_get_info(gpu)[1]
        if peak > total * (1 - percent / 100):
            words.append(f"GPU {gpu} was near its end: {peak / GIB:.2f} GiB of {total / GIB:.2f} GiB were reserved at the peak")
    return words


def readings() -> Dict[str, float]:
    """What this process holds on its GPU now, by names that `whyoom` reads in a log."""
    cuda = _cuda()
    if not cuda:
        return {}
    held = {"memory_allocated_gib": cuda.memory_allocated(), "memory_reserved_gib": cuda.memory_reserved()}
    return {name: round(size / GIB, 2) for name, size in held.items()}
