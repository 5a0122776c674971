/** Signature trees: how flat inputs and outputs nest into the arguments and results of a source. */

import { InputError } from "../errors.ts";
import { type Program, signatureOf, type Tree } from "./program.ts";
import { sizeOf, type Tensor } from "./type.ts";

/** What arguments and results look like outside: numbers, nested lists of them, and records. */
export type Nested = number | readonly Nested[] | { readonly [key: string]: Nested };

/** Whether a tree is a list. */
export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** The tree with every leaf replaced. */
export function mapTree(tree: Tree, replace: (leaf: number) => Tree): Tree {
  if (typeof tree === "number") return replace(tree);
  if (isList(tree)) return tree.map((child) => mapTree(child, replace));
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, mapTree(child, replace)]));
}

/** The tree with its leaves renumbered, without those that have no number and the nests that become empty of them. */
export function pruneTree(tree: Tree, renumber: (leaf: number) => number | undefined): Tree | undefined {
  if (typeof tree === "number") return renumber(tree);
  if (isList(tree)) {
    const children = tree.map((child) => pruneTree(child, renumber)).filter((child) => child !== undefined);
    return children.length === 0 && tree.length > 0 ? undefined : children;
  }
  const entries = Object.entries(tree).flatMap(([key, child]) => {
    const pruned = pruneTree(child, renumber);
    return pruned === undefined ? [] : [[key, pruned] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * The inputs of a program from arguments as its source has them, such as parsed JSON.
 *
 * @returns one tensor per input
 * @throws InputError that names the argument that is missing, too many, or of another shape
 */
export function tensorsOf(program: Program, args: readonly unknown[]): Tensor[] {
  const { inputs } = signatureOf(program);
  if (args.length !== inputs.length)
    throw new InputError(
      `${program.name} takes ${inputs.length} inputs (${argumentNames(program).join(", ")}), got ${args.length}`,
    );
  const tensors: Tensor[] = [];
  const fill = (tree: Tree, value: unknown, path: string): void => {
    if (typeof tree === "number") {
      const shape = program.inputs[tree]?.type.shape ?? [];
      const data = new Float64Array(sizeOf(shape));
      fillTensor(data, shape, value, `${path} (${program.inputs[tree]?.name})`);
      tensors[tree] = { shape, data };
    } else if (isList(tree)) {
      const items = listOf(value, tree.length, path);
      tree.forEach((child, index) => {
        fill(child, items[index], `${path}[${index}]`);
      });
    } else {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new InputError(`${path}: expected an object with ${Object.keys(tree).join(", ")}`);
      const record = new Map(Object.entries(value));
      for (const key of record.keys())
        if (!Object.hasOwn(tree, key))
          throw new InputError(`${path}: has no part "${key}", only ${Object.keys(tree).join(", ")}`);
      for (const [key, child] of Object.entries(tree)) fill(child, record.get(key), `${path}.${key}`);
    }
  };
  inputs.forEach((tree, index) => {
    fill(tree, args[index], `inputs[${index}]`);
  });
  return tensors;
}

/** Results as the source nests them, from one tensor per output. */
export function nestedResults(program: Program, outputs: readonly Tensor[]): Nested[] {
  const nest = (tree: Tree): Nested => {
    if (typeof tree === "number") {
      const tensor = outputs[tree];
      return tensor === undefined ? Number.NaN : nestedTensor(tensor);
    }
    if (isList(tree)) return tree.map(nest);
    return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, nest(child)]));
  };
  return signatureOf(program).outputs.map(nest);
}

/** A tensor as nested lists, a rank-0 one as a number. */
export function nestedTensor({ shape, data }: Tensor): Nested {
  const nest = (dim: number, start: number, size: number): Nested => {
    const extent = shape[dim];
    if (extent === undefined) return data[start] ?? Number.NaN;
    const step = extent === 0 ? 0 : size / extent;
    return Array.from({ length: extent }, (_, index) => nest(dim + 1, start + index * step, step));
  };
  return nest(0, 0, data.length);
}

/** The arguments as people would write them: `x`, `[a, b]`, `{ p }`. */
export function argumentNames(program: Program): string[] {
  const text = (tree: Tree): string => {
    if (typeof tree === "number") return program.inputs[tree]?.name ?? "";
    if (isList(tree)) return `[${tree.map(text).join(", ")}]`;
    return `{ ${Object.entries(tree)
      .map(([key, child]) => (text(child) === key ? key : `${key}: ${text(child)}`))
      .join(", ")} }`;
  };
  return signatureOf(program).inputs.map(text);
}

function fillTensor(data: Float64Array, shape: readonly number[], value: unknown, path: string): void {
  let next = 0;
  const fill = (dim: number, part: unknown, where: string): void => {
    const extent = shape[dim];
    if (extent === undefined) {
      if (typeof part !== "number")
        throw new InputError(`${where}: expected a number, got ${describe(part)}`);
      data[next++] = part;
      return;
    }
    listOf(part, extent, where).forEach((item, index) => {
      fill(dim + 1, item, `${where}[${index}]`);
    });
  };
  fill(0, value, path);
}

function listOf(value: unknown, length: number, path: string): readonly unknown[] {
  if (!Array.isArray(value))
    throw new InputError(`${path}: expected a list of ${length}, got ${describe(value)}`);
  if (value.length !== length)
    throw new InputError(`${path}: expected a list of ${length}, got one of ${value.length}`);
  return value;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : typeof value === "object" ? "an object" : JSON.stringify(value);
}
