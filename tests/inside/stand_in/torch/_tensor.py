import itertools

from . import _C, cuda

# What a census must never do; the tests look that it stays empty.
forbidden = []
SIZES = {"float32": 4, "bfloat16": 2, "int64": 8, "uint8": 1, "int8": 1}
_ids = itertools.count(1)


class device:
    def __init__(self, name):
        kind, _, index = name.partition(":")
        self.type = kind
        self.index = int(index) if index else None


class UntypedStorage:
    def __init__(self, size, where):
        self._cdata = next(_ids)
        self._size = size
        self._where = where
        self._rounded = cuda._grow(size, where)

    def nbytes(self):
        return self._size

    def data_ptr(self):
        forbidden.append("data_ptr")
        return 0

    def __del__(self):
        if hasattr(self, "_rounded"):
            cuda._shrink(self._size, self._where, self._rounded)


def _read(name):
    def method(self, *args, **kwargs):
        forbidden.append(name)
        raise AssertionError(f"{name} reads a tensor's values")
    return method


class Tensor:
    # As in torch, what a tensor is made of is no attribute of Python's.
    __slots__ = ("__dict__", "__weakref__", "_grad", "_storage", "device", "dtype", "grad_fn", "requires_grad", "shape")

    @classmethod
    def _made(cls, shape, dtype="float32", where="cuda:0", grad_fn=None, requires_grad=False, storage=None):
        tensor = cls.__new__(cls)
        size = SIZES[dtype]
        for n in shape:
            size *= n
        tensor.shape = tuple(shape)
        tensor.dtype = "torch." + dtype
        tensor.device = device(where)
        tensor._storage = storage or UntypedStorage(size, where)
        tensor.requires_grad = requires_grad
        tensor.grad_fn = grad_fn
        tensor._grad = None
        return tensor

    @property
    def is_leaf(self):
        return self.grad_fn is None

    @property
    def grad(self):
        if not self.is_leaf:
            # As torch does, which prints a warning.
            forbidden.append("grad of a non-leaf")
        return self._grad

    @grad.setter
    def grad(self, value):
        self._grad = value

    def untyped_storage(self):
        return self._storage

    def numel(self):
        count = 1
        for n in self.shape:
            count *= n
        return count

    def view(self, *shape):
        """Another tensor on the same storage."""
        return type(self)._made(shape, self.dtype.replace("torch.", ""), "cuda:%d" % (self.device.index or 0), storage=self._storage)


for _name in ("item", "tolist", "numpy", "cpu", "__bool__", "__eq__", "__lt__", "__add__", "__len__", "__iter__", "__getitem__", "__repr__", "__str__",
              "__contains__", "__float__", "__int__", "clone", "detach", "to", "sum", "__array__", "__format__"):
    setattr(Tensor, _name, _read(_name))
Tensor.__hash__ = object.__hash__


class Node:
    """A node of the graph: what it comes from."""

    def __init__(self, *before):
        self.next_functions = tuple((node, 0) for node in before)


class AccumulateGrad(Node):
    pass
