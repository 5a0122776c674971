/** Linking for functions that come without a module: each is rewritten from its own text when it is first met. */

import { InputError } from "../../errors.ts";
import * as math from "../../math.ts";
import { mathModule } from "./globals.ts";
import { execute, registryOf } from "./modules.ts";
import { parseFunction } from "./parse.ts";
import { rewriteFunction } from "./rewrite.ts";
import { Runtime } from "./runtime.ts";
import { placeAt, type SourceText } from "./syntax.ts";
import type { Tracing } from "./tracer.ts";

/** A function as rewritten code calls it. */
export type Callable = (...values: readonly unknown[]) => unknown;

/** The functions of one `trace`; all of them see the same scope. */
export class FunctionLinker {
  readonly runtime: Runtime;
  readonly #tracing: Tracing;
  readonly #scope: Readonly<Record<string, unknown>>;
  readonly #builtins: ReadonlyMap<unknown, unknown>;
  readonly #indices = new Map<string, number>();
  readonly #rewritten = new Map<unknown, unknown>();

  constructor(tracing: Tracing, scope: Readonly<Record<string, unknown>>) {
    this.#tracing = tracing;
    this.runtime = new Runtime(tracing);
    const traceable = mathModule(tracing);
    const tracedMath = this.runtime.global("Math") as Readonly<Record<string, unknown>>;
    this.#builtins = new Map<unknown, unknown>([
      ...Object.entries(math).map(([name, fn]) => [fn, traceable[name as keyof typeof math]] as const),
      [Math, tracedMath],
      ...Object.getOwnPropertyNames(Math).map(
        (name) => [(Math as unknown as Record<string, unknown>)[name], tracedMath[name]] as const,
      ),
    ]);
    // Of the vocabulary only these two are known by name: others, such as mean, may well be the caller's own.
    this.#scope = { erf: math.erf, where: math.where, ...scope };
  }

  /** The traceable form of a function. */
  rewritten(fn: (...parameters: never[]) => unknown): Callable {
    const known = this.#builtins.get(fn) ?? this.#rewritten.get(fn);
    if (known !== undefined) return known as Callable;
    const of: SourceText = { text: Function.prototype.toString.call(fn), source: fn.name || undefined };
    const node = parseFunction(of);
    if (node.async || node.generator)
      throw new InputError(
        "async functions and generators are not supported: write an ordinary function",
        placeAt(of, node.start),
      );
    const registry = registryOf(this.#tracing, this.runtime);
    // Functions may refer to each other: this one is known before its own references are resolved.
    const slot: { call?: Callable } = {};
    const call: Callable = (...values) => slot.call?.(...values);
    this.#rewritten.set(fn, call);
    const code = rewriteFunction(of, node, registry, {
      find: (name) => this.#find(name),
      remedy: (name) => `give it by trace(fn, shapes, { scope: { ${name} } })`,
    });
    slot.call = execute(`"use strict"; return ${code};`, this.runtime) as Callable;
    return this.runtime.fn(this.runtime.functions.push({ of, node }) - 1, call);
  }

  #find(name: string): number | undefined {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#scope, name)) return undefined;
    const index = this.runtime.imported.push(undefined) - 1;
    this.#indices.set(name, index);
    this.runtime.imported[index] = this.#traceable(this.#scope[name]);
    return index;
  }

  /** A value of the scope with every function in it rewritten. */
  #traceable(value: unknown): unknown {
    if (typeof value === "function") return this.rewritten(value as (...parameters: never[]) => unknown);
    if (typeof value !== "object" || value === null || this.#builtins.has(value))
      return this.#builtins.get(value) ?? value;
    const known = this.#rewritten.get(value);
    if (known !== undefined) return known;
    const copy: unknown[] | Record<string, unknown> =
      Array.isArray(value) || ArrayBuffer.isView(value) ? [] : {};
    this.#rewritten.set(value, copy);
    return Object.assign(
      copy,
      Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#traceable(item)])),
    );
  }
}
