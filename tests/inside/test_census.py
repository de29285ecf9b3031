"""What a census finds, and what it leaves alone, with a stand-in for torch. Run by `cargo test`, or by hand:

  PYTHONPATH=tests/inside/stand_in:src/inside/python python3 -m unittest discover -s tests/inside
"""
import collections
import functools
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSIDE = HERE.parents[1] / "src" / "inside" / "python"
sys.path[:0] = [str(HERE / "stand_in"), str(INSIDE)]

import torch  # noqa: E402
import whyoom  # noqa: E402
from whyoom import _census, _code, _start  # noqa: E402

MIB = 1 << 20


def tensor(mib=1, **more):
    return torch.empty(mib, MIB, dtype="uint8", **more)


def taken():
    """A census of now."""
    return _census.take({"kind": "asked", "device": 0, "number": 1, "monotonic": time.monotonic()})


def rows(census, device=0):
    return next(d for d in census["devices"] if d["index"] == device)["owners"]


def row(census, name, owner=None):
    found = [r for r in rows(census) if r.get("name") == name and owner in (None, r["owner"])]
    assert len(found) == 1, (name, owner, [(r["owner"], r.get("name"), r["bytes"]) for r in rows(census)])
    return found[0]


class Net(torch.nn.Module):
    def __init__(self, width=512, depth=3):
        super().__init__()
        self.layers = torch.nn.ModuleList([torch.nn.Linear(width) for _ in range(depth)])
        self._buffers["mask"] = tensor(2)


class Base(unittest.TestCase):
    def setUp(self):
        gc.collect()
        torch.forbidden.clear()

    def tearDown(self):
        self.assertEqual(torch.forbidden, [], "a census reads no values, and asks nothing of a GPU that is not in use")
        gc.collect()


class Owners(Base):
    def test_model_gradients_states_and_buffers_are_told_apart_and_the_sum_is_what_is_allocated(self):
        model = Net()
        optimizer = torch.optim.AdamW(model.parameters(), foreach=True)
        for p in model.parameters():
            p.grad = torch.empty(*p.shape)
        optimizer.step()
        odd = torch.empty(1000, dtype="uint8")
        census = taken()
        self.assertEqual(row(census, "model", "parameters")["bytes"], 3 * MIB)
        self.assertEqual(row(census, "model", "gradients")["bytes"], 3 * MIB)
        self.assertEqual(row(census, "model", "buffers")["bytes"], 2 * MIB)
        states = row(census, "optimizer", "optimizer-states")
        self.assertEqual((states["bytes"], states["class"], states["dtypes"]), (6 * MIB, "AdamW", {"float32": 6 * MIB}))
        device = census["devices"][0]
        self.assertEqual(device["allocated"], sum(r["bytes"] for r in device["owners"]) + device["rest"] + device["rounding"])
        self.assertEqual((device["rounding"], device["rest"], device["foreign"]), (24, 0, 0))
        self.assertEqual(row(census, "odd")["bytes"], odd.numel())
        self.assertEqual(census["models"][0]["parameters"]["elements"], 3 * 512 * 512)
        self.assertTrue(census["optimizers"][0]["foreach"])
        self.assertEqual(census["optimizers"][0]["with_states"], 3)

    def test_a_list_has_what_a_variable_only_shows(self):
        history = []
        for step in range(7):
            last = tensor(3)
            history.append({"step": step, "logits": last})
        census = taken()
        found = row(census, "history", "container")
        self.assertEqual((found["bytes"], found["items"], found["tensors"], found["container"]), (21 * MIB, 7, 7, "list"))
        self.assertEqual((Path(found["file"]).name, found["function"].split(".")[-1]), ("test_census.py", sys._getframe().f_code.co_name))
        self.assertNotIn("last", [r.get("name") for r in rows(census)])
        self.assertEqual(found["shapes"], [{"shape": [3, MIB], "dtype": "uint8", "tensors": 7, "bytes": 21 * MIB}])
        del last

    def test_every_way_to_keep_a_tensor_has_its_name(self):
        class Server:
            __slots__ = ("cache", "slot")
            shared = {}

        server = Server()
        server.cache = collections.deque([tensor(1), tensor(1)], maxlen=9)
        server.slot = tensor(2)
        Server.shared["k"] = tensor(3)

        def hook_into(kept):
            return lambda output: kept.append(output)

        model = Net()
        hook = hook_into([tensor(4)])
        model.layers._modules["0"].register_forward_hook(hook)

        @functools.lru_cache(maxsize=None)
        def load(name):
            return tensor(5)

        load("a")
        partial = functools.partial(print, tensor(6))

        def generate():
            inside = tensor(7)
            yield inside.shape

        running = generate()
        next(running)
        census = taken()
        self.assertEqual(row(census, "server.cache", "container")["bytes"], 2 * MIB)
        self.assertEqual(row(census, "server.slot", "attribute")["of"], server.__class__.__qualname__)
        self.assertEqual(row(census, "Server.shared", "container")["bytes"], 3 * MIB)
        self.assertEqual(row(census, "kept", "container")["bytes"], 4 * MIB)
        self.assertEqual([(h["kind"], h["modules"], h["uses"]) for h in census["work"]["hooks"]], [("forward_hooks", 1, ["append", "kept"])])
        self.assertEqual(row(census, "load")["bytes"], 5 * MIB)
        self.assertEqual(row(census, "partial.args")["bytes"], 6 * MIB)
        self.assertEqual(row(census, "inside")["function"].split(".")[-1], "generate")

    def test_what_a_librarys_loop_leads_to_is_the_programs_where_its_class_is(self):
        class Trajectory:
            def __init__(self):
                self.weights = [{"w": tensor(1), "b": tensor(1)} for _ in range(4)]

        class Module(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.pictures = [tensor(2) for _ in range(3)]

        # As in Trainer._run_epoch: the only names that are left are those of the library's frames.
        library = types.ModuleType("trainer")
        library.__file__ = "/usr/lib/python3/dist-packages/trainer/loop.py"
        code = compile("def run(callbacks, model, seen):\n    return seen()", library.__file__, "exec")
        exec(code, library.__dict__)
        census = library.run([object(), Trajectory()], Module(), taken)
        weights = next(r for r in rows(census) if r.get("name") == "self.weights")
        self.assertEqual((weights["owner"], weights["bytes"], weights["items"], weights["container"]), ("container", 8 * MIB, 4, "list"))
        pictures = next(r for r in rows(census) if r.get("name") == "self.pictures")
        self.assertEqual((pictures["owner"], pictures["items"]), ("container", 3))
        self.assertEqual((weights["file"], weights["function"]), (__file__, Trajectory.__qualname__))

    def test_of_two_names_for_a_list_the_one_that_keeps_it_has_it(self):
        class Cache:
            pass

        cache, owner = [[tensor(1), tensor(1)] for _ in range(4)], Cache()
        owner.outputs = [tensor(3) for _ in range(5)]
        outputs = owner.outputs
        everything = {"deep": [owner]}
        for kv in cache:
            census = taken()
        self.assertEqual(row(census, "cache", "container")["bytes"], 8 * MIB)
        self.assertNotIn("kv", [r.get("name") for r in rows(census)])
        found = row(census, "outputs", "container")
        self.assertEqual((found["bytes"], found["items"]), (15 * MIB, 5))
        del kv, everything, outputs

    def test_a_view_of_a_tensor_keeps_all_of_it(self):
        whole = tensor(16)
        best = [whole.view(4)]
        del whole
        self.assertEqual(row(taken(), "best", "container")["bytes"], 16 * MIB)
        del best

    def test_models_of_earlier_rounds_in_a_list_are_copies_with_their_optimizers(self):
        results = []
        for _ in range(4):
            model = Net()
            optimizer = torch.optim.AdamW(model.parameters())
            optimizer.step()
            results.append((0.5, model, optimizer))
        model = Net()
        optimizer = torch.optim.AdamW(model.parameters())
        optimizer.step()
        census = taken()
        copies = row(census, "results", "copies")
        self.assertEqual((copies["copies"], copies["items"], copies["bytes"], copies["optimizer_states"]), (4, 4, 44 * MIB, 24 * MIB))
        self.assertEqual(copies["copy_of"], "model")
        self.assertEqual(row(census, "model", "parameters")["bytes"], 3 * MIB)

    def test_a_reference_model_is_a_copy_by_its_name(self):
        policy, reference = Net(), Net()
        optimizer = torch.optim.AdamW(policy.parameters())
        census = taken()
        self.assertEqual(row(census, "policy", "parameters")["bytes"], 3 * MIB)
        self.assertEqual(row(census, "reference", "copies")["copy_of"], "policy")
        del optimizer, reference

    def test_layers_of_a_model_in_the_making_are_no_copies(self):
        found = {}

        class Layer(torch.nn.Linear):
            def __init__(self, number):
                if number == 3:
                    found.update(taken())
                super().__init__(512)

        made = torch.nn.ModuleList([Layer(number) for number in range(4)])
        self.assertEqual([r for r in rows(found) if r["owner"] == "copies"], [])
        self.assertEqual(sum(r["bytes"] for r in rows(found) if r["owner"] == "parameters"), 3 * MIB)
        del made

    def test_what_only_an_exception_keeps_is_its_own(self):
        def attempt():
            logits = tensor(9)
            raise RuntimeError(len(logits.shape))

        try:
            attempt()
        except RuntimeError:
            census = taken()
        found = row(census, "logits", "exception")
        self.assertEqual((found["bytes"], found["function"].split(".")[-1]), (9 * MIB, "attempt"))

    def test_objects_that_hold_themselves_are_found_without_a_name(self):
        class Request:
            def __init__(self):
                self.callback = self.finish
                self.logits = tensor(2)

            def finish(self):
                pass

        gc.disable()
        try:
            for _ in range(6):
                request = Request()
            census = taken()
        finally:
            gc.enable()
        found = next(r for r in rows(census) if r["owner"] == "unreachable")
        self.assertEqual((found["items"], found["bytes"]), (5, 10 * MIB))
        self.assertTrue(found["name"].endswith("Request.logits"), found)
        self.assertEqual(row(census, "request.logits")["bytes"], 2 * MIB)

    def test_the_passes_that_a_graph_keeps_are_counted(self):
        def forward(leaf, at=None):
            return torch._tensor.Node(*(n for n in (leaf, torch._tensor.Node(leaf), at) if n is not None))

        class Edge(torch._tensor.Node):
            pass

        leaf = torch._tensor.AccumulateGrad()
        total = None
        for _ in range(12):
            loss = Edge(leaf)
            total = Edge(total, loss) if total is not None else loss
        running = torch.empty(1, graph=total)
        found = row(taken(), "running")
        self.assertEqual((found["graph_tensors"], found["graph"]["passes"], found["graph"]["cut"]), (1, 12, False))
        del running, forward

    def test_only_gpus_in_use_are_asked(self):
        here = tensor(1)
        census = taken()
        self.assertEqual([d["index"] for d in census["devices"]], [0])
        other = torch.empty(1, MIB, dtype="uint8", device="cuda:1")
        census = taken()
        self.assertEqual([d["index"] for d in census["devices"]], [0, 1])
        self.assertEqual(rows(census, 1)[0]["bytes"], MIB)
        del here, other
        gc.collect()
        torch.cuda._allocated.pop(1)


class Pools(Base):
    def tearDown(self):
        torch.cuda._segments.clear()
        torch._C._recording = False
        super().tearDown()

    @staticmethod
    def segment(sizes, **more):
        blocks = [{"size": size, "state": state} for size, state in sizes]
        used = sum(size for size, state in sizes if state == "active_allocated")
        torch.cuda._segments.append({
            "device": 0, "stream": 0, "segment_type": "large", "segment_pool_id": (0, 0), "is_expandable": False, "blocks": blocks,
            "total_size": sum(size for size, _ in sizes), "allocated_size": used, "active_size": used, **more})

    def test_free_pieces_are_counted_by_pool(self):
        tensor()
        for _ in range(9):
            self.segment([(20 * MIB, "active_allocated"), (3 * MIB, "inactive"), (5 * MIB, "active_allocated"), (4 * MIB, "inactive")])
        self.segment([(2 * MIB, "inactive")], segment_type="small")
        self.segment([(64 * MIB, "inactive")], segment_pool_id=(0, 1), stream=7)
        self.segment([(64 * MIB, "inactive")], device=1)
        private, large, small = sorted(taken()["devices"][0]["pools"], key=lambda row: (not row["private"], row["pool"]))
        self.assertEqual((large["free"], large["pieces"], large["largest"]), (63 * MIB, 18, [4 * MIB] * 8))
        self.assertEqual((large["segments"], large["bytes"], large["pending"]), (9, 9 * 32 * MIB, 0))
        self.assertEqual((private["stream"], private["free"], small["free"]), (7, 64 * MIB, 2 * MIB))

    def test_a_recorded_history_is_not_copied(self):
        tensor()
        self.segment([(20 * MIB, "active_allocated")])
        torch._C._recording = True
        census = taken()
        self.assertNotIn("pools", census["devices"][0])
        self.assertEqual(census["left_out"], [])


class Work(Base):
    def test_frames_steps_sizes_and_progress_are_there(self):
        class Block(torch.nn.Module):
            def forward(self, x):
                return taken()

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = torch.nn.ModuleList([Block() for _ in range(4)])

            def forward(self, x):
                for number, block in enumerate(self._modules["blocks"]._modules.values()):
                    if number == 2:
                        return block.forward(x)

        arguments = types.SimpleNamespace(per_device_train_batch_size=16, bf16=True, secret="x" * 99)
        args, epoch, batch_size = arguments, 3, 16
        census = Model().forward(tensor(1))
        work = census["work"]
        self.assertEqual(work["frames"][1]["function"].split(".")[-1], "forward")
        self.assertEqual(work["frames"][1]["tensors"][0]["shape"], [1, MIB])
        self.assertEqual((work["steps"]["epoch"], work["sizes"]["batch_size"]), (epoch, batch_size))
        self.assertEqual(work["settings"], {"per_device_train_batch_size": 16, "bf16": True})
        self.assertIn({"of": Model.__qualname__, "list": "blocks", "class": Block.__qualname__, "index": 2, "count": 4}, work["progress"])
        self.assertEqual((work["grad"], work["backward"]), (True, False))
        del args

    def test_a_thread_without_python_is_the_backward_pass(self):
        # As the engine's threads call the observer: nothing of Python is below it.
        found = []
        import _thread

        done = threading.Lock()
        done.acquire()

        def call():
            found.append(_start._taken_in_thread())
            done.release()

        held = tensor(2)
        _start._taken_in_thread = types.FunctionType(compile("taken()", _census.__file__, "eval"), {"taken": taken})
        call = types.FunctionType(compile("(found.append(take()), done.release())", _census.__file__, "eval"),
                                  {"found": found, "take": taken_plain(), "done": done})
        _thread.start_new_thread(call, ())
        done.acquire()
        self.assertTrue(found[0]["work"]["backward"])
        self.assertEqual(row(found[0], "held")["bytes"], 2 * MIB)


def taken_plain():
    """A census that is taken by this package's code alone."""
    return functools.partial(_census.take, {"kind": "asked", "device": 0, "number": 1, "monotonic": 0.0})


class Harmless(Base):
    def test_no_tensor_lives_longer_for_it(self):
        held = tensor(8)
        before = torch.cuda._allocated[0]
        taken()
        del held
        self.assertEqual(torch.cuda._allocated[0], before - 8 * MIB)

    def test_what_a_program_keeps_of_its_locals_stays(self):
        number = 5
        kept = locals()
        taken()
        self.assertEqual(kept["number"], number)
        self.assertIn("self", kept)

    def test_no_code_of_the_program_runs(self):
        calls = []

        class Meta(type):
            def __instancecheck__(cls, other):
                calls.append("instancecheck")
                return True

        class Sly(metaclass=Meta):
            def __init__(self):
                object.__setattr__(self, "kept", [tensor(1)])

            def __getattribute__(self, name):
                calls.append(name)
                raise RuntimeError(name)

            __len__ = __iter__ = __eq__ = __bool__ = __repr__ = lambda self, *a: calls.append("special")
            __hash__ = object.__hash__

        class List(list):
            def __iter__(self):
                calls.append("iter")
                return iter(())

            def __len__(self):
                calls.append("len")
                return 0

        class Dict(dict):
            def values(self):
                calls.append("values")
                return []

        sly, strange, mapping = Sly(), List(), Dict()
        list.append(strange, tensor(2))
        dict.__setitem__(mapping, "a", tensor(3))
        census = taken()
        self.assertEqual(calls, [])
        self.assertEqual(row(census, "sly.kept", "container")["bytes"], MIB)
        self.assertEqual(row(census, "strange", "container")["bytes"], 2 * MIB)
        self.assertEqual(row(census, "mapping", "container")["bytes"], 3 * MIB)

    def test_the_collector_is_as_it_was_and_did_not_run(self):
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            before = gc.get_stats()
            census = taken()
            self.assertEqual(gc.isenabled(), enabled)
            self.assertEqual(census["collector"]["enabled"], enabled)
            if not enabled:
                self.assertEqual(gc.get_stats(), before)
        gc.enable()

    def test_a_million_objects_are_looked_at_in_time(self):
        crowd = [{"number": [number]} for number in range(400_000)]
        kept = [tensor(1)]
        begun = time.process_time()
        census = taken()
        # The look itself stops at 0.85 s of its own thread; a machine that others share counts some of theirs.
        self.assertLess(time.process_time() - begun, 1.5)
        self.assertEqual(row(census, "kept", "container")["bytes"], MIB)
        del crowd

    def test_a_loop_of_containers_and_deep_nesting_end(self):
        loop = []
        loop.append(loop)
        deep = tensor(1)
        for _ in range(50_000):
            deep = [deep]
        self.assertEqual(row(taken(), "deep", "container")["bytes"], MIB)
        while type(deep) is list:
            deep = deep[0]


PROGRAM = """
import sys, torch
def main():
    history = [torch.empty(4, 1 << 20, dtype="uint8") for _ in range(3)]
    {body}
main()
"""


class Installed(unittest.TestCase):
    """In a process of its own, as a program has it."""

    def run_it(self, body, *flags, path=None, lead="import whyoom; whyoom.install()"):
        folder = tempfile.mkdtemp()
        env = {**os.environ, "WHYOOM_CENSUS": folder, "PYTHONPATH": os.pathsep.join(path or [str(HERE / "stand_in"), str(INSIDE)])}
        program = PROGRAM.format(body=body)
        ended = subprocess.run([sys.executable, *flags, "-c", lead + program], env=env, capture_output=True, text=True, timeout=60)
        files = sorted(Path(folder).glob("*"))
        return ended, [json.loads(file.read_text()) for file in files], files

    def test_the_exception_and_the_code_are_the_programs_own(self):
        bare, none, _ = self.run_it("torch.cuda._fail(1 << 30)", lead="")
        ended, found, files = self.run_it("torch.cuda._fail(1 << 30)", lead="import whyoom; whyoom.install(quiet=True)")
        self.assertEqual((none, ended.returncode, ended.stdout, ended.stderr), ([], bare.returncode, bare.stdout, bare.stderr))
        self.assertIn("OutOfMemoryError", ended.stderr)
        self.assertRegex(files[0].name, r"^whyoom-census-\d+-1\.json$")
        event = found[0]["event"]
        self.assertEqual((found[0]["whyoom_census"], event["kind"], event["requested"], event["device"]), (1, "observer", 1 << 30, 0))
        kept = row(found[0], "history", "container")
        self.assertEqual((kept["items"], kept["bytes"]), (3, 12 * MIB))

    def test_a_program_that_recovers_leaves_what_grew(self):
        body = """
    for n in range(12):
        try: torch.cuda._fail(1 << 30)
        except torch.OutOfMemoryError: history.append(torch.empty(1, 1 << 20, dtype="uint8"))
    print("done")"""
        ended, found, _ = self.run_it(body)
        self.assertEqual((ended.returncode, ended.stdout), (0, "done\n"))
        self.assertEqual(len(found), _start.MOST)
        grown = [f["since"]["owners"][0] for f in sorted(found, key=lambda f: f["event"]["number"])[1:]]
        self.assertTrue(all((g["name"], g["bytes"]) == ("history", MIB) for g in grown), grown)

    def test_what_a_library_tries_within_one_call_is_one_failure(self):
        ended, found, _ = self.run_it("torch.cuda._fail(1 << 20, tries=[1 << 30] * 20)")
        self.assertEqual(ended.returncode, 1)
        self.assertEqual([(f["event"]["number"], f["event"]["requested"]) for f in found], [(1, 1 << 20)])
        self.assertEqual(ended.stderr.count("whyoom: "), 1)

    def test_the_failure_that_ends_the_program_has_a_census_however_many_came_before(self):
        body = """
    for n in range(12):
        try: torch.cuda._fail(1 << 30)
        except torch.OutOfMemoryError: history.append(torch.empty(1, 1 << 20, dtype="uint8"))
    torch.cuda._fail(1 << 29)"""
        ended, found, _ = self.run_it(body)
        self.assertEqual((ended.returncode, len(found)), (1, _start.MOST + 1))
        last = max(found, key=lambda f: f["event"]["number"])
        self.assertEqual(last["event"]["kind"], "exception")
        self.assertIn("0.50 GiB", last["event"]["message"])

    def test_an_exception_that_no_observer_saw_is_looked_at_in_the_end(self):
        body = "raise RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`')"
        ended, found, _ = self.run_it(body)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(found[0]["event"]["kind"], "exception")
        self.assertEqual(row(found[0], "history", "exception")["bytes"], 12 * MIB)
        ended, found, _ = self.run_it("raise ValueError('no')")
        self.assertEqual(found, [])

    def test_hooks_of_others_and_prompts_see_nothing(self):
        body = """
    assert sys.excepthook is sys.__excepthook__
    import threading, gc, warnings
    # Python 3.9 has no `threading.__excepthook__`.
    assert threading.excepthook is getattr(threading, '__excepthook__', threading.excepthook) and threading.active_count() == 1
    assert not gc.callbacks and sys.gettrace() is None and sys.getprofile() is None and not sys.stdout.closed
    sys.excepthook = lambda *a: print("theirs")
    torch.cuda._fail(1)"""
        ended, found, _ = self.run_it(body)
        self.assertEqual((ended.returncode, ended.stdout), (1, "theirs\n"))
        self.assertEqual(len(found), 1)

    def test_a_fork_has_censuses_of_its_own(self):
        body = """
    import os
    try: torch.cuda._fail(1)
    except torch.OutOfMemoryError: pass
    child = os.fork()
    if not child:
        try: torch.cuda._fail(2)
        except torch.OutOfMemoryError: os._exit(7)
    print(os.waitpid(child, 0)[1] >> 8)"""
        ended, found, files = self.run_it(body)
        self.assertEqual(ended.stdout, "7\n")
        self.assertEqual(len({f["process"]["pid"] for f in found}), 2)
        self.assertEqual(sorted(f["event"]["requested"] for f in found), [1, 2])

    def test_programs_that_catch_exit_and_wait_end_as_they_would(self):
        rows = {
            "swallowed": ("""
    for n in range(3):
        try: torch.cuda._fail(1)
        except Exception: pass
    print("on")""", 0),
            "an exit in the handler": ("""
    try: torch.cuda._fail(1)
    except torch.OutOfMemoryError: sys.exit(5)""", 5),
            "an exit in another hook": ("""
    import os
    def theirs(*a): print("theirs", flush=True); os._exit(9)
    sys.excepthook = theirs
    torch.cuda._fail(1)""", 9),
            "a thread": ("""
    import threading
    threading.excepthook = lambda a: print(a.exc_type.__name__)
    thread = threading.Thread(target=torch.cuda._fail, args=(1,))
    thread.start(); thread.join()""", 0),
            "tasks": ("""
    import asyncio
    async def one(n): await asyncio.sleep(0); torch.cuda._fail(n + 1)
    async def all_of_them(): return await asyncio.gather(*map(one, range(3)), return_exceptions=True)
    print([type(e).__name__ for e in asyncio.run(all_of_them())])""", 0),
            "an error in an error": ("""
    try: torch.cuda._fail(1)
    except torch.OutOfMemoryError as error: raise KeyError("lost") from error""", 1),
            "no figures": ("""
    del torch.cuda.memory_stats
    torch.cuda._fail(1)""", 1),
            "objects that answer nothing": ("""
    class Sly(dict):
        __slots__ = ()
        def __getattribute__(self, name): raise SystemExit(99)
        def __iter__(self): raise SystemExit(98)
        def __len__(self): raise SystemExit(97)
        def __eq__(self, other): raise SystemExit(96)
        __hash__ = None
    sly = Sly(); history.append(sly)
    torch.cuda._fail(1)""", 1),
        }
        for name, (body, code) in rows.items():
            with self.subTest(name):
                bare, _, _ = self.run_it(body, lead="")
                ended, found, _ = self.run_it(body, lead="import whyoom; whyoom.install(quiet=True)")
                self.assertEqual(bare.returncode, code, bare.stderr)
                self.assertEqual((ended.returncode, ended.stdout), (code, bare.stdout), ended.stderr)
                self.assertTrue(found or name == "no figures", ended.stderr)

    def test_cells_of_a_notebook_are_named_as_people_know_them(self):
        from whyoom import _report

        cell = "/tmp/ipykernel_71/338.py"
        compiler = types.SimpleNamespace(format_code_name=lambda name: ("Cell", "In[3]") if name == cell else None)
        text = f'  File "{cell}", line 6, in <module>\n    fit()\n  File "/srv/nets.py", line 9, in fit\n'
        self.assertEqual(_report.with_cells(text), text)
        shell = types.SimpleNamespace(compile=compiler)
        sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)
        try:
            self.assertEqual(_report.with_cells(text), text.replace(cell, "Cell In[3]"))
            self.assertEqual([_code.shown(name) for name in (cell, "/srv/nets.py")], ["Cell In[3]", "/srv/nets.py"])
        finally:
            del sys.modules["IPython"]

    def test_a_torch_that_is_none_is_said_in_one_line(self):
        folder = tempfile.mkdtemp()
        Path(folder, "torch.py").write_text("def empty(*a, **k): pass\n")
        ended, found, _ = self.run_it("print('fine')", path=[folder, str(INSIDE)])
        self.assertEqual((ended.returncode, ended.stdout, found), (0, "fine\n", []))
        self.assertEqual(ended.stderr.count("\n"), 1)
        self.assertTrue(ended.stderr.startswith("whyoom: no census: "), ended.stderr)

    def test_what_cuda_refuses_to_say_fails_nothing(self):
        # After an assert on the device every call of CUDA raises.
        body = """
    from whyoom import _margin
    def broken(*given): raise RuntimeError("CUDA error: device-side assert triggered")
    torch.cuda.reset_peak_memory_stats = torch.cuda.max_memory_reserved = torch.cuda.memory_allocated = broken
    assert (_margin.reset(), _margin.near(5.0), _margin.readings()) == ({}, [], {})"""
        ended, _, _ = self.run_it(body)
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_a_start_without_a_gpu_loads_next_to_nothing(self):
        body = """
    late = []
    torch.cuda._lazy_call = late.append
    before = set(sys.modules)
    import whyoom
    assert whyoom.install()
    loaded = sorted(name for name in set(sys.modules) - before if name.startswith("whyoom"))
    assert loaded == ["whyoom", "whyoom._start"], loaded
    late[0]()
    assert "whyoom._census" in sys.modules and len(torch._C._observers) == 1"""
        ended, _, _ = self.run_it(body, lead="import sys")
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_a_folder_that_cannot_be_written_is_said_in_one_line(self):
        ended, found, _ = self.run_it("torch.cuda._fail(1)", lead="import whyoom; whyoom.install('/dev/null/x')")
        self.assertEqual((ended.returncode, found), (1, []))
        self.assertEqual(ended.stderr.count("whyoom: no census: "), 1)

    def test_a_census_can_be_asked_for(self):
        ended, _, _ = self.run_it("c = whyoom.census(); print(c['event']['kind'], c['devices'][0]['allocated'])")
        self.assertEqual(ended.stdout, f"asked {12 * MIB}\n", ended.stderr)


if __name__ == "__main__":
    unittest.main()
