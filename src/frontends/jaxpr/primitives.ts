/**
 * JAX's primitives, each told by ours: a row per name. A primitive that JAX prints and that has no row here is not supported.
 *
 * A row should emit exactly one equation, so that equation numbers are those of the printed jaxpr; the exception (dot_general that also
 * loses dims) says so. What a row cannot do yet for some shapes it throws as `Unsupported`.
 */

import { InputError } from "../../errors.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import { isFloating } from "../../program/type.ts";
import { arrayRules } from "./arrays.ts";
import { dtypeOf, integer } from "./parameters.ts";
import { type Rule, Unsupported } from "./rule.ts";

/** Primitives that call a jaxpr, which is put in their place, and the parameters that may hold it. */
export const CALLS: ReadonlySet<string> = new Set(
  [
    "jit pjit xla_call core_call closed_call core_closed_call call named_call",
    "remat remat2 remat_call checkpoint",
    "custom_jvp_call custom_jvp_call_jaxpr custom_vjp_call custom_vjp_call_jaxpr",
  ].flatMap((names) => names.split(" ")),
);
export const CALLED_JAXPR: readonly string[] = ["jaxpr", "call_jaxpr", "fun_jaxpr"];

/** The same primitive under our name. */
const same =
  (primitive: PrimitiveName): Rule =>
  ({ operands, emit }) => [emit(primitive, operands)];

/** Every operand as it is: what only matters to JAX's compiler. */
const copies: Rule = ({ operands, emit }) => operands.map((operand) => emit("copy", [operand]));

/** A logical primitive, for bools alone: on integers JAX means the bits. */
const logical =
  (primitive: PrimitiveName): Rule =>
  (use) => {
    if (use.types.some(({ dtype }) => dtype !== "bool")) throw new Unsupported("on integers");
    return same(primitive)(use);
  };

/** All rows, by the name that JAX prints. */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // Arithmetic and functions, for arrays of any shape.
  ...(
    "add sub mul rem atan2 max min neg abs sign floor ceil exp exp2 expm1 log log1p sqrt rsqrt cbrt square sin cos tan asin acos atan " +
    "sinh cosh tanh asinh acosh atanh logistic erf erfc is_finite eq ne lt le gt ge clamp stop_gradient copy"
  )
    .split(" ")
    .map((name): [string, Rule] => [name, same(name as PrimitiveName)]),
  ["copy_p", same("copy")],
  ["add_any", same("add")],
  ["add_jaxvals", same("add")],
  ["and", logical("and")],
  ["or", logical("or")],
  ["not", logical("not")],
  ["xor", logical("ne")],
  [
    "div",
    (use) => {
      if (!use.types.some(({ dtype }) => isFloating(dtype))) throw new Unsupported("on integers");
      return same("div")(use);
    },
  ],
  [
    "pow",
    (use) => {
      const [base, exponent] = use.operands;
      if (base === undefined || exponent?.kind !== "literal" || isFloating(exponent.dtype))
        return same("pow")(use);
      return [use.emit("integer_pow", [base], { exponent: exponent.value })];
    },
  ],
  [
    "integer_pow",
    ({ operands, parameters, emit }) => [
      emit("integer_pow", operands, { exponent: integer(parameters, "y") }),
    ],
  ],
  [
    "round",
    (use) => {
      const method = use.parameters.get("rounding_method");
      const even =
        method?.kind === "number"
          ? method.value === 1
          : method?.kind === "name" && method.text.includes("EVEN");
      if (even) throw new Unsupported("to even");
      return same("round")(use);
    },
  ],
  [
    "select_n",
    (use) => {
      if (use.operands.length !== 3) throw new Unsupported(`among ${use.operands.length - 1} cases`);
      return same("select")(use);
    },
  ],
  // Before 2022: select(condition, whenTrue, whenFalse).
  [
    "select",
    ({ operands: [condition, whenTrue, whenFalse], emit }) => {
      if (condition === undefined || whenTrue === undefined || whenFalse === undefined)
        throw new InputError("expected 3 operands");
      return [emit("select", [condition, whenFalse, whenTrue])];
    },
  ],
  [
    "convert_element_type",
    (use) => {
      const parameter = use.parameters.get("new_dtype");
      const dtype = dtypeOf(parameter) ?? use.results[0]?.dtype;
      if (dtype === undefined)
        throw new Unsupported(parameter?.kind === "name" ? `to ${parameter.text}` : "without a dtype");
      return [use.emit("convert", use.operands, { dtype })];
    },
  ],
  // What only matters to JAX's compiler.
  ...["optimization_barrier", "sharding_constraint", "device_put", "name"].map((name): [string, Rule] => [
    name,
    copies,
  ]),
  ...arrayRules,
]);
