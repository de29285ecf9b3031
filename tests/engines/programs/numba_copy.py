"""Copies 48 GiB to the GPU at once."""
import numpy
from numba import cuda

data = numpy.zeros((12, 2**30), dtype=numpy.float32)
on_gpu = cuda.to_device(data)
print("ok", on_gpu.shape)
