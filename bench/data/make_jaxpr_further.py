"""Further functions as JAX users write them, chosen for what they print: constants of called jaxprs, look-ups at computed indices, signs by their bits...

    pip install jax
    python bench/data/make_jaxpr_further.py src/frontends/jaxpr/data

writes programs-further-VERSION.json in the format of make_jaxpr_programs.py.
"""

import sys

import jax
import numpy as np
from make_jaxpr_programs import array, definite, write

import jax.numpy as jnp  # noqa: E402
import jax.scipy.stats as stats  # noqa: E402
from jax import lax  # noqa: E402
from jax.scipy import special  # noqa: E402

# Robotics and physics


def rotate_by_quaternion(q, v):
    w, u = q[0], q[1:]
    t = 2 * jnp.cross(u, v)
    return (v + w * t + jnp.cross(u, t)) / (q @ q)


def rotation(w):
    """Rodrigues' formula, safe at 0."""
    squared = w @ w
    safe = jnp.where(squared > 1e-12, squared, 1.0)
    angle = jnp.sqrt(safe)
    a = jnp.where(squared > 1e-12, jnp.sin(angle) / angle, 1 - squared / 6)
    b = jnp.where(squared > 1e-12, (1 - jnp.cos(angle)) / safe, 0.5 - squared / 24)
    k = jnp.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
    return jnp.eye(3) + a * k + b * (k @ k)


def newton_euler(q, dq, ddq, coms):
    """The forward recursion for a chain of joints about z."""

    def step(carry, x):
        w, dw, a = carry
        q, dq, ddq, com = x
        c, s = jnp.cos(q), jnp.sin(q)
        turn = jnp.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
        z = jnp.array([0.0, 0.0, 1.0])
        spin = turn @ w
        dw = turn @ dw + jnp.cross(spin, z * dq) + z * ddq
        w = spin + z * dq
        a = turn @ a + jnp.cross(dw, com) + jnp.cross(w, jnp.cross(w, com))
        return (w, dw, a), a

    return lax.scan(step, (jnp.zeros(3), jnp.zeros(3), jnp.array([0.0, 0.0, 9.81])), (q, dq, ddq, coms))[1]


def inverse_kinematics(q, target):
    lengths = jnp.array([1.0, 0.8, 0.5])

    def forward(q):
        angles = jnp.cumsum(q)
        return jnp.array([lengths @ jnp.cos(angles), lengths @ jnp.sin(angles)])

    j = jax.jacfwd(forward)(q)
    return q + j.T @ jnp.linalg.solve(j @ j.T + 0.01 * jnp.eye(2), target - forward(q))


def weno(u):
    a, b, c, d, e = (jnp.roll(u, shift) for shift in (2, 1, 0, -1, -2))
    smoothness = jnp.stack([
        13 / 12 * (a - 2 * b + c) ** 2 + (a - 4 * b + 3 * c) ** 2 / 4,
        13 / 12 * (b - 2 * c + d) ** 2 + (b - d) ** 2 / 4,
        13 / 12 * (c - 2 * d + e) ** 2 + (3 * c - 4 * d + e) ** 2 / 4,
    ])
    weights = jnp.array([[0.1], [0.6], [0.3]]) / (1e-6 + smoothness) ** 2
    flux = jnp.stack([2 * a - 7 * b + 11 * c, -b + 5 * c + 2 * d, 2 * c + 5 * d - e]) / 6
    return jnp.sum(weights / weights.sum(0) * flux, axis=0)


def leapfrog(q, p):
    force = jax.grad(lambda q: jnp.sum(q**4 - q**2) + q[0] * q[1])

    def step(_, state):
        q, p = state
        p = p - 0.05 * force(q)
        q = q + 0.1 * p
        return q, p - 0.05 * force(q)

    return lax.fori_loop(0, 2, step, (q, p))


def conjugate_gradients(b):
    return jax.scipy.sparse.linalg.cg(lambda x: 3 * x + jnp.roll(x, 1) + jnp.roll(x, -1), b)[0]


def implicit_root(a):
    newton = lambda f, x: lax.fori_loop(0, 8, lambda _, x: x - f(x) / (2 * x), x)
    return lax.custom_root(lambda x: x**2 - a, jnp.ones(()), newton, lambda g, y: y / g(1.0))


# Neural networks and statistics


def causal_attention(q, k, mask=np.triu(np.full((3, 3), -np.inf), 1)):
    return jax.nn.softmax(q @ k.T + mask)


def cross_entropy(x, w):
    logits = jax.nn.log_softmax(x @ w)
    return -jnp.mean(jnp.take_along_axis(logits, jnp.array([0, 2, 1])[:, None], 1))


def distributions(x):
    return (
        stats.norm.logcdf(x), stats.t.logpdf(x, 3.0), stats.gamma.logpdf(x + 2, 2.5), stats.laplace.logpdf(x),
        stats.cauchy.logpdf(x), stats.beta.logpdf(jax.nn.sigmoid(x), 2.0, 3.0), stats.poisson.logpmf(3, x + 2.0),
    )  # fmt: skip


@jax.custom_vjp
def straight_through(x):
    return jnp.round(x)


straight_through.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))


@jax.jit
def closed_over(x):
    scale, shift = np.array([1.0, 2.0, 3.0]), np.array([3.0, -np.inf, 1.0])
    return jnp.maximum(jax.jit(lambda y: y * scale)(x), shift)


FUNCTIONS = {
    "rotate_by_quaternion": (jax.vmap(rotate_by_quaternion), array(2, 4), array(2, 3)),
    "rotation": (rotation, array(3)),
    "rotation_at_0": (rotation, np.zeros(3)),
    "newton_euler": (newton_euler, array(2), array(2), array(2), array(2, 3)),
    "inverse_kinematics": (inverse_kinematics, array(3), array(2)),
    "weno": (weno, array(6)),
    "leapfrog": (leapfrog, array(2), array(2)),
    "conjugate_gradients": (conjugate_gradients, array(4)),
    "implicit_root": (implicit_root, array(low=1, high=2)),
    "tridiagonal": (lambda d, e, b: lax.linalg.tridiagonal_solve(e, d, e, b[:, None]), array(4, low=3, high=4), array(4), array(4)),
    "solve_one_unknown_gradient": (jax.grad(lambda a, b: jnp.sum(jnp.linalg.solve(a, b) ** 2), argnums=(0, 1)), definite(1), array(1)),
    "matrix_exponential": (jax.scipy.linalg.expm, 0.1 * array(2, 2)),
    "causal_attention": (causal_attention, array(3, 2), array(3, 2)),
    "cross_entropy": (cross_entropy, array(3, 2), array(2, 3)),
    "embedding": (lambda table, w: jax.nn.log_softmax(jax.nn.one_hot(jnp.array([1, 0, 3]), 4) @ table @ w), array(4, 2), array(2, 3)),
    "segments": (lambda x: (jax.ops.segment_max(x, jnp.array([0, 0, 1, 1, 2]), 3), jax.ops.segment_sum(x, jnp.array([2, 0, 0, 1, 2]), 3)), array(5)),
    "normal_density": (stats.multivariate_normal.logpdf, array(2, 2), array(2), definite(2)),
    "distributions": (distributions, array(2)),
    "normal_tail": (special.log_ndtr, np.array([-30.0, -6.0, -1.0, 2.0, 8.0])),
    "sort_by_another": (lambda x, y: (y[jnp.argsort(x)], y[jnp.argmax(x)], y.at[jnp.argmin(x)].set(2.0)), array(4), array(4)),
    "update_at_computed": (
        lambda x, y: (lax.dynamic_update_slice(x, y, (jnp.argmax(y),)), x.at[jnp.argsort(y)].add(y), jnp.take(x, jnp.argmax(y) + 3)),
        array(5), array(3),
    ),
    "interpolation": (lambda x, y: jnp.interp(x, jnp.arange(4.0), y), array(3, low=0, high=3), array(4)),
    "bilinear": (lambda image, at: jax.scipy.ndimage.map_coordinates(image, at, order=1, mode="nearest"), array(3, 3), array(2, 2, low=0, high=2)),
    "resize": (lambda x: jax.image.resize(x, (3, 4), "bilinear"), array(2, 2)),
    "signs": (lambda x, y: (jnp.copysign(x, y) * y, jnp.signbit(x) * y, jnp.copysign(x, -1.0)), array(4), np.array([1.5, -0.5, 0.0, -0.0])),
    "dropped_results": (lambda x: (jnp.modf(x)[0], jnp.divmod(x, 0.3)[1]), array(3)),
    "beyond_the_array": (lambda x: jnp.take(x, jnp.array([0, 7])) + x[:2], array(3)),
    "closed_over": (closed_over, array(3)),
    "closed_over_in_scan": (
        lambda x: lax.scan(lambda c, t: (c @ jnp.array([[0.5, 0.1], [0.2, 0.7]]) + t * np.array([1.0, 2.0]), c), jnp.zeros(2), x), array(3),
    ),
    "straight_through": (jax.grad(lambda x: jnp.sum(straight_through(3 * x) * jnp.sin(x))), array(2)),
    "reductions": (lambda x: (lax.reduce(x, 1.0, lambda a, b: a * b, (0,)), lax.reduce(x, -0.2, lax.max, (1,))), array(2, 3)),
    "products_with_zeros": (lambda x: (jnp.prod(x, 0), jnp.cumprod(x[:, 0])), np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 4.0], [5.0, 6.0, 0.0]])),
    "records": (lambda w, b: {"a": [w * 2, (b,)], "none": None, "s": jnp.sum(w) * b}, array(2), array()),
}  # fmt: skip

if __name__ == "__main__":
    write(f"{sys.argv[1]}/programs-further-{jax.__version__}.json", FUNCTIONS)
