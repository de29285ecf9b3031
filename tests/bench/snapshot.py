"""Writes a memory snapshot as PyTorch 2.11 does, of a made training run that ends with a refused request: snapshot.py OUT EVENTS

Frames are shared, lists of frames are not, as in real files. Steps allocate, let go in reverse, and keep a little; the last one fails.
Events are written as they are made, with the opcodes that Python's `pickle` writes for them, so that ten million need no memory.
"""
import random
import struct
import sys

SIZES = [512, 2 << 10, 64 << 10, 1 << 20, 3 << 20, 24 << 20, 96 << 20]
DEPTH, STACKS, FRAMES = 15, 700, 1400
MARK, SETITEMS, APPENDS = b"(", b"u", b"e"


class Pickler:
    """Protocol 4: dicts, lists, tuples of two, strings, numbers. A batch has at most 1000 items, a frame some more than 64 KiB."""

    def __init__(self, file):
        self.file, self.parts, self.size = file, [], 0
        self.known, self.count, self.calls = {}, 0, {}
        file.write(b"\x80\x04")

    def put(self, *parts):
        self.parts += parts
        self.size += sum(map(len, parts))
        if self.size >= 1 << 16:
            self.end()

    def end(self):
        self.file.write(b"\x95" + struct.pack("<Q", self.size))
        self.file.writelines(self.parts)
        self.parts, self.size = [], 0

    def new(self, opcode):
        self.put(opcode, b"\x94")
        self.count += 1

    def refer(self, value):
        at = self.known[id(value)]
        return b"h" + bytes([at]) if at < 256 else b"j" + struct.pack("<I", at)

    def again(self, value):
        """Refers to an object that was written before; False if it was not."""
        if id(value) in self.known:
            self.put(self.refer(value))
            return True
        self.known[id(value)] = self.count
        return False

    def string(self, value):
        if not self.again(value):
            raw = value.encode()
            self.new(b"\x8c" + bytes([len(raw)]) + raw)

    def number(self, value):
        if isinstance(value, bool):
            self.put(b"\x88" if value else b"\x89")
        elif isinstance(value, float):
            self.put(b"G" + struct.pack(">d", value))
        elif 0 <= value < 1 << 8:
            self.put(b"K" + bytes([value]))
        elif 0 <= value < 1 << 16:
            self.put(b"M" + struct.pack("<H", value))
        elif -1 << 31 <= value < 1 << 31:
            self.put(b"J" + struct.pack("<i", value))
        else:
            raw = value.to_bytes(value.bit_length() // 8 + 1, "little")
            self.put(b"\x8a" + bytes([len(raw)]) + raw)

    def object(self, value):
        if isinstance(value, str):
            self.string(value)
        elif isinstance(value, dict):
            self.mapping(value)
        elif isinstance(value, tuple):
            if not self.again(value):
                for part in value:
                    self.object(part)
                self.new(b"\x86")
                self.known[id(value)] = self.count - 1
        elif isinstance(value, list) and value and "filename" in value[0]:
            self.stack(value)
        elif isinstance(value, list):
            self.listed(value, len(value))
        else:
            self.number(value)

    def mapping(self, value):
        # A frame of a stack is one object wherever it stands.
        if "filename" in value and self.again(value):
            return
        self.new(b"}")
        self.put(MARK)
        for key, part in value.items():
            self.string(key)
            self.object(part)
        self.put(SETITEMS)

    def stack(self, frames):
        """A new list each time, of frames that were written before but for the first time."""
        if id(frames) not in self.calls:
            self.listed(frames, len(frames))
            self.calls[id(frames)] = MARK + b"".join(map(self.refer, frames)) + APPENDS
            return
        self.new(b"]")
        self.put(self.calls[id(frames)])

    def listed(self, values, count):
        self.new(b"]")
        values = iter(values)
        # As `pickle` has it: one item alone is appended, and an empty list has no batch.
        for left in range(count, 0, -1000):
            if left == 1:
                self.object(next(values))
                self.put(b"a")
                return
            self.put(MARK)
            for _ in range(min(left, 1000)):
                self.object(next(values))
            self.put(APPENDS)


class Run:
    """The same run each time that it is gone through; `kept` and `lost` are what it holds at its end."""

    def __init__(self, events):
        self.most = events
        rng = random.Random(events)
        frames = [self.frame(n) for n in range(FRAMES)]
        self.stacks = [[frames[rng.randrange(FRAMES)] for _ in range(DEPTH)] for _ in range(STACKS)]
        self.begin = rng.getstate()

    @staticmethod
    def frame(n):
        library = f"/home/user/venv/lib/python3.12/site-packages/torch/nn/modules/part_{n % 90}.py"
        return {"name": f"work_{n}", "filename": library if n % 4 else f"/home/user/project/model_{n % 30}.py", "line": 10 + n}

    def events(self):
        rng = random.Random()
        rng.setstate(self.begin)
        self.kept, self.lost = [], []
        self.now, self.made = 1_795_199_930_000_000, 0
        address, step = 0x7F00_0000_0000, 0

        def event(action, size, stack, place):
            self.now += rng.randrange(1, 40)
            self.made += 1
            return {"action": action, **place, "size": size, "stream": 0, "time_us": self.now, "compile_context": "N/A",
                    "user_metadata": "", "frames": self.stacks[stack]}

        while self.made < self.most - 1:
            step += 1
            live = []
            for n in range(rng.randrange(150, 260)):
                size = rng.choice(SIZES)
                address += block(size)
                yield event("alloc", size, n % 600, {"addr": address})
                live.append((address, size, n % 600))
            if step % 9 == 0:
                self.kept.append(live.pop(rng.randrange(len(live))))
            for at, size, stack in reversed(live):
                if self.made >= self.most - 2:
                    self.lost.append((at, size, stack))
                    continue
                yield event("free_requested", size, 650, {"addr": at})
                yield event("free_completed", size, 650, {"addr": at})
        yield event("oom", 4 << 30, 3, {"device_free": 300 << 20})

    def segment(self, address, size, stack):
        used, frames = block(size), self.stacks[stack]
        total = -(-used // (2 << 20)) * (2 << 20)
        blocks = [{"address": address, "size": used, "requested_size": size, "state": "active_allocated", "frames": frames}]
        if total > used:
            blocks.append({"address": address + used, "size": total - used, "requested_size": 0, "state": "inactive", "frames": []})
        return {"device": 0, "address": address, "total_size": total, "allocated_size": used, "active_size": used,
                "requested_size": size, "stream": 0, "segment_type": "large" if used > 1 << 20 else "small",
                "segment_pool_id": POOL, "is_expandable": False, "blocks": blocks, "frames": frames}


POOL = (0, 0)
SETTINGS = {"PYTORCH_CUDA_ALLOC_CONF": "", "max_split_size": -1, "garbage_collection_threshold": 0.0, "expandable_segments": False}


def block(size):
    return (size + 511) // 512 * 512


def main(out, events):
    run = Run(events)
    # Segments come first in the file, and are known at the end of the run.
    count = sum(1 for _ in run.events())
    segments = [run.segment(*held) for held in run.kept + run.lost]
    with open(out, "wb") as file:
        pickler = Pickler(file)
        pickler.new(b"}")
        pickler.put(MARK)
        pickler.string("segments")
        pickler.object(segments)
        pickler.string("device_traces")
        pickler.new(b"]")
        pickler.listed(run.events(), count)
        pickler.put(b"a")
        pickler.string("allocator_settings")
        pickler.object(SETTINGS)
        pickler.string("external_annotations")
        pickler.object([])
        pickler.put(SETITEMS, b".")
        pickler.end()


main(sys.argv[1], int(sys.argv[2]))
