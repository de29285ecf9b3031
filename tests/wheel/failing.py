"""A test that fails as PyTorch does when a GPU is full, and one that fails of something else. `check.py` runs both."""


class OutOfMemoryError(RuntimeError):
    """What PyTorch raises is called so."""


def test_too_large():
    raise OutOfMemoryError(
        "CUDA out of memory. Tried to allocate 33.55 GiB. GPU 0 has a total capacity of 139.80 GiB of which 16.25 GiB is free. "
        "Including non-PyTorch memory, this process has 123.55 GiB memory in use. Of the allocated memory 61.51 GiB is allocated "
        "by PyTorch, and 61.53 GiB is reserved by PyTorch but unallocated."
    )


def test_wrong_sum():
    assert 1 + 1 == 3
