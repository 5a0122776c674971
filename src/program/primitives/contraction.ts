/**
 * Sums of products of two arrays.
 *
 * Both primitives are one: every dim has a label, the labels that the result lacks are summed. `dot_general` says it with pairs of dims, as lax does;
 * `contract` says it with the labels themselves and is what Jacobian code is made of.
 */

import { InputError } from "../../errors.ts";
import { positions, rowMajorStrides } from "../../structure/dense.ts";
import { NATURALS, NATURALS_PAIR, type ParameterKinds } from "../parameters.ts";
import type { Primitive } from "../primitive.ts";
import { sizeOf, type TensorType, typeText } from "../type.ts";
import { dimsOf, exactly, structuredPartial } from "./partial.ts";

/** Parameters of the contractions. */
export interface ContractionParameters {
  /** lax.dot_general: dims `contracting[0]` of the left operand are summed with `contracting[1]` of the right one, `batch` dims run together and come first. */
  dot_general: {
    readonly contracting: readonly [left: readonly number[], right: readonly number[]];
    readonly batch: readonly [left: readonly number[], right: readonly number[]];
  };
  /** A label for each dim of the operands and of the result: result[r] = sum of left[l] * right[r']. Every label stands in at least two of the three, once in each. */
  contract: {
    readonly left: readonly number[];
    readonly right: readonly number[];
    readonly result: readonly number[];
  };
}

/** The labels of the dims of both operands and of the result. */
type Labels = ContractionParameters["contract"];

function contraction<Parameters>(
  kinds: ParameterKinds<Parameters>,
  labelsOf: (parameters: Parameters, ranks: readonly [number, number]) => Labels,
): Primitive<Parameters> {
  const labelled = (shapes: readonly (readonly number[])[], parameters: Parameters) => {
    const [left, right] = exactly(2, shapes);
    const labels = labelsOf(parameters, [left.length, right.length]);
    return { labels, extents: extentsOfLabels(labels, left, right) };
  };
  return {
    parameters: kinds,
    typeOf(operands, parameters) {
      const [left, right] = exactly(2, operands);
      const { labels, extents } = labelled([left.shape, right.shape], parameters);
      check(labels, left, right);
      return { shape: labels.result.map((label) => extents.get(label) ?? 1), dtype: left.dtype };
    },
    evaluate(operands, parameters, { shape }) {
      const [left, right] = exactly(2, operands);
      const { labels, extents } = labelled([left.shape, right.shape], parameters);
      const summed = [...extents.keys()].filter((label) => !labels.result.includes(label));
      const offsets = (own: readonly number[], rows: readonly number[], of: readonly number[]) =>
        positions(
          of.map((label) => extents.get(label) ?? 1),
          of.map((label) => rows[own.indexOf(label)] ?? 0),
        );
      const [leftRows, rightRows] = [rowMajorStrides(left.shape), rowMajorStrides(right.shape)];
      const [leftOuter, rightOuter] = [
        offsets(labels.left, leftRows, labels.result),
        offsets(labels.right, rightRows, labels.result),
      ];
      const [leftInner, rightInner] = [
        offsets(labels.left, leftRows, summed),
        offsets(labels.right, rightRows, summed),
      ];
      const data = new Float64Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++) {
        const [x, y] = [leftOuter[i] ?? 0, rightOuter[i] ?? 0];
        let sum = 0;
        for (let k = 0; k < leftInner.length; k++)
          sum += (left.data[x + (leftInner[k] ?? 0)] ?? NaN) * (right.data[y + (rightInner[k] ?? 0)] ?? NaN);
        data[i] = sum;
      }
      return { shape, data };
    },
    partials({ emitter, operands, parameters }) {
      const [left, right] = exactly(2, operands);
      const shapes = [emitter.typeOf(left).shape, emitter.typeOf(right).shape] as const;
      const { labels, extents } = labelled(shapes, parameters);
      const all = [...extents.keys()];
      const numbered = (own: readonly number[]) => own.map((label) => all.indexOf(label));
      const out = dimsOf(
        labels.result.map((label) => extents.get(label) ?? 1),
        numbered(labels.result),
      );
      const structure = (shape: readonly number[], own: readonly number[]) => ({
        out,
        in: dimsOf(shape, numbered(own)),
        extents: [...extents.values()],
      });
      return [
        [structuredPartial(emitter, structure(shapes[0], labels.left), right, numbered(labels.right))],
        [structuredPartial(emitter, structure(shapes[1], labels.right), left, numbered(labels.left))],
      ];
    },
  };
}

/** The extent of each label, in the order: result, left, right. */
export function extentsOfLabels(
  labels: Labels,
  left: readonly number[],
  right: readonly number[],
): Map<number, number> {
  const extents = new Map<number, number>();
  for (const [own, shape] of [
    [labels.left, left],
    [labels.right, right],
  ] as const)
    for (const [dim, label] of own.entries()) extents.set(label, shape[dim] ?? 1);
  return new Map([...labels.result, ...extents.keys()].map((label) => [label, extents.get(label) ?? 1]));
}

function check(labels: Labels, left: TensorType, right: TensorType): void {
  const { result } = labels;
  const fail = (what: string): never => {
    throw new InputError(`${what} in the contraction of ${typeText(left)} with ${typeText(right)}`);
  };
  if (labels.left.length !== left.shape.length || labels.right.length !== right.shape.length)
    fail("not one label per dim");
  for (const own of [labels.left, labels.right, result])
    if (new Set(own).size !== own.length) fail("a dim occurs twice");
  for (const label of new Set([...labels.left, ...labels.right, ...result])) {
    const [a, b] = [labels.left.indexOf(label), labels.right.indexOf(label)];
    if (Number(a >= 0) + Number(b >= 0) + Number(result.includes(label)) < 2)
      fail(`label ${label} stands alone`);
    if (a >= 0 && b >= 0 && left.shape[a] !== right.shape[b]) fail(`dims ${a} and ${b} differ`);
  }
}

/** The labels that dim numbers mean: the left operand's dims are labels 0, 1, ..., the right one's free dims follow. */
export function labelsOfDims(
  { contracting, batch }: ContractionParameters["dot_general"],
  [leftRank, rightRank]: readonly [number, number],
): Labels {
  const pairs = [...pairsOf(batch, leftRank, rightRank), ...pairsOf(contracting, leftRank, rightRank)];
  const left = Array.from({ length: leftRank }, (_, dim) => dim);
  const right = Array.from(
    { length: rightRank },
    (_, dim) => pairs.find(([, other]) => other === dim)?.[0] ?? leftRank + dim,
  );
  const free = (labels: readonly number[], paired: 0 | 1) =>
    labels.filter((_, dim) => !pairs.some((pair) => pair[paired] === dim));
  return { left, right, result: [...batch[0], ...free(left, 0), ...free(right, 1)] };
}

function pairsOf(
  [left, right]: readonly [readonly number[], readonly number[]],
  leftRank: number,
  rightRank: number,
): (readonly [number, number])[] {
  if (left.length !== right.length)
    throw new InputError(`dims [${left.join(",")}] and [${right.join(",")}] do not pair up`);
  if (left.some((dim) => dim >= leftRank) || right.some((dim) => dim >= rightRank))
    throw new InputError(`there are no dims [${left.join(",")}] and [${right.join(",")}]`);
  return left.map((dim, index) => [dim, right[index] ?? 0] as const);
}

/** The family, each primitive defined once. */
export const contractionPrimitives: {
  readonly [N in keyof ContractionParameters]: Primitive<ContractionParameters[N]>;
} = {
  dot_general: contraction<ContractionParameters["dot_general"]>(
    { contracting: NATURALS_PAIR, batch: NATURALS_PAIR },
    labelsOfDims,
  ),
  contract: contraction<Labels>({ left: NATURALS, right: NATURALS, result: NATURALS }, (labels) => labels),
};
