#!/usr/bin/env python3
"""Lets JAX, CuPy, Numba and llama.cpp run out of memory for known reasons on a machine with a GPU, and tries what whyoom offers.

  on_gpu.py BINARY [NAME...] [--out DIR] [--seconds N]

Every setting runs under `whyoom run`. Its output alone is judged too, as a log that somebody sends. Then the first fix with a
value that can be typed as it stands is typed: a variable is set, a line of Python is put where it belongs, the other process
is ended. The program must then pass. The sizes are made for a GPU with 140 GiB. llama.cpp reads models of zeros, which are
written at first; it is asked for on the command line, or in Python where llama-cpp-python is installed.

One line a setting: what was true, what the log alone told, what was told with the GPU watched, the fix that was tried and
which of the offered ones it was, its value, and whether it passed. Ends with 0 where every cause is right, or unknown, and
every value passed; with 1 otherwise, with 77 where there is no GPU. A framework that is not installed is skipped.
"""
import argparse
import importlib.util
import json
import os
import re
import shlex
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
    # A command line is run as it stands. GGUF is a model of 13.5 GiB, LARGER one of 27, HUGE one of 163. With -lv 4 it
    # says what each buffer takes, as it did by itself before 2026.
    "llama-weights": ("llama-completion", "-m LARGER -ngl 99 -c 4096", "contention", 118, {}),
    "llama-larger": ("llama-completion", "-m HUGE -ngl 999 -c 4096 -lm none", "oversized", 0, {}),
    "llama-layers": ("llama-completion", "-m GGUF -ngl 99", "contention", 128, {}),
    "llama-cache": ("llama-completion", "-m GGUF -ngl 99 -c 1048576", "exhaustion", 0, {}),
    "llama-cache-f32": ("llama-completion", "-m GGUF -ngl 99 -c 524288 -ctk f32 -ctv f32", "exhaustion", 0, {}),
    "llama-work": ("llama-completion", "-m GGUF -ngl 99 -c 65536 -fa off -b 16384 -ub 16384", "exhaustion", 0, {}),
    "llama-attention": ("llama-completion", "-m GGUF -ngl 99 -c 262144 -fa off -b 4096 -ub 4096", "exhaustion", 0, {}),
    "llama-cache-beside": ("llama-completion", "-m GGUF -ngl 99 -c 131072", "contention", 110, {}),
    "llama-work-beside": ("llama-completion", "-m GGUF -ngl 99 -c 65536 -fa off -b 4096 -ub 4096", "contention", 95, {}),
    "llama-told-layers": ("llama-completion", "-m LARGER -ngl 99 -c 4096 -lv 4", "contention", 118, {}),
    "llama-told-cache": ("llama-completion", "-m GGUF -ngl 99 -c 1048576 -lv 4", "exhaustion", 0, {}),
    "llama-told-work": ("llama-completion", "-m GGUF -ngl 99 -c 65536 -fa off -b 16384 -ub 16384 -lv 4", "exhaustion", 0, {}),
    "llama-python-context": ("llama_cpp", "llama_context", "exhaustion", 0, {}),
    "llama-python-layers": ("llama_cpp", "llama_layers", "contention", 130, {}),
    "llama-python-models": ("llama_cpp", "llama_models", "exhaustion", 0, {}),
    "llama-python-at-work": ("llama_cpp", "llama_at_work", "contention", 0, {}),
}
# Layers of the models that a command line may name.
MODELS = {"GGUF": 32, "LARGER": 64, "HUGE": 400}


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
    if source.startswith("-"):
        return flagged(how, source)
    lines, at = source.split("\n"), frame and frame["line"] - 1
    named = re.fullmatch(r"(?:\w+=[\w.]+(?:, )?)+", how)
    if named and "Llama(" in source and not re.search(r"=N\b", how):
        for name, value in re.findall(r"(\w+)=([\w.]+)", how):
            source = with_argument(source, name, value)
        return how, {}, source, False
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


def flagged(how, command):
    """The command line with the flags that the fix names; `None` where it leaves a value open."""
    if not re.fullmatch(r"(?:--?[a-z][\w-]* [\w.,]+ ?)+", how) or re.search(r" N\b", how):
        return None
    for flag, value in re.findall(r"(\S+) (\S+)", how):
        found = re.compile(rf"(?<!\S){flag} \S+")
        command = found.sub(f"{flag} {value}", command) if found.search(command) else f"{command} {flag} {value}"
    return how, {}, command, False


def with_argument(source, name, value):
    """The source with an argument of `Llama(…)` set."""
    if re.search(rf"\b{name}=", source):
        return re.sub(rf"\b{name}=[\w.-]+", f"{name}={value}", source)
    return source.replace("Llama(", f"Llama({name}={value}, ", 1)


def models(a):
    """A model of zeros for each name, as variables for programs."""
    files = {name: (a.out / f"{name.lower()}.gguf").resolve() for name in MODELS}
    for name, file in files.items():
        if not file.exists():
            subprocess.run([sys.executable, PROGRAMS / "gguf.py", file, str(MODELS[name])], check=True)
    return {name: str(file) for name, file in files.items()} | {"HOLDER": str(PROGRAMS / "holder.py")}


class Program:
    """A file of Python with this text, or a command line."""

    def __init__(self, framework, name, folder, variables):
        self.command = framework if name.startswith("-") else None
        self.file = folder / f"{name}.py"
        self.variables = variables
        self.source = f"{name} -no-cnv -n 4 -p 'hello hello hello hello hello'" if self.command == "llama-completion" else name
        if not self.command:
            self.source = (PROGRAMS / self.file.name).read_text()

    def words(self, text=None):
        """What to run, with its text in place of the first one."""
        text = text or self.source
        if self.command:
            return [self.command, *(self.variables.get(word, word) for word in shlex.split(text))]
        self.file.write_text(text)
        return [sys.executable, self.file.name]


def one(a, name):
    """The row of one setting, and what is wrong with it."""
    framework, program, true, held, variables = SETTINGS[name]
    folder = (a.out / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if framework.startswith("llama"):
        variables = variables | models(a)
    program = Program(framework, program, folder, variables)
    source = program.source
    with Holder(held):
        wrapper = [str(a.binary.resolve()), "run", "--save", str(folder / "saved"), "--"]
        code = start([*wrapper, *program.words()], folder, variables, folder / "watched.txt", a.seconds)
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
            # A program with another process of its own starts none.
            more = more | ({"ALONE": "1"} if ends else {})
            with Holder(0 if ends else held):
                code = start(program.words(text), folder, variables | more, folder / "again.txt", a.seconds)
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
    form = "{:16} {:21} {:11} {:20} {:20} {:31} {:62} {:8} {}"
    rows = []
    a.out.mkdir(parents=True, exist_ok=True)
    print(form.format(*head), flush=True)
    for name in SETTINGS:
        if a.names and not any(name.startswith(n) for n in a.names):
            continue
        if importlib.util.find_spec(SETTINGS[name][0]) is None and shutil.which(SETTINGS[name][0]) is None:
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
