/** `alphagrad bench`: our kernels are timed for real, in next to no time; the peers are scripts of this file. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disagreement } from "../src/cli/benchmark/agreement.ts";
import { type BenchmarkOptions, benchmark } from "../src/cli/benchmark/benchmark.ts";
import { choiceList, countList, wordList } from "../src/cli/benchmark/lists.ts";
import { askPeer } from "../src/cli/benchmark/peers.ts";
import { benchmarkPicture } from "../src/cli/benchmark/picture.ts";
import { type PeerRequest, parsePeerAnswer } from "../src/cli/benchmark/protocol.ts";
import { type Benchmark, contenders, type PeerCase } from "../src/cli/benchmark/result.ts";
import { benchmarkText } from "../src/cli/benchmark/table.ts";
import { loadSubject } from "../src/cli/subject.ts";
import { InputError } from "../src/errors.ts";
import { interpretScalars } from "../src/program/interpreter.ts";
import { programToJson } from "../src/program/json.ts";
import { findTask, programOf, referencePoints } from "../src/tasks/index.ts";
import { cCompilers } from "./cCompiler.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "alphagrad-bench-test-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A peer's script: the body sees the request and returns the answer. */
function script(body: string): void {
  const text = `import { readFileSync } from "node:fs";
const request = JSON.parse(readFileSync(0, "utf8"));
const answer = (() => { ${body} })();
console.log("talk of libraries");
console.log(JSON.stringify(answer));`;
  writeFileSync(join(folder, "jaxjs_peer.mjs"), text);
}

const EMPTY: PeerRequest = {
  program: programToJson({ name: "none", inputs: [], equations: [], outputs: [] }),
  python: "",
  points: [],
  dtypes: ["float64"],
  batches: [1],
  threads: 1,
  seconds: 0,
  cc: "cc",
  variants: null,
};

function options(own: Partial<BenchmarkOptions>): BenchmarkOptions {
  return {
    batches: [1, 3],
    dtypes: ["float64"],
    orders: ["forward", "ours"],
    targets: ["js"],
    peers: [],
    threads: [1],
    secondsPerCase: 0.0005,
    seconds: 0.01,
    seed: 1,
    cc: cCompilers[0] ?? "cc",
    point: referencePoints(findTask("PropaneCombustion")!)[0]!.inputs,
    machine: "a machine",
    clock: () => performance.now(),
    onProgress: () => {},
    python: "python3",
    folder,
    ...own,
  };
}

const subjectOf = (name: string) => loadSubject(name, {}, "simplified");

describe("a benchmark", () => {
  test("times every order on every target, dtype and batch, and asks the peers with our Jacobian", async () => {
    script(`
      const timing = { median: 1e6, low: 9e5, high: 2e6, samples: 5 };
      return {
        peer: "fake", versions: { fake: "1.2" },
        notes: [JSON.stringify({ jacobian: request.points[0].jacobian, inputs: request.program.inputs.length })],
        cases: request.batches.map((batch) => ({ group: "Fake", variant: "slow", dtype: "float32", batch, threads: 1, ...timing })),
      };`);
    const found = await benchmark(
      await subjectOf("PropaneCombustion"),
      options({ dtypes: ["float32", "float64"], targets: ["wasm", "js"], peers: ["jaxjs"] }),
    );
    const kernels = found.cases.filter(({ kind }) => kind === "kernel");
    expect(kernels).toHaveLength(2 * 2 * 2 * 2);
    for (const { median, low, high, samples } of kernels) {
      expect(low).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(low);
      expect(high).toBeGreaterThanOrEqual(median);
      expect(samples).toBeGreaterThanOrEqual(5);
    }
    expect(found.orders[0]).toMatchObject({ name: "forward", multiplications: 151 });
    expect(found.versions).toEqual({ fake: "1.2" });
    const { jacobian, inputs } = JSON.parse(found.notes[0]!);
    expect(inputs).toBe(11);
    const reference = referencePoints(findTask("PropaneCombustion")!)[0]!.jacobian;
    expect(disagreement(jacobian.flat(), reference.flat(), "float64")).toBeLessThan(1e-3);
    const text = benchmarkText(found);
    expect(text).toMatch(/^Fake +1000000 ± 550000 +1000000 ± 550000$/m);
    expect(text).toMatch(/^Fake: fastest form +slow +slow$/m);
    expect(text).toMatch(/^Fake \/ ours, wasm +\d+x +\d+x$/m);
  });

  test("batches of the last order have threads too, compared with the peers that have as many", async () => {
    script(`
      const timing = { median: 1e6, low: 9e5, high: 2e6, samples: 5, group: "Fake", variant: "", dtype: "float64" };
      const cases = request.batches.flatMap((batch) => [1, 2].map((threads) => ({ ...timing, batch, threads })));
      return { peer: "fake", versions: {}, notes: [], cases };`);
    const found = await benchmark(
      await subjectOf("PropaneCombustion"),
      options({ orders: ["forward", "reverse"], targets: ["wasm"], peers: ["jaxjs"], threads: [1, 2] }),
    );
    expect(
      found.cases.flatMap((timed) =>
        timed.kind === "kernel" ? [[timed.order, timed.batch, timed.threads]] : [],
      ),
    ).toEqual([
      ["forward", 1, 1],
      ["forward", 3, 1],
      ["reverse", 1, 1],
      ["reverse", 3, 1],
      ["reverse", 3, 2],
    ]);
    const text = benchmarkText(found);
    expect(text).toMatch(/^reverse, wasm, 2 threads +– /m);
    expect(text).toMatch(/^Fake, 2 threads \/ reverse, wasm, 2 threads +– +\d+x$/m);
    expect(text).not.toContain("Fake / reverse, wasm, 2 threads");
    expect(await benchmarkPicture(found, "wasm")).toContain("reverse, 2 threads");
  });

  test.skipIf(cCompilers.length === 0)("times C by a program of its own", async () => {
    const found = await benchmark(
      await subjectOf("PropaneCombustion"),
      options({ targets: ["c"], dtypes: ["float32"], orders: ["reverse", "markowitz"] }),
    );
    expect(found.notes).toEqual([]);
    expect(
      found.cases.map((timed) => timed.kind === "kernel" && [timed.order, timed.target, timed.batch]),
    ).toEqual([
      ["reverse", "c", 1],
      ["reverse", "c", 3],
      ["markowitz", "c", 1],
      ["markowitz", "c", 3],
    ]);
    expect(Math.min(...found.cases.map(({ low }) => low))).toBeGreaterThan(0);
  });

  test("without a C compiler says so", async () => {
    const found = await benchmark(
      await subjectOf("PropaneCombustion"),
      options({ targets: ["c"], orders: ["reverse"], cc: "no-such-compiler" }),
    );
    expect(found.cases).toEqual([]);
    expect(found.notes).toEqual([
      "c is left out: there is no C compiler no-such-compiler; --cc or CC names one",
    ]);
  });

  test("array-valued programs: rows and columns element by element", async () => {
    script(
      "return { peer: 'fake', versions: {}, cases: [], notes: [JSON.stringify(request.points[0].jacobian), request.python] };",
    );
    const task = findTask("RoeFlux_3d")!;
    const [reference] = referencePoints(task);
    const found = await benchmark(
      await subjectOf("RoeFlux_3d"),
      options({ orders: ["reverse"], batches: [1], peers: ["jaxjs"], point: reference!.inputs }),
    );
    const jacobian = JSON.parse(found.notes[0]!);
    expect(jacobian.map((row: number[]) => row.length)).toEqual(reference!.jacobian.map((row) => row.length));
    expect(disagreement(jacobian.flat(), reference!.jacobian.flat(), "float64")).toBeLessThan(1);
    expect(found.notes[1]).toContain("def function(");
  });

  test("refuses a point where the Jacobian is not finite, naming the remedy", async () => {
    const point = options({}).point.map(() => 0);
    await expect(benchmark(await subjectOf("PropaneCombustion"), options({ point }))).rejects.toThrow(
      /PropaneCombustion is not finite at \[0, .*--at FILE/,
    );
  });
});

describe("peers", () => {
  const python = [process.env.ALPHAGRAD_PYTHON, "python3"].find((candidate) => {
    try {
      execFileSync(candidate ?? "", ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });

  test("one that is not installed, that fails, that talks nonsense, that has no Python", async () => {
    const ask = () => askPeer("jaxjs", EMPTY, { python: "python3", folder });
    script("return { peer: 'fake', missing: 'npm install fake' };");
    expect(await ask()).toEqual({ kind: "missing", install: "npm install fake" });
    script("console.error('no room'); process.exit(3);");
    expect(await ask()).toEqual({ kind: "failed", why: "jax-js is left out, its script failed: no room" });
    script("return { peer: 'fake', versions: {}, notes: [], cases: [{ group: 'Fake', median: -1 }] };");
    expect(await ask()).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("jax-js is left out: jaxjs_peer.mjs"),
    });
    const why =
      "JAX is left out: there is no Python at /nowhere/python; --python or ALPHAGRAD_PYTHON names one";
    expect(await askPeer("jax", EMPTY, { python: "/nowhere/python", folder })).toEqual({
      kind: "failed",
      why,
    });
  });

  test("an answer that is no JSON is an InputError that names the script", () => {
    expect(() => parsePeerAnswer("Segmentation fault\n", "x.py")).toThrow(InputError);
    expect(() => parsePeerAnswer("Segmentation fault\n", "x.py")).toThrow(/x\.py/);
  });

  test.skipIf(python === undefined)(
    "the scripts in Python say what to install where it is missing, and time nothing where nothing is asked",
    async () => {
      const scripts = fileURLToPath(new URL("../bench/peers", import.meta.url));
      for (const [name, library] of [
        ["jax", "jax"],
        ["casadi", "casadi"],
        ["torch", "torch"],
      ] as const) {
        const answer = await askPeer(
          name,
          { ...EMPTY, dtypes: [] },
          { python: python ?? "", folder: scripts },
        );
        if (answer.kind === "missing") expect(answer.install).toContain(`pip install ${library}`);
        else expect(answer).toMatchObject({ kind: "timed", cases: [] });
      }
    },
  );

  test("variants far from the fastest everywhere are given up", () => {
    const timed = (variant: string, batch: number, median: number): PeerCase => ({
      ...{ kind: "peer", group: "Fake", dtype: "float64", threads: 1, low: 1, high: 1, samples: 5 },
      ...{ variant, batch, median },
    });
    expect(
      contenders([
        timed("a", 1, 10),
        timed("b", 1, 14),
        timed("c", 1, 16),
        timed("c", 8, 40),
        timed("a", 8, 20),
      ]),
    ).toEqual(["a", "b"]);
    expect(contenders([])).toBeNull();
  });

  test.skipIf(python === undefined)(
    "Python evaluates a Program as the interpreter does, and counts powers",
    () => {
      const names = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion", "BlackScholes"];
      const cases = names.map((name) => {
        const program = programOf(findTask(name)!);
        return { program, inputs: referencePoints(findTask(name)!)[0]!.inputs };
      });
      const text = `
import json, math, sys
sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL("../bench/peers", import.meta.url)))})
from operations import power_operations
from program import evaluate
names = "exp log sqrt sin cos tan asin acos atan sinh cosh tanh atan2 erf".split()
functions = {"abs": abs, **{name: getattr(math, name) for name in names}}
cases = json.load(sys.stdin)
outputs = [evaluate(case["program"], case["inputs"], functions) for case in cases]
print(json.dumps([outputs, [power_operations(n) for n in (0, 1, 2, 3, 4, 7, -1, -2)]]))`;
      const input = JSON.stringify(
        cases.map(({ program, inputs }) => ({ program: programToJson(program), inputs })),
      );
      const [outputs, powers] = JSON.parse(
        execFileSync(python!, ["-B", "-c", text], { input, encoding: "utf8" }),
      ) as [number[][], number[]];
      cases.forEach(({ program, inputs }, index) => {
        interpretScalars(program, inputs).forEach((value, output) => {
          expect(outputs[index]![output]).toBeCloseTo(value, 9);
        });
      });
      expect(powers).toEqual([0, 0, 1, 2, 2, 4, 1, 2]);
    },
  );
});

const SAMPLE: Benchmark = {
  name: "spring",
  form: "simplified",
  machine: "a machine",
  orders: [
    { name: "reverse", order: [2, 1], multiplications: 12, operations: { multiplications: 5, additions: 2 } },
    { name: "ours", order: [1, 2], multiplications: 9, operations: null },
  ],
  versions: { jax: "0.1" },
  notes: ["CasADi is left out: pip install casadi"],
  cases: [
    ...[1, 512].map((batch) => ({
      ...{
        kind: "kernel" as const,
        order: "reverse",
        target: "js" as const,
        dtype: "float64" as const,
        batch,
      },
      ...{ threads: 1, median: 20, low: 19, high: 22, samples: 9 },
    })),
    {
      ...{ kind: "kernel", order: "ours", target: "js", dtype: "float64", batch: 512 },
      ...{ threads: 1, median: 8, low: 7.9, high: 8.1, samples: 9 },
    },
    ...["jacfwd", "jacrev"].map((variant, index) => ({
      ...{ kind: "peer" as const, group: "JAX", variant, dtype: "float64" as const, batch: 512, threads: 1 },
      ...{ median: 150 - 30 * index, low: 100, high: 160, samples: 9 },
    })),
  ],
};

describe("what is shown", () => {
  test("a table per dtype, with spreads, forms and ratios", () => {
    expect(benchmarkText(SAMPLE, "markdown")).toBe(
      `spring, simplified. a machine, jax 0.1.

| order | multiplications + additions | the paper's count |
|---|--:|--:|
| reverse | 5 + 2 | 12 |
| ours | – | 9 |

float64, ns per Jacobian: median ± half the distance of the quartiles

|  | batch 1 | batch 512 |
|---|--:|--:|
| reverse, js | 20.0 ± 1.50 | 20.0 ± 1.50 |
| ours, js | – | 8.00 ± 0.1 |
| JAX | – | 120 ± 30.0 |
| JAX: fastest form | – | jacrev |
| JAX / ours, js | – | 15x |

note: CasADi is left out: pip install casadi`,
    );
  });

  test("a picture with a line for each order and peer, and all batches on the axis", async () => {
    const svg = await benchmarkPicture(SAMPLE, "js");
    for (const text of ["reverse", "ours", "JAX", "float64", "512", "ns per Jacobian of spring"])
      expect(svg).toContain(text);
    expect(svg).not.toMatch(/NaN|Infinity/);
    // A dot per line and batch: two for reverse, one for each other.
    expect(svg.match(/<circle/g)).toHaveLength(4);
  });
});

describe("flags", () => {
  test("lists", () => {
    expect(countList("--batch", 100)("1, 64,1")).toEqual([1, 64]);
    expect(choiceList("--dtype", ["float32", "float64"], { f32: "float32" })("f32,float64")).toEqual([
      "float32",
      "float64",
    ]);
  });

  test.each([
    [() => countList("--batch", 100)("1,0"), '--batch: expected whole numbers from 1 to 100, got "0"'],
    [() => countList("--batch", 100)("1.5"), '--batch: expected whole numbers from 1 to 100, got "1.5"'],
    [() => choiceList("--targets", ["js", "c"])("js,cuda"), '--targets: expected some of js, c, got "cuda"'],
    [() => wordList("--orders")("forward,"), '--orders: expected names with commas between, got "forward,"'],
  ])("errors name the flag and what there is", (parse, message) => {
    expect(parse).toThrow(new InputError(message));
  });

  test("disagreement: nothing, much, and lists of other lengths", () => {
    expect(disagreement([1, 2], [1, 2], "float64")).toBe(0);
    expect(disagreement([1, 2.1], [1, 2], "float32")).toBeGreaterThan(1);
    expect(disagreement([1, Number.NaN], [1, 2], "float32")).toBe(Number.POSITIVE_INFINITY);
    expect(disagreement([1], [1, 2], "float64")).toBe(Number.POSITIVE_INFINITY);
  });
});
