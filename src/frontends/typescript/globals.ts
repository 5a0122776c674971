/**
 * What rewritten code sees of JavaScript's globals: copies that work on tracers and plain values alike, and nothing else.
 *
 * Functions that need plain values say so when they are given a tracer. Constructors are plain functions here (`new` calls them).
 */

import type * as math from "../../math.ts";
import { erf } from "../../program/erf.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import { tracedVocabulary } from "./arrays.ts";
import { Tracer, type Tracing } from "./tracer.ts";

type Callable = (...parameters: unknown[]) => unknown;

/** `Math` functions of one argument that are one primitive each. */
const unary = {
  abs: "abs",
  acos: "acos",
  acosh: "acosh",
  asin: "asin",
  asinh: "asinh",
  atan: "atan",
  atanh: "atanh",
  cbrt: "cbrt",
  ceil: "ceil",
  cos: "cos",
  cosh: "cosh",
  exp: "exp",
  expm1: "expm1",
  floor: "floor",
  log: "log",
  log10: "log10",
  log1p: "log1p",
  log2: "log2",
  sign: "sign",
  sin: "sin",
  sinh: "sinh",
  sqrt: "sqrt",
  tan: "tan",
  tanh: "tanh",
} as const satisfies Partial<Record<keyof Math, PrimitiveName>>;

/** `Math` functions of any number of arguments: folded from the left by a primitive of two. */
const folded = { max: "max", min: "min", hypot: "hypot" } as const;

/** `x ** n`: one `integer_pow` for a constant integer n, one `pow` otherwise. */
export function power(tracing: Tracing, base: number | Tracer, exponent: number | Tracer): number | Tracer {
  if (typeof exponent === "number") {
    if (typeof base === "number") return base ** exponent;
    if (Number.isSafeInteger(exponent)) return tracing.emit("integer_pow", [base], { exponent });
  }
  return tracing.emit("pow", [base, exponent]);
}

/** The functions of `alphagrad/math`, traceable. */
export function mathModule(tracing: Tracing): Readonly<Record<keyof typeof math, Callable>> {
  return Object.freeze({
    ...tracedVocabulary(tracing),
    erf: (x: unknown) => {
      const value = tracing.number(x, "the argument");
      return typeof value === "number" ? erf(value) : tracing.emit("erf", [value]);
    },
    where: (condition: unknown, a: unknown, b: unknown) => {
      const whenTrue = tracing.number(a, "the value where the condition holds");
      const whenFalse = tracing.number(b, "the value where the condition does not hold");
      if (typeof condition === "boolean") return condition ? whenTrue : whenFalse;
      if (!(condition instanceof Tracer) || Tracer.typeOf(condition) !== "boolean")
        return tracing.fail("the condition of where must be a comparison, as in where(x > 0, a, b)");
      return tracing.emit("select", [condition, whenFalse, whenTrue]);
    },
  });
}

function mathGlobal(tracing: Tracing): Readonly<Record<string, unknown>> {
  const argument = (value: unknown) => tracing.number(value, "the argument");
  const members: Record<string, unknown> = {};
  for (const name of ["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"] as const)
    members[name] = Math[name];
  for (const [name, primitive] of Object.entries(unary) as [keyof typeof unary, PrimitiveName][])
    members[name] = (x: unknown) => {
      const value = argument(x);
      return typeof value === "number" ? Math[name](value) : tracing.emit(primitive, [value]);
    };
  for (const [name, primitive] of Object.entries(folded) as [keyof typeof folded, PrimitiveName][])
    members[name] = (...values: unknown[]) => {
      const numbers = values.map(argument);
      if (numbers.every((value) => typeof value === "number")) return Math[name](...numbers);
      const fold = (x: number | Tracer, y: number | Tracer) =>
        typeof x === "number" && typeof y === "number" ? Math[name](x, y) : tracing.emit(primitive, [x, y]);
      const result = numbers.reduce(fold);
      return name === "hypot" && numbers.length === 1 ? tracing.emit("abs", [result]) : result;
    };
  members.atan2 = (a: unknown, b: unknown) => {
    const [y, x] = [argument(a), argument(b)];
    return typeof y === "number" && typeof x === "number" ? Math.atan2(y, x) : tracing.emit("atan2", [y, x]);
  };
  members.pow = (base: unknown, exponent: unknown) => power(tracing, argument(base), argument(exponent));
  members.trunc = (a: unknown) => {
    const x = argument(a);
    if (typeof x === "number") return Math.trunc(x);
    return tracing.emit("mul", [
      tracing.emit("sign", [x]),
      tracing.emit("floor", [tracing.emit("abs", [x])]),
    ]);
  };
  // JavaScript rounds halves up; x - floor(x) is exact, x + 0.5 is not.
  members.round = (a: unknown) => {
    const x = argument(a);
    if (typeof x === "number") return Math.round(x);
    const floor = tracing.emit("floor", [x]);
    const upper = tracing.emit("ge", [tracing.emit("sub", [x, floor]), 0.5], {}, "boolean");
    return tracing.emit("add", [floor, tracing.emit("select", [upper, 0, 1])]);
  };
  // Programs are exact in float64 whatever their dtypes say; a kernel chooses the precision.
  members.fround = (a: unknown) => {
    const x = argument(a);
    if (typeof x === "number") return Math.fround(x);
    return tracing.emit("convert", [tracing.emit("convert", [x], { dtype: "float32" })], {
      dtype: "float64",
    });
  };
  for (const name of ["clz32", "imul"] as const)
    members[name] = plain(tracing, `Math.${name}`, Math[name] as Callable);
  members.random = () =>
    tracing.fail("Math.random is not a function of the inputs: pass the random number as a parameter");
  return Object.freeze(members);
}

/** A function that takes plain values only. */
function plain(tracing: Tracing, name: string, call: Callable): Callable {
  return (...values) => {
    if (values.some((value) => value instanceof Tracer))
      tracing.fail(`${name} cannot be applied to a value that depends on the inputs`);
    return call(...values);
  };
}

function plainMembers(
  tracing: Tracing,
  name: string,
  source: object,
  members: readonly string[],
): Record<string, unknown> {
  const table = source as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    members.map((member) => {
      const value = table[member];
      return [
        member,
        typeof value === "function"
          ? plain(tracing, `${name}.${member}`, value.bind(source) as Callable)
          : value,
      ];
    }),
  );
}

function arrayGlobal(tracing: Tracing): Callable {
  const checked = (length: unknown) => {
    if (typeof length === "number" && length > tracing.limits.length)
      tracing.fail(`an array of ${length} elements is too large to trace (at most ${tracing.limits.length})`);
    return length;
  };
  const create = (...values: unknown[]) => {
    const [length] = values;
    if (values.length === 1 && length instanceof Tracer)
      tracing.fail("the length of an array cannot depend on the inputs");
    return values.length === 1 ? new Array(checked(length) as number) : values;
  };
  const from = (items: unknown, map?: unknown) => {
    if (items instanceof Tracer || items === undefined || items === null)
      return tracing.fail(`${tracing.here}: expected an array`);
    checked((items as { length?: unknown }).length);
    const list = Array.from(items as ArrayLike<unknown>);
    return typeof map === "function" ? list.map((item, index) => (map as Callable)(item, index)) : list;
  };
  const members = {
    from,
    of: (...items: unknown[]) => items,
    isArray: (value: unknown) => Array.isArray(value),
  };
  return Object.freeze(Object.assign(create, members));
}

/** A `Float64Array` of tracers is a plain array. */
function float64Array(array: Callable): Callable {
  const members = array as unknown as { readonly from: Callable; readonly of: Callable };
  const create = (items: unknown) =>
    typeof items === "number" ? (array(items) as number[]).fill(0) : members.from(items);
  return Object.freeze(Object.assign(create, { from: members.from, of: members.of }));
}

/** The globals of rewritten code by name, and those of them that `new` may be applied to. */
export interface Globals {
  readonly values: ReadonlyMap<string, unknown>;
  readonly constructors: ReadonlySet<unknown>;
}

export function createGlobals(tracing: Tracing): Globals {
  const members = (name: string, source: object, names: readonly string[]) =>
    plainMembers(tracing, name, source, names);
  const array = arrayGlobal(tracing);
  const float64 = float64Array(array);
  const errors = ["Error", "RangeError", "TypeError"].map((name) => {
    const create = (message: unknown) => Object.assign(new Error(String(message)), { name });
    return [name, Object.freeze(create)] as const;
  });
  const number = (x: unknown = 0) => (x instanceof Tracer ? tracing.number(x, "the argument") : Number(x));
  const numberMembers =
    "EPSILON MAX_VALUE MIN_VALUE MAX_SAFE_INTEGER MIN_SAFE_INTEGER POSITIVE_INFINITY NEGATIVE_INFINITY NaN";
  const numberFunctions = "isInteger isSafeInteger isFinite isNaN parseFloat parseInt";
  const silent = () => undefined;
  const values = new Map<string, unknown>([
    ["Math", mathGlobal(tracing)],
    ["Array", array],
    ["Float64Array", float64],
    [
      "Object",
      Object.freeze(
        members("Object", Object, ["keys", "values", "entries", "fromEntries", "assign", "freeze"]),
      ),
    ],
    [
      "Number",
      Object.freeze(
        Object.assign(number, members("Number", Number, `${numberMembers} ${numberFunctions}`.split(" "))),
      ),
    ],
    ["String", plain(tracing, "String", (value) => String(value))],
    ["Boolean", plain(tracing, "Boolean", Boolean)],
    ...Object.entries({ isNaN, isFinite, parseFloat, parseInt }).map(
      ([name, call]) => [name, plain(tracing, name, call as Callable)] as const,
    ),
    ...errors,
    ["console", Object.freeze({ log: silent, info: silent, warn: silent, error: silent, debug: silent })],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["undefined", undefined],
    // esbuild's helper that keeps the names of functions.
    ["__name", (value: unknown) => value],
  ]);
  return { values, constructors: new Set([array, float64, ...errors.map(([, create]) => create)]) };
}
