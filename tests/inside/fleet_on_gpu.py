"""The fleet of fixtures/fleet with the census on, on a machine with a GPU.

  fleet_on_gpu.py OUT FIRST_SEED LAST_SEED SECONDS [WIDTH]

OUT gets what `fleet.py` writes, `rows.jsonl.gz`, and `censuses/SEED-DRAW/`, what each run that failed without a fix left.
"""
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "fixtures" / "fleet"), str(ROOT / "src" / "inside" / "python")]


def main(out, first, last, seconds, *width):
    import torch  # noqa: F401

    import fleet
    import whyoom
    from whyoom import _code, _start

    whyoom.install(str(out / "censuses"), quiet=True)
    for path in (__file__, fleet.__file__):
        # What only drives a program is none of it.
        _code._USER[path] = False
    plain = fleet.one

    def one(run, seed, name):
        state, native = sys._whyoom, run["name"].startswith("native")
        state.folder = str(out / "censuses" / f"{seed}-{run['name'][6:]}")
        state.pid, state.number, state.seconds, state.last = os.getpid(), 0 if native else _start.MOST, 0.0, None
        return plain(run, seed, name)

    fleet.one = one
    fleet.main(out, first, last, seconds, *width)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), *map(int, sys.argv[5:]))
