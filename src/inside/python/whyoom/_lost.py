"""Tensors that no name of the program leads to, although Python has them: who holds them."""
import gc
import time
import types

from . import _code, _reads

# Each round looks through all objects of the process once.
ROUNDS = 4
MOST_HOLDERS = 48
_ENDS = (types.FrameType, types.ModuleType)


class Holder:
    """Objects of one class whose attribute holds tensors."""

    def __init__(self, cls, attribute):
        self.cls = cls
        self.attribute = attribute
        self.objects = 0
        self.tensors = []
        # True where nothing but themselves holds them: only Python's garbage collector can let go of them.
        self.unreachable = None


class Search:
    """A look at who refers to what. `before` are the ids of all objects that were there before the census made its own."""

    def __init__(self, before, deadline):
        self.before = before
        self.deadline = deadline
        self.ignore = set()

    def over(self):
        return time.thread_time() > self.deadline

    def referrers(self, objects):
        found = gc.get_referrers(*objects)
        kept = [obj for obj in found if obj is not objects and not self._ours(obj)]
        del found
        return kept

    def _ours(self, obj):
        cls = type(obj)
        if cls is types.FrameType:
            return _code.is_own(obj)
        # An instance's dict can be as young as the look at it.
        return id(obj) in self.ignore or (cls is not dict and id(obj) not in self.before)


def holders(tensors, search, walked):
    """Who holds the largest of some tensors that no name leads to."""
    sample = tensors[:12]
    found, classes = [], {}
    search.ignore.update((id(classes), id(sample)))
    level = list(sample)
    for _ in range(3):
        if not level or search.over():
            break
        level = search.referrers(level)[:MOST_HOLDERS]
        for obj in level:
            if not walked(obj):
                _owner(obj, sample, classes)
        if classes:
            break
    for (cls, attribute), example in list(classes.items())[:4]:
        holder = Holder(cls, attribute)
        _fill(holder, walked)
        if holder.tensors:
            holder.unreachable = _unreachable(example, search)
            found.append(holder)
    return found


def _owner(obj, sample, classes):
    """Takes note of an instance that has a tensor as an attribute."""
    cls = type(obj)
    if cls in (list, tuple, dict, set, types.FrameType, types.CellType, types.ModuleType, types.FunctionType) or _reads.kind_of(cls):
        return
    values = dict(_reads.attributes(obj))
    values.update(_reads.slots(obj))
    wanted = {id(t) for t in sample}
    for name, value in values.items():
        parts = list(value) if type(value) in (list, tuple) else list(dict.values(value)) if type(value) is dict else [value]
        if any(id(part) in wanted for part in parts[:4096]):
            classes.setdefault((cls, str(name)), obj)


def _fill(holder, walked):
    """Counts the objects of its class that hold such tensors and that no name leads to."""
    for obj in gc.get_objects():
        if type(obj) is not holder.cls or walked(obj):
            continue
        value = _reads.attributes(obj).get(holder.attribute)
        if value is None:
            value = dict(_reads.slots(obj)).get(holder.attribute)
        parts = list(value) if type(value) in (list, tuple) else list(dict.values(value)) if type(value) is dict else [value]
        held = [part for part in parts if _reads.kind_of(type(part)) == "tensor"]
        if held:
            holder.objects += 1
            holder.tensors.extend(held)


def _unreachable(obj, search):
    """True where all that leads to an object is part of one circle; False where a frame or a module does, or nothing is certain."""
    known, level = {id(obj): obj}, [obj]
    search.ignore.add(id(known))
    for _ in range(ROUNDS):
        if search.over():
            return False
        found, level = search.referrers(level), []
        for other in found:
            if type(other) in _ENDS or (type(other) is dict and "__builtins__" in other):
                return False
            if id(other) not in known:
                known[id(other)] = other
                level.append(other)
        if not level:
            return True
        if len(known) > MOST_HOLDERS:
            return False
    return False
