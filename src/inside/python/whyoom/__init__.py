"""What a Python process holds on its GPUs, written down at the moment when PyTorch runs out of memory.

    import whyoom
    whyoom.install()

From then on nothing happens until memory runs out. Then a file of JSON, a census, says who holds it: parameters, gradients,
optimizer states, buffers, and every list, dict, attribute and variable by name, with the line of code that has it. It takes less
than a second, allocates nothing on a GPU, and never reads the values of a tensor. The exception goes on as it would have.

`%load_ext whyoom` in a notebook also prints the report below the cell that failed, `whyoom.explain(error)` returns it, and
`whyoom.hugging_face`, `whyoom.lightning` and `whyoom.pytest_plugin` do it for these. The report is made by the program `whyoom`.

`whyoom run -- python train.py` does all of this by itself. `CENSUS.md` beside this file says what each key of a census means.
"""
from typing import Any, Optional

from ._start import census, install, last_census

__all__ = ["census", "explain", "install", "last_census"]
__version__ = "0.1.0"


def explain(error: Optional[BaseException] = None) -> Optional[str]:
    """The report on an exception, as text; `None` where it is of something else than memory."""
    from ._report import explain

    return explain(error)


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext whyoom` in a notebook."""
    from ._notebook import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext whyoom`."""
    from ._notebook import unload

    unload(ipython)
