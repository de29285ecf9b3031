"""Follows every name of the program to the tensors, models and optimizers that it keeps: variables of frames, globals of the
program's modules, attributes, containers, closures, hooks, and exceptions with their frames."""
import collections
import functools
import gc
import sys
import time
import types

from . import _code, _reads

# How telling a name is, best first: where several lead to one tensor, the first keeps it. A list keeps what a variable only shows.
CONTAINER, ATTRIBUTE, CLOSURE, GLOBAL, LOCAL, LIBRARY, EXCEPTION = range(7)
KINDS = ("container", "attribute", "closure", "global", "local", "library", "exception")
# No more objects are followed: a second is the most that a census may take.
MOST_OBJECTS = 400_000
# What is in larger containers is followed after everything else.
MOST_AT_ONCE = 2_000

_SEQUENCES = (list, tuple, set, frozenset, collections.deque)
# What can grow; a tuple is a value, and counts as the variable that holds it.
_GROWING = (list, set, dict, collections.deque)
_ATOMS = {
    str, bytes, bytearray, int, float, bool, complex, type(None), type(Ellipsis), range, slice, types.CodeType, types.BuiltinFunctionType,
    types.ModuleType, types.FrameType, types.TracebackType, types.GetSetDescriptorType, types.MemberDescriptorType, memoryview,
}


class Name:
    """A name of the program, and what it leads to. All that a container holds counts for the container's name."""

    __slots__ = ("children", "container", "file", "function", "items", "kind", "line", "nested", "of", "root", "text", "user")

    def __init__(self, text, kind, place=None, of=None, user=True):
        self.text = text
        self.kind = kind
        place = place or {}
        self.file = place.get("file")
        self.line = place.get("line")
        self.function = place.get("function")
        self.of = of
        self.user = user
        self.container = None
        self.items = None
        self.nested = False
        self.root = True
        self.children = {}

    def attribute(self, name, of):
        """The name of an attribute of what this one leads to."""
        found = self.children.get(name)
        if found is None:
            many = "[...]" if self.container is not None else ""
            kind = self.kind if self.kind in (LIBRARY, EXCEPTION, CONTAINER) else ATTRIBUTE
            found = Name(f"{self.text}{many}.{name}", kind, None, of, self.user)
            found.root = False
            found.file, found.line, found.function = self.file, self.line, self.function
            # Objects in a container count for it: their number is the container's.
            found.items = self.items if many else None
            if many:
                found.container = self.container
            if len(self.children) < 512:
                self.children[name] = found
        return found

    def own_attribute(self, name, of, file):
        """The name of an attribute of an object that only a library leads to, but whose class is the program's: a callback of a
        trainer, a module that a loop of Lightning runs. The program calls it so, in that class."""
        key = (of, name)
        found = self.children.get(key)
        if found is None:
            found = Name(f"self.{name}", ATTRIBUTE, {"file": file, "function": of}, of)
            found.root = False
            if len(self.children) < 512:
                self.children[key] = found
        return found

    def better(self, other):
        """True where this name tells more of what it leads to. The variable of a loop shows a list that is in a list: it is the
        outer one that keeps it."""
        if self.kind != other.kind:
            return self.kind < other.kind
        return self.kind == CONTAINER and self.root and self.nested and other.root and not other.nested

    def holds(self, obj, base):
        """Takes note that this name is one of a container."""
        if self.container is not None:
            self.nested = True
        else:
            self.container = _reads.class_name(obj)
            self.items = base.__len__(obj)
            if base in _GROWING and self.kind not in (LIBRARY, EXCEPTION):
                self.kind = CONTAINER


def base_of(cls):
    """The built-in container that a class is or is made of; `None` for other classes."""
    for base in type.__dict__["__mro__"].__get__(cls):
        if base is dict or base in _SEQUENCES:
            return base
    return None


class Walk:
    """What was found: the best name of each tensor, the names of models and optimizers."""

    def __init__(self, variables, deadline):
        self.tensors = {}
        self.modules = {}
        self.optimizers = {}
        self.cut = None
        self._variables = variables
        self._deadline = deadline
        self._queue = collections.deque()
        self._crowd = collections.deque()
        self._later = []
        self._bases = {}
        self._seen = {}
        self._kinds = {}
        self._files = {}
        self._running = set()

    # Where to begin.

    def frames(self, frames, kind=None):
        """Follows the variables of frames; those that run keep theirs by themselves, whatever exception shows them too."""
        if kind is None:
            self._running.update(id(frame) for frame in frames)
        for frame in frames:
            code = frame.f_code
            user = _code.is_user_file(code.co_filename)
            place = _code.place(frame)
            module = code.co_name == "<module>"
            variables = self._variables.of(frame)
            for name, value in list(variables.items()):
                if module and isinstance(name, str) and name.startswith("__"):
                    continue
                how = kind if kind is not None else (GLOBAL if module else LOCAL) if user else LIBRARY
                self._root(value, Name(str(name), how, place, user=user))

    def module(self, module):
        names = _reads.attributes(module)
        place = {"file": names.get("__file__"), "line": None, "function": "<module>"}
        for name, value in list(names.items()):
            if isinstance(name, str) and not name.startswith("__"):
                # Functions and classes of other modules that this one imports lead elsewhere.
                self._root(value, Name(name, GLOBAL, place))

    def exception(self, value):
        """Follows the frames that an exception keeps, and those of the exceptions behind it."""
        chain = set()
        while value is not None and id(value) not in chain and len(chain) < 16:
            chain.add(id(value))
            trace, frames = value.__traceback__, []
            while trace is not None and len(frames) < 200:
                if not _code.is_own(trace.tb_frame) and id(trace.tb_frame) not in self._running:
                    frames.append(trace.tb_frame)
                trace = trace.tb_next
            self.frames(frames, EXCEPTION)
            value = value.__cause__ or value.__context__

    def _root(self, value, name):
        # What the program calls its own goes first, so that a library's name for it does not win.
        (self._queue if name.user else self._later).append((value, name))

    # The way.

    def run(self):
        """Follows all names, nearest first. True where nothing was left out."""
        queue, count = self._queue, 0
        queue.extend(self._later)
        self._later = []
        while queue or self._crowd:
            count += 1
            if count & 1023 == 0 and time.thread_time() > self._deadline:
                self.cut = "time"
                break
            if count > MOST_OBJECTS:
                self.cut = "objects"
                break
            obj, name = queue.popleft() if queue else self._crowd.popleft()
            try:
                self._visit(obj, name)
            except Exception:
                continue
        queue.clear()
        self._crowd.clear()
        return self.cut is None

    def saw(self, obj):
        """True where a name leads to this object."""
        return id(obj) in self._seen

    def close(self):
        self._seen.clear()
        self._queue.clear()
        self.tensors.clear()
        self.modules.clear()
        self.optimizers.clear()

    def _visit(self, obj, name):
        cls = type(obj)
        if cls in _ATOMS:
            return
        kind = self._kinds.get(cls)
        if kind is None:
            kind = self._kinds[cls] = _reads.kind_of(cls) or "other"
        if kind == "tensor":
            self._tensor(obj, name)
            return
        if kind == "module":
            names = self.modules.setdefault(id(obj), [])
            if len(names) < 8:
                names.append(name)
        elif kind == "optimizer":
            names = self.optimizers.setdefault(id(obj), [])
            if len(names) < 8:
                names.append(name)
        base = None
        if kind == "other":
            base = self._bases.get(cls, cls)
            if base is cls:
                base = self._bases[cls] = base_of(cls)
            if base is not None:
                name.holds(obj, base)
        known = self._seen.get(id(obj))
        if known is not None and not name.better(known[1]):
            return
        # Kept as long as the walk: an id is only good as long as its object is there.
        self._seen[id(obj)] = (obj, name)
        self._expand(obj, cls, kind, base, name)

    def _tensor(self, tensor, name):
        known = self.tensors.get(id(tensor))
        if known is None or name.better(known[1]):
            self.tensors[id(tensor)] = (tensor, name)
        if known is None:
            extra = _reads.attributes(tensor)
            for key, value in list(extra.items()):
                self._queue.append((value, name.attribute(str(key), _reads.class_name(tensor))))

    def _expand(self, obj, cls, kind, base, name):
        if kind == "module":
            self._module(obj, name)
        elif kind == "optimizer":
            for key, value in list(_reads.attributes(obj).items()):
                if key not in ("state", "param_groups"):
                    self._queue.append((value, name.attribute(key, _reads.class_name(obj))))
        elif base is not None:
            self._items(list(dict.values(obj) if base is dict else base.__iter__(obj)), name)
            if cls is not base:
                self._instance(obj, name)
        elif cls is types.FunctionType:
            self._function(obj, name)
        elif cls is types.MethodType:
            self._queue.append((obj.__self__, name.attribute("__self__", None)))
            self._queue.append((obj.__func__, name))
        elif cls in (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType):
            frame = getattr(obj, "gi_frame", None) or getattr(obj, "cr_frame", None) or getattr(obj, "ag_frame", None)
            if frame is not None and not _code.is_own(frame):
                self._suspended(frame)
        elif issubclass(cls, BaseException):
            self.exception(obj)
            self._instance(obj, name)
        elif issubclass(cls, type):
            self._class(obj, name)
        elif cls is functools._lru_cache_wrapper or not self._instance(obj, name):
            # A type written in C: its parts have no names.
            if gc.is_tracked(obj):
                for value in gc.get_referents(obj)[:65536]:
                    self._queue.append((value, name))

    def _items(self, values, name):
        # A crowd of small objects must not stand before all other names.
        queue = self._crowd if len(values) > MOST_AT_ONCE else self._queue
        for value in values:
            cls = type(value)
            if cls in _ATOMS:
                continue
            if self._kinds.get(cls) == "tensor":
                self._tensor(value, name)
            else:
                queue.append((value, name))

    def _suspended(self, frame):
        later, self._later = self._later, []
        self.frames([frame])
        self._queue.extend(self._later)
        self._later = later

    def _class(self, cls, name):
        if _code.is_user_file(getattr(sys.modules.get(cls.__module__), "__file__", None)):
            for key, value in list(type.__dict__["__dict__"].__get__(cls).items()):
                if not key.startswith("__") and type(value) not in _ATOMS:
                    self._queue.append((value, name.attribute(key, None)))

    def _instance(self, obj, name):
        """Follows attributes. True where it has any."""
        found = False
        for key, value in [*_reads.attributes(obj).items(), *_reads.slots(obj)]:
            found = True
            if type(value) not in _ATOMS:
                self._queue.append((value, self._attribute(obj, str(key), name)))
        return found

    def _attribute(self, obj, key, name):
        """The name of an attribute: below a library's variable, an object of the program's own class is the program's again."""
        of = _reads.class_name(obj)
        file = self._file_of(type(obj)) if name.kind == LIBRARY else None
        return name.attribute(key, of) if file is None else name.own_attribute(key, of, file)

    def _file_of(self, cls):
        """The file of a class that the program wrote; `None` for those of libraries."""
        if cls not in self._files:
            file = getattr(sys.modules.get(cls.__module__), "__file__", None)
            self._files[cls] = _code.shown(file) if _code.is_user_file(file) else None
        return self._files[cls]

    def _function(self, function, name):
        place = {"file": _code.shown(function.__code__.co_filename), "line": function.__code__.co_firstlineno, "function": function.__qualname__}
        user = _code.is_user_file(function.__code__.co_filename)
        for key, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            try:
                value = cell.cell_contents
            except ValueError:
                continue
            self._queue.append((value, Name(key, CLOSURE if user else LIBRARY, place, user=user)))
        for value in [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]:
            self._queue.append((value, Name(f"a default of {function.__qualname__}", CLOSURE if user else LIBRARY, place, user=user)))
        for key, value in list(function.__dict__.items()):
            self._queue.append((value, name.attribute(str(key), None)))

    def _module(self, module, name):
        of = _reads.class_name(module)
        for key, value in list(_reads.attributes(module).items()):
            if key in ("_parameters", "_buffers"):
                continue
            if key == "_modules":
                for child, value in list(value.items()):
                    if value is not None:
                        self._queue.append((value, name.attribute(str(child), of)))
            elif type(value) not in _ATOMS and not (isinstance(value, dict) and not value):
                self._queue.append((value, self._attribute(module, key, name)))
