"""Prints functions on arrays, as people write them, as jaxprs with their values and Jacobians in float64: test data of the jaxpr front end.

    pip install jax
    python bench/data/make_jaxpr_programs.py src/frontends/jaxpr/data

writes programs-VERSION.json: {name, jaxpr, constants, inputs, outputs, jacobian} per line, all arrays flat and row-major, the Jacobian as a list of blocks
[output][input] by every input that is a float. Every function is seen with one random point.
"""

import functools
import json
import sys

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax import lax  # noqa: E402
from jax.extend.core import ClosedJaxpr, Jaxpr  # noqa: E402
from jax.scipy import special  # noqa: E402

random = np.random.default_rng(11)


def array(*shape, low=-1.0, high=1.0):
    return random.uniform(low, high, shape)


def definite(n):
    root = array(n, n)
    return root @ root.T + np.eye(n)


# Neural networks


def mlp(x, labels, w1, b1, w2, b2):
    hidden = jax.nn.gelu(x @ w1 + b1)
    logits = hidden @ w2 + b2
    return -jnp.mean(jnp.sum(labels * jax.nn.log_softmax(logits), axis=-1))


def layer_norm(x, scale, shift):
    mean = x.mean(-1, keepdims=True)
    variance = x.var(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-6) * scale + shift


def attention(x, wq, wk, wv, wo):
    heads = 2
    split = lambda w: jnp.einsum("td,dhe->hte", x, w.reshape(x.shape[1], heads, -1))
    q, k, v = split(wq), split(wk), split(wv)
    scores = jnp.einsum("hte,hse->hts", q, k) / jnp.sqrt(q.shape[-1])
    mask = jnp.tril(jnp.ones((x.shape[0], x.shape[0]), bool))
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e9), axis=-1)
    mixed = jnp.einsum("hts,hse->the", weights, v).reshape(x.shape[0], -1)
    return x + mixed @ wo


def lstm_cell(x, h, c, w, u, b):
    i, f, g, o = jnp.split(w @ x + u @ h + b, 4)
    c = jax.nn.sigmoid(f + 1.0) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def lstm(xs, w, u, b):
    def step(state, x):
        h, c = lstm_cell(x, *state, w, u, b)
        return (h, c), h

    zero = jnp.zeros(u.shape[1])
    return lax.scan(step, (zero, zero), xs)[1]


def gru(x, h, w, u):
    z, r, _ = jnp.split(jax.nn.sigmoid(w @ x + u @ h), 3)
    n = jnp.tanh((w @ x)[-2:] + r * (u @ h)[-2:])
    return (1 - z) * n + z * h


def convolution_net(image, k1, k2, w):
    x = jax.nn.relu(lax.conv_general_dilated(image, k1, (1, 1), "SAME"))
    x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    x = lax.conv_general_dilated(x, k2, (2, 2), "VALID", rhs_dilation=(1, 1))
    return jax.nn.log_softmax(x.reshape(x.shape[0], -1) @ w)


def convolution_nhwc(image, kernel):
    return lax.conv_general_dilated(image, kernel, (1, 2), [(1, 1), (0, 1)], dimension_numbers=("NHWC", "HWIO", "NHWC"))


def depthwise(image, kernel):
    return lax.conv_general_dilated(image, kernel, (1,), "SAME", feature_group_count=2, dimension_numbers=("NCH", "OIH", "NCH"))


def transposed_convolution(image, kernel):
    return lax.conv_transpose(image, kernel, (2,), "SAME", dimension_numbers=("NHC", "HIO", "NHC"))


def spiking(carry, current, w):
    """An adaptive leaky integrate-and-fire layer with a surrogate gradient."""

    @jax.custom_jvp
    def spike(v):
        return jnp.where(v > 0, 1.0, 0.0)

    spike.defjvp(lambda primals, tangents: (spike(*primals), tangents[0] / (1 + 10 * jnp.abs(primals[0])) ** 2))
    v, a, z = carry[0], carry[1], jax.nn.sigmoid(4 * carry[2])
    v = 0.9 * v + (1 - 0.9) * (w @ z + current) - z * (1 + 1.8 * a)
    a = 0.97 * a + 0.03 * z
    return jnp.stack([v, a, jax.nn.sigmoid(5 * (v - 1 - 1.8 * a))])


def batch_norm(x, scale):
    mean, variance = jnp.mean(x, axis=(0, 1)), jnp.var(x, axis=(0, 1))
    return scale * (x - mean) / jnp.sqrt(variance + 1e-5)


# Mechanics, vision, finance, physics


def quaternion_product(p, q):
    a, b, c, d = p
    e, f, g, h = q
    return jnp.array([a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g, a * g - b * h + c * e + d * f, a * h + b * g - c * f + d * e])


def rigid_body(q, w, torque, inertia):
    """A step of attitude kinematics."""
    derivative = 0.5 * quaternion_product(q, jnp.concatenate([jnp.zeros(1), w]))
    acceleration = (torque - jnp.cross(w, inertia * w)) / inertia
    q = q + 0.1 * derivative
    return q / jnp.linalg.norm(q), w + 0.1 * acceleration


def rotate(r, x):
    theta2 = jnp.dot(r, r)
    theta = jnp.sqrt(theta2)
    axis = r / theta
    return x * jnp.cos(theta) + jnp.cross(axis, x) * jnp.sin(theta) + axis * (axis @ x) * (1 - jnp.cos(theta))


def reprojection(camera, point, weight, feature):
    moved = rotate(camera[:3], point - camera[3:6])
    plane = moved[:2] / moved[2]
    r2 = plane @ plane
    distorted = plane * (1 + camera[9] * r2 + camera[10] * r2**2)
    return weight * (distorted * camera[6] + camera[7:9] - feature)


def pendulum(state):
    a, b, v, w = state
    d = a - b
    m = 2 - jnp.cos(d) ** 2
    return jnp.array([
        v,
        w,
        (-9.81 * (2 * jnp.sin(a) - jnp.sin(b) * jnp.cos(d)) - jnp.sin(d) * (w**2 + v**2 * jnp.cos(d))) / m,
        (2 * jnp.sin(d) * (v**2 + 9.81 * jnp.cos(a) + 0.5 * w**2 * jnp.cos(d))) / m,
    ])


def runge_kutta(f, y, h):
    k1 = f(y)
    k2 = f(y + h / 2 * k1)
    k3 = f(y + h / 2 * k2)
    k4 = f(y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def lorenz(p, y):
    return jnp.array([p[0] * (y[1] - y[0]), y[0] * (p[1] - y[2]) - y[1], y[0] * y[1] - p[2] * y[2]])


def lorenz_trajectory(p, y):
    return lax.scan(lambda y, _: (runge_kutta(functools.partial(lorenz, p), y, 0.01),) * 2, y, None, length=2)[1]


def van_der_pol(y, mu):
    f = lambda y: jnp.stack([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])
    return lax.fori_loop(0, 4, lambda i, y: runge_kutta(f, y, 0.1 * (i + 1)), y)


def kalman(x, p, z, f, h, q, r):
    x, p = f @ x, f @ p @ f.T + q
    s = h @ p @ h.T + r
    k = p @ h.T @ jnp.linalg.inv(s)
    return x + k @ (z - h @ x), (jnp.eye(x.size) - k @ h) @ p


def arm(angles, table):
    def link(angle, row):
        a, alpha, d = row
        c, s, ca, sa = jnp.cos(angle), jnp.sin(angle), jnp.cos(alpha), jnp.sin(alpha)
        return jnp.array([[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]])

    pose = jnp.eye(4)
    for angle, row in zip(angles, table):
        pose = pose @ link(angle, row)
    return pose[:3, 3]


def arm_scan(angles):
    def step(pose, angle):
        c, s = jnp.cos(angle), jnp.sin(angle)
        turn = jnp.array([[c, -s, c], [s, c, s], [0.0, 0.0, 1.0]])
        return pose @ turn, (pose @ turn)[:2, 2]

    return lax.scan(step, jnp.eye(3), angles)[1]


def black_scholes(s, k, t, sigma, r):
    d1 = (jnp.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * jnp.sqrt(t))
    d2 = d1 - sigma * jnp.sqrt(t)
    return s * jax.scipy.stats.norm.cdf(d1) - k * jnp.exp(-r * t) * jax.scipy.stats.norm.cdf(d2)


def burgers(u):
    right, left = jnp.roll(u, -1), jnp.roll(u, 1)
    return u - 0.1 * u * (right - left) / 2 + 0.05 * (right - 2 * u + left)


def reaction_diffusion(u, v):
    laplacian = lambda a: sum(jnp.roll(a, s, d) for s in (1, -1) for d in (0, 1)) - 4 * a
    reaction = u * v**2
    return u + 0.2 * laplacian(u) - reaction + 0.04 * (1 - u), v + 0.1 * laplacian(v) + reaction - 0.1 * v


def flux_limiter(u):
    d = jnp.diff(jnp.pad(u, 1, mode="edge"))
    r = d[:-1] / jnp.where(d[1:] == 0, 1e-9, d[1:])
    limiter = jnp.maximum(0, jnp.minimum(1, r))
    return u - 0.3 * (u - jnp.concatenate([u[:1], u[:-1]])) * (1 + 0.5 * limiter)


def n_body(x, m):
    d = x[:, None] - x[None]
    r2 = jnp.sum(d**2, -1) + jnp.eye(x.shape[0])
    return -jnp.sum(m[None, :, None] * d / r2[..., None] ** 1.5, axis=1)


def lennard_jones(x):
    d = x[:, None] - x[None]
    r2 = jnp.sum(d**2, -1) + jnp.eye(x.shape[0])
    inverse6 = (1.0 / r2) ** 3
    return 0.5 * jnp.sum(jnp.where(jnp.eye(x.shape[0], dtype=bool), 0.0, 4 * (inverse6**2 - inverse6)))


def thomas(lower, diagonal, upper, right):
    """A tridiagonal system by two scans."""

    def down(carry, row):
        a, b, c, d = row
        m = b - a * carry[0]
        new = (c / m, (d - a * carry[1]) / m)
        return new, new

    _, (cs, ds) = lax.scan(down, (0.0, 0.0), (lower, diagonal, upper, right))
    return lax.scan(lambda x, row: ((row[1] - row[0] * x,) * 2), 0.0, (cs, ds), reverse=True)[1]


# Statistics and losses


def huber(x, y):
    e = jnp.abs(x - y)
    return jnp.sum(jnp.where(e < 0.5, 0.5 * e**2, 0.5 * (e - 0.25)))


def cauchy_loss(x, scale):
    return jnp.log1p((x / scale) ** 2)


def geman_mcclure(x, y, w):
    r = jnp.einsum("ij,j->i", x, w) - y
    return r**2 / (1 + r**2)


def mixture(x, logits, means, scales):
    z = (x[:, None] - means) / jax.nn.softplus(scales)
    log = -0.5 * z**2 - jnp.log(jax.nn.softplus(scales)) + jax.nn.log_softmax(logits)
    return special.logsumexp(log, axis=1)


def gaussian_process(x, y, length, noise):
    k = jnp.exp(-0.5 * ((x[:, None] - x[None]) / length) ** 2) + noise * jnp.eye(x.size)
    factor = jnp.linalg.cholesky(k)
    alpha = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    return 0.5 * alpha @ alpha + jnp.sum(jnp.log(jnp.diagonal(factor)))


def cosine_similarity(a, b):
    return jnp.sum(a * b, -1) / (jnp.linalg.norm(a, axis=-1) * jnp.linalg.norm(b, axis=-1) + 1e-8)


def contrastive(a, b):
    a = a / jnp.linalg.norm(a, axis=-1, keepdims=True)
    logits = a @ b.T / 0.1
    return jnp.mean(special.logsumexp(logits, axis=1) - jnp.diag(logits))


def cox(times, risk):
    """A partial likelihood: the sums over those still at risk are cumulative."""
    return jnp.sum(risk - jnp.log(jnp.cumsum(jnp.exp(risk)[::-1])[::-1]) * times)


def discounted(rewards, values):
    step = lambda g, rv: ((rv[0] + 0.9 * g),) * 2
    returns = lax.scan(step, 0.0, (rewards, values), reverse=True)[1]
    return jnp.mean((returns - values) ** 2)


def poisson(rate, count):
    return jnp.sum(count * jnp.log(rate) - rate - special.gammaln(count + 1))


def beta_density(a, b, x):
    return special.gammaln(a + b) - special.gammaln(a) - special.gammaln(b) + (a - 1) * jnp.log(x) + (b - 1) * jnp.log1p(-x)


def spline(x, c):
    basis = jnp.stack([(1 - x) ** 3, 3 * x**3 - 6 * x**2 + 4, -3 * x**3 + 3 * x**2 + 3 * x + 1, x**3]) / 6
    return c @ basis


def newton(x, a):
    return lax.fori_loop(0, 5, lambda _, y: 0.5 * (y + a / y), x)


def forward_algorithm(start, transition, emission):
    def step(log_alpha, e):
        new = special.logsumexp(log_alpha[:, None] + transition, axis=0) + e
        return new, new

    last, every = lax.scan(step, start + emission[0], emission[1:])
    return special.logsumexp(last), every


def dynamic_time_warping(a, b):
    cost = (a[:, None] - b[None]) ** 2

    def row(previous, c):
        def cell(left, inputs):
            c, up, diagonal = inputs
            value = c + -jnp.log(jnp.exp(-left) + jnp.exp(-up) + jnp.exp(-diagonal))
            return value, value

        shifted = jnp.concatenate([jnp.full(1, 5.0), previous[:-1]])
        return (lax.scan(cell, 5.0, (c, previous, shifted))[1],) * 2

    return lax.scan(row, jnp.concatenate([jnp.zeros(1), jnp.full(b.size - 1, 5.0)]), cost)[1][-1, -1]


def triangular_update(x):
    return lax.fori_loop(1, x.shape[0], lambda i, x: x.at[i].add(0.5 * jnp.sin(x[i - 1])), x)


def collatz(x):
    return lax.while_loop(lambda s: s[0] > 1, lambda s: (lax.cond(s[0] % 2 == 0, lambda n: n // 2, lambda n: 3 * n + 1, s[0]), s[1] * jnp.sin(s[1])), (3, x))[1]


def nested_loops(a):
    def outer(i, total):
        return lax.fori_loop(0, i + 1, lambda j, t: t + a[i, j] * jnp.exp(a[j, i]) * (i - j), total)

    return lax.fori_loop(0, 3, outer, 0.0)


activations = [
    jax.nn.relu, jax.nn.relu6, jax.nn.elu, jax.nn.selu, jax.nn.celu, jax.nn.silu, jax.nn.gelu, jax.nn.softplus, jax.nn.soft_sign, jax.nn.sigmoid,
    jax.nn.log_sigmoid, jax.nn.hard_tanh, jax.nn.hard_sigmoid, jax.nn.hard_silu, jax.nn.leaky_relu, jax.nn.mish, jax.nn.squareplus,
]  # fmt: skip

FUNCTIONS = {
    "mlp": (mlp, array(2, 3), array(2, 3), array(3, 4), array(4), array(4, 3), array(3)),
    "mlp_gradient": (jax.grad(mlp, argnums=(2, 3, 4)), array(2, 2), array(2, 2), array(2, 3), array(3), array(3, 2), array(2)),
    "mlp_hessian_vector": (
        lambda x, y, w, v: jax.jvp(jax.grad(lambda w: jnp.mean((jnp.tanh(x @ w) - y) ** 2)), (w,), (v,))[1],
        array(2, 2), array(2, 2), array(2, 2), array(2, 2),
    ),
    "layer_norm": (layer_norm, array(2, 4), array(4), array(4)),
    "layer_norm_gradient": (jax.grad(lambda *a: jnp.sum(layer_norm(*a) ** 3), argnums=(0, 1)), array(2, 3), array(3), array(3)),
    "attention": (attention, array(3, 4), array(4, 4), array(4, 4), array(4, 4), array(4, 4)),
    "attention_gradient": (jax.grad(lambda x, *w: jnp.sum(attention(x, *w) ** 2)), array(2, 2), *(array(2, 2) for _ in range(4))),
    "lstm_cell": (lstm_cell, array(2), array(2), array(2), array(8, 2), array(8, 2), array(8)),
    "lstm": (lstm, array(3, 2), array(8, 2), array(8, 2), array(8)),
    "lstm_gradient": (jax.grad(lambda *a: jnp.sum(lstm(*a) ** 2), argnums=(1, 2)), array(2, 1), array(8, 1), array(8, 2), array(8)),
    "gru": (gru, array(2), array(2), array(6, 2), array(6, 2)),
    "convolution_net": (convolution_net, array(1, 1, 4, 4), array(2, 1, 3, 3), array(2, 2, 1, 1), array(2, 3)),
    "convolution_net_gradient": (
        jax.grad(lambda *a: convolution_net(*a)[0, 1], argnums=(0, 1, 2)),
        array(1, 1, 4, 4), array(1, 1, 3, 3), array(2, 1, 2, 2), array(2, 2),
    ),
    "convolution_nhwc": (convolution_nhwc, array(1, 3, 4, 2), array(2, 2, 2, 2)),
    "depthwise": (depthwise, array(2, 4, 5), array(4, 2, 3)),
    "depthwise_gradient": (jax.grad(lambda x, k: jnp.sum(depthwise(x, k) ** 2), argnums=(0, 1)), array(1, 2, 4), array(2, 1, 3)),
    "transposed_convolution": (transposed_convolution, array(1, 3, 2), array(3, 2, 2)),
    "spiking": (spiking, array(3, 3), array(3), array(3, 3)),
    "average_pool": (lambda x: lax.reduce_window(x, 0.0, lax.add, (2, 2), (1, 2), "SAME") / 4, array(3, 4)),
    "max_pool_gradient": (jax.grad(lambda x: jnp.sum(lax.reduce_window(x, -jnp.inf, lax.max, (3,), (1,), "SAME") ** 2)), array(5)),
    "batch_norm": (batch_norm, array(2, 2, 2), array(2)),
    "activations": (lambda x: jnp.stack([f(x) for f in activations]), array(3, low=-3, high=3)),
    "gated_units": (lambda x: (jax.nn.glu(x), jax.nn.log_softmax(x), jax.nn.standardize(x)), array(2, 4)),
    "dropout_mask": (lambda x: jnp.where(jnp.arange(6) % 3 != 1, x / 0.7, 0.0) @ jnp.ones((6, 2)), array(6)),
    "embedding": (lambda table: jnp.sum(table[jnp.array([0, 2, 2]) * 1] ** 2, axis=0) if False else jnp.sum(jnp.take(table, jnp.arange(4) // 2 + 1, axis=0) ** 2, axis=0), array(4, 2)),
    "rotary": (
        lambda x: jnp.concatenate([x[..., :2] * jnp.cos(jnp.arange(3.0))[:, None] - x[..., 2:] * jnp.sin(jnp.arange(3.0))[:, None], x[..., 2:]], -1),
        array(3, 4),
    ),
    "rigid_body": (rigid_body, array(4), array(3), array(3), array(3, low=0.5, high=2)),
    "reprojection": (reprojection, array(11), array(3) + np.array([0, 0, 3.0]), array(), array(2)),
    "bundle_adjustment": (
        jax.vmap(reprojection), array(2, 11), array(2, 3) + np.array([0, 0, 3.0]), array(2), array(2, 2),
    ),
    "double_pendulum": (lambda y: runge_kutta(pendulum, y, 0.05), array(4)),
    "lorenz_trajectory": (lorenz_trajectory, array(3, low=1, high=3), array(3)),
    "lorenz_gradient": (jax.grad(lambda p, y: jnp.sum(runge_kutta(functools.partial(lorenz, p), y, 0.01) ** 2)), array(3, low=1, high=3), array(3)),
    "van_der_pol": (van_der_pol, array(2), array()),
    "kalman": (kalman, array(3), definite(3), array(2), array(3, 3), array(2, 3), definite(3), definite(2)),
    "arm": (arm, array(3), array(3, 3)),
    "arm_scan": (arm_scan, array(4)),
    "black_scholes": (jax.vmap(black_scholes, in_axes=(0, 0, None, 0, None)), *(array(3, low=0.5, high=1.5) for _ in range(2)), array(low=0.5, high=1), array(3, low=0.1, high=0.4), array(low=0.01, high=0.1)),
    "greeks": (jax.vmap(jax.grad(black_scholes, argnums=(0, 2, 3))), *(array(2, low=0.5, high=1.5) for _ in range(5))),
    "burgers": (burgers, array(6)),
    "burgers_steps": (lambda u: lax.fori_loop(0, 3, lambda _, u: burgers(u), u), array(5)),
    "reaction_diffusion": (reaction_diffusion, array(3, 3), array(3, 3)),
    "flux_limiter": (flux_limiter, array(6)),
    "n_body": (n_body, array(3, 2), array(3, low=0.5, high=1)),
    "lennard_jones": (jax.grad(lennard_jones), array(3, 2, low=0, high=3)),
    "lennard_jones_energy": (lennard_jones, array(3, 3, low=0, high=3)),
    "thomas": (thomas, array(4), array(4, low=3, high=4), array(4), array(4)),
    "huber": (huber, array(6), array(6)),
    "cauchy_loss": (cauchy_loss, array(4), array(low=0.5, high=1)),
    "geman_mcclure": (geman_mcclure, array(4, 2), array(4), array(2)),
    "mixture": (mixture, array(4), array(3), array(3), array(3)),
    "gaussian_process": (gaussian_process, array(4, low=0, high=4), array(4), array(low=0.5, high=1), array(low=0.1, high=0.2)),
    "gaussian_process_gradient": (jax.grad(gaussian_process, argnums=(2, 3)), array(3, low=0, high=4), array(3), array(low=0.5, high=1), array(low=0.1, high=0.2)),
    "linear_solve": (jnp.linalg.solve, definite(3), array(3)),
    "linear_solve_gradient": (jax.grad(lambda a, b: jnp.sum(jnp.linalg.solve(a, b) ** 2), argnums=(0, 1)), definite(3), array(3)),
    "inverse_batched": (jnp.linalg.inv, np.stack([definite(2), definite(2)])),
    "determinant": (lambda a: (jnp.linalg.det(a), jnp.linalg.slogdet(a)[1]), definite(3)),
    "determinant_4": (jnp.linalg.det, definite(4)),
    "cholesky_solve": (lambda a, b: jax.scipy.linalg.solve(a, b, assume_a="pos"), definite(3), array(3)),
    "triangular": (
        lambda a, b: jax.scipy.linalg.solve_triangular(jnp.triu(a), b, trans=1) + lax.linalg.triangular_solve(a, b.T, lower=True).T,
        array(3, 3) + 2 * np.eye(3), array(3, 2),
    ),
    "cosine_similarity": (cosine_similarity, array(2, 3), array(2, 3)),
    "contrastive": (contrastive, array(3, 2), array(3, 2)),
    "cox": (cox, array(4), array(4)),
    "discounted": (discounted, array(4), array(4)),
    "discounted_gradient": (jax.grad(discounted, argnums=(0, 1)), array(3), array(3)),
    "poisson": (poisson, array(4, low=0.5, high=3), array(4, low=0, high=6)),
    "beta_density": (beta_density, *(array(low=0.2, high=3) for _ in range(2)), array(low=0.1, high=0.9)),
    "gamma_functions": (
        lambda x: (special.gammaln(x), special.digamma(x), special.erfinv(x / 5), special.ndtri(jax.nn.sigmoid(x))),
        np.array([-1.4, 0.3, 0.5, 1.0, 2.0, 4.3]),
    ),
    "poisson_hessian": (jax.hessian(poisson), array(2, low=0.5, high=3), array(2)),
    "gamma_hessian": (jax.hessian(lambda x: jnp.sum(special.gammaln(x) * special.digamma(x))), np.array([0.3, 1.0, 4.7])),
    "top_k": (lambda x: lax.top_k(x, 2)[0], array(2, 5)),
    "erf_inv_tails": (special.erfinv, np.array([-0.9999999, -0.999, -0.5, 0.0, 0.3, 0.99, 0.999999999])),
    "spline": (spline, array(), array(2, 4)),
    "newton": (newton, array(low=1, high=2), array(low=1, high=2)),
    "forward_algorithm": (forward_algorithm, array(2), array(2, 2), array(3, 2)),
    "dynamic_time_warping": (dynamic_time_warping, array(3), array(3)),
    "triangular_update": (triangular_update, array(4)),
    "collatz": (collatz, array()),
    "nested_loops": (nested_loops, array(3, 3)),
    "scan_reverse": (lambda x: lax.scan(lambda c, t: (jnp.sin(c) * t, c + t), 1.0, x, reverse=True), array(3)),
    "scan_empty": (lambda x: lax.scan(lambda c, t: (c * t, c), x, jnp.zeros((0,))), array()),
    "scan_of_none": (lambda x: lax.scan(lambda c, _: (c * 1.5, None), x, None, length=3)[0], array(2)),
    "scan_gradient": (jax.grad(lambda x, w: lax.scan(lambda c, t: (jnp.tanh(c * w + t), None), 0.1, x)[0], argnums=(0, 1)), array(3), array()),
    "scan_hessian": (jax.hessian(lambda x: lax.scan(lambda c, t: (jnp.sin(c * t), None), x[0], x)[0]), array(3)),
    "associative_scan": (lambda x: lax.associative_scan(jnp.multiply, x), array(5)),
    "cond_traced": (lambda x: lax.cond(x[0] > 0.3, lambda x: jnp.sin(x) * x[1], jnp.cos, x), array(3)),
    "cond_constant": (lambda x: lax.cond(jnp.arange(3)[1] > 0, jnp.sin, jnp.cos, x), array(2)),
    "switch": (lambda x: [lax.switch(jnp.int32(i) + 0, [jnp.sin, jnp.cos, jnp.tan], x) for i in (-1, 1, 7)], array(2)),
    "checkpoint": (jax.grad(lambda x: jnp.sum(jax.checkpoint(lambda x: jnp.sin(jnp.sin(x)))(x) ** 2)), array(3)),
    "softmax_jacobian": (jax.jacrev(jax.nn.softmax), array(3)),
    "hessian_rosenbrock": (jax.hessian(lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)), array(3)),
    "laplacian": (lambda x: jnp.trace(jax.hessian(lambda x: jnp.prod(jnp.sin(x)))(x)), array(3)),
    "vmap_of_grad": (jax.vmap(jax.grad(lambda x, w: jnp.tanh(x @ w))), array(2, 3), array(2, 3)),
    "jacobian_of_scatter": (jax.grad(lambda x: jnp.sum(x.at[jnp.arange(2)].multiply(3.0) * x[::-1])), array(4)),
    "scatters": (
        lambda x, y: (x.at[1:3].multiply(y), x.at[jnp.arange(2)].max(y), x.at[jnp.arange(2) + 1].min(y), x.at[0].divide(y[0]), x.at[2].power(2.0)),
        array(4), array(2),
    ),
    "gathers": (
        lambda x: (x[1, ..., ::2], x[jnp.arange(2), jnp.arange(2)], jnp.take_along_axis(x, jnp.zeros((2, 1, 4), int), 1), jnp.take(x, 2, axis=-1)),
        array(2, 3, 4),
    ),
    "gather_gradient": (jax.grad(lambda x: jnp.sum(x[jnp.arange(4) % 3] ** 2 * x[0])), array(3, 2)),
    "window_gradient": (jax.grad(lambda x: jnp.sum(jnp.stack([lax.dynamic_slice(x, (i,), (3,)) for i in range(3)]) ** 3)), array(5)),
    "updates": (lambda x, y: lax.dynamic_update_slice(jnp.sin(x), y, (1, 5)) @ x.T, array(3, 4), array(2, 2)),
    "sorting": (lambda x: (jnp.sort(x, axis=0), jnp.median(x), jnp.sort(x, descending=True)), array(5, 2)),
    "quantile": (lambda x: jnp.quantile(x, 0.3), array(7)),
    "rounding": (lambda x: x * jnp.round(3 * x) + jnp.rint(x) * jnp.floor(x) + x * jnp.trunc(2 * x) + jnp.round(jnp.array([0.5, 1.5, 2.5]) * 1.0).sum() * 0 + jnp.fmod(x, 0.3), array(4)),
    "half_to_even": (lambda x: x * jnp.round(jnp.arange(6) - 2.5), array(6)),
    "integer_arithmetic": (lambda x: x * ((jnp.arange(4) * 7 + 3) // 2 % 5 - (jnp.arange(4) << 1) + (jnp.arange(4) & 1)), array(4)),
    "integer_input": (lambda n, x: x**2 * n + n // 2 * x, np.array([3, 5]), array(2)),
    "integer_output": (lambda x: (jnp.argmax(x), x * jnp.argmin(x), jnp.sum(x > 0)), array(4)),
    "piecewise": (lambda x: jnp.piecewise(x, [x < -0.3, x > 0.3], [jnp.sin, jnp.cos, lambda x: x**2]), array(5)),
    "select_many": (lambda x: jnp.select([x < -0.5, x < 0, x < 0.5], [x, x**2, jnp.exp(x)], jnp.sin(x)), array(6)),
    "safe_division": (lambda x, y: jnp.where(y > 0, x / jnp.where(y > 0, y, 1.0), 0.0), array(4), np.array([0.0, 1.0, -1.0, 2.0])),
    "stop_gradient": (lambda x: (x - lax.stop_gradient(jnp.max(x))) * lax.stop_gradient(x), array(3)),
    "norms": (lambda x: (jnp.linalg.norm(x), jnp.linalg.norm(x, axis=0), jnp.linalg.norm(x, ord=1, axis=1), jnp.linalg.norm(x, ord=jnp.inf)), array(2, 3)),
    "statistics": (lambda x: (jnp.var(x, axis=0, ddof=1), jnp.std(x), jnp.cov(x), jnp.corrcoef(x)), array(2, 4)),
    "einsums": (
        lambda a, b, c: (jnp.einsum("ij,jk,kl->il", a, b, c), jnp.einsum("ii->i", b), jnp.einsum("ij,ij->", a, c.T), jnp.einsum("ij,kl->ikjl", a, b)),
        array(2, 3), array(3, 3), array(3, 2),
    ),
    "tensor_products": (lambda a, b: (jnp.tensordot(a, b, axes=2), jnp.kron(a[0], b[:, :, 0]), jnp.outer(a[0, 0], b[0, 0])), array(2, 2, 3), array(2, 3, 2)),
    "shapes": (
        lambda x: (jnp.moveaxis(x, 0, 2), jnp.flip(x, (0, 2)), jnp.rot90(x[0]), jnp.swapaxes(x, 0, 1).reshape(3, -1), jnp.tile(x[0], 2), jnp.repeat(x, 2, 1), jnp.squeeze(x[:1])),
        array(2, 3, 2),
    ),
    "padding": (
        lambda x: (jnp.pad(x, ((1, 0), (0, 2))), jnp.pad(x, 1, mode="wrap"), jnp.pad(x, 1, mode="reflect"), lax.pad(x, 2.0, ((-1, 2, 0), (1, -1, 1)))),
        array(3, 3),
    ),
    "cumulative": (
        lambda x: (jnp.cumsum(x, 0), jnp.cumprod(x, 1), lax.cummax(x), lax.cummin(x, axis=1), lax.cumlogsumexp(x), lax.cumsum(x, reverse=True)),
        array(3, 2),
    ),
    "cumulative_gradient": (jax.grad(lambda x: jnp.sum(jnp.cumsum(x) ** 2 * jnp.cumprod(x))), array(4)),
    "reductions": (
        lambda x: (jnp.max(x, 1), jnp.min(x), jnp.prod(x, 0), jnp.mean(x, (0, 1)), jnp.any(x > 0) * x[0, 0], jnp.all(x > -2) * x, jnp.ptp(x)),
        array(2, 3),
    ),
    "polynomials": (lambda c, x: (jnp.polyval(c, x), jnp.vander(x, 3), jnp.convolve(c, x), jnp.interp(0.3, jnp.arange(2.0), x) if False else x[0]), array(3), array(2)),
    "trigonometry": (lambda x: jnp.stack([jnp.sinc(x), jnp.arctan2(x, 2.0), jnp.hypot(x, 1.0), jnp.deg2rad(x), jnp.unwrap(x) if False else x, jnp.logaddexp(x, 1.0), jnp.exp2(x), jnp.log1p(x**2), jnp.expm1(x)]), array(2)),
    "extremes": (lambda x, y: (jnp.clip(x, -0.5, y), jnp.maximum(x, y), jnp.minimum(x, 0.1), jnp.sign(x) * y, jnp.nan_to_num(x * y), jnp.heaviside(x, 0.5) * y), array(3), array(3)),
    "nested_jit": (jax.jit(lambda x: jax.jit(jnp.sin)(x) + jax.jit(lambda y: jax.jit(jnp.cos)(y) * y)(x)), array(2)),
    "custom_derivative": (lambda x: jax.custom_jvp(lambda x: jnp.exp(x) * x)(x) if False else jax.nn.relu(x) + special.logsumexp(x) + jax.nn.softmax(x), array(3)),
    "mixed_precision": (lambda x: (x.astype(jnp.float32) * 0.5).astype(jnp.float64) * 0 + x, array(3)),
    "empty": (lambda x: (x[:0], jnp.sum(x[:0]) + x, jnp.concatenate([x, x[:0]])), array(2)),
    "closed_over": (lambda x: x @ jnp.ones((3, 2)) + jnp.linspace(0, 1, 2) + jnp.full(2, 0.5) + jnp.eye(2)[0], array(3)),
}  # fmt: skip


def flat(value):
    """Numbers; what JSON has none for as text that JavaScript's Number reads."""
    names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    return [names.get(str(number), number) for number in np.asarray(value).ravel().tolist()]


def constants_of(closed):
    """The constants of a jaxpr, then those of the jaxprs that it calls, in the order of its equations."""
    found, seen = [], set()

    def visit(value):
        if isinstance(value, (tuple, list)):
            for item in value:
                visit(item)
        if not isinstance(value, (ClosedJaxpr, Jaxpr)):
            return
        jaxpr = getattr(value, "jaxpr", value)
        if id(jaxpr) in seen:
            return
        seen.add(id(jaxpr))
        found.extend(getattr(value, "consts", []))
        for equation in jaxpr.eqns:
            for _, parameter in sorted(equation.params.items()):
                visit(parameter)

    visit(closed)
    return found


def entry(name, function, *arguments):
    arguments = [jnp.asarray(a) for a in arguments]
    numbers = tuple(i for i, a in enumerate(arguments) if jnp.issubdtype(a.dtype, jnp.floating))
    outputs = lambda *a: tuple(jax.tree_util.tree_leaves(function(*a)))
    values = jax.jit(outputs)(*arguments)
    real = [i for i, v in enumerate(values) if jnp.issubdtype(v.dtype, jnp.floating)]
    floats = lambda *a: tuple(outputs(*a)[i] for i in real)
    blocks = dict(zip(real, jax.jit(jax.jacfwd(floats, argnums=numbers))(*arguments)))
    closed = jax.make_jaxpr(function)(*arguments)
    return {
        "name": name,
        "jaxpr": str(closed),
        "constants": [flat(c) for c in constants_of(closed)],
        "inputs": [flat(a) for a in arguments],
        "outputs": [flat(v) for v in values],
        "jacobian": [[flat(b) for b in blocks[i]] if i in blocks else None for i in range(len(values))],
    }


def write(path, functions, wanted=()):
    with open(path, "w") as file:
        separator = "["
        for name, (function, *arguments) in functions.items():
            if wanted and name not in wanted:
                continue
            file.write(separator + "\n" + json.dumps(entry(name, function, *arguments)))
            file.flush()
            separator = ","
        file.write("\n]\n")


if __name__ == "__main__":
    folder, *wanted = sys.argv[1:]
    write(f"{folder}/programs-{jax.__version__}.json", FUNCTIONS, wanted)
