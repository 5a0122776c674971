/** The syntax tree of a jaxpr text: what is written, before anything is known about its meaning. Tokens are kept for the places of errors. */

import type { Token } from "./tokens.ts";

/** `{ lambda constants ; inputs . let equations in (outputs) }` */
export interface Jaxpr {
  readonly token: Token;
  readonly constants: readonly Binder[];
  readonly inputs: readonly Binder[];
  readonly equations: readonly JaxprEquation[];
  readonly outputs: readonly JaxprOperand[];
  /** The jaxprs that may be called by name in here: those of `let name = {...} in` before the outermost jaxpr. */
  readonly definitions: ReadonlyMap<string, Jaxpr>;
}

/** `results = primitive[parameters] operands`; printing and other effects have no results. */
export interface JaxprEquation {
  readonly token: Token;
  readonly results: readonly Binder[];
  readonly primitive: string;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly operands: readonly JaxprOperand[];
}

/** A name where it is defined, with its type if that is printed. `_` is a value that nobody reads. */
export interface Binder {
  readonly token: Token;
  readonly name: string;
  readonly type: JaxprType | undefined;
}

/** `f32[2,3]`: the dtype in JAX's long or short spelling; the shape is undefined if it is not a list of numbers. */
export interface JaxprType {
  readonly token: Token;
  readonly dtype: string;
  readonly shape: readonly number[] | undefined;
}

/** What an equation reads. A name may be a literal too: `inf`, `nan`, `True`, `False`, which are also names of late variables. */
export type JaxprOperand =
  | {
      readonly kind: "name";
      readonly token: Token;
      readonly name: string;
      readonly type: JaxprType | undefined;
    }
  | {
      readonly kind: "number";
      readonly token: Token;
      readonly text: string;
      readonly type: JaxprType | undefined;
    }
  /** A literal that is no real number: `1j`, `(b'',)`. */
  | { readonly kind: "opaque"; readonly token: Token; readonly text: string };

/** The value of a parameter: the part of Python's notation that JAX prints, as a tree. */
export type ParameterValue =
  /** `1`, `-2.5`, `np.int64(1)` */
  | { readonly kind: "number"; readonly value: number }
  /** `'text'`, without its quotes */
  | { readonly kind: "string"; readonly text: string }
  /** `None`, `True`, `float32`, `Precision.DEFAULT`, the name of a jaxpr */
  | { readonly kind: "name"; readonly text: string }
  /** `(1, 2)`, `[1, 2]` */
  | { readonly kind: "sequence"; readonly items: readonly ParameterValue[] }
  /** `GatherDimensionNumbers(offset_dims=(0,))` */
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly items: readonly ParameterValue[];
      readonly named: ReadonlyMap<string, ParameterValue>;
    }
  | { readonly kind: "jaxpr"; readonly jaxpr: Jaxpr }
  /** Anything else, as it is printed: `<function f at 0x7f10>` */
  | { readonly kind: "opaque"; readonly text: string };
