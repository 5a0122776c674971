"""Writes the reference points of the tasks that are not the paper's: their outputs and Jacobians by JAX in float64.

    pip install jax
    python bench/data/make_task_points.py src/tasks/data

Each function is the task's TypeScript source told in JAX's own vocabulary. Writes NAME.json: {name, points: [{inputs, outputs, jacobian}]}, all
inputs and all outputs flat, in the order of the TypeScript parameters.
"""

import json
import sys

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

random = np.random.default_rng(5)


def uniform(*shape, low=0.1, high=1.0):
    return random.uniform(low, high, shape)


def bundle_adjustment(rotation, centre, focal, principal, distortion, point, weight, feature):
    angle = jnp.linalg.norm(rotation)
    axis = rotation / angle
    x = point - centre
    x = x * jnp.cos(angle) + jnp.cross(axis, x) * jnp.sin(angle) + axis * (axis @ x) * (1 - jnp.cos(angle))
    plane = x[:2] / x[2]
    r2 = plane @ plane
    return weight * (focal * plane * (1 + distortion[0] * r2 + distortion[1] * r2**2) + principal - feature)


def double_pendulum(state, lengths, masses, h):
    def f(y):
        (a, b, u, v), (l1, l2), (m1, m2) = y, lengths, masses
        d = a - b
        m = 2 * m1 + m2 - m2 * jnp.cos(2 * d)
        du = (
            -9.81 * (2 * m1 + m2) * jnp.sin(a)
            - m2 * 9.81 * jnp.sin(a - 2 * b)
            - 2 * jnp.sin(d) * m2 * (v**2 * l2 + u**2 * l1 * jnp.cos(d))
        )
        dv = 2 * jnp.sin(d) * (u**2 * l1 * (m1 + m2) + 9.81 * (m1 + m2) * jnp.cos(a) + v**2 * l2 * m2 * jnp.cos(d))
        return jnp.array([u, v, du / (l1 * m), dv / (l2 * m)])

    k1 = f(state)
    k2 = f(state + h / 2 * k1)
    k3 = f(state + h / 2 * k2)
    k4 = f(state + h * k3)
    return state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def serial_arm(angles):
    right = np.pi / 2
    table = [(0, -right, 0.333), (0, right, 0), (0.0825, right, 0.316), (-0.0825, -right, 0), (0, right, 0.384), (0.088, right, 0), (0, 0, 0.107)]
    pose = jnp.eye(4)
    for angle, (a, alpha, d) in zip(angles, table):
        c, s, ca, sa = jnp.cos(angle), jnp.sin(angle), round(np.cos(alpha)), round(np.sin(alpha))
        pose = pose @ jnp.array([[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]])
    return jnp.concatenate([pose[:3, 3], pose[:3, 2]])


def burgers(u, viscosity):
    dx, dt = 1 / 8, 0.01

    def rate(u):
        right = jnp.roll(u, -1)
        speed = jnp.maximum(jnp.abs(u), jnp.abs(right))
        flux = (u**2 + right**2) / 4 - (speed / 2 + viscosity / dx) * (right - u)
        return (jnp.roll(flux, 1) - flux) / dx

    first = rate(u)
    return u + dt / 2 * (first + rate(u + dt * first))


def spiking_layer(neurons, current, weights):
    v, a, z = neurons.T
    adapted = 0.99 * a + (1 - 0.99) * z
    charged = 0.95 * v + (1 - 0.95) * (current + weights @ z) - z * (1 + 1.8 * a)
    return jnp.stack([charged, adapted, jax.nn.sigmoid(5 * (charged - 1 - 1.8 * adapted))], axis=1)


def softmax_attention(queries, keys, values):
    return jax.nn.softmax(queries @ keys.T / jnp.sqrt(2.0)) @ values


def black_scholes(S, K, r, sigma, T):
    F = jnp.exp(r * T) * S
    d1 = (jnp.log(F / K) + sigma**2 / 2 * T) / (sigma * jnp.sqrt(T))
    d2 = d1 - sigma * jnp.sqrt(T)
    return jnp.exp(-r * T) * (F * jax.scipy.stats.norm.cdf(d1) - K * jax.scipy.stats.norm.cdf(d2))


def greeks(*arguments):
    return jnp.stack(jax.grad(black_scholes, argnums=range(5))(*arguments))


def mlp(W1, b1, W2, b2):
    points = jnp.array([[0.9, 0.8], [-0.7, -1.1], [-0.8, 0.9], [1.1, -0.6], [0.6, 1.2], [-1.2, -0.5], [-0.5, 0.7], [0.8, -0.9]])
    labels = jax.nn.one_hot(jnp.array([0, 0, 1, 1, 0, 0, 1, 1]), 2)
    scores = jnp.tanh(points @ W1.T + b1) @ W2.T + b2
    return -(jax.nn.log_softmax(scores) * labels).sum(axis=1).mean()


def mlp_gradient(*arguments):
    return jnp.concatenate([part.ravel() for part in jax.grad(mlp, argnums=range(4))(*arguments)])


TASKS = {
    "BundleAdjustment": (
        bundle_adjustment,
        lambda: (uniform(3), uniform(3), uniform(), uniform(2), uniform(2), uniform(3) + np.array([0, 0, 3]), uniform(), uniform(2)),
    ),
    "DoublePendulum": (double_pendulum, lambda: (uniform(4), uniform(2), uniform(2), uniform(low=0.01, high=0.1))),
    "SerialArm": (serial_arm, lambda: (uniform(7, low=-2, high=2),)),
    "Burgers": (burgers, lambda: (uniform(8, low=-1), uniform(low=0.01, high=0.1))),
    "SpikingLayer": (spiking_layer, lambda: (uniform(3, 3), uniform(3), uniform(3, 3, low=-1))),
    "SoftmaxAttention": (softmax_attention, lambda: (uniform(2, 2, low=-1), uniform(3, 2, low=-1), uniform(3, 2, low=-1))),
    "BlackScholes_Greeks": (greeks, lambda: (100 * uniform(), 100 * uniform(), 0.1 * uniform(), uniform(), uniform())),
    "MLP_Hessian": (mlp_gradient, lambda: (uniform(4, 2, low=-1), uniform(4, low=-1), uniform(2, 4, low=-1), uniform(2, low=-1))),
}  # fmt: skip


def flat(values):
    return np.concatenate([np.ravel(value) for value in values]).tolist()


def point(function, arguments):
    arguments = [jnp.asarray(argument) for argument in arguments]
    blocks = jax.jit(jax.jacfwd(function, argnums=tuple(range(len(arguments)))))(*arguments)
    outputs = function(*arguments)
    rows = [np.asarray(block).reshape(outputs.size, -1) for block in blocks]
    return {"inputs": flat(arguments), "outputs": flat([outputs]), "jacobian": np.concatenate(rows, axis=1).tolist()}


for name, (function, sample) in TASKS.items():
    points = [point(function, sample()) for _ in range(2)]
    with open(f"{sys.argv[1]}/{name}.json", "w") as file:
        file.write(json.dumps({"name": name, "points": points}))
