"""Peer: JAX, jacfwd and jacrev under jit, batches by vmap, each in the forms that its users have.

packed: one array of all inputs, one array [outputs, inputs] of all entries; planes: the same with the batch as the last dim;
tuple: an argument per input, an array per entry. Threads: XLA's pool, held to as many processors.
"""

import os

from peer import agrees, answer, batch_of, contenders, held_to, measure

INSTALL = "pip install jax"


def run(request, notes):
    threads = request["threads"]
    if not held_to(threads):
        notes.append(f"JAX: no {threads} processors here")
        return {}, []
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jaxlib

    jax.config.update("jax_enable_x64", True)
    cases = []
    variants = request["variants"]
    for dtype in request["dtypes"]:
        forms = {name: form for name, form in forms_of(jax, request, dtype).items() if variants is None or name in variants}
        right = {name: form for name, form in forms.items() if agrees(f"JAX {name}", form.rows, request, dtype, notes)}
        for batch in request["batches"]:
            if threads > 1 and batch == 1:
                continue
            workloads = [(batch, form.call(batch)) for form in right.values()]
            if not workloads:
                continue
            for name, timing in zip(right, measure(workloads, request["seconds"])):
                cases.append(
                    {"group": "JAX", "variant": name, "dtype": dtype, "batch": batch, "threads": threads, **timing}
                )
        variants = variants or contenders(cases)
    return {"jax": jax.__version__, "jaxlib": jaxlib.__version__}, cases


class Form:
    """A Jacobian under jit: how it takes a batch of points and what its results are in rows."""

    def __init__(self, jax, single, batched, arguments, rows):
        self.jax = jax
        self.single = jax.jit(single)
        self.batched = jax.jit(batched)
        self.arguments = arguments
        self.rows_of = rows
        self.point = None

    def rows(self, inputs):
        self.point = self.point or inputs
        return self.rows_of(self.single(*self.arguments([inputs], False)))

    def call(self, batch):
        """A call that computes a batch, its arguments on the device already, and waits for the result."""
        function = self.single if batch == 1 else self.batched
        arguments = self.arguments(batch_of(self.point, batch), batch > 1)
        return lambda: self.jax.block_until_ready(function(*arguments))


def forms_of(jax, request, dtype):
    import jax.numpy as jnp
    import numpy as np

    scope = {}
    exec(request["python"], scope)
    function = scope["function"]
    shapes = [tuple(value["type"]["shape"]) for value in request["program"]["inputs"]]
    sizes = [int(np.prod(shape)) for shape in shapes]
    ends = np.cumsum(sizes)
    starts = ends - sizes

    def packed(x):
        inputs = [x[start:end].reshape(shape) for start, end, shape in zip(starts, ends, shapes)]
        return jnp.concatenate([jnp.ravel(output) for output in function(*inputs)])

    def in_rows(points, batched):
        return (jnp.asarray(points if batched else points[0], dtype),)

    def in_planes(points, batched):
        return (jnp.asarray(np.asarray(points).T if batched else points[0], dtype),)

    def in_tuple(points, batched):
        columns = np.asarray(points)
        return tuple(
            jnp.asarray(columns[:, start:end].reshape((-1, *shape) if batched else shape), dtype)
            for start, end, shape in zip(starts, ends, shapes)
        )

    def rows_of_tuple(blocks):
        rows = []
        for output in blocks:
            height = np.size(output[0]) // sizes[0]
            rows.append(np.concatenate([np.reshape(block, (height, size)) for block, size in zip(output, sizes)], 1))
        return np.concatenate(rows).tolist()

    def rows_of_array(jacobian):
        return np.asarray(jacobian).tolist()

    forms = {}
    for name, derivative in (("jacfwd", jax.jacfwd), ("jacrev", jax.jacrev)):
        whole = derivative(packed)
        parts = derivative(lambda *inputs: tuple(function(*inputs)), argnums=tuple(range(len(shapes))))
        forms[f"{name} packed"] = Form(jax, whole, jax.vmap(whole), in_rows, rows_of_array)
        forms[f"{name} planes"] = Form(jax, whole, jax.vmap(whole, 1, 2), in_planes, rows_of_array)
        forms[f"{name} tuple"] = Form(jax, parts, jax.vmap(parts), in_tuple, rows_of_tuple)
    return forms


if __name__ == "__main__":
    answer("JAX", INSTALL, run)
