"""What of `torch._C` is used."""
_observers = []


class DisableTorchFunction:
    depth = 0

    def __enter__(self):
        DisableTorchFunction.depth += 1

    def __exit__(self, *exception):
        DisableTorchFunction.depth -= 1


def _cuda_attach_out_of_memory_observer(observer):
    _observers.append(observer)


def _cuda_getDriverVersion():
    return 13000


_recording = False


def _cuda_isHistoryEnabled():
    return _recording
