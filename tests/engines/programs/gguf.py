"""Writes a model of zeros for llama.cpp: gguf.py FILE LAYERS. One layer takes 416 MiB in 16 bits; the file is sparse.

The format: ggml-org/ggml, docs/gguf.md. The architecture is llama's with 32 heads of 128, 8 of them for keys and values, so that a
token takes 4 KiB of cache in each layer.
"""
import struct
import sys

WIDTH, HEADS, KV_HEADS, INNER, WORDS, LONGEST = 4096, 32, 8, 14336, 32000, 131072
U32, I32, F32, STRING, ARRAY = 4, 5, 6, 8, 9
SINGLE, HALF = 0, 1


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, it):
    if kind == STRING:
        return string(it)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f"}[kind], it)


def pair(key, kind, it):
    return string(key) + struct.pack("<I", kind) + value(kind, it)


def pairs(key, kind, them):
    return string(key) + struct.pack("<IIQ", ARRAY, kind, len(them)) + b"".join(value(kind, it) for it in them)


def about(layers):
    """The model's keys. Words of one byte come first; the others are never met."""
    words = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    kinds = [2, 3, 3] + [6] * 256
    more = WORDS - len(words)
    words += [f"word{n}" for n in range(more)]
    kinds += [1] * more
    sizes = {"context_length": LONGEST, "embedding_length": WIDTH, "block_count": layers, "feed_forward_length": INNER,
             "attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS, "rope.dimension_count": WIDTH // HEADS, "vocab_size": WORDS}
    return [pair("general.architecture", STRING, "llama"), pair("general.name", STRING, "zeros"),
            *(pair(f"llama.{name}", U32, size) for name, size in sizes.items()),
            pair("llama.attention.layer_norm_rms_epsilon", F32, 1e-5), pair("general.file_type", U32, HALF),
            pair("tokenizer.ggml.model", STRING, "llama"), pairs("tokenizer.ggml.tokens", STRING, words),
            pairs("tokenizer.ggml.scores", F32, [0.0] * len(words)), pairs("tokenizer.ggml.token_type", I32, kinds),
            pair("tokenizer.ggml.bos_token_id", U32, 1), pair("tokenizer.ggml.eos_token_id", U32, 2),
            pair("tokenizer.ggml.unknown_token_id", U32, 0)]


def tensors(layers):
    keys = WIDTH // HEADS * KV_HEADS
    yield "token_embd.weight", (WIDTH, WORDS), HALF
    for n in range(layers):
        yield f"blk.{n}.attn_norm.weight", (WIDTH,), SINGLE
        for name, rows in (("attn_q", WIDTH), ("attn_k", keys), ("attn_v", keys), ("attn_output", WIDTH)):
            yield f"blk.{n}.{name}.weight", (WIDTH, rows), HALF
        yield f"blk.{n}.ffn_norm.weight", (WIDTH,), SINGLE
        for name, shape in (("ffn_gate", (WIDTH, INNER)), ("ffn_up", (WIDTH, INNER)), ("ffn_down", (INNER, WIDTH))):
            yield f"blk.{n}.{name}.weight", shape, HALF
    yield "output_norm.weight", (WIDTH,), SINGLE
    yield "output.weight", (WIDTH, WORDS), HALF


def write(file, layers):
    keys, infos, offset, count = about(layers), b"", 0, 0
    for name, shape, kind in tensors(layers):
        infos += string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        size = 4 if kind == SINGLE else 2
        for side in shape:
            size *= side
        offset += -(-size // 32) * 32
        count += 1
    head = b"GGUF" + struct.pack("<IQQ", 3, count, len(keys)) + b"".join(keys) + infos
    with open(file, "wb") as out:
        out.write(head)
        # Nothing is written of the weights: what a file leaves out reads as zeros.
        out.truncate(-(-len(head) // 32) * 32 + offset)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
