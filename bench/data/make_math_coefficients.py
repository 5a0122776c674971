"""The polynomials of src/kernels/wasm/math/coefficients.ts: minimax fits by Remez's exchange, in 110 digits.

Usage: python3 make_math_coefficients.py > ../../src/kernels/wasm/math/coefficients.ts   (needs mpmath)

Every fit is f(x) ~ sum of c[k] x^k on an interval, with the error weighted by w(x), so that the printed error is that of the function in which the
polynomial is used, relative to its value. Coefficients are rounded to the nearest float64 or float32 afterwards.
"""

import struct
from mpmath import mp, mpf, matrix, lu_solve, exp, log, sin, cos, atan, asin, erf, erfc, sqrt, pi, tanh, cbrt

mp.dps = 110


def remez(f, w, a, b, degree):
    """Coefficients of the polynomial whose weighted error is least at its worst on [a, b], and that error."""
    a, b = mpf(a), mpf(b)
    count = degree + 2
    points = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / (count - 1)) for k in range(count)]
    coefficients = None
    for _ in range(12):
        system, right = matrix(count, count), matrix(count, 1)
        for row, x in enumerate(points):
            for k in range(degree + 1):
                system[row, k] = x**k
            system[row, degree + 1] = (-1) ** row / w(x)
            right[row] = f(x)
        solution = lu_solve(system, right)
        coefficients = [solution[k] for k in range(degree + 1)]
        error = lambda x: w(x) * (f(x) - sum(c * x**k for k, c in enumerate(coefficients)))
        samples = 24 * count
        grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * k / samples) for k in range(samples + 1)]
        values = [error(x) for x in grid]
        groups = []
        for x, value in zip(grid, values):
            if groups and (groups[-1][1] > 0) == (value > 0):
                if abs(value) > abs(groups[-1][1]):
                    groups[-1] = (x, value)
            else:
                groups.append((x, value))
        if len(groups) < count:
            break
        while len(groups) > count:
            groups.pop(0 if abs(groups[0][1]) < abs(groups[-1][1]) else -1)
        points = [x for x, _ in groups]
        sizes = [abs(value) for _, value in groups]
        if max(sizes) < min(sizes) * mpf("1.01"):
            break
    return coefficients, max(abs(v) for v in values)


def single(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


TINY = mpf("1e-24")
LN2 = log(2)


def shifted(f):
    """A function of the square; near zero its value is taken at a point where the digits suffice."""
    return lambda z: f(sqrt(max(z, TINY)))


HALF = LN2 / 2 * mpf("1.0005")
S_MAX = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) * mpf("1.0005")
Q_MAX = (pi / 4) * mpf("1.0005")
SHEPHERD = mpf("3.75")


def guarded(r):
    return r if abs(r) > TINY else TINY


def erfc_scaled(t):
    x = SHEPHERD * (1 + t) / (1 - t)
    return (1 + 2 * x) * exp(x * x) * erfc(x)


def erfc_end(x):
    return (mpf(x) - SHEPHERD) / (mpf(x) + SHEPHERD)


FITS = [
    ("exponential", "(e^r - 1 - r) / r^2 for |r| <= ln(2)/2, by r; error relative to e^r - 1",
     lambda r: (exp(guarded(r)) - 1 - guarded(r)) / guarded(r) ** 2, lambda r: abs(r) + mpf("1e-3"), -HALF, HALF, 10, 4),
    ("logarithm", "(log((1 + s) / (1 - s)) / s - 2) / s^2, by s^2, for |s| <= (sqrt(2) - 1) / (sqrt(2) + 1)",
     shifted(lambda s: (log((1 + s) / (1 - s)) / s - 2) / s**2), lambda z: (z + mpf("1e-4")) / 2, 0, S_MAX**2, 6, 3),
    ("logarithmTail", "(log((1 + s) / (1 - s)) / s - 2 - 2/3 s^2) / s^4, by s^2, on the same interval",
     shifted(lambda s: (log((1 + s) / (1 - s)) / s - 2 - 2 * s**2 / 3) / s**4), lambda z: (z + mpf("1e-4")) ** 2 / 2, 0, S_MAX**2, 7, None),
    ("sine", "(sin(r) / r - 1) / r^2, by r^2, for |r| <= pi/4",
     shifted(lambda r: (sin(r) / r - 1) / r**2), lambda z: z + mpf("1e-4"), 0, Q_MAX**2, 5, 2),
    ("cosine", "(cos(r) - 1 + r^2 / 2) / r^4, by r^2, for |r| <= pi/4",
     shifted(lambda r: (cos(r) - 1 + r**2 / 2) / r**4), lambda z: (z + mpf("1e-3")) ** 2, 0, Q_MAX**2, 5, 2),
    ("arctangent", "(atan(t) / t - 1) / t^2, by t^2, for |t| <= 1/2",
     shifted(lambda t: (atan(t) / t - 1) / t**2), lambda z: z + mpf("1e-4"), 0, mpf("0.2501"), 12, 4),
    ("arcsine", "(asin(x) / x - 1) / x^2, by x^2, for |x| <= 1/2",
     shifted(lambda x: (asin(x) / x - 1) / x**2), lambda z: z + mpf("1e-4"), 0, mpf("0.2501"), 11, 4),
    ("hyperbolicTangent", "(tanh(x) / x - 1) / x^2, by x^2, for |x| <= 0.625; in float32 only",
     shifted(lambda x: (tanh(x) / x - 1) / x**2), lambda z: z + mpf("1e-4"), 0, mpf("0.3907"), None, 4),
    ("errorFunction", "erf(x) / x - 1, by x^2, for |x| <= 1",
     shifted(lambda x: erf(x) / x - 1), lambda z: mpf(1), 0, 1, 11, 5),
    ("complementaryErrorFunction", "(1 + 2x) exp(x^2) erfc(x) for 1/2 <= x <= 27.3 (float32: 10.1), by (x - 3.75) / (x + 3.75) (Shepherd & Laframboise 1981)",
     erfc_scaled, lambda t: 1 / erfc_scaled(t), erfc_end("0.499"), erfc_end("27.3"), 21, 8),
    ("cubeRoot", "cbrt(m) for 1 <= m <= 2, to start Newton's iteration", cbrt, lambda m: 1 / cbrt(m), 1, 2, 4, None),
]

print("""// biome-ignore-all lint/correctness/noPrecisionLoss: shortest digits that round to the coefficient, printed by Python.
/**
 * Coefficients of the vector mathematics, constant term first.
 *
 * Written by bench/data/make_math_coefficients.py: minimax polynomials by Remez's exchange in 110 digits, rounded to each format.
 * The error after each is that of the exact polynomial, relative to the function that it is for.
 */

/** One polynomial in both formats. */
export interface Coefficients {
  readonly f64x2: readonly number[];
  readonly f32x4: readonly number[];
}
""")
for name, doc, f, w, a, b, wide, narrow in FITS:
    print(f"/** {doc}. */")
    print(f"export const {name}: Coefficients = {{")
    for lanes, degree, convert in (("f64x2", wide, float), ("f32x4", narrow, single)):
        if degree is None:
            print(f"  {lanes}: [],")
            continue
        end = erfc_end("10.1") if name == "complementaryErrorFunction" and lanes == "f32x4" else b
        coefficients, error = remez(f, w, a, end, degree)
        print(f"  // error {mp.nstr(error, 2)}")
        print(f"  {lanes}: [")
        for c in coefficients:
            print(f"    {convert(c)!r},")
        print("  ],")
    print("};\n")

mp.prec = 1600
fraction = int(mp.floor((2 / pi) * mpf(2) ** 1344))
print("/** The first 1344 bits of 2/pi behind the binary point, in words of 64 bits, most significant first. */")
print("export const TWO_OVER_PI: readonly bigint[] = [")
for word in range(21):
    print(f"  0x{(fraction >> (64 * (20 - word))) & (2**64 - 1):016x}n,")
print("];")
