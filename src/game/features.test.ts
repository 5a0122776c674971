import fc from "fast-check";
import { expect, test } from "vitest";
import { randomGraph } from "../../test/bruteForce.ts";
import { linearize } from "../jacobian/linearize.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { Random } from "../random.ts";
import { createEngine } from "../search/engine.ts";
import { GameBatch } from "./batch.ts";
import { globalFeatures, Observer, vertexFeatures } from "./features.ts";
import { createGame, GLOBAL_FEATURES, type GraphObservation, VERTEX_FEATURES, VertexGame } from "./index.ts";
import { Position } from "./position.ts";

const feature = (observation: GraphObservation, row: number, name: (typeof vertexFeatures)[number]) =>
  observation.vertices[row * VERTEX_FEATURES + vertexFeatures.indexOf(name)]!;

test("there are as many features as said", () => {
  expect(vertexFeatures).toHaveLength(VERTEX_FEATURES);
  expect(globalFeatures).toHaveLength(GLOBAL_FEATURES);
});

/** a = x0 * x1, b = sin a, c = exp a; outputs b * c and c * x0. Intermediates: a, b, c. */
function example() {
  const builder = new ProgramBuilder();
  const [x0, x1] = [builder.input("x0"), builder.input("x1")];
  const a = builder.emit("mul", [x0, x1]);
  const b = builder.emit("sin", [a]);
  const c = builder.emit("exp", [a]);
  const outputs = [builder.emit("mul", [b, c]), builder.emit("mul", [c, x0])];
  return linearize(
    builder.build(
      "example",
      outputs.map((operand, i) => ({ name: `y${i}`, operand })),
    ),
  ).graph;
}

test("a small graph, checked by hand", () => {
  const graph = example();
  const position = new Position(graph, true);
  const observation = new Observer(graph).observe(position, {
    bounds: { lowerBound: 7, upperBound: 9 },
    cost: (index) => position.cost(index),
    last: -1,
    actions: null,
  });
  expect([...observation.actions]).toEqual([0, 1, 2]);
  // a is the only predecessor of b and of c.
  expect([...observation.offsets]).toEqual([0, 0, 1, 2]);
  expect([...observation.sources]).toEqual([0, 0]);
  const column = (name: (typeof vertexFeatures)[number]) =>
    [0, 1, 2].map((row) => feature(observation, row, name));
  const logs = (...counts: number[]) => counts.map((count) => expect.closeTo(Math.log1p(count), 6));
  expect(column("log in-degree")).toEqual(logs(2, 1, 1));
  expect(column("log out-degree")).toEqual(logs(2, 1, 2));
  expect(column("log cost of eliminating it now")).toEqual(logs(4, 1, 2));
  // a: x0, x1 to b and c. b: a to the first output. c: a to both outputs, all new.
  expect(column("log fill-in: edges that its elimination adds")).toEqual(logs(4, 1, 2));
  // The cuts of a are the two inputs and b, c; those of b are a and the first output; of c a and both outputs.
  expect(column("log smallest cut to the inputs")).toEqual(logs(2, 1, 1));
  expect(column("log smallest cut to the outputs")).toEqual(logs(2, 1, 2));
  expect(column("log slack: cost - bound")).toEqual([0, 0, 0]);
  // Without a: b costs 2 * 1 and c 2 * 2. Without b: a still has two successors. Without c: b's output and the other one, three in all.
  expect(
    column("damage: by how much its elimination raises the costs of its neighbours, sign(x) log(1 + |x|)"),
  ).toEqual(logs(3, 0, 2));
  expect(column("log intermediate predecessors")).toEqual(logs(0, 1, 1));
  expect(column("log intermediate successors")).toEqual(logs(2, 0, 0));
  expect(column("1 if an input is a predecessor")).toEqual([1, 0, 0]);
  expect(column("1 if an output is a successor")).toEqual([0, 1, 1]);
  expect(column("longest path from an input / that of the whole graph")).toEqual([0.5, 1, 1]);
  expect(column("longest path to an output / that of the whole graph")).toEqual([1, 0.5, 0.5]);
  expect([...observation.globals.slice(0, 5)]).toEqual(
    [Math.log1p(3), 1, Math.log1p(7), Math.log1p(9), Math.log1p(2)].map((number) =>
      expect.closeTo(number, 6),
    ),
  );
});

test("features are finite, and the last move's neighbours are marked", () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, honest) => {
      const random = Random.seeded(seed);
      const graph = randomGraph(random, {
        inputs: 3,
        intermediates: 15,
        outputs: 3,
        operands: 3,
        structure: 0.1,
      });
      const game = createGame(graph, { honest });
      for (let state = game.root(); !game.isDone(state); ) {
        const observation = game.observe(state);
        expect([...observation.actions]).toEqual([...game.legalActions(state)]);
        expect(observation.offsets.at(-1)).toBe(observation.sources.length);
        for (const own of [...observation.vertices, ...observation.globals])
          expect(Number.isFinite(own)).toBe(true);
        const legal = game.legalActions(state);
        state = game.step(state, legal[random.below(legal.length)]!).state;
      }
    }),
    { numRuns: 40 },
  );
});

test("operations and arrays are seen with the costs of their engines", () => {
  const graph = example();
  const game = new VertexGame(graph, "operations");
  const { state } = game.step(game.root(), 0);
  const observation = game.observe(state);
  const engine = createEngine(graph, "operations");
  engine.eliminate(0);
  for (const [row, action] of observation.actions.entries()) {
    expect(feature(observation, row, "log cost of eliminating it now")).toBeCloseTo(
      Math.log1p(engine.degree(action)),
      6,
    );
    expect(
      feature(observation, row, "1 if it was a neighbour of the vertex that the last move eliminated"),
    ).toBe(1);
  }
});

test("a batch plays episode after episode in every slot", () => {
  const graph = example();
  const batch = new GameBatch([1, 2, 3].map(() => new VertexGame(graph)));
  expect(batch.size).toBe(3);
  const returns = [0, 0, 0];
  const finished = [0, 0, 0];
  for (let move = 0; move < 6; move++) {
    expect(batch.observe().map(({ size }) => size)).toEqual([0, 1, 2].map(() => 3 - (move % 3)));
    const steps = batch.step(batch.states.map(({ legal }, slot) => legal[slot % legal.length]!));
    for (const [slot, { reward, done }] of steps.entries()) {
      returns[slot]! += reward;
      if (done) finished[slot]!++;
    }
  }
  expect(finished).toEqual([2, 2, 2]);
  const cost = (order: number[]) => createEngine(graph, "multiplications").cost(Int32Array.from(order));
  expect(returns[0]).toBe(-2 * cost([0, 1, 2]));
  expect(() => batch.step([0])).toThrow("none of the");
});
