"""What a Python process holds on its GPUs, written down at the moment when PyTorch runs out of memory.

    import whyoom
    whyoom.install()

From then on nothing happens until memory runs out. Then a file of JSON, a census, says who holds it: parameters, gradients,
optimizer states, buffers, and every list, dict, attribute and variable by name, with the line of code that has it. It takes less
than a second, allocates nothing on a GPU, and never reads the values of a tensor. The exception goes on as it would have.

`whyoom run -- python train.py` does this by itself. `CENSUS.md` beside this file says what each key of the file means.
"""
from ._start import census, install, last_census

__all__ = ["census", "install", "last_census"]
__version__ = "0.1.0"


def load_ipython_extension(ipython):
    """`%load_ext whyoom` in a notebook: the same as `install()`."""
    install()
