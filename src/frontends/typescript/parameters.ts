/**
 * The shapes of a function's parameters, read from its source: annotations, default values, destructuring patterns. What the source does
 * not say is taken from the shapes that the caller gives.
 */

import type { Expression, Pattern } from "acorn";
import { InputError } from "../../errors.ts";
import { boundNames } from "./scope.ts";
import {
  annotationOf,
  type MemberSyntax,
  placeAt,
  type SourceText,
  type TypeDeclaration,
  type TypeSyntax,
  untyped,
} from "./syntax.ts";

/** The shape of a parameter: `[]` a number, `[3]` an array of three, `[2, 3]` two arrays of three, or an object of shapes. */
export type Shape = readonly number[] | { readonly [key: string]: Shape };

/** Looks up a type by name, with the types that its declaration sees; `vocabulary` is a type of `alphagrad/math`. */
export type Types = (
  name: string,
) =>
  | { readonly declaration: TypeDeclaration; readonly types: Types }
  | { readonly vocabulary: string }
  | undefined;

/** A parameter's nesting, with "number" at the leaves. */
export type Nest = "number" | readonly Nest[] | { readonly [key: string]: Nest };

/** The most scalars that the parameters of one function may hold. */
export const mostInputs = 100_000;
const deepestType = 32;

/** A pattern without its default value. */
export function withoutDefault(pattern: Pattern): Pattern {
  return pattern.type === "AssignmentPattern" ? pattern.left : pattern;
}

/** The name of a key. */
export function keyText(key: {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
}): string {
  return key.type === "Identifier" ? (key.name ?? "") : String(key.value);
}

/** The nesting of one parameter; a given shape goes before what the source says. */
export function parameterNest(param: Pattern, of: SourceText, types: Types, shape: Shape | undefined): Nest {
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
    `parameter ${name}: its type${type} does not say which numbers it holds; write number, a tuple such as [number, number, number] or Vector<3>, an ` +
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
  return repeated(shape, "number");
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
      const parameters = type.typeArguments?.params ?? [];
      const [argument] = parameters;
      const found = types(name);
      if (found === undefined)
        return name === "Readonly" && argument !== undefined ? inside(argument) : undefined;
      if ("vocabulary" in found) return vocabularyNest(found.vocabulary, parameters, types, inside);
      return declarationNest(found.declaration, found.types, depth + 1);
    }
    default:
      return undefined;
  }
}

/** The nesting of `Vector<N>`, `Matrix<M, N>` and `Tuple<T, N>`. */
function vocabularyNest(
  name: string,
  parameters: readonly TypeSyntax[],
  types: Types,
  inside: (type: TypeSyntax) => Nest | undefined,
): Nest | undefined {
  const isTuple = name === "Tuple";
  const [item] = parameters;
  const extents = (isTuple ? parameters.slice(1) : parameters).map((type) => extentOf(type, types));
  const rank = { Tuple: 1, Vector: 1, Matrix: 2 }[name];
  const element = isTuple && item !== undefined ? inside(item) : "number";
  if (element === undefined || extents.length !== rank || !extents.every((extent) => extent !== undefined))
    return undefined;
  return repeated(extents, element);
}

/** A number that is written as a type, `8` or the name of such a type. */
function extentOf(type: TypeSyntax, types: Types, depth = 0): number | undefined {
  if (type.type === "TSLiteralType") {
    const { value } = type.literal;
    return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= mostInputs
      ? value
      : undefined;
  }
  const found = type.type === "TSTypeReference" ? types(type.typeName.name ?? "") : undefined;
  if (found === undefined || "vocabulary" in found || depth > deepestType) return undefined;
  const { declaration } = found;
  return declaration.type === "TSTypeAliasDeclaration"
    ? extentOf(declaration.typeAnnotation, found.types, depth + 1)
    : undefined;
}

function repeated(extents: readonly number[], element: Nest): Nest {
  return extents.reduceRight<Nest>((inner, extent) => new Array<Nest>(extent).fill(inner), element);
}

function declarationNest(declaration: TypeDeclaration, types: Types, depth: number): Nest | undefined {
  if (depth > deepestType) return undefined;
  if (declaration.type === "TSTypeAliasDeclaration")
    return typeNest(declaration.typeAnnotation, types, depth);
  const bases = (declaration.extends ?? []).map(({ expression }) => {
    const base = types(expression.name ?? "");
    return base && "declaration" in base
      ? declarationNest(base.declaration, base.types, depth + 1)
      : undefined;
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
