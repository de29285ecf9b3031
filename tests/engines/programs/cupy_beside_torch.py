"""CuPy's pool keeps 96 GiB that nothing uses any more; then PyTorch wants 64."""
import cupy
import torch

volume = cupy.ones((24, 2**30), dtype=cupy.float32)
print("sum", float(volume.sum()), flush=True)
del volume
model_input = torch.ones(16, 2**30, device="cuda")
print("ok", model_input.shape)
