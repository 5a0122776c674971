/** Computational graphs as JSON, and the hash that certificates refer to. */

import { z } from "zod";
import { jsonError, jsonNatural, jsonNumber, numberToJson, readJson } from "../json.ts";
import { contentHash } from "../program/hash.ts";
import { dim } from "../structure/structure.ts";
import type { ComputationalGraph, TermValue } from "./graph.ts";
import { validateGraph } from "./validate.ts";

/** The JSON form of a graph; `JSON.stringify` writes it without loss. */
export function graphToJson({
  name,
  inputs,
  vertices,
  edges,
  outputs,
  valueCount,
  known,
}: ComputationalGraph): GraphJson {
  return {
    format: "alphagrad-graph",
    version: 1,
    name,
    inputs: inputs.map(({ name, shape }) => ({ name, shape: [...shape] })),
    vertices: vertices.map(({ equation, name, shape }) => ({ equation, name, shape: [...shape] })),
    edges: edges.map(({ from, to, terms }) => ({
      from,
      to,
      terms: terms.map(({ structure, counted, value }) => ({
        structure: {
          out: structure.out.map((dim) => ({ ...dim })),
          in: structure.in.map((dim) => ({ ...dim })),
          extents: [...structure.extents],
        },
        counted: counted === null ? null : [...counted],
        value: valueToJson(value),
      })),
    })),
    outputs: [...outputs],
    valueCount,
    known: known.map(({ kind, left, right, result }) => ({
      kind,
      left: valueToJson(left),
      right: valueToJson(right),
      result: valueToJson(result),
    })),
  };
}

/**
 * The graph that a parsed JSON value describes.
 *
 * @param source the name of the file, for errors
 * @throws InputError that names the path of the first fault
 */
export function graphFromJson(json: unknown, source?: string): ComputationalGraph {
  const { format: _, version: __, ...graph } = readJson(graphSchema, json, "graph", source);
  validateGraph(graph, (message, path) => jsonError(message, path, source));
  return graph;
}

/**
 * The content hash of a graph, as hex: equal for graphs that differ in nothing but the names of the program and of its nodes. Equation
 * numbers count, because orders are written in them.
 */
export function graphHash(graph: ComputationalGraph): string {
  const { inputs, vertices, ...rest } = graphToJson(graph);
  const unnamed = <Node extends { readonly name: string }>({ name: _, ...node }: Node) => node;
  return contentHash({
    ...rest,
    name: undefined,
    inputs: inputs.map(unnamed),
    vertices: vertices.map(unnamed),
  });
}

type ValueJson = z.input<typeof valueSchema>;

function valueToJson(value: TermValue): ValueJson {
  return value.kind === "constant"
    ? { kind: "constant", constant: numberToJson(value.constant) }
    : { ...value };
}

const valueSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), constant: jsonNumber }),
  z.strictObject({ kind: z.literal("value"), value: jsonNatural, negative: z.boolean() }),
]);

const shapeSchema = z.array(jsonNatural);

const dimSchema = z
  .strictObject({
    size: jsonNatural,
    offset: jsonNatural,
    label: jsonNatural.nullable(),
    stride: z.int().optional(),
  })
  .transform(({ size, offset, label, stride }) => dim(size, offset, label, stride));

const termSchema = z.strictObject({
  structure: z.strictObject({ out: z.array(dimSchema), in: z.array(dimSchema), extents: shapeSchema }),
  counted: z.array(jsonNatural).nullable(),
  value: valueSchema,
});

const graphSchema = z.strictObject({
  format: z.literal("alphagrad-graph"),
  version: z.literal(1),
  name: z.string(),
  inputs: z.array(z.strictObject({ name: z.string(), shape: shapeSchema })),
  vertices: z.array(
    z.strictObject({ equation: jsonNatural.nullable(), name: z.string(), shape: shapeSchema }),
  ),
  edges: z.array(z.strictObject({ from: jsonNatural, to: jsonNatural, terms: z.array(termSchema) })),
  outputs: z.array(jsonNatural.nullable()),
  valueCount: jsonNatural,
  known: z.array(
    z.strictObject({
      kind: z.enum(["product", "sum", "difference"]),
      left: valueSchema,
      right: valueSchema,
      result: valueSchema,
    }),
  ),
});

/** The JSON form of a ComputationalGraph. */
export type GraphJson = z.input<typeof graphSchema>;
