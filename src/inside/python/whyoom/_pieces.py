"""How the memory lies that the allocator holds and nobody uses: in which pools, in how many pieces, and how large those are."""
import torch

# Each block becomes a dict of Python's before it can be counted: 20 000 of them take about a tenth of a second.
MOST_BLOCKS = 40_000
MOST_POOLS = 12
MOST_PIECES = 8


def known(stats):
    """True where the allocator can be asked: within the time, and without a copy of a recorded history, which would take seconds."""
    recording = getattr(torch._C, "_cuda_isHistoryEnabled", None)
    blocks = sum(stats.get(f"{kind}.all.current", 0) for kind in ("active", "inactive_split", "segment"))
    return 0 < blocks <= MOST_BLOCKS and recording is not None and not recording()


def pools(index):
    """A row for each pool of a device, the one with most free bytes first."""
    rows = {}
    for segment in torch.cuda.memory_snapshot():
        if segment.get("device") != index:
            continue
        private = tuple(segment.get("segment_pool_id") or ()) not in ((), (0, 0))
        key = (segment.get("segment_type"), segment.get("stream"), private, bool(segment.get("is_expandable")))
        row = rows.get(key)
        if row is None:
            row = rows[key] = {"pool": key[0], "stream": key[1], "private": private, "expandable": key[3], "segments": 0, "bytes": 0,
                               "free": 0, "pieces": 0, "largest": [], "pending": 0}
        row["segments"] += 1
        row["bytes"] += segment["total_size"]
        row["pending"] += segment["active_size"] - segment["allocated_size"]
        sizes = [block["size"] for block in segment["blocks"] if block["state"] == "inactive"]
        row["free"] += sum(sizes)
        row["pieces"] += len(sizes)
        row["largest"] += sizes
    found = sorted(rows.values(), key=lambda row: (-row["free"], -row["bytes"]))[:MOST_POOLS]
    for row in found:
        row["largest"] = sorted(row["largest"], reverse=True)[:MOST_PIECES]
    return found
