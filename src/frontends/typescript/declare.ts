/** Declaring what a function is traced with: tracers for its parameters, and the candidates for inputs behind them. */

import type { Pattern } from "acorn";
import { InputError } from "../../errors.ts";
import { nested } from "../../math/vocabulary.ts";
import { sameShape } from "../../program/type.ts";
import type { ParameterArray, ParameterTree } from "./inputs.ts";
import {
  keyText,
  mostInputs,
  type Nest,
  parameterNest,
  type Shape,
  type Types,
  withoutDefault,
} from "./parameters.ts";
import { type FunctionSyntax, placeAt, type SourceText } from "./syntax.ts";
import type { Tracing } from "./tracer.ts";

/** The arguments that a function is traced with, and the nesting of each. */
export interface TracedArguments {
  readonly values: readonly unknown[];
  readonly trees: readonly ParameterTree[];
}

/**
 * Declares an input for every number in the parameters of a function, then one for every array that they form.
 *
 * @param shapes one per parameter, as far as they are given
 * @throws InputError if the shape of a parameter is not known, with its name and the remedy
 */
export function declareParameters(
  tracing: Tracing,
  node: FunctionSyntax,
  of: SourceText,
  types: Types,
  shapes: readonly (Shape | undefined)[],
): TracedArguments {
  const params = node.params.filter((param) => param.type !== "Identifier" || param.name !== "this");
  if (shapes.length > params.length)
    throw new InputError(
      `${shapes.length} shapes are given, but the function has ${params.length} parameters`,
      placeAt(of, node.start),
    );
  const declarer = new Declarer(tracing);
  const drafts = params.map((param, index) =>
    declarer.draft(
      parameterNest(param, of, types, shapes[index]),
      nameOf(param, `p${index}`),
      withoutDefault(param),
    ),
  );
  // Numbers first, so that a program on numbers alone keeps their order.
  const trees = drafts.map((draft) => declarer.tree(draft));
  const values = params.flatMap((param, index) => {
    const tree = trees[index];
    const value = tree && tracersOf(tracing, tree);
    return param.type === "RestElement" ? (value as unknown[]) : [value];
  });
  return { values, trees };
}

/** A parameter whose numbers are declared and whose arrays are not. */
type Draft =
  | { readonly kind: "number"; readonly variable: number }
  | {
      readonly kind: "array";
      readonly name: string;
      readonly shape: readonly number[];
      readonly parts: readonly Draft[];
    }
  | { readonly kind: "list"; readonly items: readonly Draft[] }
  | { readonly kind: "record"; readonly fields: readonly (readonly [string, Draft])[] };

class Declarer {
  readonly #tracing: Tracing;
  readonly #names = new Set<string>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  draft(nest: Nest, name: string, pattern: Pattern | undefined): Draft {
    if (nest === "number") return this.#number(name);
    const fields = Object.entries(nest).map(([key, part]) => {
      const inner = partOf(pattern, key);
      const own = inner === undefined ? undefined : nameOf(inner, "");
      return [key, this.draft(part, own || partName(name, key), inner)] as const;
    });
    if (!Array.isArray(nest)) return { kind: "record", fields };
    const items = fields.map(([, item]) => item);
    const shape = shapeOf(items);
    return shape === undefined ? { kind: "list", items } : { kind: "array", name, shape, parts: items };
  }

  #number(name: string): Draft {
    const { size } = this.#names;
    if (size >= mostInputs) throw new InputError(`the parameters hold more than ${mostInputs} numbers`);
    this.#tracing.builder.input(uniqueName(name, this.#names));
    return { kind: "number", variable: size };
  }

  /** Declares the arrays of a draft. */
  tree(draft: Draft): ParameterTree {
    switch (draft.kind) {
      case "list":
        return { kind: "list", items: draft.items.map((item) => this.tree(item)) };
      case "record":
        return { kind: "record", fields: draft.fields.map(([key, field]) => [key, this.tree(field)]) };
      default: {
        const array = this.#array(draft);
        this.#tracing.parameters.set(array.variable, array);
        return { kind: "array", array };
      }
    }
  }

  #array(draft: Draft): ParameterArray {
    if (draft.kind === "number") return { variable: draft.variable, shape: [], parts: [] };
    if (draft.kind !== "array") throw new Error("only arrays of equal parts are arrays");
    const { name, shape, parts } = draft;
    const { variable } = this.#tracing.builder.input(uniqueName(name, this.#names), {
      shape,
      dtype: "float64",
    });
    return { variable, shape, parts: parts.map((part) => this.#array(part)) };
  }
}

/** The shape of the array that parts form, if they are all numbers or all arrays of one shape. */
function shapeOf(parts: readonly Draft[]): readonly number[] | undefined {
  const shapes = parts.map((part) =>
    part.kind === "number" ? [] : part.kind === "array" ? part.shape : undefined,
  );
  const [first] = shapes;
  if (first === undefined || !shapes.every((shape) => shape !== undefined && sameShape(shape, first)))
    return undefined;
  return [parts.length, ...first];
}

/** The tracers of a parameter, nested as the source sees them. */
function tracersOf(tracing: Tracing, tree: ParameterTree): unknown {
  switch (tree.kind) {
    case "list":
      return tree.items.map((item) => tracersOf(tracing, item));
    case "record":
      return Object.fromEntries(tree.fields.map(([key, field]) => [key, tracersOf(tracing, field)]));
    case "array": {
      const { variable, shape } = tree.array;
      const scalars = scalarsOf(tree.array).map(
        (scalar) => ({ kind: "variable", variable: scalar }) as const,
      );
      const [first] = scalars;
      if (shape.length === 0 && first !== undefined) return tracing.tracer(first);
      const elements = scalars.map((scalar, position) =>
        tracing.element({ kind: "variable", variable }, position, scalar),
      );
      return nested(shape, elements);
    }
  }
}

function scalarsOf({ variable, parts, shape }: ParameterArray): number[] {
  return shape.length === 0 ? [variable] : parts.flatMap(scalarsOf);
}

/** A name not in `taken` yet: the name itself, or with the first free number; it is taken then. */
export function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let count = 2; taken.has(unique); count++) unique = `${name}_${count}`;
  taken.add(unique);
  return unique;
}

/** `v0` for element 0 of v, `m0_1` for element 1 of m0, `p_x` for field x of p. */
export function partName(name: string, key: string): string {
  const word = key.replace(/[^\w$]/g, "_");
  return /^\d/.test(key) && !/\d$/.test(name) ? `${name}${word}` : `${name}_${word}`;
}

/** The name that a pattern gives to its whole value. */
function nameOf(pattern: Pattern, otherwise: string): string {
  const inner = withoutDefault(pattern);
  if (inner.type === "RestElement") return nameOf(inner.argument, otherwise);
  return inner.type === "Identifier" ? inner.name : otherwise;
}

/** The pattern inside a pattern for an element or field. */
function partOf(pattern: Pattern | undefined, key: string): Pattern | undefined {
  if (pattern?.type === "ArrayPattern") {
    const element = pattern.elements[Number(key)];
    return element && element.type !== "RestElement" ? withoutDefault(element) : undefined;
  }
  if (pattern?.type !== "ObjectPattern") return undefined;
  const property = pattern.properties.find((item) => item.type === "Property" && keyText(item.key) === key);
  return property?.type === "Property" ? withoutDefault(property.value) : undefined;
}
