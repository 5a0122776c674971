/**
 * The TypeScript front end: an ordinary function of numbers becomes a Program.
 *
 * The source is parsed and rewritten so that its operators and `Math` work on tracers, then it simply runs: loops are unrolled, helpers
 * inlined, closures and array methods do what they do. Every operation on a traced value is one equation, in the order of evaluation, and
 * nothing is simplified. Rewritten code sees a short list of globals only; that keeps honest sources from surprises, it is no sandbox for
 * hostile ones.
 */

import { InputError } from "../../errors.ts";
import * as math from "../../math.ts";
import type { Program } from "../../program/program.ts";
import { mathModule } from "./globals.ts";
import { execute, Linker, type ModuleLoader, registryOf } from "./modules.ts";
import { declareParameters, type Shape, type Types } from "./parameters.ts";
import { parseFunction } from "./parse.ts";
import { collectResults } from "./results.ts";
import { rewriteFunction } from "./rewrite.ts";
import { Runtime } from "./runtime.ts";
import { placeAt, type SourceText } from "./syntax.ts";
import { type Limits, Tracing } from "./tracer.ts";

export type { ModuleLoader, Shape };

export interface TraceSourceOptions {
  /** Name of the text for messages and for resolving relative imports; a name in `.js` or `.mjs` is parsed as plain JavaScript. */
  readonly source?: string;
  /** Name of the exported function; without it the default export, or the only function that is exported. */
  readonly function?: string;
  /** Shapes of the parameters, needed only where the source does not say them. */
  readonly shapes?: readonly (Shape | undefined)[];
  /** Finds relative imports; without it they cannot be followed. */
  readonly modules?: ModuleLoader;
  /** Bounds on the work of a trace. */
  readonly limits?: Limits;
}

/**
 * Traces an exported function of a TypeScript or JavaScript module.
 *
 * @param text the module
 * @returns a program with one scalar input per number in the parameters and one output per number in the result
 * @throws InputError with file, line, column and remedy for whatever cannot be parsed, is not supported or does not run
 */
export function traceSource(text: string, options: TraceSourceOptions = {}): Program {
  const of: SourceText = { text, source: options.source };
  const tracing = new Tracing(options.limits);
  return explained(tracing, () => {
    const linker = new Linker(tracing, options.modules ?? (() => undefined));
    const [name, callee] = chosenFunction(linker.run(of).exports, options);
    const own = name === "default" ? linker.runtime.sourceOf(callee)?.node.id?.name : name;
    return traced(
      tracing,
      linker.runtime,
      callee,
      own ?? baseName(options.source),
      (text) => linker.typesOf(text),
      options.shapes,
    );
  });
}

export interface TraceOptions {
  /** Name of the program; without it the function's own. */
  readonly name?: string;
  /** What the function uses of its surroundings, by the names that it uses: helper functions, constants, arrays and objects of these. */
  readonly scope?: Readonly<Record<string, unknown>>;
  /** Bounds on the work of a trace. */
  readonly limits?: Limits;
}

/**
 * Traces a JavaScript function through its source text (`Function.prototype.toString`).
 *
 * A function's text does not carry its surroundings: `where`, `erf`, `Math` and the function itself are known, everything else that it
 * refers to must be in `scope`.
 *
 * @param shapes one per parameter, `[]` a number, `[3]` an array of three; needed only where the source does not say
 * @throws InputError with line, column and remedy for whatever is not supported or not in scope
 */
export function trace(
  fn: (...parameters: never[]) => unknown,
  shapes: readonly (Shape | undefined)[] = [],
  options: TraceOptions = {},
): Program {
  if (typeof fn !== "function")
    throw new InputError(`trace needs a function, got ${fn === null ? "null" : typeof fn}`);
  const tracing = new Tracing(options.limits);
  const name = options.name ?? (fn.name || "f");
  return explained(tracing, () => {
    const functions = new FunctionLinker(tracing, {
      ...(fn.name ? { [fn.name]: fn } : {}),
      ...options.scope,
    });
    return traced(tracing, functions.runtime, functions.rewritten(fn), name, () => () => undefined, shapes);
  });
}

/** Whatever user code throws becomes an InputError at the place where execution was. */
function explained(tracing: Tracing, run: () => Program): Program {
  try {
    return run();
  } catch (error) {
    throw tracing.explained(error);
  }
}

/** Calls a rewritten function with tracers and closes the program. */
function traced(
  tracing: Tracing,
  runtime: Runtime,
  callee: (...values: readonly unknown[]) => unknown,
  name: string,
  typesOf: (of: SourceText) => Types,
  shapes: readonly (Shape | undefined)[] = [],
): Program {
  const source = runtime.sourceOf(callee);
  if (source === undefined)
    throw new InputError(
      `${name} is not a function that is written out in a traced source: wrap it, as in (x) => ${name}(x)`,
    );
  const { of, node } = source;
  const { values, trees } = declareParameters(tracing, node, of, typesOf(of), shapes);
  const result = callee(...values);
  tracing.at(tracing.sites.push({ of, start: node.start, end: node.end }) - 1);
  const results = collectResults(tracing, result, node);
  return tracing.builder.build(name, results.outputs, { inputs: trees, outputs: results.trees });
}

type Callable = (...values: readonly unknown[]) => unknown;

function chosenFunction(
  exports: ReadonlyMap<string, unknown>,
  options: TraceSourceOptions,
): [string, Callable] {
  const functions = [...exports].filter(
    (entry): entry is [string, Callable] => typeof entry[1] === "function",
  );
  const place = options.source === undefined ? undefined : { source: options.source };
  const names = functions.map(([name]) => name).join(", ");
  const wanted = options.function;
  const found =
    functions.find(([name]) => name === (wanted ?? "default")) ??
    (wanted === undefined && functions.length === 1 ? functions[0] : undefined);
  if (found !== undefined) return found;
  if (functions.length === 0)
    throw new InputError("exports no function: write export before the function that is to be traced", place);
  if (wanted !== undefined) throw new InputError(`exports no function ${wanted}; it exports ${names}`, place);
  throw new InputError(`exports several functions (${names}): choose one with --function NAME`, place);
}

/** `flux` of `models/flux.ts`. */
function baseName(source: string | undefined): string {
  return (source?.split(/[\\/]/).at(-1) ?? "").replace(/\.[^.]*$/, "") || "f";
}

/** The functions of one `trace`: each is rewritten from its text when it is first met, with the same scope. */
class FunctionLinker {
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
      [math.erf, traceable.erf],
      [math.where, traceable.where],
      [Math, tracedMath],
      ...Object.getOwnPropertyNames(Math).map(
        (name) => [(Math as unknown as Record<string, unknown>)[name], tracedMath[name]] as const,
      ),
    ]);
    this.#scope = { ...math, ...scope };
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
    const code = rewriteFunction(of, node, registry, (name) => this.#free(name));
    slot.call = execute(`"use strict"; return ${code};`, this.runtime) as Callable;
    return this.runtime.fn(this.runtime.functions.push({ of, node }) - 1, call);
  }

  #free(name: string): number | undefined {
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
