"""Peer: PyTorch, torch.func.jacfwd and jacrev, eager and through torch.compile, batches by vmap.

rows: the batch is the first dim of inputs [points, inputs] and entries [points, outputs, inputs]; planes: it is the last one. Compiled is what make_fx traces, as
torch.compile itself takes jacrev but not jacfwd (PyTorch 2.15); it needs a C++ compiler. Threads: those of PyTorch's pool, on as many processors.
"""

import os

from peer import agrees, answer, batch_of, contenders, held_to, measure
from program import FUNCTIONS, Unsupported, evaluate

INSTALL = "pip install torch"
# Where PyTorch's names are not those of `math`.
NAMES = {"max": "maximum", "min": "minimum", "select": "where"}


def run(request, notes):
    threads = request["threads"]
    if not held_to(threads):
        notes.append(f"PyTorch: no {threads} processors here")
        return {}, []
    # Code is compiled by this process, so that nothing goes on beside what is timed.
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
    import torch

    torch.set_num_threads(threads)
    versions = {"torch": torch.__version__}
    cases = []
    variants = request["variants"]
    try:
        for dtype in request["dtypes"]:
            forms = [form for form in forms_of(torch, request, dtype) if variants is None or form.name in variants]
            right = [form for form in forms if works(form, request, dtype, notes)]
            for batch in request["batches"]:
                if not right or (threads > 1 and batch == 1):
                    continue
                workloads = [(batch, form.call(batch)) for form in right]
                setting = {"group": "PyTorch", "dtype": dtype, "batch": batch, "threads": threads}
                timings = zip(right, measure(workloads, request["seconds"]))
                found = [{**setting, "variant": form.name, **timing} for form, timing in timings]
                cases += found
                # A compilation takes seconds: what is far behind now is not compiled for the next batch.
                near = contenders(found) or []
                right = [form for form in right if form.name in near]
            variants = variants or contenders(cases)
    except Unsupported as unsupported:
        notes.append(f"PyTorch is left out: {unsupported}")
    return versions, cases


def works(form, request, dtype, notes):
    """Whether a form can be compiled here and its Jacobian is ours; a note says why not."""
    try:
        return agrees(f"PyTorch {form.name}", form.rows, request, dtype, notes)
    except Unsupported:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        notes.append(f"PyTorch {form.name} is left out: {reason}")
        return False


class Form:
    """A way to a Jacobian: how it takes a batch of points, and whether it is compiled."""

    def __init__(self, torch, name, dtype, jacobian, batched, is_compiled, is_planes):
        self.torch = torch
        self.name = name
        self.dtype = dtype
        self.jacobian = jacobian
        self.batched = batched
        self.is_compiled = is_compiled
        self.is_planes = is_planes
        self.point = None
        self.single = None

    def ready(self, function, argument):
        """The function for arguments of this shape."""
        if not self.is_compiled:
            return function
        from torch.fx.experimental.proxy_tensor import make_fx

        graph = make_fx(lambda x: function(x))(argument)
        return self.torch.compile(graph, dynamic=False, fullgraph=True)

    def rows(self, inputs):
        point = self.torch.tensor(inputs, dtype=self.dtype)
        self.point = self.point or inputs
        # Its truth would be its length, which compiled functions do not have.
        if self.single is None:
            self.single = self.ready(self.jacobian, point)
        return self.single(point).tolist()

    def call(self, batch):
        """A call that computes a batch; its code is compiled for that many points."""
        points = self.torch.tensor(batch_of(self.point, batch), dtype=self.dtype)
        if batch == 1:
            point = points[0].clone()
            return lambda: self.single(point)
        argument = points.T.contiguous() if self.is_planes else points
        function = self.ready(self.batched, argument)
        return lambda: function(argument)


def forms_of(torch, request, dtype):
    program = request["program"]
    number_type = getattr(torch, dtype)

    def tensor(value):
        return value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=number_type)

    def on_tensors(function):
        return lambda *values: function(*map(tensor, values))

    names = {name: NAMES.get(name, name) for name in FUNCTIONS}
    functions = {name: on_tensors(getattr(torch, own)) for name, own in names.items() if hasattr(torch, own)}

    def packed(x):
        return torch.stack([tensor(output) for output in evaluate(program, x.unbind(), functions)])

    forms = []
    for derivative in (torch.func.jacfwd, torch.func.jacrev):
        jacobian = derivative(packed)
        for how in ("eager", "compiled"):
            for layout, dims in (("rows", (0, 0)), ("planes", (1, 2))):
                name = f"{derivative.__name__} {how} {layout}"
                batched = torch.func.vmap(jacobian, *dims)
                forms.append(
                    Form(torch, name, number_type, jacobian, batched, how == "compiled", layout == "planes")
                )
    return forms


if __name__ == "__main__":
    answer("PyTorch", INSTALL, run)
