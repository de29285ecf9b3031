"""A context of a million tokens: 128 GiB of cache beside 13.5 GiB of weights."""
import os

from llama_cpp import Llama

llm = Llama(model_path=os.environ["GGUF"], n_gpu_layers=-1, n_ctx=1048576)
print("ok", llm("hello hello hello hello hello", max_tokens=4)["usage"])
