/**
 * JAX's primitives, each told by ours: a row per name. A primitive that JAX prints and that has no row here is not supported.
 *
 * A row should emit exactly one equation, so that equation numbers are those of the printed jaxpr; the exception (dot_general that also
 * loses dims) says so. What a row cannot do yet for some shapes it throws as `Unsupported`.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import { isFloating } from "../../program/type.ts";
import { arrayRules } from "./arrays.ts";
import { controlRules } from "./control.ts";
import { integerRules } from "./integers.ts";
import { linearAlgebraRules } from "./linearAlgebra.ts";
import { dtypeOf, integer } from "./parameters.ts";
import { type ControlRule, type Rule, Unsupported } from "./rule.ts";
import { sortingRules } from "./sorting.ts";
import { roundToEven, specialRules } from "./special.ts";
import { windowRules } from "./windows.ts";

/** Primitives that call a jaxpr, which is put in their place, and the parameters that may hold it. */
export const CALLS: ReadonlySet<string> = new Set(
  [
    "jit pjit xla_call core_call closed_call core_closed_call call named_call",
    "remat remat2 remat_call checkpoint",
    "custom_jvp_call custom_jvp_call_jaxpr custom_vjp_call custom_vjp_call_jaxpr",
  ].flatMap((names) => names.split(" ")),
);
export const CALLED_JAXPR: readonly string[] = ["jaxpr", "call_jaxpr", "fun_jaxpr"];

/** Primitives that may be used on the bits of a float that is not known: they find its sign. */
export const SIGN_READERS: ReadonlySet<string> = new Set(["shift_right_logical", "shift_right_arithmetic"]);

/** The same primitive under our name. */
const same =
  (primitive: PrimitiveName): Rule =>
  ({ operands, emit }) => [emit(primitive, operands)];

/** Every operand as it is: what only matters to JAX's compiler. */
const copies: Rule = ({ operands, emit }) => operands.map((operand) => emit("copy", [operand]));

/** All rows, by the name that JAX prints. */
export const rules: ReadonlyMap<string, ControlRule> = new Map<string, ControlRule>([
  // Arithmetic and functions, for arrays of any shape.
  ...(
    "add sub mul rem atan2 max min neg abs sign floor ceil exp exp2 expm1 log log1p sqrt rsqrt cbrt square sin cos tan asin acos atan " +
    "sinh cosh tanh asinh acosh atanh logistic erf erfc is_finite eq ne lt le gt ge clamp stop_gradient copy"
  )
    .split(" ")
    .map((name): [string, Rule] => [name, same(name as PrimitiveName)]),
  ["copy_p", same("copy")],
  // The total order of floats, in which only NaN and the sign of zero differ.
  ["le_to", same("le")],
  ["lt_to", same("lt")],
  ["add_any", same("add")],
  ["add_jaxvals", same("add")],
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
      return even ? roundToEven(use) : same("round")(use);
    },
  ],
  [
    "select_n",
    (use) => {
      const [choice, first, ...others] = use.operands;
      if (choice === undefined || first === undefined) throw new InputError("expected a choice and cases");
      if (others.length < 2) return same("select")(use);
      const { dtype } = use.typeOf(choice);
      const select = (otherwise: Operand, value: Operand, index: number) =>
        use.emit("select", [use.emit("eq", [choice, literal(index + 1, dtype)]), otherwise, value]);
      return [others.reduce(select, first)];
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
  ...[
    "optimization_barrier",
    "sharding_constraint",
    "device_put",
    "name",
    "reduce_precision",
    "copy_start",
    "pvary",
    "mesh_cast",
    "reshard",
  ].map((name): [string, Rule] => [name, copies]),
  ...arrayRules,
  ...integerRules,
  ...specialRules,
  ...windowRules,
  ...linearAlgebraRules,
  ...sortingRules,
  ...controlRules,
]);
