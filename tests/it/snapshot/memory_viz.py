"""Writes fixtures/memory-viz.tsv: what PyTorch's own `torch/cuda/_memory_viz.py` counts in each snapshot of fixtures/snapshots.

  memory_viz.py PATH/torch/cuda/_memory_viz.py VERSION > fixtures/memory-viz.tsv

That file is plain Python and needs no torch beside it. Its functions print rounded sizes; here they print bytes. `segsum` and `memory`
tell of the end of the file, `trace` of its events.
"""
import gzip
import importlib.util
import pathlib
import pickle
import re
import sys

COLUMNS = ["snapshot", "segments", "total_reserved", "total_allocated", "free_internal", "free_external", "active_allocated",
           "active_pending_free", "inactive", "events", "oom_requested", "oom_free"]


def load(path):
    spec = importlib.util.spec_from_file_location("memory_viz", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._format_size = str
    return module


def count(viz, snapshot):
    summary = viz.segsum(snapshot)
    row = {key: int(re.search(rf"^{key}: (\d+)", summary, re.M)[1]) for key in COLUMNS[1:4]}
    inside = re.search(r"^total_free: \d+ \(([\d.]+)% internal", summary, re.M)
    free = int(re.search(r"^total_free: (\d+)", summary, re.M)[1])
    lines = viz.memory(snapshot, format_flamegraph=str).splitlines()
    states = dict.fromkeys(COLUMNS[6:9], 0)
    gaps = 0
    for line in lines:
        stack, size = line.rsplit(" ", 1)
        state = stack.split(";")[1]
        states[state] += int(size)
        gaps += int(size) if stack.endswith(";<gaps>") and state == "active_allocated" else 0
    row.update(free_internal=gaps, free_external=free - gaps, **states)
    # `segsum` has it as a share, to a tenth of a percent.
    assert abs(float(inside[1] if inside else 0) - 100 * gaps / max(free, 1)) <= 0.051, (inside, gaps, free)
    trace = viz.trace(snapshot)
    row["events"] = sum(int(n) for n in re.findall(r"^(\d+) entries$", trace, re.M))
    refused = re.findall(r"^raise OutOfMemoryError(?:\(\))? # (\d+) requested, (\d+) free in CUDA$", trace, re.M)
    row["oom_requested"], row["oom_free"] = refused[-1]
    return row


def main():
    viz = load(sys.argv[1])
    print(f"# PyTorch {sys.argv[2]}, torch/cuda/_memory_viz.py: segsum, memory and trace; bytes")
    print("\t".join(COLUMNS))
    folder = pathlib.Path(__file__).parents[3] / "fixtures" / "snapshots"
    for file in sorted(folder.glob("*/snapshot.pickle.gz")):
        with gzip.open(file) as packed:
            row = count(viz, pickle.load(packed))
        row["snapshot"] = file.parent.name
        print("\t".join(str(row[key]) for key in COLUMNS))


main()
