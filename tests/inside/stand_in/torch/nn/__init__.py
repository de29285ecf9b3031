from .._tensor import Tensor


class Parameter(Tensor):
    pass


class Module:
    def __init__(self):
        self.__dict__.update(training=True, _parameters={}, _buffers={}, _modules={}, _forward_hooks={})

    def __setattr__(self, name, value):
        if isinstance(value, Parameter):
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._modules[name] = value
        else:
            self.__dict__[name] = value

    def __getattr__(self, name):
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(kind, {}):
                return self.__dict__[kind][name]
        raise AttributeError(name)

    def register_forward_hook(self, hook):
        self._forward_hooks[len(self._forward_hooks)] = hook

    def parameters(self):
        yield from self._parameters.values()
        for child in self._modules.values():
            yield from child.parameters()


class ModuleList(Module):
    def __init__(self, modules):
        super().__init__()
        self._modules.update({str(number): module for number, module in enumerate(modules)})


class Linear(Module):
    def __init__(self, width):
        super().__init__()
        self.weight = Parameter._made((width, width), requires_grad=True)
