/** Primitives that move values and compute nothing: their partials are pure structure, which is free in every count. */

import { InputError } from "../../errors.ts";
import { movementStructures } from "../../structure/movement.ts";
import { identityStructure, normalised, wholeDims } from "../../structure/structure.ts";
import { DTYPE, NATURALS } from "../parameters.ts";
import type { LocalPartial, NoParameters, PartialsContext, Primitive } from "../primitive.ts";
import { type DType, isFloating, sizeOf, type TensorType, typeText } from "../type.ts";
import { pureStructures } from "./partial.ts";

/** Parameters of the structural primitives. */
export interface StructuralParameters {
  /** The same value: what an output that is also used inside becomes. */
  copy: NoParameters;
  /** The same value, through which no derivative flows. */
  stop_gradient: NoParameters;
  convert: { readonly dtype: DType };
  /** The same elements in row-major order under another shape of the same size. */
  reshape: { readonly shape: readonly number[] };
  /** Dim d of the operand becomes dim `dimensions[d]` of the result, extents of 1 are repeated (lax.broadcast_in_dim). */
  broadcast: { readonly shape: readonly number[]; readonly dimensions: readonly number[] };
}

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (items.length !== 1 || item === undefined)
    throw new InputError(`expected 1 operand, got ${items.length}`);
  return item;
}

function identity(context: PartialsContext<unknown>): readonly LocalPartial[][] {
  return [
    [...pureStructures(context, [identityStructure(context.emitter.typeOf(only(context.operands)).shape)])],
  ];
}

/** The family, each primitive defined once. */
export const structuralPrimitives: {
  readonly [N in keyof StructuralParameters]: Primitive<StructuralParameters[N]>;
} = {
  copy: { parameters: {}, typeOf: only<TensorType>, evaluate: only, partials: identity },
  stop_gradient: { parameters: {}, typeOf: only<TensorType>, evaluate: only, partials: () => [[]] },
  convert: {
    parameters: { dtype: DTYPE },
    typeOf: (operands, { dtype }) => ({ shape: only(operands).shape, dtype }),
    evaluate(operands, { dtype }) {
      const { shape, data } = only(operands);
      if (isFloating(dtype)) return { shape, data };
      return { shape, data: data.map(dtype === "bool" ? (x) => (x === 0 ? 0 : 1) : Math.trunc) };
    },
    partials: identity,
  },
  reshape: {
    parameters: { shape: NATURALS },
    typeOf(operands, { shape }) {
      const from = only(operands);
      if (sizeOf(from.shape) !== sizeOf(shape))
        throw new InputError(
          `cannot reshape ${typeText(from)} to [${shape.join(",")}]: the number of elements differs`,
        );
      return { shape, dtype: from.dtype };
    },
    evaluate: (operands, { shape }) => ({ shape, data: only(operands).data }),
    // Dims that are split or merged have no labels in common: there is a term per run of elements that stay neighbours.
    partials(context) {
      const { emitter, operands, parameters } = context;
      const from = emitter.typeOf(only(operands)).shape;
      const table = Int32Array.from({ length: sizeOf(from) }, (_, index) => index);
      return [pureStructures(context, movementStructures(parameters.shape, from, table))];
    },
  },
  broadcast: {
    parameters: { shape: NATURALS, dimensions: NATURALS },
    typeOf(operands, { shape, dimensions }) {
      const from = only(operands);
      const fits = from.shape.every((extent, dim) => {
        const target = shape[dimensions[dim] ?? -1];
        return target !== undefined && (extent === 1 || extent === target);
      });
      if (from.shape.length !== dimensions.length || !fits)
        throw new InputError(
          `cannot broadcast ${typeText(from)} to [${shape.join(",")}] along dims [${dimensions.join(",")}]`,
        );
      return { shape, dtype: from.dtype };
    },
    evaluate(operands, { shape, dimensions }) {
      const from = only(operands);
      const data = new Float64Array(sizeOf(shape));
      const strides = new Array<number>(shape.length).fill(0);
      let stride = 1;
      for (let dim = from.shape.length - 1; dim >= 0; dim--) {
        const extent = from.shape[dim] ?? 1;
        if (extent !== 1) strides[dimensions[dim] ?? 0] = stride;
        stride *= extent;
      }
      for (let i = 0; i < data.length; i++) {
        let rest = i;
        let source = 0;
        for (let dim = shape.length - 1; dim >= 0; dim--) {
          const extent = shape[dim] ?? 1;
          source += (rest % extent) * (strides[dim] ?? 0);
          rest = Math.floor(rest / extent);
        }
        data[i] = from.data[source] ?? NaN;
      }
      return { shape, data };
    },
    partials(context) {
      const { emitter, operands, parameters } = context;
      const outer = wholeDims(parameters.shape);
      const inner = emitter.typeOf(only(operands)).shape.map((size, dim) => ({
        size,
        offset: 0,
        label: size === 1 ? null : (outer.dims[parameters.dimensions[dim] ?? 0]?.label ?? null),
      }));
      return [pureStructures(context, [normalised({ out: outer.dims, in: inner, extents: outer.extents })])];
    },
  },
};
