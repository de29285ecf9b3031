"""`%load_ext whyoom` in IPython and Jupyter."""
from importlib.util import find_spec
from typing import Any

from . import explain, install


def after_cell(result: Any) -> None:
    """Prints the report below the traceback of a cell that ran out of memory."""
    error = result.error_in_exec
    print(explain(error) or "" if error is not None else "", end="")


def load(ipython: Any) -> None:
    """From now on: a census where memory runs out, and the report below the cell."""
    if find_spec("torch") is not None:
        install(quiet=True)
    ipython.events.register("post_run_cell", after_cell)


def unload(ipython: Any) -> None:
    """No report from now on."""
    ipython.events.unregister("post_run_cell", after_cell)
