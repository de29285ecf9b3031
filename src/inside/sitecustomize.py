"""What `whyoom run` adds to every Python process that imports torch: a census where GPU memory runs out, and with --record the
memory history and a snapshot.

Python imports a module of this name at its start. The one that this file hides is run first. Nothing happens in a process that
does not import torch, and nothing here may stop one that does.
"""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _hidden():
    import importlib.machinery
    import importlib.util

    path = [p for p in sys.path if os.path.abspath(p or os.getcwd()) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def _inside():
    """The package beside this file, under a name of its own: what the program imports as `whyoom` is its own affair."""
    import importlib.util

    if "_whyoom" not in sys.modules:
        folder = os.path.join(_HERE, "inside", "whyoom")
        spec = importlib.util.spec_from_file_location("_whyoom", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
        module = importlib.util.module_from_spec(spec)
        sys.modules["_whyoom"] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules["_whyoom"]
            raise
    return sys.modules["_whyoom"]


def _snapshot_file(folder):
    """Named by the rank, so that those of one job stand beside each other in the report."""
    rank = os.environ.get("RANK", "")
    ranked = os.path.join(folder, f"snapshot-rank{rank}.pickle")
    if rank.isdigit() and not os.path.exists(ranked):
        return ranked
    return os.path.join(folder, f"snapshot-{os.getpid()}.pickle")


def _record():
    import torch

    folder = os.environ.get("WHYOOM_SNAPSHOTS")
    if not folder:
        return
    done = []

    def dump(device, alloc, device_total, device_free):
        if done:
            return
        done.append(device)
        try:
            torch.cuda.memory._dump_snapshot(_snapshot_file(folder))
        except Exception as error:
            print(f"whyoom: no snapshot: {error}", file=sys.stderr)

    try:
        torch.cuda.memory._record_memory_history(stacks="python", max_entries=100000)
    except TypeError:
        # PyTorch 2.0 has another name for it.
        torch.cuda.memory._record_memory_history(True, trace_alloc_max_entries=100000)
    torch._C._cuda_attach_out_of_memory_observer(dump)


def _guarded():
    # torch calls this while it initializes CUDA: an error here would be the program's.
    try:
        _record()
    except Exception as error:
        _off("memory history", error)


def _off(what, error):
    print(f"whyoom: {what} is off: {error!r}", file=sys.stderr)


def _after_torch():
    import torch

    if os.environ.get("WHYOOM_SNAPSHOTS"):
        # Before CUDA is initialized there is no allocator to record; torch runs this when there is one.
        torch.cuda._lazy_call(_guarded)
    folder = os.environ.get("WHYOOM_CENSUS")
    if folder:
        _inside().install(folder, quiet=True)


class _Torch:
    """Finds torch as the other finders do, and adds one step behind its import. Many programs ask for its spec long before they
    import it, so that it stays until that is done."""

    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        spec = None
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    break
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            try:
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                    _after_torch()
            except Exception as error:
                _off("the look inside", error)

        spec.loader.exec_module = exec_module
        return spec


try:
    _hidden()
finally:
    # Children find this folder by the variable; here it has done its part.
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or os.getcwd()) != _HERE]
    sys.meta_path.insert(0, _Torch())
