import { init, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import type { ColumnObservation, GraphObservation } from "../../game/observation.ts";
import { columnHeight, GLOBAL_FEATURES, VERTEX_FEATURES } from "../../game/observation.ts";
import { Random } from "../../random.ts";
import { adamStep, initialAdam } from "./adam.ts";
import { createBatch } from "./batch.ts";
import { createKernels, growTo } from "./kernels.ts";
import { type Architecture, createNetwork, type NetworkOutput } from "./network.ts";
import { readSafetensors, weightsOf, writeSafetensors } from "./safetensors.ts";
import { Tape } from "./tape.ts";
import { initialWeights } from "./weights.ts";

const numbers = (length: number, random: Random) =>
  Float32Array.from({ length }, () => 2 * random.unit() - 1);

/** A random graph with edges from lower to higher rows. */
function randomObservation(size: number, random: Random): GraphObservation {
  const offsets = [0];
  const sources: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let source = 0; source < row; source++) if (random.unit() < 0.4) sources.push(source);
    offsets.push(sources.length);
  }
  return {
    size,
    actions: Int32Array.from({ length: size }, (_, row) => 2 * row),
    vertices: numbers(size * VERTEX_FEATURES, random),
    globals: numbers(GLOBAL_FEATURES, random),
    offsets: Int32Array.from(offsets),
    sources: Int32Array.from(sources),
    lowerBound: 0,
    upperBound: 0,
    columns: randomColumns(size, random),
  };
}

const frame = { inputs: 2, vertices: 12 };

/** A column for each row, and between them those of vertices that are no rows. */
function randomColumns(size: number, random: Random): ColumnObservation {
  const offsets = [0];
  const places: number[] = [];
  const columns = size + 2;
  for (let column = 0; column < columns; column++) {
    for (let place = 0; place < columnHeight(frame); place++) if (random.unit() < 0.1) places.push(place);
    offsets.push(places.length);
  }
  return {
    frame,
    vertices: Int32Array.from({ length: columns }, (_, column) => column + 1),
    offsets: Int32Array.from(offsets),
    places: Int32Array.from(places),
    values: numbers(places.length, random),
    ofActions: Int32Array.from({ length: size }, (_, row) => row + (row > size / 2 ? 1 : 0)),
  };
}

const outputOf = ({ logits, values }: NetworkOutput) => ({
  logits: logits.values.slice(),
  values: values.values.slice(),
});

const architectures: Architecture[] = [
  { kind: "graph", width: 8, layers: 2 },
  { kind: "graph", width: 8, layers: 0 },
  { kind: "transformer", width: 16, layers: 1, heads: 2 },
  { kind: "transformer", width: 8, layers: 2, heads: 1 },
  { kind: "transformer", width: 8, layers: 1, heads: 1, frame },
];

describe.each(architectures)("network %j", (architecture) => {
  const network = createNetwork(architecture);
  const { layout } = network;
  const observations = [5, 1, 9].map((size, index) => randomObservation(size, Random.seeded(index)));

  /** Weights without the zeros of the heads, which would hide most gradients. */
  function busyWeights(): Float32Array {
    const random = Random.seeded(7);
    return initialWeights(layout, random).map((weight) => weight + 0.2 * (random.unit() - 0.5));
  }

  test("fresh weights prefer nothing and expect the lower bound", () => {
    const tape = new Tape(layout);
    tape.run(initialWeights(layout, Random.seeded(3)), null, () => {
      const { logits, values } = network.forward(tape, createBatch(observations));
      expect([...logits.values, ...values.values]).toEqual(Array(5 + 1 + 9 + 3).fill(0));
    });
  });

  test("a batch says of each graph what that graph alone says, recording or not", () => {
    const weights = busyWeights();
    const alone = new Tape(layout);
    const recording = new Tape(layout);
    const all = recording.run(weights, new Float32Array(layout.size), () =>
      outputOf(network.forward(recording, createBatch(observations))),
    );
    let row = 0;
    observations.forEach((observation, graph) => {
      const { logits, values } = alone.run(weights, null, () =>
        outputOf(network.forward(alone, createBatch([observation]))),
      );
      expect(values[0]).toBeCloseTo(all.values[graph]!, 5);
      for (const logit of logits) expect(logit).toBeCloseTo(all.logits[row++]!, 5);
    });
  });

  test("gradients agree with central differences, weight by weight", () => {
    const weights = busyWeights();
    const tape = new Tape(layout);
    const batch = createBatch(observations);
    const random = Random.seeded(11);
    const slopes = [numbers(batch.size, random), numbers(batch.graphs, random)] as const;
    const loss = () => {
      const { logits, values } = tape.run(weights, null, () => outputOf(network.forward(tape, batch)));
      let total = 0;
      logits.forEach((logit, row) => {
        total += logit * slopes[0][row]!;
      });
      values.forEach((value, graph) => {
        total += value * slopes[1][graph]!;
      });
      return total;
    };
    const gradient = new Float32Array(layout.size);
    tape.run(weights, gradient, () => {
      const { logits, values } = network.forward(tape, batch);
      logits.gradient.set(slopes[0]);
      values.gradient.set(slopes[1]);
      tape.backward();
    });
    const step = 2e-3;
    let wrong = 0;
    for (let index = 0; index < weights.length; index++) {
      const held = weights[index]!;
      weights[index] = held + step;
      const above = loss();
      weights[index] = held - step;
      const below = loss();
      weights[index] = held;
      const slope = (above - below) / (2 * step);
      if (Math.abs(slope - gradient[index]!) > 2e-3 + 0.02 * Math.abs(slope)) wrong++;
    }
    // A step across the kink of a ReLU or of a maximum is no fault.
    expect(wrong).toBeLessThan(0.01 * weights.length);
  });

  test("weights survive a safetensors file, and only those of the same network", () => {
    const weights = busyWeights();
    const bytes = writeSafetensors(layout, weights, { task: "é" });
    const file = readSafetensors(bytes);
    expect(weightsOf(file, layout)).toEqual(weights);
    expect(file.metadata).toEqual({ task: "é" });
    const other = createNetwork({ kind: "graph", width: 16, layers: 1 }).layout;
    expect(() => weightsOf(file, other, "w.safetensors")).toThrow(
      /^w.safetensors: expected a tensor "input.weight"|^w/,
    );
    expect(() => readSafetensors(bytes.subarray(0, bytes.length - 4))).toThrow(/damaged/);
    expect(() => readSafetensors(bytes.subarray(0, 40))).toThrow(/too short/);
  });
});

test("the message-passing network and its gradient are what jax-js makes of the same formula", async () => {
  await init("cpu");
  const width = 8;
  const network = createNetwork({ kind: "graph", width, layers: 1 });
  const { layout } = network;
  const random = Random.seeded(5);
  const weights = initialWeights(layout, random).map((weight) => weight + 0.3 * (random.unit() - 0.5));
  const observation = randomObservation(6, random);
  const { size, offsets, sources } = observation;

  const edges = Array.from({ length: size }, () => Array<number>(size).fill(0));
  for (let row = 0; row < size; row++)
    for (let edge = offsets[row]!; edge < offsets[row + 1]!; edge++) edges[row]![sources[edge]!] = 1;
  const scaled = (matrix: number[][]) =>
    np.array(
      matrix.map((row) =>
        row.map(
          (entry) =>
            entry /
            Math.sqrt(
              Math.max(
                1,
                row.reduce((a, b) => a + b),
              ),
            ),
        ),
      ),
    );
  const before = scaled(edges);
  const after = scaled(edges.map((_, row) => edges.map((other) => other[row]!)));
  const vertices = np.array(observation.vertices).reshape([size, VERTEX_FEATURES]);
  const globals = np.array(observation.globals).reshape([1, GLOBAL_FEATURES]);
  const parameters = Object.fromEntries(
    [...layout.entries.values()].map(({ name, offset, size: count, shape }) => [
      name,
      np
        .array(weights.slice(offset, offset + count))
        .reshape(shape.length === 1 ? [1, shape[0]!] : [...shape]),
    ]),
  );
  const loss = (named: { [name: string]: np.Array }) => {
    const weight = (name: string) => named[name]!;
    const affine = (name: string, x: np.Array) =>
      np.matmul(x, weight(`${name}.weight`)).add(weight(`${name}.bias`));
    let hidden = nn.relu(affine("input", vertices));
    const messages = [hidden.ref, np.matmul(before, hidden.ref), np.matmul(after, hidden.ref)];
    const message = affine("layer0", np.concatenate(messages, 1));
    const centred = message.ref.sub(np.mean(message, 1, { keepdims: true }));
    const variance = np.mean(centred.ref.mul(centred.ref), 1, { keepdims: true });
    const normal = centred.div(np.sqrt(variance.add(1e-5)));
    hidden = hidden.add(nn.relu(normal.mul(weight("layer0.norm.gain")).add(weight("layer0.norm.shift"))));
    const whole = np.concatenate(
      [np.mean(hidden.ref, 0, { keepdims: true }), np.max(hidden.ref, 0, { keepdims: true })],
      1,
    );
    const policy = nn.relu(affine("policy.own", hidden).add(affine("policy.graph", whole.ref)));
    const value = affine(
      "value.output",
      nn.relu(affine("value.hidden", np.concatenate([whole, globals], 1))),
    );
    const logits = affine("policy.output", policy);
    const slopes = np.array(Array.from({ length: size }, (_, row) => [row - 2]));
    return np.sum(logits.mul(slopes)).add(np.sum(value));
  };
  const [total, slopes] = valueAndGrad(loss)(parameters);

  const gradient = new Float32Array(layout.size);
  const tape = new Tape(layout);
  const own = tape.run(weights, gradient, () => {
    const { logits, values } = network.forward(tape, createBatch([observation]));
    logits.gradient.set(Array.from({ length: size }, (_, row) => row - 2));
    values.gradient[0] = 1;
    tape.backward();
    return logits.values.reduce((result, logit, row) => result + logit * (row - 2), values.values[0]!);
  });
  expect(own).toBeCloseTo((await total.data())[0]!, 4);
  for (const { name, offset, size: count } of layout.entries.values()) {
    const theirs = await slopes[name]!.data();
    for (let index = 0; index < count; index++)
      expect(gradient[offset + index]).toBeCloseTo(theirs[index]!, 4);
  }
});

test("the product of the kernels agrees with plain loops, whatever the sizes and strides", () => {
  const random = Random.seeded(1);
  const kernels = createKernels();
  growTo(kernels.memory, 2 ** 20);
  const memory = new Float32Array(kernels.memory.buffer);
  for (const [rows, inner, columns] of [
    [1, 1, 8],
    [7, 24, 16],
    [300, 9, 32],
    [5, 300, 8],
  ] as const)
    for (const isTransposed of [false, true]) {
      const [atB, atC] = [(rows + 3) * inner + 3, (rows + 3) * inner + 3 + inner * columns];
      memory.set(numbers(atC + (rows + 3) * columns, random));
      const before = memory.slice();
      const [rowStride, innerStride] = isTransposed ? [1, rows] : [inner, 1];
      kernels.product(0, 4 * rowStride, 4 * innerStride, 4 * atB, 4 * atC, rows, inner, columns);
      let error = 0;
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          let total = before[atC + i * columns + j]!;
          for (let k = 0; k < inner; k++)
            total += before[i * rowStride + k * innerStride]! * before[atB + k * columns + j]!;
          error = Math.max(error, Math.abs(memory[atC + i * columns + j]! - total));
        }
      expect(error).toBeLessThan(1e-4);
    }
});

test("shares of attention: exponentials of the factor times x, over their sum; padding has none", () => {
  const random = Random.seeded(1);
  const kernels = createKernels();
  const memory = new Float32Array(kernels.memory.buffer);
  const [rows, columns, factor] = [5, 12, 0.3];
  const x = numbers(rows * columns, random).map((value, index) =>
    index % columns === 11 ? -Infinity : 10 ** (index / columns) * value,
  );
  memory.set(x);
  kernels.toShares(0, rows, columns, factor);
  for (let row = 0; row < rows; row++) {
    const own = x.subarray(row * columns, (row + 1) * columns);
    const most = Math.max(...own);
    const weights = Array.from(own, (value) => Math.exp(factor * (value - most)));
    const total = weights.reduce((sum, weight) => sum + weight);
    weights.forEach((weight, column) => {
      const share = memory[row * columns + column]!;
      expect(Math.abs(share - weight / total)).toBeLessThan(1e-5 * (weight / total) + 1e-30);
    });
  }
});

test("a network with a frame is told when it is shown no columns, or those of another frame", () => {
  const network = createNetwork({ kind: "transformer", width: 8, layers: 1, heads: 1, frame });
  const tape = new Tape(network.layout);
  const weights = initialWeights(network.layout, Random.seeded(1));
  const { columns, ...without } = randomObservation(4, Random.seeded(2));
  const other = { ...without, columns: { ...columns!, frame: { inputs: 3, vertices: 11 } } };
  for (const observation of [without, other])
    expect(() => tape.run(weights, null, () => network.forward(tape, createBatch([observation])))).toThrow(
      /frame of 2 inputs and 12 vertices/,
    );
});

test("Adam finds the minimum of a quadratic, and its first step is the learning rate whatever the scale", () => {
  const weights = Float32Array.of(3, -2);
  const state = initialAdam(2);
  adamStep(weights, Float32Array.of(1000, -1e-3), state, { learningRate: 0.1, clip: Infinity });
  expect(weights[0]).toBeCloseTo(2.9, 5);
  expect(weights[1]).toBeCloseTo(-1.9, 4);
  const fresh = initialAdam(2);
  for (let step = 0; step < 500; step++)
    adamStep(weights, weights.slice(), fresh, { learningRate: 0.02, clip: 0.5 });
  for (const weight of weights) expect(Math.abs(weight)).toBeLessThan(0.02);
});
