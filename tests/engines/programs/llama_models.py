"""Keeps a model of 13.5 GiB for each of ten users."""
import os

from llama_cpp import Llama

users = {}
for user in range(10):
    users[user] = Llama(model_path=os.environ["GGUF"], n_gpu_layers=-1, n_ctx=4096)
print("ok", len(users))
