/** Where a network's weights stand in one array: so that optimisers, checkpoints and worker threads see numbers only. */

import type { Random } from "../../random.ts";

/** How weights start: all the same, or Gaussian with a standard deviation of `scale` / sqrt(rows). */
export type Start =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "gaussian"; readonly scale: number };

/** One matrix or vector of weights. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: Start;
}

export interface LayoutEntry extends WeightShape {
  readonly offset: number;
  readonly size: number;
}

/** All weights of a network, one after the other. */
export interface Layout {
  readonly entries: ReadonlyMap<string, LayoutEntry>;
  readonly size: number;
}

export function createLayout(shapes: readonly WeightShape[]): Layout {
  const entries = new Map<string, LayoutEntry>();
  let offset = 0;
  for (const shape of shapes) {
    const size = shape.shape.reduce((product, extent) => product * extent, 1);
    entries.set(shape.name, { ...shape, offset, size });
    offset += size;
  }
  return { entries, size: offset };
}

/** Fresh weights. */
export function initialWeights(layout: Layout, random: Random): Float32Array {
  const weights = new Float32Array(layout.size);
  for (const { offset, size, shape, start } of layout.entries.values()) {
    const target = weights.subarray(offset, offset + size);
    if (start.kind === "constant") target.fill(start.value);
    else {
      const deviation = start.scale / Math.sqrt(shape[0] ?? 1);
      for (let index = 0; index < size; index++) target[index] = deviation * gaussian(random);
    }
  }
  return weights;
}

/** A standard normal number (Box & Muller 1958). */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(random.unit() + 2 ** -33)) * Math.cos(2 * Math.PI * random.unit());
}

/** The weights of x W + b, named `name.weight` and `name.bias`; W starts Gaussian for layers with ReLU (He et al. 2015), times `scale`. */
export function affine(name: string, inner: number, columns: number, scale = 1): WeightShape[] {
  return [
    {
      name: `${name}.weight`,
      shape: [inner, columns],
      start: { kind: "gaussian", scale: scale * Math.SQRT2 },
    },
    { name: `${name}.bias`, shape: [columns], start: { kind: "constant", value: 0 } },
  ];
}

/** The weights of a layer normalisation, named `name.gain` and `name.shift`. */
export function normalisation(name: string, columns: number): WeightShape[] {
  return [
    { name: `${name}.gain`, shape: [columns], start: { kind: "constant", value: 1 } },
    { name: `${name}.shift`, shape: [columns], start: { kind: "constant", value: 0 } },
  ];
}
