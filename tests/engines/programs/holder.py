"""Holds GiB of GPU 0 until it is killed, or until who started it is gone: holder.py GIB. "rest" is all that is free but for 96
MiB. Says "held" when it does."""
import ctypes
import os
import sys
import time

MIB, LEFT = 2**20, 96
cuda, context, pointer = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p(), ctypes.c_uint64()
assert cuda.cuInit(0) == 0
assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
assert cuda.cuCtxSetCurrent(context) == 0
if sys.argv[1] == "rest":
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    assert cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total)) == 0
    left = free.value // MIB - LEFT
else:
    left = int(float(sys.argv[1]) * 1024)
while left > 0:
    piece = min(left, 8192)
    assert cuda.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(piece * MIB)) == 0
    left -= piece
print("held", flush=True)
started, end = os.getppid(), time.time() + 600
while os.getppid() == started and time.time() < end:
    time.sleep(0.2)
