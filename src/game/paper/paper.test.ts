import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { optimum, randomGraph } from "../../../test/bruteForce.ts";
import { InputError } from "../../errors.ts";
import type { ComputationalGraph, GraphVertex } from "../../graph/graph.ts";
import { clean } from "../../graph/transformations/clean.ts";
import { compress } from "../../graph/transformations/compress.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import { Random } from "../../random.ts";
import { toPublicOrder } from "../../search/engine.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { movesOf, replay } from "../game.ts";
import { VertexGame } from "../vertexGame.ts";
import { frameOf, type PaperObservation, PaperObserver } from "./observation.ts";
import { PaperGame } from "./paperGame.ts";

const graphOf = (task: string) => linearize(programOf(findTask(task)!)).graph;

function at({ data, frame }: PaperObservation, channel: number, row: number, column: number): number {
  return data[(channel * (frame.inputs + frame.vertices + 1) + row) * frame.vertices + column]!;
}

/** All channels of an edge. */
const edge = (observation: PaperObservation, row: number, column: number) =>
  [0, 1, 2, 3, 4].map((channel) => at(observation, channel, row, column));

const header = (observation: PaperObservation) =>
  [0, 1, 2, 3, 4].map((channel) =>
    Array.from({ length: observation.frame.vertices }, (_, column) => at(observation, channel, 0, column)),
  );

/** y0 = sin(x0 * x1), y1 = exp(x0 * x1) * x1; vertices: 1 product, 2 sin, 3 exp, 4 product. */
function example(): ComputationalGraph {
  const builder = new ProgramBuilder();
  const [x0, x1] = [builder.input("x0"), builder.input("x1")];
  const product = builder.emit("mul", [x0, x1]);
  const sine = builder.emit("sin", [product]);
  const last = builder.emit("mul", [builder.emit("exp", [product]), x1]);
  return linearize(
    builder.build("example", [
      { name: "y0", operand: sine },
      { name: "y1", operand: last },
    ]),
  ).graph;
}

test("the columns that PaperGame shows are those of the tensor that are not eliminated, as logarithms", () => {
  for (const name of ["RobotArm_6DOF", "Perceptron"]) {
    const graph = graphOf(name);
    const frame = { inputs: graph.inputs.length + 1, vertices: graph.vertices.length + 2 };
    const game = new PaperGame(graph, "multiplications", frame);
    const observer = new PaperObserver(graph, frame);
    const random = Random.seeded(3);
    for (let state = game.root(), moves = 0; !game.isDone(state) && moves < 10; moves++) {
      const seen = game.observe(state);
      const tensor = observer.observe(state);
      const columns = seen.columns!;
      const rebuilt = new Int32Array(tensor.data.length);
      columns.vertices.forEach((vertex, column) => {
        for (let entry = columns.offsets[column]!; entry < columns.offsets[column + 1]!; entry++) {
          const value = columns.values[entry]!;
          rebuilt[columns.places[entry]! * frame.vertices + vertex] =
            Math.sign(value) * Math.round(2 ** Math.abs(value) - 1);
        }
      });
      const isEliminated = header(tensor)[1]!;
      const left = tensor.data.map((entry, index) =>
        isEliminated[index % frame.vertices] === 1 ? 0 : entry,
      );
      expect(rebuilt.every((entry, index) => entry === left[index])).toBe(true);
      expect([...columns.ofActions].map((column) => columns.vertices[column])).toEqual(
        [...seen.actions].map((action) => tensor.columns[action]),
      );
      state = game.step(state, seen.actions[random.below(seen.size)]!).state;
    }
  }
});

test("a small graph, checked by hand", () => {
  const graph = example();
  const game = new VertexGame(graph);
  const observer = new PaperObserver(graph);
  const start = observer.observe(game.root());
  expect(start.data).toHaveLength(5 * (2 + 4 + 1) * 4);
  expect([...start.columns]).toEqual([0, 2]);
  expect(header(start)).toEqual([
    [2, 4, 2, 0],
    [0, 0, 0, 0],
    [0, 1, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
  const types = (observation: PaperObservation) =>
    Array.from({ length: 6 }, (_, row) => [0, 1, 2, 3].map((column) => at(observation, 0, row + 1, column)));
  expect(types(start)).toEqual([
    [1, 0, 0, 0],
    [1, 0, 0, 1],
    [0, 1, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ]);
  expect(edge(start, 2, 3)).toEqual([1, 1, 1, 1, 1]);

  // Eliminate exp (column 2), then the product (column 0).
  const later = observer.observe(replay(game, [1]));
  expect(header(later).slice(1, 4)).toEqual([
    [0, 0, 1, 0],
    [0, 1, 0, 1],
    [3, 0, 0, 0],
  ]);
  expect(types(later)).toEqual([
    [1, 0, 0, 0],
    [1, 0, 0, 1],
    [0, 1, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
  const end = observer.observe(replay(game, [1, 0]));
  expect(header(end)[3]).toEqual([3, 1, 0, 0]);
  expect(types(end)).toEqual([
    [0, 1, 0, 1],
    [0, 1, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
  expect(observer.observe(game.root())).toEqual(start);
});

describe("sparsity types", () => {
  type Case = readonly [
    string,
    readonly number[],
    (b: ProgramBuilder, x: Operand, y: Operand) => Operand,
    readonly number[],
  ];
  const matmul = (b: ProgramBuilder, left: Operand, right: Operand) =>
    b.emit("dot_general", [left, right], { contracting: [[1], [0]], batch: [[], []] });
  // x has the given shape, y is a matrix [4, 5], or [3, 4] where it must have the shape of x.
  const cases: readonly Case[] = [
    ["sin of a matrix", [3, 4], (b, x) => b.emit("sin", [x]), [6, 3, 4, 3, 4]],
    ["sin of a vector", [3], (b, x) => b.emit("sin", [x]), [2, 3, 1, 3, 1]],
    ["sin of a number", [], (b, x) => b.emit("sin", [x]), [1, 1, 1, 1, 1]],
    ["a multiple of a matrix", [3, 4], (b, x) => b.emit("mul", [literal(2), x]), [10, 3, 4, 3, 4]],
    [
      "a matrix, transposed",
      [3, 4],
      (b, x) => b.emit("transpose", [x], { permutation: [1, 0] }),
      [-7, 4, 3, 3, 4],
    ],
    ["a product by its left factor", [3, 4], (b, x, y) => matmul(b, x, y), [-2, 3, 5, 3, 4]],
    [
      "a product by its right factor",
      [2, 4],
      (b, x, y) =>
        matmul(
          b,
          b.emit("transpose", [y], { permutation: [1, 0] }),
          b.emit("transpose", [x], { permutation: [1, 0] }),
        ),
      [-3, 5, 2, 4, 2],
    ],
    ["a sum over rows", [3, 4], (b, x) => b.emit("reduce_sum", [x], { axes: [0] }), [-4, 4, 1, 3, 4]],
    [
      "a vector, repeated",
      [3],
      (b, x) => b.emit("broadcast", [x], { shape: [3, 4], dimensions: [0] }),
      [-2, 3, -4, 3, 1],
    ],
    [
      "a number, repeated",
      [],
      (b, x) => b.emit("broadcast", [x], { shape: [3, 4], dimensions: [] }),
      [-1, -3, -4, 1, 1],
    ],
    ["a maximum over columns", [3, 4], (b, x) => b.emit("reduce_max", [x], { axes: [1] }), [2, 3, 1, 3, 4]],
  ];
  test.each(cases)("%s", (_, shape, emit, code) => {
    const builder = new ProgramBuilder();
    const x = builder.input("x", { shape, dtype: "float64" });
    const y = builder.input("y", { shape: [4, 5], dtype: "float64" });
    // What comes before and after keeps the partial in question where it can be found.
    const before = builder.emit("exp", [x]);
    const result = emit(builder, before, y);
    const { graph } = linearize(
      builder.build("case", [{ name: "r", operand: builder.emit("tanh", [result]) }]),
    );
    const game = new VertexGame(graph);
    const observation = new PaperObserver(graph).observe(game.root());
    const node = graph.inputs.length;
    const codes = graph.edges
      .filter(({ to }) => to === graph.inputs.length + graph.vertices.length - 2)
      .map(({ from, to }) => edge(observation, 1 + from, to - node));
    expect(codes).toContainEqual(code);
  });

  test("are defined for two dims at most", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x", { shape: [2, 2, 2], dtype: "float64" });
    const { graph } = linearize(
      builder.build("cube", [{ name: "y", operand: builder.emit("sin", [builder.emit("exp", [x])]) }]),
    );
    expect(() => new PaperObserver(graph)).toThrow(InputError);
  });
});

test.each(["RoeFlux_1d", "Perceptron", "f"])("%s: a state looks like the compressed graph", (task) => {
  const graph = graphOf(task);
  const game = new VertexGame(graph);
  const random = Random.seeded(4);
  const observer = new PaperObserver(graph);
  let state = game.root();
  for (let move = 0; move < 12; move++) {
    const legal = game.legalActions(state);
    state = game.step(state, legal[random.below(legal.length)]!).state;
    // Go elsewhere and come back.
    if (move % 4 === 0) observer.observe(game.step(game.root(), move).state);
  }
  const rest = compress(graph, toPublicOrder(graph, Int32Array.from(movesOf(state)))).graph;
  const seen = observer.observe(state);
  const plain = new PaperObserver(rest).observe(new VertexGame(rest).root());
  const key = ({ equation, name }: GraphVertex) => equation ?? `copy ${name}`;
  const columnOf = new Map(graph.vertices.map((vertex, column) => [key(vertex), column]));
  const inputs = graph.inputs.length;
  const column = (own: number) => columnOf.get(key(rest.vertices[own]!))!;
  const row = (node: number) => 1 + (node < inputs ? node : inputs + column(node - inputs));
  for (const { from, to } of rest.edges)
    expect(edge(seen, row(from), column(to - inputs))).toEqual(edge(plain, 1 + from, to - inputs));
  const types = (observation: PaperObservation) => {
    const { inputs, vertices } = observation.frame;
    return observation.data.slice(vertices, (inputs + vertices + 1) * vertices).filter((type) => type !== 0)
      .length;
  };
  expect(types(seen)).toBe(rest.edges.length);
});

test("embedding into a larger frame keeps the graph and its optimum", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = Random.seeded(seed);
      const graph = clean(
        randomGraph(random, { inputs: 2, intermediates: 1 + random.below(6), outputs: 2, operands: 2 }),
      );
      const frame = { inputs: 5, vertices: 15 };
      const observation = new PaperObserver(graph, frame).observe(new VertexGame(graph).root());
      expect(observation.data).toHaveLength(5 * 21 * 15);
      expect(optimum(decoded(observation))).toBe(optimum(graph));
    }),
    { numRuns: 30 },
  );
});

test("a graph that is too large for a frame is refused", () => {
  const graph = graphOf("RoeFlux_1d");
  expect(() => new PaperObserver(graph, { inputs: 6, vertices: 50 })).toThrow(InputError);
  expect(frameOf([graph, example()])).toEqual({ inputs: 6, vertices: 101 });
});

/** The scalar graph that a tensor describes, of those vertices that are not eliminated. */
function decoded(observation: PaperObservation): ComputationalGraph {
  const { inputs, vertices } = observation.frame;
  const [, gone, outputs] = header(observation) as [number[], number[], number[]];
  const columns = [...gone.keys()].filter((column) => gone[column] === 0);
  const node = (column: number) => inputs + columns.indexOf(column);
  const edges = columns.flatMap((to) =>
    Array.from({ length: inputs + vertices }, (_, from) => from)
      .filter((from) => at(observation, 0, from + 1, to) !== 0)
      .map((from) => ({
        from: from < inputs ? from : node(from - inputs),
        to: node(to),
        terms: [
          {
            structure: { out: [], in: [], extents: [] },
            counted: [],
            value: { kind: "constant", constant: 1 },
          },
        ] as const,
      })),
  );
  return {
    name: "decoded",
    inputs: Array.from({ length: inputs }, (_, input) => ({ name: `x${input}`, shape: [] })),
    vertices: columns.map((column) => ({ equation: column + 1, name: `v${column}`, shape: [] })),
    edges,
    outputs: columns.filter((column) => outputs[column] === 1).map(node),
    valueCount: 0,
    known: [],
  };
}
