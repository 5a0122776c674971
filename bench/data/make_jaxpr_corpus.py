"""Prints functions as jaxprs, with their values at a point: the test data of the jaxpr front end.

    pip install jax
    python bench/data/make_jaxpr_corpus.py src/frontends/jaxpr/data

    npx biome format --write src/frontends/jaxpr/data

writes jax-VERSION.json, a list of {name, jaxpr, inputs, outputs} in float64, or {name, jaxpr, unsupported: [primitive, ...]} for
functions whose primitives the front end has to name. Every input and output has one element. Run it with old and new versions of JAX: their spellings differ.
"""

import json
import sys

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.scipy import special  # noqa: E402

X, Y = 0.7, 1.9
one = lambda value: jnp.full((1,), value)
square_matrix = lambda value: jnp.full((1, 1), value)


@jax.jit
def helper(x):
    return jnp.sin(x) * 2


@jax.jit
def nested(x):
    for _ in range(3):
        x = jnp.sin(x) + helper(x)
    return x


@jax.custom_jvp
def with_jvp(x):
    return jnp.exp(x) * x


with_jvp.defjvp(lambda primals, tangents: (with_jvp(*primals), tangents[0]))


@jax.custom_vjp
def with_vjp(x, y):
    return jnp.exp(x) * y


with_vjp.defvjp(lambda x, y: (with_vjp(x, y), x), lambda x, g: (g, g))


def many(count):
    def chain(x):
        for _ in range(count):
            x = jnp.sin(x) + 1
        return x

    return chain


anonymous = jax.jit(lambda x: jnp.cos(x))

FUNCTIONS = {
    "arithmetic": (lambda x, y: (x + y, x - y, x * y, x / y, -x, x**y, x % y, x**2, x**-3, 1 / x), X, Y),
    "trigonometry": (
        lambda x: (jnp.sin(x), jnp.cos(x), jnp.tan(x), jnp.arcsin(x), jnp.arccos(x), jnp.arctan(x), jnp.arctan2(x, 2.0)),
        X,
    ),
    "hyperbolic": (
        lambda x: (jnp.sinh(x), jnp.cosh(x), jnp.tanh(x), jnp.arcsinh(x), jnp.arccosh(x + 1), jnp.arctanh(x)),
        X,
    ),
    "exponentials": (
        lambda x: (jnp.exp(x), jnp.exp2(x), jnp.expm1(x), jnp.log(x), jnp.log1p(x), jnp.log2(x), jnp.log10(x)),
        X,
    ),
    "roots": (lambda x: (jnp.sqrt(x), jax.lax.rsqrt(x), jnp.cbrt(x), jnp.square(x), jnp.hypot(x, 2.0)), X),
    "rounding": (lambda x: (jnp.floor(x), jnp.ceil(x), jnp.trunc(x), jnp.sign(x), jnp.abs(x)), -1.3),
    "error_functions": (lambda x: (special.erf(x), special.erfc(x), special.ndtr(x), special.logit(x)), X),
    "powers": (lambda x, y: (x**2.5, 2**y, x ** jnp.int32(3), x**0.5, jnp.power(x, 7)), X, Y),
    "extrema": (lambda x, y: (jnp.maximum(x, y), jnp.minimum(x, y), jnp.clip(x, 0, 0.5), jax.lax.clamp(0.0, y, 1.0)), X, Y),
    "where": (lambda x: (jnp.where(x > 0, x, -x), jnp.where(x < 1, 0.0, x)), -1.3),
    "logic": (
        lambda x: jnp.where(jnp.logical_and(x > 0, jnp.logical_not(x > 1)) | (x == 3) ^ (x != 2), x, 2 * x),
        X,
    ),
    "finite": (lambda x: (jnp.where(jnp.isfinite(x), x, 0.0), jnp.nan_to_num(x), jnp.where(jnp.isnan(x), 1.0, x)), X),
    "conversion": (lambda x: (x.astype(jnp.int32) + 1).astype(jnp.float64) * x, 2.5),
    "integers": (lambda n, x: (n * 2 + 1, n % 3, x * n, jnp.abs(n), jnp.maximum(n, 3)), 5, X),
    "jit": (lambda x: helper(helper(x)), X),
    "jit_shared": (lambda x: nested(helper(x)) + nested(x), X),
    "jit_anonymous": (lambda x: anonymous(x) + anonymous(anonymous(x)), X),
    "jit_in_jit": (lambda x: jax.jit(lambda y: jax.jit(lambda z: z * 2)(y) + 1)(x), X),
    "jit_many_arguments": (jax.jit(lambda *xs: sum(x * i for i, x in enumerate(xs))), *([X] * 40)),
    "jit_grad": (jax.grad(jax.jit(lambda x: jnp.sin(x) * x)), X),
    "custom_jvp": (lambda x: with_jvp(x) * x, X),
    "custom_vjp": (lambda x, y: with_vjp(x, y) * x, X, Y),
    "relu": (jax.nn.relu, X),
    "relu6": (jax.nn.relu6, X),
    "gelu": (jax.nn.gelu, X),
    "gelu_exact": (lambda x: jax.nn.gelu(x, approximate=False), X),
    "silu": (jax.nn.silu, X),
    "softplus": (jax.nn.softplus, X),
    "elu": (jax.nn.elu, -1.3),
    "selu": (jax.nn.selu, -1.3),
    "leaky_relu": (jax.nn.leaky_relu, -1.3),
    "hard_tanh": (jax.nn.hard_tanh, X),
    "mish": (lambda x: x * jnp.tanh(jax.nn.softplus(x)), X),
    "log_sigmoid": (jax.nn.log_sigmoid, X),
    "sinc": (jnp.sinc, X),
    "logaddexp": (jnp.logaddexp, X, Y),
    "xlogy": (special.xlogy, X, Y),
    "heaviside": (lambda x: jnp.heaviside(x, 0.5), X),
    "remat": (jax.checkpoint(lambda x: jnp.sin(jnp.sin(x))), X),
    "remat_grad": (jax.grad(jax.checkpoint(lambda x: jnp.sin(jnp.sin(x)))), X),
    "grad": (jax.grad(lambda x: jnp.tanh(x) * jnp.exp(-x * x)), X),
    "hessian": (jax.hessian(lambda x: jnp.sin(x) * jnp.tanh(x)), X),
    "jvp": (lambda x, t: jax.jvp(lambda x: jnp.sin(x) * x, (x,), (t,)), X, Y),
    "linearize": (lambda x: jax.linearize(jnp.sin, x)[1](x), X),
    "stop_gradient": (lambda x: x * jax.lax.stop_gradient(x), X),
    "unused": (lambda x, y: x, X, Y),
    "constant": (lambda x: 3.0, X),
    "late_names": (many(180), X),
    "infinite_literal": (lambda x: jnp.maximum(-jnp.inf, x) + jnp.where(x > 0, x, jnp.nan), X),
    "one_element_logsumexp": (lambda x: special.logsumexp(x), one(X)),
    "one_element_log_softmax": (lambda x: jax.nn.log_softmax(x) + x, one(X)),
    "one_element_reductions": (lambda x: (x.sum(), x.max(), x.prod(), x.min(), x.mean(), x.var(), jnp.linalg.norm(x)), one(X)),
    "one_element_dot": (lambda x, y: (jnp.dot(x, y), jnp.outer(x, y)), one(X), one(Y)),
    "one_element_matmul": (lambda x, y: x @ y, square_matrix(X), square_matrix(Y)),
    "one_element_shapes": (
        lambda x: (jnp.squeeze(x), jnp.expand_dims(x, 0), x[0], x[:, None], x.T, jnp.flip(x), x.ravel(), jnp.tile(x, (1, 1))),
        square_matrix(X),
    ),
    "one_element_constants": (lambda x: x * jnp.arange(1.0) + jnp.ones((1,)) + jnp.zeros((1, 1)), one(X)),
    "one_element_concatenate": (lambda x: jnp.concatenate([x]) + jnp.cumsum(x) + jnp.sort(x), one(X)),
    "one_element_vmap": (jax.vmap(lambda x: helper(x) + jax.nn.relu(x)), one(X)),
    "one_element_jacobian": (jax.jacrev(lambda x: jnp.sin(x) * x.sum()), one(X)),
    "cond": (lambda x: jax.lax.cond(x > 0, jnp.sin, jnp.cos, x), X),
    "lgamma_digamma": (lambda x: special.gammaln(x) * special.digamma(x), X),
    "erf_inv": (special.erfinv, X),
    "one_element_x_minus_mean": (lambda x: (x - x.mean(axis=0, keepdims=True)) ** 2 + x, one(X)),
}

UNSUPPORTED = {
    "while": (lambda x: jax.lax.while_loop(lambda c: c < 10, lambda c: c * 2, x), ["while"], X),
    "complex": (lambda x: jnp.real(x * 1j), ["complex"], X),
    "shift": (lambda n: n << 1, ["shift_left"], 3),
    "gather": (lambda x, i: x[i], ["gather"], jnp.ones(3), jnp.array([0, 1])),
    "random": (lambda seed: jax.random.normal(jax.random.PRNGKey(seed)), ["random_seed", "random_bits"], 3),
}


def scalars(values):
    return [np.asarray(leaf).item() for leaf in jax.tree_util.tree_leaves(values)]


def main(folder):
    entries = []
    for name, (function, *arguments) in FUNCTIONS.items():
        jaxpr = str(jax.make_jaxpr(function)(*arguments))
        entries.append({"name": name, "jaxpr": jaxpr, "inputs": scalars(arguments), "outputs": scalars(jax.jit(function)(*arguments))})
    for name, (function, unsupported, *arguments) in UNSUPPORTED.items():
        entries.append({"name": name, "jaxpr": str(jax.make_jaxpr(function)(*arguments)), "unsupported": unsupported})
    with open(f"{folder}/jax-{jax.__version__}.json", "w") as file:
        json.dump(entries, file, indent=1)
        file.write("\n")


main(sys.argv[1])
