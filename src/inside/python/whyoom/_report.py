"""The report on an exception, by the program `whyoom` that came with this package or stands on the path."""
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import traceback
from typing import List, Optional

from ._start import _OUT_OF_MEMORY, last_census


def program() -> Optional[str]:
    """Where the program is: beside this Python, else on the path."""
    beside = shutil.which("whyoom", path=sysconfig.get_path("scripts"))
    return beside or shutil.which("whyoom")


def with_cells(text: str) -> str:
    """The same traceback with the cells of a notebook as people know them, "Cell In[3]", and not as files that nobody has."""
    from ._code import cell

    for name in set(re.findall(r'^  File "([^"\n]+)", line \d', text, re.MULTILINE)):
        known = cell(name)
        if known:
            text = text.replace(f'  File "{name}", line ', f'  File "{known}", line ')
    return text


def explain(error: Optional[BaseException] = None) -> Optional[str]:
    """The report, as text; `None` where the exception, or without one the last that nobody caught, is of something else."""
    error = error or getattr(sys, "last_value", None)
    found = program()
    if error is None or found is None:
        return None
    text = with_cells("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    inputs: List[str] = ["-"]
    census = last_census()
    if census and os.path.exists(census) and any(sign in text for sign in _OUT_OF_MEMORY):
        inputs.append(census)
    try:
        command = [found, "--format", "terminal", "--color", "never", *inputs]
        done = subprocess.run(command, input=text.encode("utf-8", "backslashreplace"), stdout=subprocess.PIPE, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    # 1 says that memory ran out, 3 that it did and that some of the input was not read.
    return done.stdout.decode("utf-8", "replace") if done.returncode in (1, 3) else None
