"""What the installed package does where memory really runs out: python tests/wheel/on_gpu.py, with the Python that it is installed
for, PyTorch, and a GPU that nobody else uses. What is not installed there is skipped, and said. `--show` prints what came; names
choose among the checks.

Each program below fills the GPU in its own process. Ends with 77 where there is no GPU.
"""
import importlib.util
import os
import subprocess
import sys
import tempfile
import traceback

WORDS = "GPU 0 ran out of memory"
NO_GPU = 77
SHOW = "--show" in sys.argv
# A list that keeps the results of steps until the GPU is full: `kept`, in `work`.
WORK = """
import torch

def work():
    layer = torch.nn.Linear(4096, 4096).cuda()
    kept = []
    for step in range(100000):
        kept.append(layer(torch.ones(64 * 1024, 4096, device="cuda")).detach())
"""
EXPLAIN = WORK + """
import whyoom
whyoom.install(quiet=True)
try:
    work()
except torch.OutOfMemoryError as error:
    print(whyoom.explain(error))
try:
    torch.ones(3, device="cuda") + torch.ones(4, device="cuda")
except RuntimeError as error:
    print("of another error:", whyoom.explain(error))
"""
CELLS = """%load_ext whyoom
from work import work
work()
print("the notebook goes on")
1/0
"""
MODEL = """
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments
from whyoom.hugging_face import WhyoomCallback

model = GPT2LMHeadModel(GPT2Config(n_layer=4, n_embd=512, n_head=8, vocab_size=50257, n_positions=1024))
rows = [{"input_ids": torch.ones(1024, dtype=torch.long), "labels": torch.ones(1024, dtype=torch.long)}] * 2048
arguments = TrainingArguments("out", per_device_train_batch_size=BATCH, max_steps=STEPS, logging_steps=1, report_to=[], save_strategy="no", disable_tqdm=True)
if LIMIT:
    torch.empty(LIMIT << 30, dtype=torch.uint8, device="cuda")
Trainer(model, arguments, train_dataset=rows, callbacks=[WhyoomCallback()]).train()
"""
MODULE = """
import torch
try:
    import lightning.pytorch as pl
except ImportError:
    import pytorch_lightning as pl
from whyoom.lightning import WhyoomCallback

class Module(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer, self.kept = torch.nn.Linear(4096, 4096), []

    def training_step(self, batch, n):
        out = self.layer(batch[0].repeat(16 * 1024, 1))
        self.kept.append(out)
        return out.mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)

rows = torch.utils.data.TensorDataset(torch.ones(8000, 4096))
trainer = pl.Trainer(max_steps=STEPS, logger=False, enable_checkpointing=False, enable_progress_bar=False, callbacks=[WhyoomCallback()], accelerator="gpu", devices=1)
if LIMIT:
    torch.empty(LIMIT << 30, dtype=torch.uint8, device="cuda")
trainer.fit(Module(), torch.utils.data.DataLoader(rows, batch_size=4))
"""
TESTS = """
import pytest
""" + WORK + """
def test_small():
    torch.ones(1024, device="cuda").sum()

def test_near():
    size = torch.cuda.mem_get_info()[0] - (2 << 30)
    torch.empty(size, dtype=torch.uint8, device="cuda")

def test_small_again():
    torch.ones(1024, device="cuda").sum()

def test_full():
    torch.cuda.empty_cache()
    work()

def test_wrong():
    assert 1 + 1 == 3
"""


def python(*arguments, files=(), given=None):
    """Runs this Python in a folder with these files, and returns all that it prints."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files:
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        done = subprocess.run([sys.executable, *arguments], cwd=folder, env={**os.environ, "IPYTHONDIR": folder, "WHYOOM_CENSUS": folder},
                              input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, text=True, check=False)
    if SHOW:
        print(done.stdout, flush=True)
    return done.stdout


def filled(text, **words):
    for name, word in words.items():
        text = text.replace(name, str(word))
    return text


def report():
    out = python("work.py", files=[("work.py", EXPLAIN)])
    assert WORDS in out and "kept" in out.split(WORDS)[1], out
    assert "of another error: None" in out, out


def ipython():
    out = python("-m", "IPython", "--no-banner", "--colors=NoColor", "--quick", files=[("work.py", WORK)], given=CELLS)
    assert out.count(WORDS) == 1, out
    below = out.split(WORDS)[1]
    assert "kept" in below.split("goes on")[0] and "ZeroDivisionError" in below, out


def pytest():
    out = python("-m", "pytest", "-p", "no:cacheprovider", "--whyoom-margin", "5", "test_it.py", files=[("test_it.py", TESTS)])
    assert "2 failed, 3 passed" in out, out
    full = out.split("test_wrong")[0]
    assert "- whyoom -" in full and WORDS in full, out
    assert out.count(WORDS) == 1, out
    assert "test_it.py::test_near" in out and "was near its end" in out, out
    for blameless in ("test_small", "test_small_again", "test_wrong"):
        assert f"test_it.py::{blameless}\n" not in out, out


def transformers():
    out = python("train.py", files=[("train.py", filled(MODEL, BATCH=1024, STEPS=4, LIMIT=0))])
    assert "who holds the GPU's memory is written in" in out and "OutOfMemoryError" in out, out
    out = python("train.py", files=[("train.py", filled(MODEL, BATCH=4, STEPS=3, LIMIT=134))])
    assert "memory_allocated_gib" in out and "was near its end" in out, out


def lightning():
    out = python("train.py", files=[("train.py", filled(MODULE, STEPS=4000, LIMIT=0))])
    before, after = out.split(WORDS, 1)
    assert "kept" in after.split("Traceback")[0] and "OutOfMemoryError" in after, out
    out = python("train.py", files=[("train.py", filled(MODULE, STEPS=3, LIMIT=134))])
    assert "was near its end" in out and WORDS not in out, out


CHECKS = [(report, None), (ipython, "IPython"), (pytest, "pytest"), (transformers, "transformers"), (lightning, "lightning")]


def main():
    import torch

    if not torch.cuda.is_available():
        print("skipped: no GPU here")
        return NO_GPU
    wrong = 0
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    for check, needs in CHECKS:
        if names and check.__name__ not in names:
            continue
        if needs and importlib.util.find_spec(needs) is None:
            print(f"skipped: {check.__name__}: {needs} is not installed here", flush=True)
            continue
        try:
            check()
            print(f"works: {check.__name__}", flush=True)
        except Exception:
            wrong += 1
            print(f"FAILS: {check.__name__}: {traceback.format_exc()}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
