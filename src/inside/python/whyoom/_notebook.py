"""`%load_ext whyoom` in IPython and Jupyter."""
import sys
from importlib.util import find_spec
from typing import Any, Optional

from . import explain, install

_before: Optional[int] = None


def before_cell(info: Any) -> None:
    """Remembers the last error by then: `%run script.py` shows a new one itself, and its cell has none."""
    global _before
    _before = id(getattr(sys, "last_value", None))


def after_cell(result: Any) -> None:
    """Prints the report below the traceback of a cell that ran out of memory."""
    error = result.error_in_exec
    last = getattr(sys, "last_value", None)
    if error is None and result.error_before_exec is None and _before is not None and id(last) != _before:
        error = last
    print(explain(error) or "" if error is not None else "", end="")


def load(ipython: Any) -> None:
    """From now on: a census where memory runs out, and the report below the cell."""
    if find_spec("torch") is not None:
        install(quiet=True)
    ipython.events.register("pre_run_cell", before_cell)
    ipython.events.register("post_run_cell", after_cell)


def unload(ipython: Any) -> None:
    """No report from now on."""
    ipython.events.unregister("pre_run_cell", before_cell)
    ipython.events.unregister("post_run_cell", after_cell)
