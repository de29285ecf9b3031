"""What the installed package does, with the Python that runs this: python tests/wheel/check.py. `.ci/wheel` runs it in a new
environment. What is not installed there is skipped, and said."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

from failing import test_too_large  # noqa: E402

import whyoom  # noqa: E402

WORDS = "GPU 0 ran out of memory"


def error():
    try:
        test_too_large()
    except RuntimeError as raised:
        return raised


def python(*arguments, **variables):
    """Runs this Python in an empty folder, and returns all that it prints."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
    return done.stdout.decode()


def report():
    words = whyoom.explain(error())
    assert WORDS in words and "Do this" in words, words
    assert whyoom.explain(ValueError("x is wrong")) is None


def census():
    """A stand-in for PyTorch fails; its census stands in the report."""
    script = """
import torch, whyoom
whyoom.install(quiet=True)
kept = [torch.empty(1 << 30, dtype="uint8") for _ in range(5)]
try:
    torch.cuda._fail(4 << 30)
except torch.OutOfMemoryError as error:
    print(whyoom.explain(error), whyoom.last_census())
"""
    out = python("-c", script, PYTHONPATH=str(HERE.parent / "inside" / "stand_in"), WHYOOM_CENSUS=".")
    assert WORDS in out and "1 failure in 2 inputs" in out, out
    assert "whyoom-census-" in out, out


def mcp():
    """The installed program serves an agent: the messages are those of the protocol, a line each."""
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "check", "version": "0"}}
    ask = {"name": "diagnose", "arguments": {"text": f"torch.OutOfMemoryError: {error()}"}}
    messages = [
        {"id": 1, "method": "initialize", "params": begin},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": ask},
    ]
    program = pathlib.Path(sys.executable).parent / "whyoom"
    with subprocess.Popen([program, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as served:
        for message in messages:
            served.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        served.stdin.flush()
        answers = [json.loads(served.stdout.readline()) for _ in range(2)]
        served.stdin.close()
    told = json.loads(answers[1]["result"]["content"][0]["text"])
    assert told["failures"] == 1 and told["shown"][0]["fixes"], told


def pytest():
    out = python("-m", "pytest", "-p", "no:cacheprovider", "--whyoom-margin", "5", str(HERE / "failing.py"))
    first, second = out.split("test_wrong_sum", 1)
    assert "- whyoom -" in first and WORDS in first, out
    assert WORDS not in second.split("short test summary")[0], out
    assert "2 failed" in out, out


def ipython():
    cells = "import sys; sys.path[:0] = [%r]\n%%load_ext whyoom\nimport failing\nfailing.test_too_large()\n1/0\n" % str(HERE)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--quick"],
            input=cells.encode(),
            cwd=folder,
            env={**os.environ, "IPYTHONDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
    out = done.stdout.decode()
    traceback, below = out.split("reserved by PyTorch but unallocated.", 1)
    assert WORDS in below.split("ZeroDivisionError")[0], out
    assert out.count(WORDS) == 1, out


def notebook():
    """A kernel runs the cells of a notebook: the report stands below the one that failed, and below no other."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    cells = ["import sys; sys.path[:0] = [%r]\n%%load_ext whyoom\nimport failing" % str(HERE), "failing.test_too_large()", "1/0"]
    page = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(page, allow_errors=True, timeout=300, kernel_name="python3", resources=resources).execute()
    told = ["".join(out.get("text", "") for out in cell.outputs) for cell in page.cells]
    assert [WORDS in words for words in told] == [False, True, False], told


def transformers():
    from transformers import TrainerCallback

    from whyoom.hugging_face import WhyoomCallback

    callback = WhyoomCallback()
    assert isinstance(callback, TrainerCallback)
    for name in ("on_train_begin", "on_log", "on_train_end"):
        assert hasattr(TrainerCallback, name), name
    logs = {"loss": 0.5}
    callback.on_log(None, None, None, logs=logs)
    assert logs == {"loss": 0.5}, logs


def lightning():
    from whyoom.lightning import Callback, WhyoomCallback

    for name in ("setup", "on_exception", "on_train_end"):
        assert hasattr(Callback, name), name
    WhyoomCallback().on_exception(None, None, error())


CHECKS = [
    (report, None),
    (census, None),
    (mcp, None),
    (pytest, "pytest"),
    (ipython, "IPython"),
    (notebook, "nbclient"),
    (transformers, "transformers"),
]
LIGHTNING = ("lightning", "pytorch_lightning")


def main():
    home = pathlib.Path(whyoom.__file__).resolve()
    assert pathlib.Path(sys.prefix).resolve() in home.parents, f"{home} is not the installed package"
    there = [name for name in LIGHTNING if importlib.util.find_spec(name)]
    for check, needs in [*CHECKS, (lightning, (there or LIGHTNING)[0])]:
        if needs and importlib.util.find_spec(needs) is None:
            print(f"skipped: {check.__name__}: {needs} is not installed here")
            continue
        check()
        print(f"works: {check.__name__}")


if __name__ == "__main__":
    main()
