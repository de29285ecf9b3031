"""How many forward passes a tensor's graph keeps alive, counted by its nodes. Nothing that they saved is looked at."""
import time

# Nodes that are followed from one name.
MOST_NODES = 60_000


def passes(tensors, deadline):
    """{"nodes", "passes", "cut"} of the graph behind some tensors; `None` where there is none.

    Every forward pass through a parameter adds one edge to the node that accumulates its gradient, so that the usual number of
    edges of a parameter is the number of passes whose saved tensors are kept, unless a backward pass has let go of them.
    """
    todo, seen, uses = [], {}, {}
    for tensor in tensors:
        try:
            node = tensor.grad_fn
        except Exception:
            continue
        if node is not None and id(node) not in seen:
            seen[id(node)] = node
            todo.append(node)
    if not todo:
        return None
    cut = False
    while todo:
        if len(seen) > MOST_NODES or (len(seen) & 255 == 0 and time.thread_time() > deadline):
            cut = True
            break
        node = todo.pop()
        for before, _ in node.next_functions:
            if before is None:
                continue
            if type(before).__name__ == "AccumulateGrad":
                uses[id(before)] = uses.get(id(before), 0) + 1
            if id(before) not in seen:
                # Kept: the wrapper of a node is made anew when nobody holds it, and may get the id of another one.
                seen[id(before)] = before
                todo.append(before)
    counts = sorted(uses.values())
    return {"nodes": len(seen), "passes": counts[len(counts) // 2] if counts else 0, "cut": cut}
