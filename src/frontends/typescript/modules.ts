/** Linking: modules are parsed, rewritten and run once each, imports first. */

import type { Program, Statement } from "acorn";
import { InputError } from "../../errors.ts";
import { mathModule } from "./globals.ts";
import { type Registry, RUNTIME } from "./names.ts";
import type { Types } from "./parameters.ts";
import { parseModule } from "./parse.ts";
import { rewriteModule } from "./rewrite.ts";
import { Runtime } from "./runtime.ts";
import { placeAt, type Site, type SourceText, type TypeDeclaration } from "./syntax.ts";
import type { Tracing } from "./tracer.ts";

/** Gives the text of the module that `importer` names by `specifier`, or undefined if there is none; `source` identifies it. */
export type ModuleLoader = (
  specifier: string,
  importer: string,
) => { readonly text: string; readonly source: string } | undefined;

/** A module that has run. */
export interface LoadedModule {
  readonly exports: ReadonlyMap<string, unknown>;
}

/** The registry that the rewriter writes to and the runtime reads. */
export function registryOf(tracing: Tracing, runtime: Runtime): Registry {
  const { values } = runtime.globals;
  return { sites: tracing.sites, functions: runtime.functions, isGlobal: (name) => values.has(name) };
}

/** Runs rewritten code: it sees the runtime and nothing else of this program. */
export function execute(code: string, runtime: Runtime): unknown {
  return new Function(RUNTIME, code)(runtime);
}

/** The modules of one trace. */
export class Linker {
  readonly runtime: Runtime;
  readonly #registry: Registry;
  readonly #load: ModuleLoader;
  readonly #math: LoadedModule;
  readonly #modules = new Map<string, LoadedModule | "loading">();
  readonly #types = new Map<SourceText, Types>();

  constructor(tracing: Tracing, load: ModuleLoader) {
    this.runtime = new Runtime(tracing);
    this.#registry = registryOf(tracing, this.runtime);
    this.#load = load;
    this.#math = { exports: new Map(Object.entries(mathModule(tracing))) };
  }

  /** The types that the text of a module sees. */
  typesOf(of: SourceText): Types {
    return this.#types.get(of) ?? (() => undefined);
  }

  /** Runs a module and everything that it imports. Throws an InputError for what cannot be parsed, found or run. */
  run(of: SourceText): LoadedModule {
    const program = parseModule(of);
    this.#types.set(of, this.#declaredTypes(of, program));
    const { imported } = this.runtime;
    const { code, imports, reexports } = rewriteModule(
      of,
      program,
      this.#registry,
      () => imported.push(undefined) - 1,
    );
    for (const { specifier, name, index, site } of imports) {
      const { exports } = this.#import(specifier, site);
      if (name !== "*" && !exports.has(name))
        throw new InputError(`${specifier} does not export ${name}`, placeAt(site.of, site.start));
      imported[index] = name === "*" ? Object.freeze(Object.fromEntries(exports)) : exports.get(name);
    }
    const exports = new Map<string, unknown>();
    for (const { specifier, site } of reexports)
      for (const [name, value] of this.#import(specifier, site).exports)
        if (name !== "default") exports.set(name, value);
    for (const [name, value] of execute(code, this.runtime) as [string, () => unknown][])
      exports.set(name, value());
    return { exports };
  }

  #import(specifier: string, site: Site): LoadedModule {
    if (specifier === "alphagrad/math") return this.#math;
    const of = this.#find(specifier, site);
    const known = this.#modules.get(of.source);
    if (known === "loading")
      throw new InputError(
        `${specifier} imports this module in turn: break the cycle`,
        placeAt(site.of, site.start),
      );
    if (known !== undefined) return known;
    this.#modules.set(of.source, "loading");
    const loaded = this.run(of);
    this.#modules.set(of.source, loaded);
    return loaded;
  }

  #find(specifier: string, { of, start }: Site): SourceText & { readonly source: string } {
    if (!/^\.{0,2}\//.test(specifier))
      throw new InputError(
        `cannot trace into "${specifier}": only relative imports and "alphagrad/math" are followed; copy what you need into a file beside this one`,
        placeAt(of, start),
      );
    const found = this.#load(specifier, of.source ?? "");
    if (found === undefined)
      throw new InputError(`cannot find the imported module "${specifier}"`, placeAt(of, start));
    return found;
  }

  #declaredTypes(of: SourceText, program: Program): Types {
    const own = new Map<string, TypeDeclaration>();
    const imported = new Map<
      string,
      { readonly specifier: string; readonly name: string; readonly site: Site }
    >();
    for (const node of program.body) {
      const inner = ((node.type === "ExportNamedDeclaration" ? node.declaration : node) ?? node) as
        | Statement
        | TypeDeclaration;
      if (inner.type === "TSTypeAliasDeclaration" || inner.type === "TSInterfaceDeclaration")
        own.set(inner.id.name, inner);
      if (node.type !== "ImportDeclaration") continue;
      for (const item of node.specifiers) {
        const name =
          item.type === "ImportSpecifier" && item.imported.type === "Identifier"
            ? item.imported.name
            : undefined;
        const site = { of, start: item.start, end: item.end };
        if (name !== undefined)
          imported.set(item.local.name, { specifier: String(node.source.value), name, site });
      }
    }
    const types: Types = (name) => {
      const declaration = own.get(name);
      if (declaration !== undefined) return { declaration, types };
      const from = imported.get(name);
      if (from === undefined) return undefined;
      if (from.specifier === "alphagrad/math") return { vocabulary: from.name };
      const module = this.#find(from.specifier, from.site);
      return this.#declaredTypes(module, parseModule(module))(from.name);
    };
    return types;
  }
}
