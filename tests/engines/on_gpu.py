#!/usr/bin/env python3
"""Lets JAX, CuPy and Numba run out of memory for known reasons on a machine with a GPU, and tries what whyoom offers.

  on_gpu.py BINARY [NAME...] [--out DIR] [--seconds N]

Every setting runs under `whyoom run`. Its output alone is judged too, as a log that somebody sends. Then the first fix with a
value that can be typed as it stands is typed: a variable is set, a line of Python is put where it belongs, the other process
is ended. The program must then pass. The sizes are made for a GPU with 140 GiB.

One line a setting: what was true, what the log alone told, what was told with the GPU watched, the fix that was tried and
which of the offered ones it was, its value, and whether it passed. Ends with 0 where every cause is right, or unknown, and
every value passed; with 1 otherwise, with 77 where there is no GPU. A framework that is not installed is skipped.
"""
import argparse
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
NO_GPU = 77
# name: (framework, program, what is true, GiB that another process holds, variables)
SETTINGS = {
    "jax-fraction": ("jax", "jax_kept", "cap", 0, {"XLA_PYTHON_CLIENT_MEM_FRACTION": ".3"}),
    "jax-default-share": ("jax", "jax_more", "cap", 0, {}),
    "jax-share-refused": ("jax", "jax_kept", "contention", 60, {}),
    "jax-no-preallocation": ("jax", "jax_kept", "contention", 80, {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}),
    "jax-platform": ("jax", "jax_kept", "contention", 80, {"XLA_PYTHON_CLIENT_ALLOCATOR": "platform"}),
    "jax-pairs": ("jax", "jax_pairs", "oversized", 0, {}),
    "cupy-fraction": ("cupy", "cupy_fraction", "cap", 0, {}),
    "cupy-size": ("cupy", "cupy_size", "cap", 0, {}),
    "cupy-variable": ("cupy", "cupy_plain", "cap", 0, {"CUPY_GPU_MEMORY_LIMIT": "30%"}),
    "cupy-other-process": ("cupy", "cupy_plain", "contention", 110, {}),
    "cupy-kept": ("cupy", "cupy_kept", "exhaustion", 0, {}),
    "cupy-pairs": ("cupy", "cupy_pairs", "oversized", 0, {}),
    "cupy-beside-torch": ("cupy", "cupy_beside_torch", "contention", 0, {}),
    "numba-pairs": ("numba", "numba_pairs", "oversized", 0, {}),
    "numba-kept": ("numba", "numba_kept", "exhaustion", 0, {}),
    "numba-other-process": ("numba", "numba_ten", "contention", 90, {}),
    "numba-copy": ("numba", "numba_copy", "contention", 110, {}),
}


def arguments():
    summary, _, rest = __doc__.partition("\n\n")
    p = argparse.ArgumentParser(description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("binary", type=Path)
    p.add_argument("--out", type=Path, default=Path("engines-on-gpu"))
    p.add_argument("--seconds", type=float, default=40, help="for one run of one program")
    p.add_argument("names", nargs="*", help="the beginnings of settings' names")
    a = p.parse_intermixed_args()
    if not a.binary.is_file():
        p.error(f"{a.binary} is no program")
    return a


class Holder:
    """Another process that holds so much of the GPU, while the block runs."""

    def __init__(self, gib):
        self.gib, self.child = gib, None

    def __enter__(self):
        if self.gib:
            self.child = subprocess.Popen([sys.executable, PROGRAMS / "holder.py", str(self.gib)], stdout=subprocess.PIPE, text=True)
            assert self.child.stdout.readline().strip() == "held", "the other process got no memory"

    def __exit__(self, *_):
        if self.child:
            self.child.kill()
            self.child.wait()


def start(words, folder, variables, log, seconds):
    """Runs a program; its exit code, or "timeout"."""
    env = dict(os.environ, PYTHONUNBUFFERED="1") | variables
    with open(log, "wb") as file:
        child = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                 start_new_session=True)
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            # The wrapper hands this on: its program would otherwise keep the GPU.
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                pass
            return "timeout"
        finally:
            # The group is this child's alone.
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


def judged(report):
    """(cause and confidence in words, the cause, the fixes) of the last incident."""
    incidents = report["incidents"]
    if not incidents:
        return "nothing", "nothing", [], None
    last = incidents[-1]
    best = (last.get("causes") or [{"cause": "unknown", "finding": "", "confidence": ""}])[0]
    words = best["cause"] if best["cause"] == "unknown" else f'{best["cause"]} {best["confidence"]}'
    return words, best["cause"], last.get("fixes") or [], last.get("frame")


def typed(fix, frame, source):
    """What the fix says to type: (the value in words, variables, the source with it, True where it ends the other process);
    `None` where it leaves a value open."""
    how = fix["how"].split("\n")[0].split("  #")[0].strip()
    if fix["fix"] == "stop-other-process":
        return "end it", {}, source, True
    names = re.fullmatch(r"(?:[A-Z][A-Z0-9_]+=[\w.%]+ ?)+", how)
    if names and "=N" not in how:
        return how, dict(word.split("=", 1) for word in how.split()), source, False
    lines, at = source.split("\n"), frame and frame["line"] - 1
    if at is None or at >= len(lines) or re.search(r"\bN\b", how):
        return None
    loop = re.fullmatch(r"(for part in .*): \.\.\.", how)
    if loop:
        call = next((line for line in lines if line == "results.append(work(x))"), None)
        return call and (how, {}, source.replace(call, f"{loop[1]}: {call.replace('(x)', '(part)')}"), False)
    if how.startswith("y = "):
        call = next((line for line in lines if line.startswith("y = ")), None)
        return call and (how, {}, source.replace(call, how), False)
    # A call that can be typed as it stands, before the line that failed, takes the place of one like it.
    called = re.fullmatch(r"(cupy\.[\w.()]+)\(([\w=.]*)\)", how)
    if called:
        like = [i for i, line in enumerate(lines) if line.startswith(called[1] + "(")]
        if like:
            lines[like[0]] = how
        else:
            lines.insert(at, how)
        return how, {}, "\n".join(lines), False
    return None


def one(a, name):
    """The row of one setting, and what is wrong with it."""
    framework, program, true, held, variables = SETTINGS[name]
    folder = (a.out / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{program}.py"
    source = (PROGRAMS / file.name).read_text()
    file.write_text(source)
    with Holder(held):
        wrapper = [str(a.binary.resolve()), "run", "--save", str(folder / "saved"), "--"]
        code = start([*wrapper, sys.executable, file.name], folder, variables, folder / "watched.txt", a.seconds)
    if code in (0, "timeout"):
        return [framework, name, true, "", "", "", "", "", f"it did not fail: {code}"]
    log = folder / "saved" / "output.log"
    done = subprocess.run([a.binary.resolve(), "--format", "json", log], capture_output=True, text=True, check=False)
    alone, watched = judged(json.loads(done.stdout)), judged(json.loads((folder / "saved" / "report.json").read_text()))
    wrong = [f"{how} {words}" for how, (words, cause, *_) in (("alone:", alone), ("watched:", watched)) if cause not in (true, "unknown")]
    for place, (fix, frame) in ((i, (f, side[3])) for side in (alone, watched) if side[1] != "unknown" for i, f in enumerate(side[2], 1)):
        found = typed(fix, frame, source)
        if found:
            value, more, text, ends = found
            file.write_text(text)
            with Holder(0 if ends else held):
                code = start([sys.executable, file.name], folder, variables | more, folder / "again.txt", a.seconds)
            passed = "yes" if code == 0 else f"no ({code})"
            wrong += [] if code == 0 else ["the value does not pass"]
            return [framework, name, true, alone[0], watched[0], f"{place}. {fix['fix']}", value, passed, "; ".join(wrong)]
    return [framework, name, true, alone[0], watched[0], "-", "no value", "-", "; ".join(wrong)]


def main():
    a = arguments()
    if shutil.which("nvidia-smi") is None or subprocess.run(["nvidia-smi"], capture_output=True, check=False).returncode:
        print("skipped: no GPU here")
        return NO_GPU
    head = ("framework", "setting", "true", "said of the log", "said when watched", "fix tried", "value", "passes", "wrong")
    form = "{:9} {:21} {:11} {:20} {:20} {:31} {:62} {:8} {}"
    rows = []
    a.out.mkdir(parents=True, exist_ok=True)
    print(form.format(*head), flush=True)
    for name in SETTINGS:
        if a.names and not any(name.startswith(n) for n in a.names):
            continue
        if importlib.util.find_spec(SETTINGS[name][0]) is None:
            print(f"{name}: skipped, {SETTINGS[name][0]} is not installed")
            continue
        try:
            row = one(a, name)
        except Exception as error:  # the next setting can still be run
            row = [*SETTINGS[name][:1], name, SETTINGS[name][2], "", "", "", "", "", f"the script failed: {error!r}"]
        rows.append(row)
        print(form.format(*row).rstrip(), flush=True)
        with open(a.out / "table.tsv", "a") as table:
            print(*row, sep="\t", file=table)
    tried = [row for row in rows if row[7] and row[7] != "-"]
    print(f"{sum(row[7] == 'yes' for row in tried)} of {len(tried)} offered values pass; {len(rows) - len(tried)} settings without a value")
    said = [row for row in rows if row[4]]
    for column, how in ((3, "from the log alone"), (4, "with the GPU watched")):
        right = sum(row[column].split()[0] == row[2] for row in said)
        unknown = sum(row[column] == "unknown" for row in said)
        print(f"{how}: {right} of {len(said)} causes right, {unknown} unknown")
    return 1 if not rows or any(row[-1] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
