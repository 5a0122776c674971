"""What CasADi and SymForce need for the Jacobians of programs, in operations.

In (standard input): [{"name", "program": the JSON form of a Program of scalars}]. Out: [{"name", "casadi"?, "symforce"?}] with
{"operations": ..., "own": the count by the library's own measure}; and {"missing": [{"peer", "install"}]}.

An operation is a sum or difference of two values, a product, a quotient, a change of sign, a comparison or selection, or the call of a function; the
power x^n of a whole number n counts the products (and the quotient) of repeated squaring. Constants, copies, inputs and outputs are free. The same rule holds for
CasADi's instructions, SymForce's expressions, and the equations of our Jacobian program (src/program/reassociate).
"""

import json
import sys

from program import evaluate


def power_operations(exponent):
    """Products of repeated squaring for x^|n|, and a quotient for n < 0."""
    n = abs(exponent)
    products = max(0, n.bit_length() - 1 + bin(n).count("1") - 1)
    return products + (1 if exponent < 0 else 0)


def casadi_functions():
    import casadi as ca

    return {
        **{name: getattr(ca, name) for name in "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split()},
        **{name: getattr(ca, name) for name in "atan2 hypot sign floor ceil expm1 log1p erf".split()},
        "max": ca.fmax,
        "min": ca.fmin,
        "abs": ca.fabs,
        "select": ca.if_else,
    }


def casadi_count(program):
    """The instructions of the SX Jacobian after `cse`."""
    import casadi as ca

    x = ca.SX.sym("x", len(program["inputs"]))
    outputs = evaluate(program, ca.vertsplit(x), casadi_functions())
    jacobian = ca.cse(ca.jacobian(ca.vertcat(*outputs), x))
    function = ca.Function("jacobian", [x], [jacobian])
    ids = [function.instruction_id(k) for k in range(function.n_instructions())]
    instructions = [i for i in ids if i not in (ca.OP_INPUT, ca.OP_OUTPUT)]
    return {"operations": sum(1 for i in instructions if i != ca.OP_CONST), "own": len(instructions)}


def symforce_count(program):
    """The expressions of the symbolic Jacobian after SymForce's common subexpression elimination."""
    import symforce

    symforce.set_epsilon_to_number(0)
    import symforce.symbolic as sf

    functions = {
        **{name: getattr(sf, name) for name in "exp log sqrt sin cos tan asin acos atan sinh cosh tanh atan2".split()},
        "abs": sf.Abs,
        "max": sf.Max,
        "min": sf.Min,
        "floor": sf.floor,
        "sign": sf.sign,
    }
    symbols = [sf.Symbol(f"x_{k}") for k in range(len(program["inputs"]))]
    outputs = evaluate(program, symbols, functions)
    jacobian = sf.Matrix([sf.S(output) for output in outputs]).jacobian(symbols)
    shared, entries = sf.cse(list(jacobian.to_flat_list()))
    expressions = [expression for _, expression in shared] + list(entries)
    return {
        "operations": sum(tree_operations(expression) for expression in expressions),
        "own": sum(int(sf.count_ops(expression)) for expression in expressions),
    }


def tree_operations(expression):
    """The operations of an expression as one would write it: a term with a minus is subtracted, a power with a minus divides."""
    kind = type(expression).__name__
    if not expression.args:
        return 0
    if kind == "Add":
        terms = [split_product(term) for term in expression.args]
        inside = sum(product_operations(*term) for term in terms)
        negative = all(is_negative(coefficient) for coefficient, _, _ in terms)
        return inside + len(terms) - 1 + (1 if negative else 0)
    if kind in ("Mul", "Pow"):
        coefficient, above, below = split_product(expression)
        return product_operations(coefficient, above, below) + (1 if is_negative(coefficient) else 0)
    return 1 + sum(tree_operations(argument) for argument in expression.args)


def is_negative(coefficient):
    return float(coefficient) < 0


def split_product(expression):
    """A product as its constant, and the factors (base, exponent) above and below the line."""
    factors = expression.args if type(expression).__name__ == "Mul" else [expression]
    coefficient, above, below = 1, [], []
    for factor in factors:
        if not factor.free_symbols:
            coefficient = coefficient * factor
            continue
        base, exponent = factor.args if type(factor).__name__ == "Pow" else (factor, 1)
        constant = not getattr(exponent, "free_symbols", None)
        if constant and float(exponent) < 0:
            below.append((base, -exponent))
        else:
            above.append((base, exponent))
    return coefficient, above, below


def product_operations(coefficient, above, below):
    """Of a product without its sign."""
    inside = sum(factor_operations(*factor) for factor in [*above, *below])
    numerator = len(above) + (0 if abs(float(coefficient)) == 1 else 1)
    return inside + max(0, numerator - 1) + max(0, len(below) - 1) + (1 if below else 0)


def factor_operations(base, exponent):
    """Of base^exponent, exponent > 0 or symbolic."""
    inside = tree_operations(base)
    if getattr(exponent, "free_symbols", None):
        return inside + tree_operations(exponent) + 1
    value = float(exponent)
    if value == int(value):
        return inside + power_operations(int(value))
    if 2 * value == int(2 * value):
        return inside + 1 + power_operations(int(2 * value))
    return inside + 1


PEERS = {
    "casadi": ("casadi", casadi_count),
    "symforce": ("symforce", symforce_count),
}


def main():
    tasks = json.load(sys.stdin)
    missing, versions, results = [], {}, [{"name": task["name"]} for task in tasks]
    for peer, (module, count) in PEERS.items():
        try:
            versions[peer] = __import__(module).__version__
        except ImportError:
            missing.append({"peer": peer, "install": f"pip install {module}"})
            continue
        for task, result in zip(tasks, results):
            try:
                result[peer] = count(task["program"])
            except Exception as error:
                result[f"{peer} failed"] = f"{type(error).__name__}: {error}"
    json.dump({"results": results, "missing": missing, "versions": versions}, sys.stdout)


if __name__ == "__main__":
    main()
