/** SOURCE on the command line: a task's name, a `.ts` or `.js` file, a `.jaxpr`, or a Program or graph as JSON. */

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { InputError } from "../errors.ts";
import type { NestedNumbers } from "../frontends/jaxpr/constants.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import type { Program } from "../program/program.ts";
import { parseJson, readText } from "./files.ts";

/** What a SOURCE turned out to be: code, or only the structure of it. */
export type Source =
  | { readonly kind: "program"; readonly name: string; readonly program: Program }
  | { readonly kind: "graph"; readonly name: string; readonly graph: ComputationalGraph };

/** How a source is to be read. */
export interface SourceOptions {
  /** Name of the exported function, for files that export several. */
  readonly function?: string;
  /** Shapes of the parameters as JSON, for TypeScript functions whose array lengths the source does not say. */
  readonly shapes?: string;
  /** A JSON file with the constants of a jaxpr, whose text has their types only. */
  readonly constants?: string;
  /** The order of the derivatives that are wanted, by default 1: above, the Jacobian of the function's Jacobian and so on. */
  readonly derivative?: number;
}

/** Reads a SOURCE. Throws an InputError if there is no such task or file, or its content is not understood. */
export async function loadSource(source: string, options: SourceOptions = {}): Promise<Source> {
  const { findTask, programOf, tasks } = await import("../tasks/index.ts");
  const task = findTask(source);
  if (task !== undefined) return { kind: "program", name: task.name, program: programOf(task) };
  const extension = extname(source).toLowerCase();
  if (!existsSync(source) && extension === "")
    throw new InputError(
      `${source} is neither a task nor a file; the tasks are ${tasks.map(({ name }) => name).join(", ")}`,
    );
  const text = await readText(source);
  const name = basename(source, extname(source));
  switch (extension) {
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs": {
      const { traceSource } = await import("../frontends/typescript/index.ts");
      const program = traceSource(text, {
        source,
        ...(options.function === undefined ? {} : { function: options.function }),
        ...(options.shapes === undefined ? {} : { shapes: parseShapes(options.shapes) }),
        modules: readModule,
      });
      return { kind: "program", name: program.name, program };
    }
    case ".jaxpr":
    case ".txt": {
      const { parseJaxpr } = await import("../frontends/jaxpr/index.ts");
      const constants = options.constants === undefined ? [] : await readConstants(options.constants);
      return { kind: "program", name, program: parseJaxpr(text, { name, source, constants }) };
    }
    case ".json":
      return loadJson(parseJson(text, source), source);
    default:
      throw new InputError(`${source}: expected a .ts, .js, .jaxpr or .json file, or the name of a task`);
  }
}

async function loadJson(json: unknown, source: string): Promise<Source> {
  const isRecord = typeof json === "object" && json !== null;
  if (isRecord && "equations" in json) {
    const { programFromJson } = await import("../program/json.ts");
    const program = programFromJson(json, source);
    return { kind: "program", name: program.name, program };
  }
  if (isRecord && "vertices" in json) {
    const { graphFromJson } = await import("../graph/json.ts");
    const graph = graphFromJson(json, source);
    return { kind: "graph", name: graph.name, graph };
  }
  throw new InputError(
    `${source}: expected a Program (with "equations") or a graph (with "vertices") as JSON`,
  );
}

function parseShapes(text: string): readonly (readonly number[])[] {
  const json = parseJson(text, "--shapes");
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((extent) => Number.isInteger(extent) && extent >= 0);
  if (!Array.isArray(json) || !json.every(isShape))
    throw new InputError("--shapes: expected one list of extents per parameter, such as [[],[3],[2,2]]");
  return json;
}

/** Arrays as nested lists. Python writes NaN and Infinity, which are not JSON. */
async function readConstants(path: string): Promise<readonly NestedNumbers[]> {
  const text = (await readText(path)).replace(/-?\b(?:NaN|Infinity)\b/g, '"$&"');
  const numbers = (value: unknown): NestedNumbers => {
    if (Array.isArray(value)) return value.map(numbers);
    if (typeof value === "number" || typeof value === "boolean") return value;
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
    throw new InputError(
      `${path}: expected a list of the constants, each a number or nested lists of numbers, found ${JSON.stringify(value)}`,
    );
  };
  const constants = numbers(parseJson(text, path));
  if (typeof constants !== "object")
    throw new InputError(`${path}: expected a list of the constants, found ${constants}`);
  return constants;
}

/** A relatively imported module: the file itself, or with an extension that its import leaves out. */
function readModule(specifier: string, importer: string): { text: string; source: string } | undefined {
  const path = resolve(dirname(importer), specifier);
  const candidates = [
    path,
    ...[".ts", ".js", ".mts", ".mjs"].map((ending) => path + ending),
    path.replace(/\.js$/, ".ts"),
  ];
  const found = candidates.find((candidate) => extname(candidate) !== "" && existsSync(candidate));
  return found === undefined ? undefined : { text: readFileSync(found, "utf8"), source: found };
}
