"""Programs of scalars as Python: the JSON form of a Program, evaluated with the functions of any library.

A library is a table from names of functions (those of `math`) to its own; values are whatever it computes with, its operators included.
"""


class Unsupported(Exception):
    """A primitive that the library has no function for."""


def number(value):
    """A number of JSON; what JSON lacks is there as text. Whole ones as such: symbolic libraries tell 2 from 2.0."""
    value = float(value)
    return int(value) if value.is_integer() and value != 0 else value


def evaluate(program, inputs, functions):
    """The outputs of a Program of scalars, one per output.

    program: its JSON form; inputs: one value per input; functions: see `scalar_rules`.
    Raises Unsupported for a primitive that the table lacks, and for arrays.
    """
    rules = scalar_rules(functions)
    values = list(inputs)

    def read(operand):
        return values[operand] if isinstance(operand, int) else number(operand["literal"])

    for equation in program["equations"]:
        name = equation["primitive"]
        if equation["type"]["shape"] or name not in rules:
            what = "arrays" if equation["type"]["shape"] else f"the primitive {name}"
            raise Unsupported(f"no translation of {what}")
        operands = [read(operand) for operand in equation["operands"]]
        values.append(rules[name](*operands, **equation["parameters"]))
    return [read(output["operand"]) for output in program["outputs"]]


def is_scalar(program):
    """Whether no value of a Program is an array."""
    values = [*program["inputs"], *program["equations"]]
    return all(not value["type"]["shape"] for value in values)


FUNCTIONS = """exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
    atan2 pow hypot max min abs sign floor ceil expm1 log1p erf select""".split()


def scalar_rules(functions):
    """The rule of each primitive that a table of functions allows. The table maps some of FUNCTIONS; `select(condition, whenTrue, whenFalse)`."""
    f = functions
    rules = {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x,
        "square": lambda x: x * x,
        "integer_pow": lambda x, exponent: x**exponent,
        "rsqrt": lambda x: 1 / f["sqrt"](x),
        "exp2": lambda x: f["exp"](0.6931471805599453 * x),
        "log2": lambda x: 1.4426950408889634 * f["log"](x),
        "log10": lambda x: 0.4342944819032518 * f["log"](x),
        "logistic": lambda x: 1 / (1 + f["exp"](-x)),
        "cbrt": lambda x: f["sign"](x) * f["abs"](x) ** (1 / 3),
        "erfc": lambda x: 1 - f["erf"](x),
        "clamp": lambda low, x, high: f["min"](f["max"](x, low), high),
        "lt": lambda x, y: x < y,
        "le": lambda x, y: x <= y,
        "gt": lambda x, y: x > y,
        "ge": lambda x, y: x >= y,
        "copy": lambda x: x,
        "convert": lambda x, dtype: x,
        "reshape": lambda x, shape: x,
        "select": lambda condition, when_false, when_true: f["select"](condition, when_true, when_false),
        "pow": lambda x, y: x**y,
    }
    if "expm1" not in f and "exp" in f:
        rules["expm1"] = lambda x: f["exp"](x) - 1
    if "log1p" not in f and "log" in f:
        rules["log1p"] = lambda x: f["log"](1 + x)
    needed = {
        "rsqrt": "sqrt", "exp2": "exp", "log2": "log", "log10": "log", "logistic": "exp", "cbrt": "sign",
        "erfc": "erf", "clamp": "min", "select": "select",
    }  # fmt: skip
    available = {name: rule for name, rule in rules.items() if needed.get(name, name) in f or name not in needed}
    return {**available, **{name: f[name] for name in FUNCTIONS if name in f and name not in rules}}
