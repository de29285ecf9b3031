#!/usr/bin/env python3
"""Runs `whyoom run` over programs that run out of memory, on a machine with a GPU, and prints what it made of each.

  on_gpu.py BINARY [--scenarios DIR] [--cases DIR] [--out DIR] [--seconds N] [--retries N] [--list] [NAME...]

DIR holds programs like those in fixtures/programs (the default). What is expected comes from CASES/NAME/truth.json where
there is one (`causes`, `fixes`); else from the claim of CASES/h200-NAME, or the first words of the program ("cause: leak."),
and from `measured.json` beside it. NAME is the beginning of a program's name. One line a program; the last line counts. Ends
with 0 where every cause is right and every fix that was tried and was known to work did work, with 1 otherwise, with 77 where
there is no GPU.

OUT keeps what --save keeps, and out.txt with all that was printed, in a folder for each program.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HELPERS = {"common", "nets", "holder"}
CAUSES = ("fragmentation", "exhaustion", "leak", "contention", "cap", "oversized", "host memory")
NO_GPU = 77


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary", type=Path)
    p.add_argument("--scenarios", type=Path, default=ROOT / "fixtures" / "programs")
    p.add_argument("--cases", type=Path, help="folders with truth.json (default: `cases` beside the scenarios)")
    p.add_argument("--out", type=Path, default=Path("on-gpu"))
    p.add_argument("--seconds", type=float, default=100, help="for one program and its retry")
    p.add_argument("--retries", type=int, default=1)
    p.add_argument("--list", action="store_true", help="only say what is expected")
    p.add_argument("names", nargs="*")
    return p.parse_args()


def expected(program, cases):
    """(memory or None, causes that are right, {fix: worked}); causes are None where nothing is known."""
    stem = program.stem
    truth = cases / stem.replace("_", "-") / "truth.json"
    if truth.exists():
        t = json.loads(truth.read_text())
        fixes = {name: result == "pass" for name, result in (t.get("fixes") or {}).items()}
        return t["memory"], t["causes"] or None, fixes
    about = program.read_text().split('"""')[1]
    about = about.removeprefix("cause: ")
    fixes = {}
    measured = program.parent / "measured.json"
    if measured.exists():
        rows = json.loads(measured.read_text()).get(stem, {})
        fixes = {name.replace("_", "-"): row["result"] == "pass" for name, row in rows.items() if name != "none"}
    claim = cases / ("h200-" + stem.replace("_", "-")) / "claim.json"
    if claim.exists():
        incidents = json.loads(claim.read_text())["incidents"]
        if not incidents:
            return None, None, fixes
        causes = incidents[-1].get("cause") or []
        return incidents[-1].get("memory", "device"), [causes] if isinstance(causes, str) else causes, fixes
    if about.startswith("look-alike"):
        return None, None, fixes
    cause = next((c for c in CAUSES if about.startswith(c)), None)
    causes = [cause.replace(" ", "-")] if cause else None
    return ("host" if cause == "host memory" else "device"), causes, fixes


def command(program):
    # torchrun's children must be followed, too.
    if program.stem.startswith("contention_ranks") and not program.stem.endswith("spawn"):
        return [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", program.name]
    return [sys.executable, program.name]


def run(a, program, out):
    """What was printed and how it ended; the folder of the first run holds its report."""
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    if "malloc_async" in program.stem:
        env["PYTORCH_CUDA_ALLOC_CONF"] = "backend:cudaMallocAsync"
    wrapped = [str(a.binary.resolve()), "run", "--save", str(out), "--retry-with-fix", str(a.retries), "--"]
    out.mkdir(parents=True)
    start = time.time()
    with open(out / "out.txt", "wb") as log:
        child = subprocess.Popen(wrapped + command(program), cwd=program.parent, env=env, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = child.wait(a.seconds)
        except subprocess.TimeoutExpired:
            code = "timeout"
        finally:
            # A holder that the program left behind must not spoil the next one. The group is this child's alone.
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
    return code, time.time() - start, (out / "out.txt").read_text(errors="replace")


def retried(text):
    """The fix that was tried and what became of it; ("", what was said instead) where none was."""
    tries = re.findall(r"running it again with \S+ \((\S+?)\)", text)
    ends = re.findall(r"whyoom: with .*? (it ended well|memory ran out once more|memory did not run out|memory ran out again)", text)
    if not tries:
        said = re.search(r"whyoom: (no fix .*|not run again.*)", text)
        return "", "said why not" if said else "-"
    return tries[-1], ends[-1] if ends else "?"


def judge(memory, causes, fixes, folder, text, code):
    """One row: what was said, and whether that is right."""
    row = {"cause": "none", "finding": "", "fix": "", "problems": []}
    try:
        incidents = json.loads((folder / "report.json").read_text())["incidents"]
    except (OSError, ValueError, KeyError) as error:
        row["problems"].append(f"no report: {error!r}")
        return row
    if memory is None:
        row["problems"] += ["a look-alike was reported"] * bool(incidents)
    elif not incidents:
        row["problems"].append("nothing was reported" + (" (no out-of-memory in the output either)" if code == 0 else ""))
    if incidents:
        last = incidents[-1]
        best = (last.get("causes") or [{"cause": "unknown", "finding": "", "confidence": ""}])[0]
        row |= {"cause": best["cause"], "finding": f'{best["finding"]}, {best["confidence"]}'}
        row["fix"] = (last.get("fixes") or [{"fix": ""}])[0]["fix"]
        if memory and last["memory"] != memory:
            row["problems"].append(f'{last["memory"]} memory instead of {memory}')
        if causes and best["cause"] not in causes:
            row["problems"].append(f"cause {best['cause']}")
        if fixes.get(row["fix"]) is False:
            row["problems"].append("the first fix is one that failed")
    row["tried"], row["ended"] = retried(text)
    if fixes.get(row["tried"]) and row["ended"] != "it ended well":
        row["problems"].append("a fix that works did not")
    return row


def gpu():
    try:
        done = subprocess.run(["nvidia-smi", "--query-gpu=name,memory.used", "--format=csv,noheader"],
                              capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else None


def main():
    a = arguments()
    cases = a.cases or a.scenarios.parent / "cases"
    programs = sorted(p for p in a.scenarios.glob("*.py") if p.stem not in HELPERS)
    programs = [p for p in programs if not a.names or any(p.stem.startswith(n) for n in a.names)]
    if a.list:
        for p in programs:
            memory, causes, fixes = expected(p, cases)
            works = sorted(f for f, ok in fixes.items() if ok)
            print(f"{p.stem:34} {'/'.join(causes or ['-']) if memory else 'look-alike':16} {' '.join(works)}")
        return 0
    card = gpu()
    if card is None:
        print("skipped: no GPU here (nvidia-smi does not answer)")
        return NO_GPU
    print(card, flush=True)
    shutil.rmtree(a.out, ignore_errors=True)
    rows = wrong = 0
    head = ("program", "expected", "said", "finding", "first fix", "tried", "and then", "code", "s")
    form = "{:30} {:13} {:13} {:32} {:24} {:22} {:18} {:>7} {:>5}  {}"
    print(form.format(*head, "wrong"), flush=True)
    for p in programs:
        memory, causes, fixes = expected(p, cases)
        folder = (a.out / p.stem).resolve()
        code, seconds, text = run(a, p, folder)
        missing = re.search(r"ModuleNotFoundError: No module named '([^']+)'", text)
        if missing:
            print(f"{p.stem:30} skipped: no {missing.group(1)} here", flush=True)
            continue
        row = judge(memory, causes, fixes, folder, text, code)
        rows += 1
        wrong += bool(row["problems"])
        want = "/".join(causes or ["-"]) if memory else "nothing"
        print(form.format(p.stem, want, row["cause"], row["finding"], row["fix"], row.get("tried", ""), row.get("ended", ""),
                          str(code), f"{seconds:.0f}", "; ".join(row["problems"])), flush=True)
    print(f"{rows - wrong} of {rows} right")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
