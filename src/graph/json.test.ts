import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutate, mutations } from "../../test/mutations.ts";
import { randomPrograms } from "../../test/randomProgram.ts";
import { InputError } from "../errors.ts";
import { linearize } from "../jacobian/linearize.ts";
import { literal, ProgramBuilder } from "../program/builder.ts";
import type { Program } from "../program/program.ts";
import type { ComputationalGraph } from "./graph.ts";
import { type GraphJson, graphFromJson, graphHash, graphToJson } from "./json.ts";

const written = (graph: ComputationalGraph): unknown => JSON.parse(JSON.stringify(graphToJson(graph)));

/** f(x, y) = 2 (x y), with [3] and [1] arrays. */
function example(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", { shape: [3], dtype: "float64" });
  const y = builder.input("y", { shape: [1], dtype: "float64" });
  const product = builder.append({ primitive: "mul", parameters: {} }, [x, y], "product");
  const double = builder.append({ primitive: "mul", parameters: {} }, [literal(2), product], "double");
  return builder.build("example", [
    { name: "F", operand: double },
    { name: "constant", operand: literal(1) },
  ]);
}

test("JSON text loses nothing, and what linearize makes is valid", () => {
  fc.assert(
    fc.property(randomPrograms(), (program) => {
      const { graph } = linearize(program);
      expect(graphFromJson(written(graph))).toEqual(graph);
    }),
  );
  const { graph } = linearize(example());
  expect(graphFromJson(written(graph))).toEqual(graph);
});

test("constants that JSON lacks survive", () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const scaled = builder.append({ primitive: "mul", parameters: {} }, [x, literal(-Infinity)]);
  const { graph } = linearize(builder.build("f", [{ name: "F", operand: scaled }]));
  expect(JSON.stringify(written(graph))).toContain('"-Infinity"');
  expect(graphFromJson(written(graph))).toEqual(graph);
});

test("damaged JSON gives a graph or an InputError with its path", () => {
  let refused = 0;
  fc.assert(
    fc.property(
      randomPrograms({ maxEquations: 5 }),
      fc.array(mutations, { minLength: 1, maxLength: 2 }),
      (program, damage) => {
        let json: unknown;
        try {
          json = JSON.parse(damage.reduce(mutate, JSON.stringify(graphToJson(linearize(program).graph))));
        } catch {
          return;
        }
        try {
          graphHash(graphFromJson(json, "file"));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^file: \$[^\n]*: [^\n]+$/);
          refused++;
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(50);
});

describe("errors name the path", () => {
  const changed = (change: (graph: Draft) => void): unknown => {
    const json = written(linearize(example()).graph) as Draft;
    change(json);
    return json;
  };
  type Draft = GraphJson;
  test.each<[string, (graph: Draft) => void, string]>([
    ["another format", (graph) => Object.assign(graph, { format: "graph" }), "$.format: "],
    [
      "a node out of range",
      (graph) => (graph.edges[0]!.from = 9),
      "$.edges[0]: nodes are numbered from 0 to 3, got an edge from 9",
    ],
    [
      "a cycle",
      (graph) => (graph.edges[0]!.from = 3),
      "$.edges[0]: edges lead to a node of higher number, got 3 to 2",
    ],
    ["an edge into an input", (graph) => (graph.edges[0]!.to = 1), "$.edges[0]: no edge leads to an input"],
    ["unsorted edges", (graph) => graph.edges.reverse(), "$.edges[1]: edges are sorted"],
    ["an edge twice", (graph) => graph.edges.push(graph.edges[2]!), "$.edges[3]: edges are sorted"],
    ["no terms", (graph) => (graph.edges[0]!.terms = []), "$.edges[0].terms: an edge has at least one term"],
    [
      "a term twice",
      (graph) => graph.edges[0]!.terms.push(graph.edges[0]!.terms[0]!),
      "$.edges[0].terms[1]: an edge has no two terms",
    ],
    [
      "another size",
      (graph) => (graph.vertices[0]!.shape = [4]),
      "$.edges[0].terms[0].structure.out: the sizes are those",
    ],
    [
      "a window too wide",
      (graph) => (graph.edges[0]!.terms[0]!.structure.out[0]!.offset = 1),
      "structure.out[0]: a window of 3 at 1",
    ],
    [
      "a label without extent",
      (graph) => (graph.edges[0]!.terms[0]!.structure.extents = []),
      "structure.out[0]: label 0 has no extent",
    ],
    [
      "a label unused",
      (graph) => graph.edges[0]!.terms[0]!.structure.extents.push(2),
      "structure: labels are numbered",
    ],
    [
      "a counted label unknown",
      (graph) => (graph.edges[0]!.terms[0]!.counted = [1]),
      "$.edges[0].terms[0].counted: ",
    ],
    [
      "a value out of range",
      (graph) => (graph.valueCount = 0),
      "$.edges[0].terms[0].value: values are numbered",
    ],
    [
      "an input as output",
      (graph) => (graph.outputs[0] = 0),
      "$.outputs[0]: an output is a vertex, got node 0",
    ],
    [
      "an output with successors",
      (graph) => (graph.outputs[0] = 2),
      "$.outputs[0]: an output has no successors",
    ],
    ["a vertex on no path", (graph) => (graph.outputs = [null]), "$.vertices[1]: node 3 lies on no path"],
    [
      "equations that do not ascend",
      (graph) => (graph.vertices[1]!.equation = 1),
      "$.vertices[1].equation: ",
    ],
    ["equation 0", (graph) => (graph.vertices[0]!.equation = 0), "$.vertices[0].equation: "],
  ])("%s", (_, change, message) => {
    expect(() => graphFromJson(changed(change))).toThrow(InputError);
    expect(() => graphFromJson(changed(change))).toThrow(message);
  });
});

describe("the hash", () => {
  const { graph } = linearize(example());
  const renamed = {
    ...graph,
    name: "other",
    inputs: graph.inputs.map((input, index) => ({ ...input, name: `a${index}` })),
    vertices: graph.vertices.map((vertex) => ({ ...vertex, name: "" })),
  };

  test("does not see names", () => {
    expect(graphHash(renamed)).toBe(graphHash(graph));
    expect(graphHash(graph)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("sees everything else", () => {
    const others: ComputationalGraph[] = [
      { ...graph, outputs: [...graph.outputs, 3] },
      { ...graph, edges: graph.edges.slice(1) },
      { ...graph, vertices: graph.vertices.map((vertex) => ({ ...vertex, equation: vertex.equation! + 1 })) },
      { ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: [2] })) },
      { ...graph, valueCount: graph.valueCount + 1 },
      {
        ...graph,
        known: [],
        edges: graph.edges.map((edge) => ({
          ...edge,
          terms: edge.terms.map((term) => ({ ...term, counted: null })),
        })),
      },
    ];
    const hashes = [graph, ...others].map(graphHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
