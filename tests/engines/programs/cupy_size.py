"""Limits the pool to 40 GiB; the work needs 48 GiB."""
import cupy

cupy.get_default_memory_pool().set_limit(size=40 * 2**30)
volume = cupy.ones((4, 2**30), dtype=cupy.float32)
spectrum = cupy.sqrt(volume)
total = volume + spectrum
print("ok", float(total[0, 0]))
