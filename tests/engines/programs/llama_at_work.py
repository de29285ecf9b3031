"""Another process takes what is left once the model is loaded; then a long prompt needs room to work in."""
import os
import subprocess
import sys

from llama_cpp import Llama

llm = Llama(model_path=os.environ["GGUF"], n_gpu_layers=-1, n_ctx=32768, n_batch=2048, n_ubatch=2048)
if not os.environ.get("ALONE"):
    other = subprocess.Popen([sys.executable, os.environ["HOLDER"], "rest"], stdout=subprocess.PIPE, text=True)
    print("the other process:", other.stdout.readline().strip(), flush=True)
print("ok", llm("hello " * 4000, max_tokens=4)["usage"])
