"""Runs programs that fail for want of GPU memory with the census on, on a machine with a GPU.

  on_gpu.py OUT SECONDS FOLDER_OR_PROGRAM...

Every program is a fork of this process, so that PyTorch is loaded once. OUT gets a folder for each: `log.txt`, and the censuses.
A line for each says how it ended, how long a census took, and what it found first. FLEET/fleet.py is not run by this.
"""
import json
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
HELPERS = {"common", "nets", "holder", "settings", "fleet", "harvest", "score"}


def start(program, out, env):
    """Runs a program in a fork of this process; its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        out.mkdir(parents=True, exist_ok=True)
        fd = os.open(out / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.environ.update(env)
        os.chdir(program.parent)
        sys.path.insert(0, str(program.parent))
        sys.argv = [program.name]
        if hasattr(sys, "_whyoom"):
            sys._whyoom.folder = str(out)
        try:
            runpy.run_path(str(program), run_name="__main__")
            code = 0
        except BaseException as error:
            traceback.print_exc()
            sys.last_value = error
            if hasattr(sys, "_whyoom"):
                sys.modules["_whyoom" if "_whyoom" in sys.modules else "whyoom"]._start._at_exit()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def wait(pid, seconds):
    end = time.time() + seconds
    while time.time() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "timeout"


def line(out):
    """What the first census of a program says."""
    files = sorted(out.glob("whyoom-census-*.json"))
    if not files:
        return "no census"
    first = json.loads(files[0].read_text())
    found = [f"{len(files)} censuses", f"{first['milliseconds']} ms", f"objects {first['collector']['objects']}"]
    for device in first["devices"]:
        counted = sum(o["bytes"] for o in device["owners"]) + device["rest"] + device["rounding"] - device["foreign"]
        found.append("sum ok" if counted == device["allocated"] else f"sum {counted} of {device['allocated']}")
        found.append(f"foreign {device['foreign'] >> 20} MiB, rest {device['rest'] / 2**30:.2f} GiB")
        for o in device["owners"][:3]:
            found.append(f"{o['owner']} {o.get('name', '')} {o['bytes'] / 2**30:.2f}")
    return " | ".join(found)


def main(out, seconds, places):
    import lightning  # noqa: F401
    import torch  # noqa: F401

    sys.path.insert(0, str(HERE.parents[1] / "src" / "inside" / "python"))
    import whyoom

    whyoom.install(str(out), quiet=True)
    # What only drives a program is none of it.
    sys.modules["whyoom._code"]._USER[__file__] = False
    import torchvision  # noqa: F401
    import transformers  # noqa: F401
    from transformers import GPT2LMHeadModel, LlamaForCausalLM, Trainer  # noqa: F401
    programs = []
    for place in map(Path, places):
        programs += sorted(p for p in place.glob("*.py") if p.stem not in HELPERS) if place.is_dir() else [place]
    end = time.time() + seconds
    for program in programs:
        if time.time() > end:
            print("not run:", program.stem)
            continue
        begun = time.time()
        code = wait(start(program.resolve(), out / program.stem, {}), 40)
        print(program.stem, code, f"{time.time() - begun:.1f}s", line(out / program.stem), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), float(sys.argv[2]), sys.argv[3:])
