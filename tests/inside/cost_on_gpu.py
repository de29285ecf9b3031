"""What the module costs a program until a failure, on a machine with a GPU.

  cost_on_gpu.py

Prints the milliseconds that `install()` takes behind `import torch`, and the time of a training step with the module and without it, each the median of
processes that take turns.
"""
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PACKAGE = str(Path(__file__).resolve().parents[2] / "src" / "inside" / "python")
STEP = """
import json, os, sys, time
import torch
begun = time.perf_counter()
if os.environ["WITH"] == "1":
    sys.path.insert(0, os.environ["PACKAGE"])
    import whyoom
    whyoom.install(quiet=True)
installed = time.perf_counter() - begun
model = torch.nn.Sequential(*[torch.nn.Linear(1024, 1024) for _ in range(24)]).cuda()
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(4096, 1024, device="cuda")
def step():
    optimizer.zero_grad()
    model(x).square().mean().backward()
    optimizer.step()
for _ in range(50):
    step()
torch.cuda.synchronize()
begun = time.perf_counter()
for _ in range(300):
    step()
torch.cuda.synchronize()
print(json.dumps([installed * 1000, (time.perf_counter() - begun) / 300 * 1000]))
"""


def one(on):
    run = subprocess.run([sys.executable, "-c", STEP], env={**os.environ, "WITH": on, "PACKAGE": PACKAGE}, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def main(turns=5):
    rows = {"0": [], "1": []}
    for _ in range(turns):
        for on in rows:
            rows[on].append(one(on))
    without, with_it = (statistics.median(step for _, step in rows[on]) for on in ("0", "1"))
    print(f"install {statistics.median(row[0] for row in rows['1']):.1f} ms; a step {without:.4f} ms without, {with_it:.4f} ms with: {with_it / without - 1:+.2%}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
