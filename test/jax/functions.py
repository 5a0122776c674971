"""Functions as JAX users write them, each with example arguments and the positions of the floating ones."""

import jax
import jax.numpy as jnp
from jax import lax

FUNCTIONS = {}


def example(*arguments, argnums=None):
    def register(function):
        floating = tuple(range(len(arguments))) if argnums is None else argnums
        FUNCTIONS[function.__name__] = (function, arguments, floating)
        return function

    return register


@example(1.1, 1.05, 0.02, 0.3, 1.6)
def option_price(spot, strike, rate, volatility, time):
    forward = jnp.exp(rate * time) * spot
    spread = volatility * jnp.sqrt(time)
    d1 = (jnp.log(forward / strike) + volatility**2 / 2 * time) / spread
    cdf = lambda x: (1 + jax.scipy.special.erf(x / jnp.sqrt(2.0))) / 2
    return jnp.exp(-rate * time) * (forward * cdf(d1) - strike * cdf(d1 - spread))


@example(0.3, -1.2, 2.5)
def several(x, y, z):
    a = jnp.sin(x) * y
    return a, x + 0.0 * z, jnp.tanh(a) / z, z * 2.0


@example(0.7)
def one_of_each(x):
    return (jnp.arctan2(x, 2.0) * jax.nn.sigmoid(x) + lax.rsqrt(x) * jnp.expm1(x),)


@example(jnp.array([0.4]), jnp.array([[1.5]]), 0.9)
def one_element(x, y, z):
    return jnp.sin(x) * z, y * x[0], jnp.sum(x) * z


@example(0.6, -0.8)
def piecewise(x, y):
    larger = jnp.where(x > y, x * y, jnp.exp(x))
    clipped = jnp.clip(x * 3.0, -1.0, 1.0)
    return larger, jnp.maximum(x, y) * clipped, jnp.abs(y) ** 1.5, lax.integer_pow(y, -3), lax.round(x) * y


@example(1.5, 3, argnums=(0,))
def counted(x, n):
    return jnp.cos(x) * n


@example(
    jnp.array([[0.5, -0.2, 0.8], [0.1, 0.9, -0.4]]), jnp.array([0.3, -0.1]), jnp.array([1.0, 0.2, -0.7])
)
def layer(weights, bias, x):
    hidden = jnp.tanh(weights @ x + bias)
    return hidden, jnp.sum(hidden**2)
