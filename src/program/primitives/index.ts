/** All primitives by name. A new family is one file and one line in each of the two declarations below. */

import type { Primitive } from "../primitive.ts";
import { type ContractionParameters, contractionPrimitives } from "./contraction.ts";
import { type ElementwiseParameters, elementwisePrimitives } from "./elementwise.ts";
import { type IndexingParameters, indexingPrimitives } from "./indexing.ts";
import { type ReductionParameters, reductionPrimitives } from "./reduction.ts";
import { type StructuralParameters, structuralPrimitives } from "./structural.ts";

/** The parameters of each primitive, keyed by its name. */
export interface PrimitiveParameters
  extends ElementwiseParameters,
    StructuralParameters,
    IndexingParameters,
    ContractionParameters,
    ReductionParameters {}

export type PrimitiveName = keyof PrimitiveParameters;

/** The definition of each primitive. */
export const primitives: { readonly [Name in PrimitiveName]: Primitive<PrimitiveParameters[Name]> } = {
  ...elementwisePrimitives,
  ...structuralPrimitives,
  ...indexingPrimitives,
  ...contractionPrimitives,
  ...reductionPrimitives,
};

/** Whether a name from outside is the name of a primitive. */
export function isPrimitiveName(name: string): name is PrimitiveName {
  return Object.hasOwn(primitives, name);
}
