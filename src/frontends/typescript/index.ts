/**
 * The TypeScript front end: an ordinary function of numbers becomes a Program.
 *
 * The source is parsed and rewritten so that its operators and `Math` work on tracers, then it simply runs: loops are unrolled, helpers
 * inlined, closures and array methods do what they do. Every operation on a traced value is one equation, in the order of evaluation, and
 * nothing is simplified. Rewritten code sees a short list of globals only; that keeps honest sources from surprises, it is no sandbox for
 * hostile ones.
 */

import { InputError, type Place } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { declareParameters } from "./declare.ts";
import { type Callable, FunctionLinker } from "./functions.ts";
import { withFinalInputs } from "./inputs.ts";
import { Linker, type ModuleLoader } from "./modules.ts";
import type { Shape, Types } from "./parameters.ts";
import { collectResults } from "./results.ts";
import type { Runtime } from "./runtime.ts";
import type { SourceText } from "./syntax.ts";
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
 * @returns a program with one scalar input per number in the parameters and one output per number in the result; arrays that the vocabulary of
 *   `alphagrad/math` takes or makes as wholes are one input or output each
 * @throws InputError with file, line, column and remedy for whatever cannot be parsed, is not supported or does not run
 */
export function traceSource(text: string, options: TraceSourceOptions = {}): Program {
  const of: SourceText = { text, source: options.source };
  const tracing = new Tracing(options.limits);
  return explained(tracing, () => {
    const linker = new Linker(tracing, options.modules ?? (() => undefined));
    const [name, callee] = chosenFunction(linker.run(of).exports, options);
    const own = name === "default" ? linker.runtime.sourceOf(callee)?.node.id?.name : name;
    if (linker.runtime.sourceOf(callee) === undefined)
      throw new InputError(
        `${name} is not written out as a function: wrap it, as in (x) => ${name}(x)`,
        placeOf(options),
      );
    const programName = own ?? baseName(options.source);
    return traced(
      tracing,
      linker.runtime,
      callee,
      programName,
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
  callee: Callable,
  name: string,
  typesOf: (of: SourceText) => Types,
  shapes: readonly (Shape | undefined)[] = [],
): Program {
  const source = runtime.sourceOf(callee);
  if (source === undefined)
    throw new InputError(`${name} is not written out as a function: wrap it, as in (x) => f(x)`);
  const { of, node } = source;
  const { values, trees } = declareParameters(tracing, node, of, typesOf(of), shapes);
  const result = callee(...values);
  tracing.at(tracing.sites.push({ of, start: node.start, end: node.end }) - 1);
  const results = collectResults(tracing, result, node);
  return withFinalInputs(tracing.builder.build(name, results.outputs), results.trees, trees);
}

function chosenFunction(
  exports: ReadonlyMap<string, unknown>,
  options: TraceSourceOptions,
): [string, Callable] {
  const functions = [...exports].filter(
    (entry): entry is [string, Callable] => typeof entry[1] === "function",
  );
  const place = placeOf(options);
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

function placeOf({ source }: TraceSourceOptions): Place | undefined {
  return source === undefined ? undefined : { source };
}

/** `flux` of `models/flux.ts`. */
function baseName(source: string | undefined): string {
  return (source?.split(/[\\/]/).at(-1) ?? "").replace(/\.[^.]*$/, "") || "f";
}
