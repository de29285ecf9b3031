"""Writes a memory snapshot as PyTorch 2.11 does, of a made training run that ends with a refused request: snapshot.py OUT EVENTS

Frames are shared, lists of frames are not, as in real files. Steps allocate, let go in reverse, and keep a little; the last one fails.
"""
import pickle
import random
import sys

OUT, EVENTS = sys.argv[1], int(sys.argv[2])
SIZES = [512, 2 << 10, 64 << 10, 1 << 20, 3 << 20, 24 << 20, 96 << 20]
DEPTH, STACKS, FRAMES = 15, 700, 1400

rng = random.Random(EVENTS)
now, base = 1_795_199_930_000_000, 0x7F00_0000_0000
trace, kept, lost = [], [], []


def frame(n):
    library = f"/home/user/venv/lib/python3.12/site-packages/torch/nn/modules/part_{n % 90}.py"
    return {"name": f"work_{n}", "filename": library if n % 4 else f"/home/user/project/model_{n % 30}.py", "line": 10 + n}


FRAME = [frame(n) for n in range(FRAMES)]
STACK = [[FRAME[rng.randrange(FRAMES)] for _ in range(DEPTH)] for _ in range(STACKS)]


def add(action, size, stack, **place):
    global now
    now += rng.randrange(1, 40)
    trace.append({"action": action, **place, "size": size, "stream": 0, "time_us": now, "compile_context": "N/A", "user_metadata": "",
                  "frames": list(STACK[stack])})


def block(size):
    return (size + 511) // 512 * 512


step = 0
while len(trace) < EVENTS - 1:
    step += 1
    live = []
    for n in range(rng.randrange(150, 260)):
        size = rng.choice(SIZES)
        base += block(size)
        add("alloc", size, n % 600, addr=base)
        live.append((base, size, n % 600))
    if step % 9 == 0:
        kept.append(live.pop(rng.randrange(len(live))))
    for address, size, stack in reversed(live):
        if len(trace) >= EVENTS - 2:
            lost.append((address, size, stack))
            continue
        add("free_requested", size, 650, addr=address)
        add("free_completed", size, 650, addr=address)
add("oom", 4 << 30, 3, device_free=300 << 20)

segments = []
for address, size, stack in kept + lost:
    total = -(-block(size) // (2 << 20)) * (2 << 20)
    blocks = [{"address": address, "size": block(size), "requested_size": size, "state": "active_allocated", "frames": list(STACK[stack])}]
    if total > block(size):
        blocks.append({"address": address + block(size), "size": total - block(size), "requested_size": 0, "state": "inactive", "frames": []})
    segments.append({"device": 0, "address": address, "total_size": total, "allocated_size": block(size), "active_size": block(size),
                     "requested_size": size, "stream": 0, "segment_type": "large" if block(size) > 1 << 20 else "small",
                     "segment_pool_id": (0, 0), "is_expandable": False, "blocks": blocks, "frames": list(STACK[stack])})
settings = {"PYTORCH_CUDA_ALLOC_CONF": "", "max_split_size": -1, "garbage_collection_threshold": 0.0, "expandable_segments": False}
with open(OUT, "wb") as file:
    pickle.dump({"segments": segments, "device_traces": [trace], "allocator_settings": settings, "external_annotations": []}, file)
