"""One array for all pairs of 200 000 points: 149 GiB, more than the card has."""
import numpy
from numba import cuda

x = numpy.zeros(200_000, dtype=numpy.float32)


def work(part):
    return cuda.device_array((len(part), len(x)), dtype=numpy.float32).shape


results = []
results.append(work(x))
print("ok", len(results))
