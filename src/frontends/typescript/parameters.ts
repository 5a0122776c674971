/**
 * The shapes of a function's parameters, read from its source: annotations, default values, destructuring patterns. What the source does
 * not say is taken from the shapes that the caller gives.
 */

import type { Expression, Pattern } from "acorn";
import { InputError } from "../../errors.ts";
import type { Tree } from "../../program/program.ts";
import { boundNames } from "./scope.ts";
import {
  annotationOf,
  type FunctionSyntax,
  type MemberSyntax,
  placeAt,
  type SourceText,
  type TypeDeclaration,
  type TypeSyntax,
  untyped,
} from "./syntax.ts";
import type { Tracer, Tracing } from "./tracer.ts";

/** The shape of a parameter: `[]` a number, `[3]` an array of three, `[2, 3]` two arrays of three, or an object of shapes. */
export type Shape = readonly number[] | { readonly [key: string]: Shape };

/** Looks up a type by name, with the types that its declaration sees. */
export type Types = (
  name: string,
) => { readonly declaration: TypeDeclaration; readonly types: Types } | undefined;

/** A parameter's nesting, with "number" at the leaves. */
type Nest = "number" | readonly Nest[] | { readonly [key: string]: Nest };

/** The most scalars that the parameters of one function may hold. */
const mostInputs = 100_000;
const deepestType = 32;

/** The arguments that a function is traced with, and the nesting of each in the program's inputs. */
export interface TracedArguments {
  readonly values: readonly unknown[];
  readonly trees: readonly Tree[];
}

/**
 * Declares one scalar input for every number in the parameters of a function.
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
  const leaves = new Leaves(tracing);
  const values: unknown[] = [];
  const trees: Tree[] = [];
  for (const [index, param] of params.entries()) {
    const nest = parameterNest(param, of, types, shapes[index]);
    const { value, tree } = leaves.declare(nest, nameOf(param, `p${index}`), withoutDefault(param));
    if (param.type === "RestElement") values.push(...(value as unknown[]));
    else values.push(value);
    trees.push(tree);
  }
  return { values, trees };
}

class Leaves {
  readonly #tracing: Tracing;
  readonly #names = new Set<string>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  declare(nest: Nest, name: string, pattern: Pattern | undefined): { value: unknown; tree: Tree } {
    if (nest === "number") return this.#leaf(name);
    const parts = Object.entries(nest).map(([key, part]) => {
      const inner = partOf(pattern, key);
      const own = inner === undefined ? undefined : nameOf(inner, "");
      return [key, this.declare(part, own || partName(name, key), inner)] as const;
    });
    if (Array.isArray(nest))
      return { value: parts.map(([, { value }]) => value), tree: parts.map(([, { tree }]) => tree) };
    return {
      value: Object.fromEntries(parts.map(([key, { value }]) => [key, value])),
      tree: Object.fromEntries(parts.map(([key, { tree }]) => [key, tree])),
    };
  }

  #leaf(name: string): { value: Tracer; tree: number } {
    const tree = this.#names.size;
    if (tree >= mostInputs) throw new InputError(`the parameters hold more than ${mostInputs} numbers`);
    const operand = this.#tracing.builder.input(uniqueName(name, this.#names));
    return { value: this.#tracing.tracer(operand), tree };
  }
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

function withoutDefault(pattern: Pattern): Pattern {
  return pattern.type === "AssignmentPattern" ? pattern.left : pattern;
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

function keyText(key: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return key.type === "Identifier" ? (key.name ?? "") : String(key.value);
}

/** The nesting of one parameter; a given shape goes before what the source says. */
function parameterNest(param: Pattern, of: SourceText, types: Types, shape: Shape | undefined): Nest {
  const name =
    boundNames(param).length === 1 ? boundNames(param).join() : of.text.slice(param.start, param.end);
  const inner = param.type === "RestElement" ? param.argument : withoutDefault(param);
  const place = placeAt(of, param.start);
  const annotation = annotationOf(param) ?? annotationOf(inner);
  const fromSource = () => {
    if (annotation !== undefined) return typeNest(annotation, types) ?? defaultNest(param);
    return defaultNest(param) ?? (param.type === "RestElement" ? undefined : patternNest(inner));
  };
  const nest = shape === undefined ? fromSource() : shapeNest(shape, name);
  if (nest !== undefined) {
    if (param.type !== "RestElement" || Array.isArray(nest)) return nest;
    throw new InputError(`parameter ${name}: a rest parameter is an array`, place);
  }
  const type =
    annotation === undefined
      ? ""
      : ` (${of.text.slice(annotation.start, annotation.end).replace(/\s+/g, " ")})`;
  throw new InputError(
    `parameter ${name}: its type${type} does not say which numbers it holds; write number, a tuple such as [number, number, number] or an ` +
      "object type of these, or give its shape ({ shapes: [[3]] }, one per parameter)",
    place,
  );
}

/** The nesting that a shape describes. Throws an InputError for extents that are not positive integers. */
function shapeNest(shape: Shape, name: string): Nest {
  if (typeof shape !== "object" || shape === null)
    throw new InputError(`parameter ${name}: a shape is a list such as [] or [3]`);
  if (!isExtents(shape))
    return Object.fromEntries(Object.entries(shape).map(([key, part]) => [key, shapeNest(part, name)]));
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!shape.every((extent) => Number.isInteger(extent) && extent > 0) || size > mostInputs)
    throw new InputError(
      `parameter ${name}: its shape [${shape.join(", ")}] must be positive integers of at most ${mostInputs} elements`,
    );
  return shape.reduceRight<Nest>((inner, extent) => new Array<Nest>(extent).fill(inner), "number");
}

function isExtents(shape: Shape): shape is readonly number[] {
  return Array.isArray(shape);
}

/** The nesting of a destructuring pattern; a plain name is a number. */
function patternNest(pattern: Pattern): Nest | undefined {
  switch (pattern.type) {
    case "Identifier":
      return "number";
    case "AssignmentPattern":
      return defaultNest(pattern) ?? patternNest(pattern.left);
    case "ArrayPattern":
      return allKnown(
        pattern.elements.map((element) => (element === null ? "number" : patternNest(element))),
      );
    case "ObjectPattern":
      return allKnownFields(
        pattern.properties.map((property) =>
          property.type === "Property" && !property.computed
            ? [keyText(property.key), patternNest(property.value)]
            : ["", undefined],
        ),
      );
    default:
      return undefined;
  }
}

/** The nesting of a parameter's default value, if it has one that is written out. */
function defaultNest(param: Pattern): Nest | undefined {
  return param.type === "AssignmentPattern" ? valueNest(param.right) : undefined;
}

function valueNest(given: Expression): Nest | undefined {
  const node = untyped(given);
  switch (node.type) {
    case "Literal":
      return typeof node.value === "number" ? "number" : undefined;
    case "UnaryExpression":
    case "BinaryExpression":
      return "number";
    case "ArrayExpression":
      return allKnown(
        node.elements.map((element) =>
          element && element.type !== "SpreadElement" ? valueNest(element) : undefined,
        ),
      );
    case "ObjectExpression":
      return allKnownFields(
        node.properties.map((property) =>
          property.type === "Property" && !property.computed
            ? [keyText(property.key), valueNest(property.value)]
            : ["", undefined],
        ),
      );
    default:
      return undefined;
  }
}

/** The nesting that a type says, or undefined. */
function typeNest(type: TypeSyntax, types: Types, depth = 0): Nest | undefined {
  if (depth > deepestType) return undefined;
  const inside = (inner: TypeSyntax) => typeNest(inner, types, depth + 1);
  switch (type.type) {
    case "TSNumberKeyword":
      return "number";
    case "TSTupleType":
      return allKnown(type.elementTypes.map(inside));
    case "TSNamedTupleMember":
      return inside(type.elementType);
    case "TSTypeOperator":
      return type.operator === "readonly" ? inside(type.typeAnnotation) : undefined;
    case "TSParenthesizedType":
    case "TSOptionalType":
      return inside(type.typeAnnotation);
    case "TSTypeLiteral":
      return membersNest(type.members, types, depth);
    case "TSIntersectionType":
      return merged(type.types.map(inside));
    case "TSTypeReference": {
      const name = type.typeName.name ?? "";
      const [argument] = type.typeArguments?.params ?? [];
      const found = types(name);
      if (found === undefined)
        return name === "Readonly" && argument !== undefined ? inside(argument) : undefined;
      return declarationNest(found.declaration, found.types, depth + 1);
    }
    default:
      return undefined;
  }
}

function declarationNest(declaration: TypeDeclaration, types: Types, depth: number): Nest | undefined {
  if (depth > deepestType) return undefined;
  if (declaration.type === "TSTypeAliasDeclaration")
    return typeNest(declaration.typeAnnotation, types, depth);
  const bases = (declaration.extends ?? []).map(({ expression }) => {
    const base = types(expression.name ?? "");
    return base && declarationNest(base.declaration, base.types, depth + 1);
  });
  return merged([...bases, membersNest(declaration.body.body, types, depth)]);
}

function membersNest(members: readonly MemberSyntax[], types: Types, depth: number): Nest | undefined {
  return allKnownFields(
    members.map(({ type, computed, key, typeAnnotation }) =>
      type === "TSPropertySignature" && !computed && key !== undefined && typeAnnotation !== undefined
        ? [keyText(key), typeNest(typeAnnotation.typeAnnotation, types, depth + 1)]
        : ["", undefined],
    ),
  );
}

/** All fields of several object types together. */
function merged(nests: readonly (Nest | undefined)[]): Nest | undefined {
  if (!nests.every((nest) => nest !== undefined && nest !== "number" && !Array.isArray(nest)))
    return undefined;
  return Object.assign({}, ...nests) as Nest;
}

function allKnown(nests: readonly (Nest | undefined)[]): Nest | undefined {
  return nests.every((nest) => nest !== undefined) ? nests : undefined;
}

function allKnownFields(fields: readonly (readonly [string, Nest | undefined])[]): Nest | undefined {
  return fields.every(([, nest]) => nest !== undefined) ? (Object.fromEntries(fields) as Nest) : undefined;
}
