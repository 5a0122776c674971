/** The syntax trees that the front end reads: acorn's ESTree nodes, and of TypeScript's additions those that matter here. */

import type {
  ArrowFunctionExpression,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  Pattern,
} from "acorn";
import type { Place } from "../../errors.ts";

/** A text with the name that people know it by. */
export interface SourceText {
  readonly text: string;
  /** File name for messages. */
  readonly source: string | undefined;
}

/** A stretch of a source text that messages point at. */
export interface Site {
  readonly of: SourceText;
  readonly start: number;
  readonly end: number;
}

/** Line and column, from 1, of an offset in a text. */
export function placeAt({ text, source }: SourceText, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return source === undefined ? { line, column } : { source, line, column };
}

/** A text on one line, as messages are. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ");
}

/** The source of a site on one line, shortened for messages. */
export function snippet({ of, start, end }: Site): string {
  const text = oneLine(of.text.slice(start, end));
  return text.length > 48 ? `${text.slice(0, 45)}...` : text;
}

export type FunctionSyntax = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** TypeScript's expressions that mean what the expression inside them means. */
export interface TypedExpression extends Range {
  readonly type:
    | "TSAsExpression"
    | "TSSatisfiesExpression"
    | "TSNonNullExpression"
    | "TSTypeAssertion"
    | "TSInstantiationExpression";
  readonly expression: Expression;
}

/** An expression without the TypeScript around it. */
export function untyped(node: Expression | TypedExpression): Expression {
  return "expression" in node && node.type.startsWith("TS")
    ? untyped((node as TypedExpression).expression)
    : (node as Expression);
}

/** The types whose shape the front end understands; every other type is one of unknown shape. */
export type TypeSyntax = Range &
  (
    | {
        readonly type:
          | "TSNumberKeyword"
          | "TSBooleanKeyword"
          | "TSStringKeyword"
          | "TSAnyKeyword"
          | "TSUnknownKeyword";
      }
    | { readonly type: "TSLiteralType"; readonly literal: { readonly value?: unknown } }
    | { readonly type: "TSTupleType"; readonly elementTypes: readonly TypeSyntax[] }
    | { readonly type: "TSNamedTupleMember"; readonly elementType: TypeSyntax }
    | { readonly type: "TSTypeOperator"; readonly operator: string; readonly typeAnnotation: TypeSyntax }
    | { readonly type: "TSParenthesizedType" | "TSOptionalType"; readonly typeAnnotation: TypeSyntax }
    | { readonly type: "TSIntersectionType"; readonly types: readonly TypeSyntax[] }
    | { readonly type: "TSTypeLiteral"; readonly members: readonly MemberSyntax[] }
    | {
        readonly type: "TSTypeReference";
        readonly typeName: { readonly type: string; readonly name?: string };
        readonly typeArguments?: { readonly params: readonly TypeSyntax[] };
      }
    | { readonly type: "TSArrayType" }
  );

/** A member of an object type. */
export interface MemberSyntax {
  readonly type: string;
  readonly computed?: boolean;
  readonly key?: { readonly type: string; readonly name?: string; readonly value?: unknown };
  readonly typeAnnotation?: { readonly typeAnnotation: TypeSyntax };
}

/** `type V = ...` or `interface V ...`. */
export type TypeDeclaration = Range &
  (
    | {
        readonly type: "TSTypeAliasDeclaration";
        readonly id: { readonly name: string };
        readonly typeAnnotation: TypeSyntax;
      }
    | {
        readonly type: "TSInterfaceDeclaration";
        readonly id: { readonly name: string };
        readonly body: { readonly body: readonly MemberSyntax[] };
        readonly extends?: readonly {
          readonly expression: { readonly type: string; readonly name?: string };
        }[];
      }
  );

/** The type that a pattern is annotated with, if any. */
export function annotationOf(pattern: Pattern): TypeSyntax | undefined {
  return (pattern as { typeAnnotation?: { typeAnnotation: TypeSyntax } }).typeAnnotation?.typeAnnotation;
}

/** `import type`, `export type`, or an `import { type X }` specifier. */
export function isTypeOnly(node: object): boolean {
  const { importKind, exportKind } = node as { importKind?: string; exportKind?: string };
  return importKind === "type" || exportKind === "type";
}
