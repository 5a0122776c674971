"""Values of the elementary functions to 60 digits and more: the reference of the vector mathematics' tests.

    pip install mpmath
    python bench/data/make_math_reference.py 110 src/kernels/wasm/math/data/reference.json

The first argument says how many arguments of each kind per function; seeded, so that the same number gives the same file.

The file is {name: base64}, one record per argument list: the arguments and the nearest result as float64, little-endian, then a signed byte:
what the true value is above the nearest result, in 1/254 of an ulp. About half of the arguments are float32 numbers.
"""

import base64
import json
import math
import random
import struct
import sys

import mpmath
from mpmath import mp, mpf

mp.dps = 60
COUNT = int(sys.argv[1])
rng = random.Random(2024)


def single(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(3.4028234663852886e38, x)


def uniform(low, high):
    return lambda: rng.uniform(low, high)


def magnitudes(low, high, signed=True):
    """Log-uniform between powers of two."""

    def draw():
        x = math.ldexp(rng.uniform(1, 2), rng.randrange(low, high))
        return -x if signed and rng.random() < 0.5 else x

    return draw


def around(*points):
    """Within a few ulp, or a small relative distance, of points."""

    def draw():
        x = rng.choice(points)
        if rng.random() < 0.5:
            for _ in range(rng.randrange(4)):
                x = math.nextafter(x, rng.choice([-math.inf, math.inf]))
            return x
        return x * (1 + rng.uniform(-1, 1) * 2.0 ** -rng.randrange(5, 50)) + rng.uniform(-1, 1) * 2.0 ** -rng.randrange(20, 1000)

    return draw


def multiples(most):
    """Next to multiples of pi/2."""

    def draw():
        n = rng.randrange(1, 2 ** rng.randrange(1, most))
        return float(n * mp.pi / 2) * rng.choice([-1, 1])

    return draw


def wrap(f):
    def value(*args):
        return f(*[mpf(a) for a in args])

    return value


ANY = magnitudes(-1074, 1024)
SINGLE_RANGE = magnitudes(-149, 128)
trig = [uniform(-4, 4), uniform(-3000, 3000), magnitudes(-30, 25), ANY, SINGLE_RANGE, multiples(12), multiples(60),
        around(math.pi / 4, math.pi / 2, math.pi, 6381956970095103 * 2.0**797, 5.31937264832654141671e255)]
positive = [uniform(0, 3), magnitudes(-1074, 1024, False), magnitudes(-149, 128, False), around(1.0, math.sqrt(0.5), math.sqrt(2), 2.0, 10.0, 1000.0, 2.0**-1022, 2.0**-126)]
unit = [uniform(-1, 1), magnitudes(-1074, 0), magnitudes(-149, 0), around(0.5, -0.5, 1.0, -1.0, 0.975)]
everywhere = [uniform(-3, 3), uniform(-40, 40), magnitudes(-30, 8), ANY, SINGLE_RANGE]
edges = around(709.78, -745.13, -708.4, 88.72, -87.3, -103.9, 0.34657, -0.34657, 1.0397, 20.0, 22.0)

FUNCTIONS = {
    "sin": (1, mpmath.sin, trig), "cos": (1, mpmath.cos, trig), "tan": (1, mpmath.tan, trig),
    "asin": (1, mpmath.asin, unit), "acos": (1, mpmath.acos, unit),
    "atan": (1, mpmath.atan, everywhere + [around(0.41421356, 2.41421356, 1.0)]),
    "sinh": (1, mpmath.sinh, everywhere + [edges, uniform(-710, 710)]), "cosh": (1, mpmath.cosh, everywhere + [edges, uniform(-710, 710)]),
    "tanh": (1, mpmath.tanh, everywhere + [edges]),
    "asinh": (1, mpmath.asinh, everywhere), "acosh": (1, mpmath.acosh, [uniform(1, 4), magnitudes(0, 1024, False), around(1.0)]),
    "atanh": (1, mpmath.atanh, unit),
    "exp": (1, mpmath.exp, everywhere + [edges, uniform(-745, 709), uniform(-103, 88)]),
    "exp2": (1, lambda x: mpf(2) ** x, everywhere + [uniform(-1075, 1024), uniform(-150, 128), around(1023.99, -1022.0, -126.0, 0.5, -0.5)]),
    "expm1": (1, mpmath.expm1, everywhere + [edges, uniform(-40, 709)]),
    "log": (1, mpmath.log, positive), "log2": (1, lambda x: mpmath.log(x) / mpmath.log(2), positive), "log10": (1, mpmath.log10, positive),
    "log1p": (1, mpmath.log1p, [uniform(-1, 3), magnitudes(-1074, 0), magnitudes(-60, 1024, False), around(-0.2929, 0.41421356, -0.99999)]),
    "cbrt": (1, lambda x: mpmath.cbrt(x) if x >= 0 else -mpmath.cbrt(-x), [uniform(-9, 9), ANY, SINGLE_RANGE, around(1.0, 8.0, 0.125)]),
    "erf": (1, mpmath.erf, everywhere + [around(1.0, 0.5, 2.0, 5.9)]),
    "erfc": (1, mpmath.erfc, everywhere + [uniform(0, 27), uniform(0, 10), around(1.0, 0.5, 0.4769, 2.0, 26.5)]),
    "logistic": (1, lambda x: 1 / (1 + mpmath.exp(-x)), everywhere + [edges]),
    "atan2": (2, mpmath.atan2, [uniform(-3, 3), ANY, SINGLE_RANGE, magnitudes(-8, 8)]),
    "hypot": (2, lambda x, y: mpmath.sqrt(x * x + y * y), [uniform(-3, 3), ANY, SINGLE_RANGE, magnitudes(-8, 8)]),
    "pow": (2, None, []),
}


def powers():
    """Bases and exponents whose power is a float64, mostly."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.uniform(0, 5), rng.uniform(-8, 8)
    if kind == 1:
        x = magnitudes(-1074, 1024, False)()
        return x, rng.uniform(-1, 1) * 745 / max(abs(math.log(x)), 1e-3)
    if kind == 2:
        x = 1 + rng.uniform(-1, 1) * 2.0 ** -rng.randrange(1, 50)
        return x, rng.uniform(-1, 1) * 745 / max(abs(math.log(x)), 1e-18)
    return rng.uniform(-5, 5), float(rng.randrange(-30, 30))


def ulp(y):
    return mpf(2) ** (max(int(mp.floor(mp.log(abs(y), 2))), -1022) - 52)


def record(f, arguments):
    """The record of one argument list, or None where the value is no finite float64."""
    # Integers, so that the precision of huge arguments does not matter; cancellation next to zeros needs more digits.
    with mp.workdps(60 + (340 if max(map(abs, arguments)) > 1e15 else 0)):
        value = f(*map(mpf, arguments))
        if abs(value) >= mpf(2) ** 1024 - mpf(2) ** 970 or mpmath.isnan(value) or mpmath.im(value) != 0:
            return None
        value = mpmath.re(value)
        nearest = float(value)
        residual = 0 if value == 0 else int(mp.nint((value - mpf(nearest)) / ulp(value) * 254))
    return struct.pack(f"<{len(arguments) + 1}db", *arguments, nearest, max(-127, min(127, residual)))


result = {}
for name, (arity, f, draws) in FUNCTIONS.items():
    records = []
    if name == "pow":
        f, draws = (lambda x, y: x**y), [powers, powers, powers, powers]
    for draw in draws:
        for index in range(COUNT):
            arguments = draw() if name == "pow" else tuple(draw() for _ in range(arity))
            if index % 2 == 0:
                arguments = tuple(single(a) for a in arguments)
            if any(a == 0 and math.copysign(1, a) < 0 for a in arguments):
                continue
            try:
                data = record(f, arguments)
            except (ZeroDivisionError, ValueError, OverflowError):
                data = None
            if data is not None:
                records.append(data)
    result[name] = base64.b64encode(b"".join(records)).decode()

with open(sys.argv[2], "w") as file:
    json.dump(result, file, indent=0)
    file.write("\n")
