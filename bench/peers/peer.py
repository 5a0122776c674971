"""What the peer scripts share: the protocol, points, the check and the clock.

A peer reads a request from standard input, as JSON:
    program    the function as the JSON form of a Program, as written
    python     the same as a Python module of jax.numpy calls that defines `function(*inputs)`, a tuple of outputs
    points     [{inputs: flat, jacobian: [rows][columns]}]: where the Jacobian must be ours
    dtypes, batches, threads, seconds (per case), cc (the C compiler)
    variants   those to try, or null for all
and writes one line of JSON:
    {"peer", "versions", "cases": [{group, variant, dtype, batch, threads, median, low, high, samples}], "notes": [text]}
with nanoseconds per Jacobian, or {"peer", "missing": how to install it}. A case whose numbers are not ours is not timed; a note says so.
"""

import json
import os
import statistics
import sys
import time

TOLERANCE = {"float32": 2e-3, "float64": 1e-9}
# An entry below this share of the largest is compared with that share.
SMALL = {"float32": 1e-2, "float64": 1e-3}


def answer(peer, install, run):
    """Runs a peer on the request: `run(request, notes)` returns (versions, cases)."""
    request = json.load(sys.stdin)
    notes = []
    try:
        versions, cases = run(request, notes)
        result = {"peer": peer, "versions": versions, "cases": cases, "notes": notes}
    except ImportError as error:
        result = {"peer": peer, "missing": f"{install} ({error})"}
    sys.stdout.write(f"\n{json.dumps(result)}\n")


def held_to(threads):
    """Holds this process to as many processors as threads, where the system can; False, with nothing done, if there are not so many."""
    if not hasattr(os, "sched_setaffinity"):
        return True
    available = sorted(os.sched_getaffinity(0))
    if len(available) < threads:
        return False
    os.sched_setaffinity(0, available[:threads])
    return True


def varied(value, index):
    """The value at a point of a batch: moved by less than a part in a thousand, as our own kernels are measured."""
    return value * (1 + (index % 61) * 1e-5)


def batch_of(point, count):
    """Points around one, [count][inputs]."""
    return [[varied(value, index) for value in point] for index in range(count)]


def disagreement(values, expected, dtype):
    """How far rows of a Jacobian are from the expected ones, in tolerances: at most 1 is well. Infinite where the shapes differ."""
    flat = [float(value) for row in values for value in row]
    wanted = [float(value) for row in expected for value in row]
    if len(flat) != len(wanted):
        return float("inf")
    largest = max(map(abs, wanted), default=0.0)
    worst = 0.0
    for value, other in zip(flat, wanted):
        error = abs(value - other) / max(abs(other), SMALL[dtype] * largest, 1e-300)
        worst = max(worst, error if error == error else float("inf"))
    return worst / TOLERANCE[dtype]


def agrees(what, jacobian, request, dtype, notes):
    """Whether `jacobian(inputs)`, rows of numbers, is ours at all points; if not, a note says by how much."""
    worst = max(disagreement(jacobian(point["inputs"]), point["jacobian"], dtype) for point in request["points"])
    if worst <= 1:
        return True
    notes.append(f"{what}, {dtype}: not timed, its Jacobian differs from ours by {worst * TOLERANCE[dtype]:.1e}, relatively")
    return False


def measure(workloads, seconds):
    """Times (evaluations, call) side by side, `seconds` for each: [{median, low, high, samples}] in nanoseconds per evaluation.

    Every workload is warmed up, then all take turns, so that whatever else the machine does hits them alike.
    """
    clock = time.perf_counter
    repetitions = []
    for _, call in workloads:
        start, calls, end = clock(), 0, clock() + 0.3 * seconds
        while calls == 0 or clock() < end:
            call()
            calls += 1
        once = (clock() - start) / calls
        repetitions.append(max(1, int(0.01 * seconds / once)))
    samples = [[] for _ in workloads]
    end = clock() + 0.7 * seconds * len(workloads)
    while len(samples[0]) < 5 or (clock() < end and len(samples[0]) < 1000):
        for (evaluations, call), count, own in zip(workloads, repetitions, samples):
            start = clock()
            for _ in range(count):
                call()
            own.append((clock() - start) * 1e9 / (count * evaluations))
    return [summary(own) for own in samples]


def contenders(cases):
    """The variants that were anywhere within half as much again of the fastest; compiling the others for a further dtype would only take time."""
    best = {}
    for case in cases:
        key = case["dtype"], case["batch"]
        best[key] = min(best.get(key, float("inf")), case["median"])
    return sorted({case["variant"] for case in cases if case["median"] <= 1.5 * best[case["dtype"], case["batch"]]}) or None


def summary(samples):
    """Median, quartiles and number of samples."""
    quartiles = statistics.quantiles(samples, n=4, method="inclusive") if len(samples) > 1 else samples * 3
    return {"median": quartiles[1], "low": quartiles[0], "high": quartiles[2], "samples": len(samples)}
