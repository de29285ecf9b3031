"""Limits the pool to three tenths of the card; the work needs 48 GiB."""
import cupy

cupy.get_default_memory_pool().set_limit(fraction=0.3)
volume = cupy.ones((4, 2**30), dtype=cupy.float32)
spectrum = cupy.sqrt(volume)
total = volume + spectrum
print("ok", float(total[0, 0]))
