"""What `import whyoom; whyoom.install()` costs a program at its start, without a GPU: python tests/inside/cost_at_start.py [RUNS].

Processes take turns: one imports the stand-in for PyTorch and all of Python's own modules that the real one loads, one also installs
the module, and one also lets CUDA begin, which is when the rest of it is loaded. Printed are medians of what a process took more than
its partner: milliseconds of the processor, which other work on the machine does not lengthen, and of the clock.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What `import torch` has loaded of Python's own (torch/hub.py, torch/serialization.py, torch/_utils.py).
PLAIN = "import inspect, json, platform, shutil, tempfile, threading, traceback, typing\nimport torch\n"
LATER = "torch.cuda._lazy_call = lambda call: None\n"
INSTALL = "import whyoom\nwhyoom.install(quiet=True)\n"
ROWS = [
    ("at the start", PLAIN + LATER + INSTALL, False),
    ("and when CUDA begins", PLAIN + INSTALL, False),
    ("the same, compiled anew", PLAIN + INSTALL, True),
]


def one(code, anew, compiled):
    """Milliseconds of the processor and of the clock. An installer compiles; `whyoom run` writes the module anew."""
    path = os.pathsep.join([str(ROOT / "tests" / "inside" / "stand_in"), str(ROOT / "src" / "inside" / "python")])
    env = {**os.environ, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    if anew:
        # Only the module, and not what it is compared with.
        code = code.replace("import whyoom\n", "import sys; sys.pycache_prefix = '/dev/null'; import whyoom\n")
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], env=env)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, code
    return (used.ru_utime + used.ru_stime) * 1000, (time.perf_counter() - begun) * 1000


def main(runs=30):
    print(f"Python {sys.version.split()[0]}, medians of {runs} pairs")
    with tempfile.TemporaryDirectory() as compiled:
        one(PLAIN, False, compiled), one(PLAIN + INSTALL, False, compiled)
        for name, code, anew in ROWS:
            pairs = [(one(PLAIN, False, compiled), one(code, anew, compiled)) for _ in range(runs)]
            processor, clock = (statistics.median(b[at] - a[at] for a, b in pairs) for at in (0, 1))
            print(f"{name}: {processor:.1f} ms of the processor, {clock:.1f} ms of the clock")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
