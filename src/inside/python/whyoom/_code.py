"""Frames: whose code they run, what their variables are, and how the program was going about its work."""
import os
import sys
import sysconfig

_FOLDERS = None
_HERE = os.path.dirname(os.path.abspath(__file__))
_NEW_LOCALS = 3  # CO_OPTIMIZED | CO_NEWLOCALS: the frame of a function


def cell(name):
    """"Cell In[3]" for the file of a notebook's cell, which nobody has; `None` for any other. IPython 8 knows which is which
    (IPython, core/compilerop.py)."""
    try:
        shell = sys.modules["IPython"].get_ipython()
        found = shell.compile.format_code_name(name)
        return " ".join(found) if found else None
    except Exception:
        return None


def shown(name):
    """A file as people know it."""
    return cell(name) or name if "IPython" in sys.modules else name


def _folders():
    global _FOLDERS
    if _FOLDERS is None:
        paths = sysconfig.get_paths()
        found = {paths.get(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        found = {path for path in found if path}
        _FOLDERS = tuple(sorted({os.path.join(path, "") for path in found | set(map(os.path.realpath, found))}))
    return _FOLDERS


_USER = {}


def is_user_file(name):
    """True where a file is the program's own, and not Python's or an installed package's."""
    known = _USER.get(name)
    if known is None:
        known = _USER[name] = _is_user_file(name)
    return known


def _is_user_file(name):
    if not name:
        return False
    if name.startswith("<"):
        # Cells of IPython and what is typed at a prompt; "<frozen ...>" is Python's own.
        return name.startswith(("<ipython", "<stdin", "<string"))
    parts = name.replace("\\", "/").split("/")
    if "site-packages" in parts or "dist-packages" in parts:
        return False
    if name.startswith(_folders()) or name.startswith(_HERE + os.sep):
        return False
    return not os.path.realpath(name).startswith(_folders()) and not _is_installed(name)


_DISTRIBUTIONS = {}


def _is_installed(name):
    """True for a package that `pip install --target` put into a folder of its own on the path: its record lies beside it."""
    for folder in sys.path:
        if folder and name.startswith(os.path.join(folder, "")):
            package = name[len(os.path.join(folder, "")):].split(os.sep, 1)[0]
            return os.path.splitext(package)[0].lower() in _distributions(folder)
    return False


def _distributions(folder):
    if folder not in _DISTRIBUTIONS:
        try:
            records = [entry for entry in os.listdir(folder) if entry.endswith(".dist-info")]
        except OSError:
            records = []
        _DISTRIBUTIONS[folder] = {record.split("-", 1)[0].lower() for record in records}
    return _DISTRIBUTIONS[folder]


def is_own(frame):
    """True for frames of this package."""
    return os.path.dirname(frame.f_code.co_filename) == _HERE


def function_of(frame):
    code = frame.f_code
    return getattr(code, "co_qualname", None) or code.co_name


def place(frame):
    return {"file": shown(frame.f_code.co_filename), "line": frame.f_lineno or 0, "function": function_of(frame)}


class Locals:
    """The variables of frames. Before Python 3.13 a frame keeps the dict that it shows, and with it all that is in it: `close`
    empties those, so that no tensor lives longer than without this look."""

    def __init__(self):
        self._shown = []

    def of(self, frame):
        try:
            found = frame.f_locals
        except Exception:
            return {}
        function = frame.f_code.co_flags & _NEW_LOCALS == _NEW_LOCALS
        if function and sys.version_info < (3, 13) and frame.f_trace is None:
            if all(found is not shown for shown in self._shown):
                self._shown.append(found)
            # A copy: the frame's own dict is emptied at the end, whoever still looks at this one.
            return dict(found)
        return found if isinstance(found, dict) else dict(found)

    def close(self):
        while self._shown:
            shown = self._shown.pop()
            # Held by the frame, by this variable, and by the call: a program that kept what `locals()` gave it has it too.
            if sys.gettrace() is None and sys.getrefcount(shown) <= 3:
                shown.clear()


def stack(frame):
    """The frames from this one outwards, without this package's."""
    found = []
    while frame is not None and len(found) < 400:
        if not is_own(frame):
            found.append(frame)
        frame = frame.f_back
    return found


def threads(current):
    """(is the failing one, frames) of every thread; the failing one first."""
    first = [(True, stack(current))]
    try:
        import threading

        others = sys._current_frames()
        # A frame among its own variables would live on, and all that it calls or is called by.
        others.pop(threading.get_ident(), None)
        first.extend((False, stack(frame)) for frame in others.values())
    except Exception:
        pass
    return first


def handled():
    """Exceptions that are being handled in any thread: inside `except`, they keep the frames of what failed."""
    found = []
    get = getattr(sys, "_current_exceptions", None)
    try:
        for value in (get() if get is not None else {}).values():
            # Python 3.10 gives what `sys.exc_info()` does, later ones the exception itself.
            value = value[1] if isinstance(value, tuple) else value
            if value is not None:
                found.append(value)
    except Exception:
        pass
    value = sys.exc_info()[1]
    if value is not None and all(value is not known for known in found):
        found.append(value)
    return found


# Names that count where a run stands, and names of what a batch is made of. Only plain numbers are read.
STEPS = ("global_step", "step", "steps", "iteration", "it", "iter", "i", "index", "idx", "batch_idx", "batch_index", "batch_i", "epoch", "fold",
         "trial", "micro", "micro_batch", "episode", "request", "number", "chunk", "current_epoch", "n_iter", "iter_num")
SIZES = ("batch_size", "rows", "bs", "b", "n", "micro_batch_size", "per_device_train_batch_size", "per_device_eval_batch_size", "train_batch_size",
         "eval_batch_size", "seq_len", "seq_length", "sequence_length", "max_length", "max_len", "max_seq_len", "max_seq_length", "block_size",
         "length", "max_new_tokens", "num_return_sequences", "num_beams", "image_size", "img_size", "resolution", "hidden_size", "envs",
         "num_envs", "accumulate", "accumulation_steps", "gradient_accumulation_steps", "grad_accum_steps", "num_workers")
# Settings of trainers' argument objects (transformers.TrainingArguments, argparse.Namespace and the like).
SETTINGS = SIZES + ("gradient_checkpointing", "bf16", "fp16", "tf32", "optim", "eval_accumulation_steps", "torch_compile",
                    "dataloader_num_workers", "dataloader_pin_memory", "precision", "amp", "load_in_8bit", "load_in_4bit", "packing",
                    "auto_find_batch_size", "deepspeed", "fsdp")
ARGUMENTS = ("args", "arguments", "config", "cfg", "opt", "opts", "hparams", "training_args", "train_args", "params", "flags")


def plain(value):
    """A number or a truth value, or a short word; `None` for anything else."""
    kind = type(value)
    if kind is bool or (kind is int and abs(value) < 1 << 53):
        return value
    if kind is float and value == value and abs(value) < 1e300:
        return value
    if kind is str and len(value) <= 40:
        return value
    return None


def numbers(variables, names):
    found = {}
    for name in names:
        value = variables.get(name)
        if type(value) in (int, bool):
            found[name] = plain(value)
    return {name: value for name, value in found.items() if value is not None}
