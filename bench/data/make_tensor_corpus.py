"""Functions on arrays as JAX prints them, with their outputs and Jacobians in float64: what test/tensorCorpus.test.ts compares with.

Usage: python3 make_tensor_corpus.py > ../../test/data/tensors.json   (needs jax, any version since 0.4)
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
random = np.random.default_rng(7)


def array(*shape):
    return random.uniform(-1, 1, shape)


def softmax_attention(q, k, v):
    scores = q @ k.T / 2.0
    return jax.nn.softmax(scores, axis=-1) @ v


def mlp(x, w1, b1, w2):
    return jnp.sum(jnp.tanh(x @ w1 + b1) @ w2, axis=0)


def rodrigues(r, x):
    theta = jnp.sqrt(jnp.sum(r * r))
    axis = r / theta
    return x * jnp.cos(theta) + jnp.cross(axis, x) * jnp.sin(theta) + axis * jnp.dot(axis, x) * (1 - jnp.cos(theta))


def heat(u):
    return u + 0.1 * (jnp.roll(u, 1) - 2 * u + jnp.roll(u, -1))


def heads(x, w):
    h = (x @ w).reshape(3, 2, 2).transpose(1, 0, 2)
    return jnp.einsum("htd,hsd->hts", h, h)


def layer_norm(x, g):
    mean = jnp.mean(x, axis=-1, keepdims=True)
    return (x - mean) / jnp.sqrt(jnp.var(x, axis=-1, keepdims=True) + 1e-5) * g


FUNCTIONS = {
    "dot": (lambda a, b: a @ b, array(2, 3), array(3, 2)),
    "batched": (lambda a, b: jnp.einsum("bij,bjk->bik", a, b), array(2, 2, 3), array(2, 3, 2)),
    "gram": (lambda a: a @ a.T, array(2, 3)),
    "trace_like": (lambda a: jnp.sum(jnp.diagonal(a)), array(3, 3)),
    "attention": (softmax_attention, array(2, 2), array(3, 2), array(3, 2)),
    "mlp": (mlp, array(2, 3), array(3, 2), array(2), array(2, 2)),
    "rodrigues": (rodrigues, array(3), array(3)),
    "heat": (heat, array(5)),
    "heads": (heads, array(3, 2), array(2, 4)),
    "layer_norm": (layer_norm, array(2, 3), array(3)),
    "strided": (lambda x: x[1::2] * x[:-1:2], array(6)),
    "reverse": (lambda x: x[::-1] * x, array(4)),
    "index": (lambda x: x[2] * x[0], array(3)),
    "negative_index": (lambda x: jnp.sin(x[-1]) * x[1, 0], array(2, 2)),
    "gather_rows": (lambda x: x[jnp.arange(3) * 2 % 4], array(4, 2)),
    "take_pairs": (lambda x: x[jnp.arange(3), 2 - jnp.arange(3)], array(3, 3)),
    "set": (lambda x, y: x.at[1].set(y) * x, array(3), array()),
    "add_at": (lambda x, y: jnp.sin(x).at[1:3].add(y), array(4), array(2)),
    "scatter_add": (lambda x, y: x.at[jnp.arange(3) % 2].add(y), array(4), array(3)),
    "dynamic": (lambda x: lax.dynamic_slice(x, (1, 0), (2, 2)), array(3, 3)),
    "dynamic_update": (lambda x, y: lax.dynamic_update_slice(x, y, (1,)), array(4), array(2)),
    "pad": (lambda x: jnp.sin(lax.pad(x, 0.5, [(1, -1, 1)])), array(4)),
    "concatenate": (lambda x, y: jnp.concatenate([x, y * x[:1], x]), array(2), array(3)),
    "stack": (lambda x, y: jnp.stack([x, y], axis=1), array(2), array(2)),
    "split": (lambda x: (lambda a, b: a * b)(*jnp.split(x, 2)), array(4)),
    "tile": (lambda x: jnp.tile(jnp.exp(x), (2, 2)), array(1, 2)),
    "repeat": (lambda x: jnp.repeat(x, 2), array(2)),
    "flatten": (lambda x: jnp.cumsum(jnp.ravel(jnp.cos(x))), array(2, 3)),
    "cumprod": (lambda x: jnp.cumprod(x, axis=1), array(2, 3)),
    "cummax": (lambda x: lax.cummax(x), array(4)),
    "cumlogsumexp": (lambda x: lax.cumlogsumexp(x, reverse=True), array(4)),
    "prod": (lambda x: jnp.prod(x, axis=0), array(3, 2)),
    "max_min": (lambda x: jnp.max(x, axis=1) * jnp.min(x), array(2, 3)),
    "logsumexp": (lambda x: jax.scipy.special.logsumexp(x, axis=0), array(3, 2)),
    "norm": (lambda x: jnp.linalg.norm(x), array(3)),
    "where": (lambda x, y: jnp.where(x > 0, x * y, jnp.exp(y)), array(2, 3), array(3)),
    "clip": (lambda x: jnp.clip(x, -0.5, 0.5) * x, array(5)),
    "outer": (lambda x, y: jnp.outer(x, y), array(2), array(3)),
    "kron": (lambda x, y: jnp.kron(x, y), array(2, 2), array(2, 1)),
    "vander": (lambda x: jnp.stack([x**k for k in range(4)]), array(3)),
    "triangle": (lambda x: jnp.tril(x) @ x, array(3, 3)),
    "moveaxis": (lambda x: jnp.sum(jnp.moveaxis(x, 0, -1) * jnp.arange(2.0), axis=-1), array(2, 3)),
    "empty": (lambda x: jnp.sum(x[:0]) + jnp.sum(x), array(2)),
    "hessian_of_mlp": (jax.hessian(lambda w: jnp.sum(jnp.tanh(w @ jnp.ones(2)) ** 2)), array(2, 2)),
    "gradient_of_softmax": (jax.grad(lambda x: -jax.nn.log_softmax(x)[1]), array(3)),
    "jvp": (lambda x, v: jax.jvp(lambda z: jnp.sin(z) * z[::-1], (x,), (v,))[1], array(3), array(3)),
    "vmap": (jax.vmap(lambda a, b: jnp.dot(a, b) * a), array(2, 3), array(2, 3)),
}


def entry(name, function, *arguments):
    arguments = [jnp.asarray(argument, dtype=jnp.float64) for argument in arguments]
    numbers = tuple(range(len(arguments)))
    return {
        "name": name,
        "jaxpr": str(jax.make_jaxpr(function)(*arguments)),
        "inputs": [np.asarray(argument).tolist() for argument in arguments],
        "output": np.asarray(function(*arguments)).tolist(),
        "jacobian": [np.asarray(block).tolist() for block in jax.jacobian(function, argnums=numbers)(*arguments)],
    }


print(json.dumps({"jax": jax.__version__, "entries": [entry(name, *rest) for name, rest in FUNCTIONS.items()]}))
