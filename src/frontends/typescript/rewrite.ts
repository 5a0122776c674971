/**
 * Rewriting: a module or a function printed as JavaScript in which every operator, member access and call goes through the runtime. Types vanish.
 *
 * Built in layers: names, functions and patterns, expressions, statements, each a class in a file of its own, and here what only modules have.
 */

import type { Expression, Identifier, ModuleDeclaration, Program, Statement } from "acorn";
import { type FreeNames, type Registry, RUNTIME, type UsedImport } from "./names.ts";
import { boundNames, isNode } from "./scope.ts";
import { StatementPrinter } from "./statementPrinter.ts";
import { type FunctionSyntax, isTypeOnly, type Site, type SourceText } from "./syntax.ts";

/** A rewritten module: the body of a function of the runtime that returns its exports. */
export interface RewrittenModule {
  readonly code: string;
  readonly imports: readonly UsedImport[];
  /** Modules of `export * from`. */
  readonly reexports: readonly { readonly specifier: string; readonly site: Site }[];
}

const noFreeNames: FreeNames = {
  find: () => undefined,
  remedy: () => "declare it in this file or import it relatively",
};

/** Rewrites a whole module. `reserve` gives the next free number for an imported value. */
export function rewriteModule(
  of: SourceText,
  program: Program,
  registry: Registry,
  reserve: () => number,
): RewrittenModule {
  return new ModulePrinter(of, registry, noFreeNames, reserve).module(program);
}

/** Rewrites one function that stands alone; the code is an expression. */
export function rewriteFunction(
  of: SourceText,
  node: FunctionSyntax,
  registry: Registry,
  free: FreeNames,
): string {
  return new StatementPrinter(of, registry, free, () => 0).expression(node as Expression);
}

class ModulePrinter extends StatementPrinter {
  module(program: Program): RewrittenModule {
    const exports = new Map<string, string>();
    const reexports: { specifier: string; site: Site }[] = [];
    this.scopes.push(new Map());
    for (const node of program.body)
      if (node.type === "ImportDeclaration" && !isTypeOnly(node)) this.importNames(node);
    const body = program.body.map((node) => declarationOf(node) ?? node).filter(isNode);
    this.declareAll(body);
    const lines = [this.hoisted(body)];
    for (const node of program.body) {
      if (isTypeOnly(node)) continue;
      if (node.type === "ExportAllDeclaration" && !node.exported)
        reexports.push({ specifier: String(node.source.value), site: this.range(node) });
      else lines.push(this.moduleItem(node, exports));
    }
    const table = [...exports].map(([name, reference]) => `[${JSON.stringify(name)}, () => ${reference}]`);
    return {
      code: `"use strict";\n${lines.join("\n")}\nreturn [${table.join(", ")}];`,
      imports: [...this.imports.values()],
      reexports,
    };
  }

  protected importNames(node: Extract<ModuleDeclaration, { type: "ImportDeclaration" }>): void {
    for (const specifier of node.specifiers) {
      if (isTypeOnly(specifier)) continue;
      const name =
        specifier.type === "ImportSpecifier"
          ? nameOf(specifier.imported)
          : specifier.type === "ImportDefaultSpecifier"
            ? "default"
            : "*";
      this.declare(specifier.local, {
        kind: "import",
        specifier: String(node.source.value),
        name,
        node: specifier.local,
      });
    }
  }

  protected moduleItem(node: Statement | ModuleDeclaration, exports: Map<string, string>): string {
    switch (node.type) {
      case "ImportDeclaration":
        return "";
      case "ExportAllDeclaration":
        if (node.exported) exports.set(nameOf(node.exported), this.use(String(node.source.value), "*", node));
        return "";
      case "ExportNamedDeclaration": {
        for (const specifier of node.specifiers) {
          if (isTypeOnly(specifier)) continue;
          const name = nameOf(specifier.local);
          const local = node.source
            ? this.use(String(node.source.value), name, specifier)
            : this.exported(name);
          if (local !== undefined) exports.set(nameOf(specifier.exported), local);
        }
        const { declaration } = node;
        if (!declaration || !isNode(declaration)) return "";
        if (declaration.type === "VariableDeclaration")
          for (const { id } of declaration.declarations)
            for (const name of boundNames(id)) exports.set(name, name);
        else if (declaration.type === "FunctionDeclaration")
          exports.set(declaration.id.name, declaration.id.name);
        return this.statement(declaration);
      }
      case "ExportDefaultDeclaration": {
        const { declaration } = node;
        if (!isNode(declaration)) return "";
        if (declaration.type === "ClassDeclaration") return "";
        if (declaration.type === "FunctionDeclaration" && declaration.id) {
          exports.set("default", declaration.id.name);
          return this.statement(declaration as Statement);
        }
        exports.set("default", `${RUNTIME}Default`);
        const code =
          declaration.type === "FunctionDeclaration"
            ? this.functionExpression(declaration, "function")
            : this.expression(declaration);
        return `const ${RUNTIME}Default = ${code};`;
      }
      default:
        return this.statement(node);
    }
  }

  /** The value behind `export { name }`; undefined for a type. */
  protected exported(name: string): string | undefined {
    const binding = this.lookup(name);
    if (binding === undefined || binding.kind === "unsupported") return undefined;
    return binding.kind === "import" ? this.use(binding.specifier, binding.name, binding.node) : name;
  }
}

function nameOf(node: Identifier | { type: "Literal"; value?: unknown }): string {
  return node.type === "Identifier" ? node.name : String(node.value);
}

/** The declaration inside an export. */
function declarationOf(node: Statement | ModuleDeclaration): Statement | undefined {
  if (node.type === "ExportNamedDeclaration") return node.declaration ?? undefined;
  if (node.type !== "ExportDefaultDeclaration") return undefined;
  const { declaration } = node;
  return declaration.type === "FunctionDeclaration" && declaration.id
    ? (declaration as Statement)
    : undefined;
}
