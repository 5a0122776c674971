/**
 * What a primitive is: its shape rule, its reference evaluation and its local partials, in one value.
 *
 * What a kernel emits for it is a table in that kernel's folder. To add a primitive, add it to a family in `primitives/` and to
 * the kernels' tables (which do not compile without it).
 */

import type { Structure } from "../structure/structure.ts";
import type { ParameterKinds } from "./parameters.ts";
import type { PrimitiveName, PrimitiveParameters } from "./primitives/index.ts";
import type { Operand } from "./program.ts";
import type { Tensor, TensorType } from "./type.ts";

/** Parameters of a primitive that has none. */
export type NoParameters = Readonly<Record<never, never>>;

/** What partials are written with: appends equations and hands back their results. */
export interface Emitter {
  /** Emits one equation (or a value that it is known to equal) and returns its result. */
  emit<Name extends PrimitiveName>(
    primitive: Name,
    operands: readonly Operand[],
    ...parameters: PrimitiveParameters[Name] extends NoParameters
      ? [parameters?: PrimitiveParameters[Name]]
      : [parameters: PrimitiveParameters[Name]]
  ): Operand;
  typeOf(operand: Operand): TensorType;
}

/**
 * One term of the partial derivative of an equation's result by one of its operands.
 *
 * `counted` are the labels over which the value counts as data in the paper's accounting, ordered: +1 of an addition counts, so it is
 * `[]` (one number) for scalars; null is pure structure (copies, reshapes, broadcasts), which is free.
 */
export interface LocalPartial {
  readonly structure: Structure;
  readonly counted: readonly number[] | null;
  /** A literal for a known constant (1 for pure structure), otherwise a value with the shape of the extents of `counted`. */
  readonly value: Operand;
}

/** What a rule for partials may use. */
export interface PartialsContext<Parameters> {
  readonly emitter: Emitter;
  readonly operands: readonly Operand[];
  readonly result: Operand;
  readonly parameters: Parameters;
}

export interface Primitive<Parameters> {
  /** What each parameter may be. The other members may rely on it. */
  readonly parameters: ParameterKinds<Parameters>;
  /** Shape rule. Throws an `InputError` that says which shapes or dtypes do not fit. */
  typeOf(operands: readonly TensorType[], parameters: Parameters): TensorType;
  /** Reference evaluation in float64; `type` is what `typeOf` gave. */
  evaluate(operands: readonly Tensor[], parameters: Parameters, type: TensorType): Tensor;
  /**
   * The terms of the partial by each operand; an empty list where the derivative is identically zero.
   * Operands that are literals or not floating are not asked for: their lists are ignored.
   */
  partials(context: PartialsContext<Parameters>): readonly (readonly LocalPartial[])[];
  /** Whether the two operands may change places (used to merge equal equations). */
  readonly commutative?: boolean;
}
