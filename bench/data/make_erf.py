"""Reference values of erf and erfc for src/program/erf.test.ts, by mpmath with 60 digits (pip install mpmath).

    python make_erf.py erf > erf.json; python make_erf.py erfc > erfc.json

Each row is [x, high, low]: high is the value rounded to float64, high + low is it to about 32 digits.
"""

import json
import math
import random
import sys

import mpmath

mpmath.mp.dps = 60
random.seed(1)

# Around the ends of the intervals of the approximation, over each of them, and the tiny numbers, where erf(x) = 2 x / sqrt(pi).
ends = [0.84375, 1.25, 1 / 0.35, 6.0]
points = [5e-324, 1e-308, 1e-300, 1e-20, 2.0**-28, 1e-8, 1e-4, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 5.9]
points += [neighbour for end in ends for neighbour in (math.nextafter(end, 0), end, math.nextafter(end, 10))]
for low, high in zip([0.0, *ends], ends):
    points += [random.uniform(low, high) for _ in range(20)]

complement = sys.argv[1] == "erfc"
if complement:
    points = [-x for x in points if x > 1e-4] + points + [0.25, 0.2499999] + [random.uniform(6, 26) for _ in range(30)]

rows = []
for x in sorted(points):
    exact = (mpmath.erfc if complement else mpmath.erf)(mpmath.mpf(x))
    rounded = float(exact)
    rows.append([x, rounded, float(exact - mpmath.mpf(rounded))])
print("[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]")
