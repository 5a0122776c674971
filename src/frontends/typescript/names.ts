/**
 * Names in rewritten code: what is declared where, what a reference stands for, and the numbers of sites and imports.
 *
 * Names keep their names; those that the text does not declare become members of the runtime, so the printed code can reach nothing else.
 */

import type { AnyNode, Identifier, ModuleDeclaration, Statement } from "acorn";
import { InputError } from "../../errors.ts";
import type { FunctionSource } from "./runtime.ts";
import { variableNames } from "./scope.ts";
import { placeAt, type Site, type SourceText } from "./syntax.ts";

/** The name of the runtime in rewritten code. */
export const RUNTIME = "$alphagrad";

/** What the rewriter numbers and the runtime looks up. */
export interface Registry {
  readonly sites: Site[];
  readonly functions: FunctionSource[];
  isGlobal(name: string): boolean;
}

/** An import that rewritten code uses: `name` of module `specifier` (`*` is the namespace) as `imported[index]`. */
export interface UsedImport {
  readonly specifier: string;
  readonly name: string;
  readonly index: number;
  readonly site: Site;
}

/** How references that the text does not declare are resolved. */
export interface FreeNames {
  /** The number of the imported value of this name, if there is one. */
  find(name: string): number | undefined;
  /** What people can do about a name that is not found. */
  remedy(name: string): string;
}

type Binding =
  | { readonly kind: "value" }
  | { readonly kind: "import"; readonly specifier: string; readonly name: string; readonly node: Identifier }
  | { readonly kind: "unsupported"; readonly message: string };

const value: Binding = { kind: "value" };

/** Why classes are refused. */
export const noClass = "classes are not supported: write functions of numbers, arrays and objects";

/** The scopes of one text and what its references print as; the printers of syntax build on it. */
export class Names {
  protected readonly of: SourceText;
  protected readonly registry: Registry;
  protected readonly free: FreeNames;
  protected readonly reserve: () => number;
  protected readonly imports = new Map<string, UsedImport>();
  protected scopes: Map<string, Binding>[] = [];

  constructor(of: SourceText, registry: Registry, free: FreeNames, reserve: () => number) {
    this.of = of;
    this.registry = registry;
    this.free = free;
    this.reserve = reserve;
  }

  protected use(specifier: string, name: string, node: AnyNode): string {
    const key = `${name} of ${specifier}`;
    const used = this.imports.get(key) ?? {
      specifier,
      name,
      index: this.reserve(),
      site: this.range(node),
    };
    this.imports.set(key, used);
    return `${RUNTIME}.imported[${used.index}]`;
  }

  protected range(node: { start: number; end: number }): Site {
    return { of: this.of, start: node.start, end: node.end };
  }

  protected site(node: { start: number; end: number }): number {
    return this.registry.sites.push(this.range(node)) - 1;
  }

  protected error(node: { start: number }, message: string): InputError {
    return new InputError(message, placeAt(this.of, node.start));
  }

  protected declare(identifier: { name: string; start: number }, binding: Binding = value): void {
    if (identifier.name.startsWith(RUNTIME))
      throw this.error(identifier, `names that begin with ${RUNTIME} are reserved`);
    this.scopes.at(-1)?.set(identifier.name, binding);
  }

  protected declareNames(names: readonly string[], node: { start: number }): void {
    for (const name of names) this.declare({ name, start: node.start });
  }

  /** Declares what the statements of a block declare. */
  protected declareAll(statements: readonly (Statement | ModuleDeclaration)[]): void {
    for (const node of statements) {
      this.declareNames(variableNames(node), node);
      if (node.type === "FunctionDeclaration") this.declare(node.id);
      else if (node.type === "ClassDeclaration")
        this.declare(node.id, { kind: "unsupported", message: noClass });
      else if ((node.type as string) === "TSEnumDeclaration") {
        const message = "enums are not supported: write constants";
        this.declare((node as unknown as { id: Identifier }).id, { kind: "unsupported", message });
      }
    }
  }

  protected lookup(name: string): Binding | undefined {
    return this.scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  protected reference(node: Identifier): string {
    const binding = this.lookup(node.name);
    if (binding?.kind === "value") return node.name;
    if (binding?.kind === "import") return this.use(binding.specifier, binding.name, binding.node);
    if (binding !== undefined) return this.unsupported(node, binding.message);
    return this.freeReference(node.name, node) ?? this.unsupported(node, this.unknown(node.name));
  }

  protected freeReference(name: string, node: AnyNode): string | undefined {
    const index = this.free.find(name);
    if (index !== undefined) return this.siteOf(node, `${RUNTIME}.imported[${index}]`);
    return this.registry.isGlobal(name) ? `${RUNTIME}.global(${JSON.stringify(name)})` : undefined;
  }

  protected unknown(name: string): string {
    if (name === "Date")
      return "Date is not available: a traced function depends on its parameters alone; pass the time as one";
    const remedy = this.free.remedy(name);
    return `${name} is not defined here, where only Math, Number, Array and Object of JavaScript's globals are known: ${remedy}`;
  }

  protected siteOf(node: AnyNode, code: string): string {
    return `${RUNTIME}.at(${this.site(node)}, ${code})`;
  }

  protected unsupported(node: { start: number; end: number }, message: string): string {
    return `${RUNTIME}.fail(${this.site(node)}, ${JSON.stringify(message)})`;
  }

  protected scoped<T>(print: () => T): T {
    this.scopes.push(new Map());
    const result = print();
    this.scopes.pop();
    return result;
  }
}
