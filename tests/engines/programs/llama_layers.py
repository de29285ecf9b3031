"""All layers on the GPU: 13.5 GiB, and less is free."""
import os

from llama_cpp import Llama

llm = Llama(model_path=os.environ["GGUF"], n_gpu_layers=-1, n_ctx=4096)
print("ok", llm("hello hello hello hello hello", max_tokens=4)["usage"])
