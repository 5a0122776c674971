"""Peer: CasADi, the SX Jacobian with common subexpressions eliminated: its virtual machine, and the C that it generates, compiled with optimisation.

Both evaluate point after point within one call, the virtual machine by `map`, the C code by a loop in C; the structural nonzeros are written.
"""

import ctypes
import os
import subprocess
import tempfile

from operations import casadi_functions
from peer import agrees, answer, batch_of, measure
from program import Unsupported, evaluate

INSTALL = "pip install casadi"
FLAGS = ["-std=c99", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"]
# A library whose functions may be inlined into each other.
LIBRARY = ["-shared", "-fPIC", "-fno-semantic-interposition"]
# One point is timed as so many, one after the other, so that Python's call does not count.
ONE_BY_ONE = 16
# Small batches of C code are computed again and again within one call, up to so many points, for the same reason.
PER_CALL = 8192

# The loop over points, rows in and rows out, appended to the generated code.
LOOP = """
void all_points(long repetitions, long count, const casadi_real* inputs, casadi_real* outputs, casadi_int* iw, casadi_real* w) {
  for (long repetition = 0; repetition < repetitions; repetition++)
    for (long point = 0; point < count; point++) {
      const casadi_real* arg[1] = {inputs + point * %d};
      casadi_real* res[1] = {outputs + point * %d};
      jacobian(arg, res, iw, w, 0);
    }
}
"""


def run(request, notes):
    import casadi as ca

    program = request["program"]
    if request["threads"] > 1:
        return {"casadi": ca.__version__}, []
    x = ca.SX.sym("x", len(program["inputs"]))
    try:
        outputs = evaluate(program, ca.vertsplit(x), casadi_functions())
    except Unsupported as unsupported:
        notes.append(f"CasADi is left out: {unsupported}")
        return {"casadi": ca.__version__}, []
    jacobian = ca.cse(ca.jacobian(ca.vertcat(*outputs), x))
    function = ca.Function("jacobian", [x], [jacobian])
    cases = []
    with tempfile.TemporaryDirectory() as directory:
        for dtype in request["dtypes"]:
            variants = {}
            if dtype == "float64":
                variants["virtual machine"] = virtual_machine(ca, function)
            try:
                variants["generated C"] = generated(function, dtype, directory, request.get("cc", "cc"))
            except (OSError, subprocess.CalledProcessError) as error:
                notes.append(f"CasADi's C code is left out: no C compiler that takes it ({error}); --cc names one")
            right = {
                name: prepare
                for name, prepare in variants.items()
                if agrees(f"CasADi {name}", dense(function, prepare), request, dtype, notes)
            }
            for batch in request["batches"]:
                count = ONE_BY_ONE if batch == 1 else batch
                points = batch_of(request["points"][0]["inputs"], count)
                calls = [(evaluations, call) for evaluations, call, _ in (prepare(points) for prepare in right.values())]
                if not calls:
                    continue
                for name, timing in zip(right, measure(calls, request["seconds"])):
                    group = f"CasADi {name}"
                    cases.append({"group": group, "variant": "", "dtype": dtype, "batch": batch, "threads": 1, **timing})
    return {"casadi": ca.__version__}, cases


def dense(function, prepare):
    """inputs -> rows, zeros put back."""
    pattern = function.sparsity_out(0)
    rows, columns = pattern.get_triplet()

    def jacobian(inputs):
        _, call, results = prepare([inputs])
        call()
        matrix = [[0.0] * pattern.size2() for _ in range(pattern.size1())]
        for row, column, value in zip(rows, columns, results()):
            matrix[row][column] = value
        return matrix

    return jacobian


def virtual_machine(ca, function):
    """points -> (evaluations, a call that makes them, the nonzeros of the first point)."""
    import numpy as np

    def prepare(points):
        mapped = function.map(len(points), "serial")
        width = mapped.nnz_out(0)
        inputs = np.ascontiguousarray(points, dtype=np.float64).ravel()
        outputs = np.zeros(width)
        buffer, trigger = mapped.buffer()
        buffer.set_arg(0, memoryview(inputs))
        buffer.set_res(0, memoryview(outputs))
        # All that the call reads and writes stays alive with it.
        call = lambda _kept=(mapped, buffer, inputs, outputs): trigger()  # noqa: E731
        return len(points), call, lambda: outputs[: function.nnz_out(0)].tolist()

    return prepare


def generated(function, dtype, directory, compiler):
    """The same for the C code."""
    import numpy as np

    real, number = ("double", np.float64) if dtype == "float64" else ("float", np.float32)
    here = os.getcwd()
    os.chdir(directory)
    try:
        function.generate(f"{dtype}.c", {"casadi_real": real, "casadi_int": "long"})
    finally:
        os.chdir(here)
    source = os.path.join(directory, f"{dtype}.c")
    with open(source, "a") as file:
        file.write(LOOP % (function.nnz_in(0), function.nnz_out(0)))
    library = os.path.join(directory, f"{dtype}.so")
    subprocess.run([compiler, *FLAGS, *LIBRARY, "-o", library, source, "-lm"], check=True, capture_output=True)
    all_points = ctypes.CDLL(library).all_points
    integers = np.zeros(function.sz_iw() + 1, np.int64)
    work = np.zeros(function.sz_w() + 1, number)

    def prepare(points):
        inputs = np.ascontiguousarray(points, dtype=number)
        outputs = np.zeros((len(points), function.nnz_out(0)), number)
        arrays = [array.ctypes.data_as(ctypes.c_void_p) for array in (inputs, outputs, integers, work)]
        repetitions = max(1, PER_CALL // len(points))
        counts = [ctypes.c_long(repetitions), ctypes.c_long(len(points))]
        # The arrays stay alive with the call.
        call = lambda _kept=(inputs, outputs): all_points(*counts, *arrays)  # noqa: E731
        return repetitions * len(points), call, lambda: outputs[0].tolist()

    return prepare


if __name__ == "__main__":
    answer("CasADi", INSTALL, run)
