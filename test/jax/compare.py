"""
Generated modules beside JAX itself.

    compare.py print DIRECTORY     writes the jaxpr of every function as NAME.jaxpr
    compare.py jacobians DIRECTORY compares NAME.py there with jax.jacrev and jax.jacfwd: values, shapes, dtypes and nesting
    compare.py values DIRECTORY    evaluates each module that cases.json names at its inputs, prints all results as one JSON list
"""

import functools
import importlib
import json
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from functions import FUNCTIONS

jax.config.update("jax_enable_x64", True)


def cast(arguments, dtype):
    return [
        jnp.asarray(value, dtype if jnp.issubdtype(jnp.result_type(value), jnp.floating) else jnp.int32)
        for value in arguments
    ]


def print_jaxprs(directory):
    for name, (function, arguments, _) in FUNCTIONS.items():
        (directory / f"{name}.jaxpr").write_text(str(jax.make_jaxpr(function)(*cast(arguments, jnp.float32))))


def check_form(what, ours, theirs, inputs):
    """The same nesting, shapes and dtypes; nothing is computed for it."""
    actual, expected = jax.eval_shape(ours, *inputs), jax.eval_shape(theirs, *inputs)
    assert jax.tree.structure(actual) == jax.tree.structure(expected), f"{what}: {actual}, not {expected}"
    for leaf, wanted in zip(jax.tree.leaves(actual), jax.tree.leaves(expected)):
        assert (leaf.shape, leaf.dtype) == (wanted.shape, wanted.dtype), f"{what}: {actual}, not {expected}"


def check_numbers(what, ours, theirs, inputs, tolerance=1e-11):
    # In one compilation: compiling is what takes time here.
    actual, expected = jax.jit(lambda *values: (ours(*values), theirs(*values)))(*inputs)
    for leaf, wanted in zip(jax.tree.leaves(actual), jax.tree.leaves(expected)):
        np.testing.assert_allclose(leaf, wanted, rtol=tolerance, atol=tolerance, err_msg=what)


def jacobians(directory):
    for name, (function, arguments, argnums) in FUNCTIONS.items():
        ours = getattr(importlib.import_module(name), f"{name}_jacobian")
        with_values = functools.partial(ours, has_aux=True)

        def single(*values):
            """A jaxpr does not tell a tuple of one result from the result."""
            out = function(*values)
            return out[0] if isinstance(out, tuple) and len(out) == 1 else out

        reverse = jax.jacrev(single, argnums)
        both = lambda *values: (reverse(*values), single(*values))
        for dtype in [jnp.float64, jnp.float32]:
            inputs = cast(arguments, dtype)
            check_form(name, ours, reverse, inputs)
            check_form(name, ours, jax.jacfwd(single, argnums), inputs)
            check_form(name, with_values, both, inputs)
        inputs = cast(arguments, jnp.float64)
        batch = [jnp.stack([value, value * 2, value * 3]) for value in inputs]
        check_form(name, jax.vmap(ours), jax.vmap(reverse), batch)
        check_numbers(name, with_values, both, inputs)
        check_numbers(f"{name}, vmap", jax.vmap(with_values), jax.vmap(both), batch)
        print(name)
    name, (_, arguments, _) = next(iter(FUNCTIONS.items()))
    ours = getattr(importlib.import_module(name), f"{name}_jacobian")
    assert jnp.isfinite(jnp.array(ours(*arguments))).all(), "plain numbers outside jit"
    try:
        ours(jnp.zeros(3), *arguments[1:])
        raise AssertionError("a wrong shape passes")
    except TypeError as error:
        assert "must be of shape ()" in str(error), error


def values(directory):
    cases = json.loads((directory / "cases.json").read_text())
    functions = [getattr(importlib.import_module(case["module"]), "f") for case in cases]
    inputs = [
        [jnp.array(data, jnp.float64).reshape(shape) for data, shape in zip(case["data"], case["shapes"])]
        for case in cases
    ]
    results = jax.jit(lambda inputs: [f(*own) for f, own in zip(functions, inputs)])(inputs)
    print(json.dumps([[np.ravel(leaf).astype(float).tolist() for leaf in jax.tree.leaves(own)] for own in results]))


if __name__ == "__main__":
    command, directory = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, str(directory))
    {"print": print_jaxprs, "jacobians": jacobians, "values": values}[command](directory)
