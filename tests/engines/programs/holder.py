"""Holds GiB of GPU 0 until it is killed: holder.py GIB. Says "held" when it does."""
import ctypes
import sys
import time

cuda, context, pointer = ctypes.CDLL("libcuda.so.1"), ctypes.c_void_p(), ctypes.c_uint64()
assert cuda.cuInit(0) == 0
assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
assert cuda.cuCtxSetCurrent(context) == 0
left = float(sys.argv[1])
while left > 0:
    piece = min(left, 8)
    assert cuda.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(int(piece * 2**30))) == 0
    left -= piece
print("held", flush=True)
time.sleep(600)
