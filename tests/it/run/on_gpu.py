#!/usr/bin/env python3
"""Runs `whyoom run` over programs that run out of memory, on a machine with a GPU, and prints what it made of each.

  on_gpu.py BINARY [NAME...] [--scenarios DIR] [--cases DIR] [--out DIR] [--seconds N] [--retries N] [--bare] [--list]

DIR holds programs like those in fixtures/programs (the default). What is expected comes from CASES/NAME/truth.json where
there is one (`causes`, `fixes`); else from the claim of CASES/h200-NAME, or the first words of the program ("cause: leak."),
and from `measured.json` beside it. NAME is the beginning of a program's name; flags may stand anywhere.

One line a program, as soon as it has ended: what was expected, what was said, what was tried against it, the exit code, the
seconds, and what is wrong. With --bare each program also runs by itself first, and "ratio" is the time of the first run under
the wrapper over that. What goes wrong with one program, a time-out or a missing report, is written on its line, and the next one
runs. The last lines count, by the words of the last column. Ends with 0 where every cause is right and every fix that was tried
and was known to work did work, with 1 otherwise, with 2 for wrong use, with 77 where there is no GPU.

OUT keeps what --save keeps, out.txt with all that was printed, bare.txt with what --bare printed, in a folder for each program,
and table.tsv, the lines of the table. Ctrl-C ends the program that runs, and counts what was run.
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

ROOT = Path(__file__).resolve().parents[3]
HELPERS = {"common", "nets", "holder"}
CAUSES = ("fragmentation", "exhaustion", "leak", "contention", "cap", "oversized", "host memory")
NO_GPU = 77


def arguments():
    summary, _, rest = __doc__.partition("\n\n")
    p = argparse.ArgumentParser(description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("binary", type=Path)
    p.add_argument("--scenarios", type=Path, default=ROOT / "fixtures" / "programs")
    p.add_argument("--cases", type=Path, help="folders with truth.json (default: `cases` beside the scenarios)")
    p.add_argument("--out", type=Path, default=Path("on-gpu"))
    p.add_argument("--seconds", type=float, default=100, help="for one program with its retries, and as much for --bare")
    p.add_argument("--retries", type=int, default=1)
    p.add_argument("--bare", action="store_true", help="also run each program by itself, for the ratio of the times")
    p.add_argument("--list", action="store_true", help="only say what is expected")
    p.add_argument("names", nargs="*")
    # Names may stand behind flags, which a plain parse takes for unknown words.
    a = p.parse_intermixed_args()
    if not a.scenarios.is_dir():
        p.error(f"{a.scenarios} is no folder")
    if not a.list and not a.binary.is_file():
        p.error(f"{a.binary} is no program")
    return a


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


def wants(program):
    """The variables to set for it, and what it needs that this machine may lack: both stand in its first line."""
    first = program.read_text().split("\n", 1)[0].strip('"')
    variables = dict(word.split("=", 1) for word in re.findall(r"Set: (\S+)", first))
    needs = re.search(r"Needs: (.+)", first)
    return variables, needs.group(1) if needs else None


def lacks(needs, gpus):
    """True where this machine lacks it, or cannot be asked."""
    count = re.fullmatch(r"(\d+) GPUs", needs or "")
    return bool(needs) and not (count and int(count.group(1)) <= gpus)


def command(program):
    # torchrun's children must be followed, too.
    if program.stem.startswith("contention_ranks") and not program.stem.endswith("spawn"):
        return [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", program.name]
    return [sys.executable, program.name]


def start(a, words, program, log):
    """How it ended, and how long it took."""
    env = dict(os.environ, PYTHONUNBUFFERED="1") | wants(program)[0]
    if "malloc_async" in program.stem:
        env["PYTORCH_CUDA_ALLOC_CONF"] = "backend:cudaMallocAsync"
    begun = time.time()
    with open(log, "wb") as file:
        child = subprocess.Popen(words + command(program), cwd=program.parent, env=env, stdin=subprocess.DEVNULL,
                                 stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
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
    return code, begun, time.time() - begun


def run(a, program, out):
    """What was printed and how it ended, the seconds of it all, and the ratio of the first run's to those without the wrapper.
    The folder of the first run holds its report."""
    out.mkdir(parents=True)
    bare = start(a, [], program, out / "bare.txt") if a.bare else None
    wrapper = [str(a.binary.resolve()), "run", "--save", str(out), "--retry-with-fix", str(a.retries), "--"]
    code, begun, seconds = start(a, wrapper, program, out / "out.txt")
    ratio = ""
    if bare and bare[0] != "timeout" and (out / "report.json").exists():
        # The report is written when the first run has ended, before any retry.
        ratio = f"{((out / 'report.json').stat().st_mtime - begun) / bare[2]:.2f}"
    return code, seconds, ratio, (out / "out.txt").read_text(errors="replace")


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
    row = {"cause": "none", "finding": "", "fix": "", "problems": ["it ran out of time"] * (code == "timeout")}
    row["tried"], row["ended"] = retried(text)
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
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    a.gpus = len(visible.split(",") if visible else card.splitlines())
    shutil.rmtree(a.out, ignore_errors=True)
    a.out.mkdir(parents=True)
    head = ("program", "expected", "said", "finding", "first fix", "tried", "and then", "code", "s", "ratio", "wrong")
    form = "{:30} {:13} {:13} {:32} {:24} {:22} {:18} {:>7} {:>5} {:>5}  {}"
    rows = []

    def show(row):
        print(form.format(*row).rstrip(), flush=True)
        with open(a.out / "table.tsv", "a") as table:
            print(*row, sep="\t", file=table)

    show(head)
    try:
        for p in programs:
            row = one(a, p, cases)
            show(row)
            if not row[-1].startswith("skipped"):
                rows.append(row)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    return count(rows)


def one(a, program, cases):
    """The line of one program."""
    name, want, code, seconds, ratio = program.stem, "?", "", 0.0, ""
    row = {"cause": "", "finding": "", "fix": "", "tried": "", "ended": "", "problems": []}
    needs = wants(program)[1]
    if lacks(needs, a.gpus):
        return (name, want, *[""] * 8, f"skipped: it needs {needs}")
    try:
        memory, causes, fixes = expected(program, cases)
        want = "/".join(causes or ["-"]) if memory else "nothing"
        folder = (a.out / name).resolve()
        code, seconds, ratio, text = run(a, program, folder)
        missing = re.search(r"ModuleNotFoundError: No module named '([^']+)'", text)
        if missing:
            row["problems"] = [f"skipped: no {missing.group(1)} here"]
        else:
            row = judge(memory, causes, fixes, folder, text, code)
    except Exception as error:  # the next program can still be run
        row["problems"].append(f"the script failed: {error!r}")
    return (name, want, row["cause"], row["finding"], row["fix"], row["tried"], row["ended"], str(code), f"{seconds:.0f}", ratio,
            "; ".join(row["problems"]))


def count(rows):
    """Says how many are right and what is wrong with the others; the exit code."""
    wrong = [row for row in rows if row[-1]]
    for words in sorted({row[-1] for row in wrong}):
        print(f"  {words}: {', '.join(row[0] for row in wrong if row[-1] == words)}")
    tried = [row for row in rows if row[5]]
    ratios = sorted(float(row[9]) for row in rows if row[9])
    if tried:
        print(f"{sum(row[6] == 'it ended well' for row in tried)} of {len(tried)} retries ended well")
    if ratios:
        print(f"ratio of the times: {ratios[len(ratios) // 2]:.2f} in the middle, {ratios[0]:.2f} to {ratios[-1]:.2f}")
    print(f"{len(rows) - len(wrong)} of {len(rows)} right")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
