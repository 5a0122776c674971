/** The command line as users run it: the built program, in a directory of its own. */

import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCommand } from "./buildCommand.ts";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const data = fileURLToPath(new URL("../src/tasks/data", import.meta.url));
let directory: string;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: directory }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

async function runJson(...args: string[]) {
  const { code, stdout, stderr } = await run(...args);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

function write(name: string, content: string): string {
  writeFileSync(join(directory, name), content);
  return name;
}

beforeAll(() => {
  buildCommand();
  directory = mkdtempSync(join(tmpdir(), "alphagrad-cli-"));
}, 120_000);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const SPRING = `
export function spring(x: number, [k, d]: [number, number]): [number, number] {
  const force = -k * x - d * x ** 3;
  return [force, 0.5 * k * x * x];
}
`;

describe("optimize", () => {
  it("writes a kernel that imports and agrees with the source, a certificate, the Program and a picture", async () => {
    const source = write("spring.ts", SPRING);
    const { code, stdout } = await run("optimize", source, "--seconds", "0.2", "--out", "result");
    expect(code).toBe(0);
    expect(stdout).toContain("ns per Jacobian");
    expect(readdirSync(join(directory, "result")).sort()).toEqual([
      "certificate.json",
      "jacobian.d.mts",
      "jacobian.mjs",
      "program.json",
      "search.json",
      "search.svg",
    ]);
    const text = readFileSync(join(directory, "result/jacobian.mjs"), "utf8");
    const module = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    const [x, k, d] = [0.3, 2, 0.7];
    const result = module.spring_jacobian(x, [k, d]);
    expect(result.values[1]).toBeCloseTo(0.5 * k * x * x, 14);
    expect(result.jacobian[0][0]).toBeCloseTo(-k - 3 * d * x * x, 14);
    expect(result.jacobian[0][1]).toEqual([expect.closeTo(-x, 14), expect.closeTo(-(x ** 3), 14)]);
    expect(readFileSync(join(directory, "result/search.svg"), "utf8")).toMatch(/^<svg[^>]*xmlns/);
  });

  it("prints one JSON object and nothing else with --json, and leaves no files", async () => {
    const before = readdirSync(directory);
    const result = await runJson(
      "optimize",
      "HumanHeartDipole",
      "--iterations",
      "2000",
      "--json",
      "--objective",
      "multiplications",
      "--as-written",
    );
    expect(readdirSync(directory)).toEqual(before);
    const byMethod = new Map(result.methods.map((row: { method: string }) => [row.method, row]));
    expect(byMethod.get("forward")).toMatchObject({ multiplications: 240 });
    expect(byMethod.get("reverse")).toMatchObject({ multiplications: 172 });
    expect(result.best.multiplications).toBe(148);
    expect(result.certificate).toMatchObject({
      format: "alphagrad-certificate",
      version: 1,
      graph: result.graph.hash,
      order: result.best.order,
      program: "as written",
      costs: { multiplications: 148 },
      seed: 1,
    });
  });

  it("gives the same order for the same seed and iterations", async () => {
    const search = ["optimize", "RoeFlux_1d", "--iterations", "5000", "--json", "--seed", "7"];
    const [first, second] = [await runJson(...search), await runJson(...search)];
    expect(second.best.order).toEqual(first.best.order);
  });

  it("ends on Ctrl-C with the best so far, its files written", async () => {
    const child = execFile(
      process.execPath,
      [command, "optimize", "RoeFlux_1d", "--seconds", "60", "--out", "interrupted"],
      { cwd: directory },
    );
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const started = Date.now();
    // It says what it is going to do right before the search begins.
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(Date.now() - started).toBeLessThan(25_000);
    expect(JSON.parse(readFileSync(join(directory, "interrupted/certificate.json"), "utf8")).format).toBe(
      "alphagrad-certificate",
    );
  });
});

describe("evaluate", () => {
  for (const order of ["forward", "reverse", "markowitz"])
    it(`gives JAX's Jacobian of BlackScholes_Jacobian, ${order}`, async () => {
      const { points } = JSON.parse(readFileSync(join(data, "BlackScholes_Jacobian.json"), "utf8"));
      const point = write("point.json", JSON.stringify({ inputs: points[0].inputs }));
      const { outputs, jacobian } = await runJson(
        "evaluate",
        join(data, "BlackScholes_Jacobian.jaxpr"),
        "--at",
        point,
        "--order",
        order,
        "--json",
      );
      points[0].outputs.flat().forEach((value: number, index: number) => {
        expect(outputs.flat()[index]).toBeCloseTo(value, 11);
      });
      const flat = jacobian.flat(9);
      points[0].jacobian.flat(9).forEach((value: number, index: number) => {
        expect(Math.abs(flat[index] - value)).toBeLessThanOrEqual(1e-10 * Math.max(1e-6, Math.abs(value)));
      });
      expect(jacobian[0][0]).toHaveLength(1);
      expect(jacobian[0][0][0]).toHaveLength(1);
    });

  it("allows points outside the domain, and reports what is not finite", async () => {
    const source = write("root.ts", "export const root = (x: number, y: number) => Math.sqrt(x) * y;");
    const point = write("negative.json", '{"inputs": [-1, 2]}');
    const { code, stdout, stderr } = await run("evaluate", source, "--at", point, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ outputs: [null], jacobian: [[null, null]] });
    expect(stderr).toMatch(/^note: not finite at this point, written as null: outputs\[0\] = NaN/);
  });
});

describe("targets", () => {
  it("writes several at once: ES module, C with header, Python module", async () => {
    const source = write("spring.ts", SPRING);
    const { code, stdout } = await run(
      "optimize",
      source,
      ...[
        "--iterations",
        "10",
        "--target",
        "jax,c",
        "--target",
        "js,wasm",
        "--out",
        "targets",
        "--reassociate",
      ],
    );
    expect(code).toBe(0);
    const [, after, before] = /takes (\d+) operations instead of (\d+)/.exec(stdout) ?? [];
    expect(Number(after)).toBeLessThanOrEqual(Number(before));
    expect(stdout).toMatch(/spring_jacobian\.py +the Jacobian for JAX/);
    expect(readdirSync(join(directory, "targets")).sort()).toEqual([
      "certificate.json",
      "jacobian.c",
      "jacobian.d.mts",
      "jacobian.h",
      "jacobian.mjs",
      "jacobian.wasm",
      "jacobian.wasm.d.mts",
      "jacobian.wasm.mjs",
      "program.json",
      "search.json",
      "search.svg",
      "spring_jacobian.py",
    ]);
    const both = `import { run } from "./targets/jacobian.mjs"; import * as wasm from "./targets/jacobian.wasm.mjs";
      const [x, y, point] = [[], [], wasm.inputNames.map((_, index) => 0.3 + index / 7)];
      run(point, x); wasm.entries.forEach(() => y.push(0)); wasm.run(point, y); console.log(JSON.stringify([x, y]));`;
    const [x, y] = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", both], {
        cwd: directory,
        encoding: "utf8",
      }),
    ) as number[][];
    expect(y).toHaveLength(x!.length);
    y!.forEach((value, plane) => {
      expect(value).toBeCloseTo(x![plane]!, 12);
    });
  });

  it("compiles an order to C in float and to JAX, arrays too", async () => {
    const order = ["--order", "reverse"];
    const c = await run(
      "compile",
      "HumanHeartDipole",
      ...order,
      "--target",
      "c",
      "--dtype",
      "float32",
      "--out",
      "c/k.c",
    );
    expect(c).toMatchObject({ code: 0, stdout: expect.stringMatching(/c\/k\.c: .*\nc\/k\.h: /) });
    expect(readFileSync(join(directory, "c/k.h"), "utf8")).toContain(
      "void HumanHeartDipole_jacobian_run(const float *inputs, float *outputs);",
    );
    const jax = await run(
      "optimize",
      join(data, "Perceptron.jaxpr"),
      "--method",
      "reverse",
      "--target",
      "jax",
      "--out",
      "jax",
    );
    expect(jax).toMatchObject({ code: 0, stdout: expect.stringContaining("Perceptron_jacobian.py") });
    expect(readFileSync(join(directory, "jax/Perceptron_jacobian.py"), "utf8")).toContain(
      "def Perceptron_jacobian(",
    );
  });
});

describe("count, show, tasks, compile", () => {
  it("counts an order from a file, per vertex", async () => {
    const forward = await runJson(
      "optimize",
      "PropaneCombustion",
      "--method",
      "forward",
      "--as-written",
      "--json",
    );
    const order = write("order.json", JSON.stringify(forward.best.order));
    const costs = await runJson("count", "PropaneCombustion", "--order", order, "--per-vertex", "--json");
    expect(costs).toMatchObject({
      multiplications: 151,
      nontrivial: 22,
      constants: 4,
      operations: { multiplications: 26, additions: 0 },
    });
    expect(
      costs.vertices.reduce(
        (sum: number, { multiplications }: { multiplications: number }) => sum + multiplications,
        0,
      ),
    ).toBe(151);
  });

  it("shows Programs that it reads again, with the same counts", async () => {
    const program = await run("show", "RoeFlux_1d", "--format", "json");
    const file = write("roe.json", program.stdout);
    const costs = await runJson("count", file, "--order", "reverse", "--json");
    expect(costs).toMatchObject({ multiplications: 364, nontrivial: 186 });
    expect((await run("show", "RoeFlux_1d", "--format", "dot")).stdout).toMatch(/^digraph/);
    expect((await run("show", "RoeFlux_1d")).stdout).toMatch(/sqrt/);
  });

  it("compiles from a certificate, and refuses it for another form or function", async () => {
    await run("optimize", "PropaneCombustion", "--iterations", "100", "--out", "propane");
    const certificate = "propane/certificate.json";
    const compiled = await run(
      "compile",
      "PropaneCombustion",
      "--order",
      certificate,
      "--out",
      "kernels/propane.mjs",
    );
    expect(compiled.code).toBe(0);
    expect(readdirSync(join(directory, "kernels")).sort()).toEqual(["propane.d.mts", "propane.mjs"]);
    const written = await run("count", "PropaneCombustion", "--order", certificate);
    expect(written).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/certificate for PropaneCombustion simplified.*use --simplify/),
    });
    const other = await run("count", "HumanHeartDipole", "--order", certificate);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/another graph/) });
  });

  it("acts on the program unrolled to scalars, and says which form a certificate is for", async () => {
    const source = join(data, "RoeFlux_3d.jaxpr");
    const arrays = await runJson("count", source, "--order", "reverse", "--json");
    const scalars = await runJson("count", source, "--order", "reverse", "--scalarise", "--json");
    expect(arrays.operations).toEqual({ multiplications: 496, additions: 540 });
    expect(scalars.operations).toEqual({ multiplications: 492, additions: 340 });
    // Reverse and Markowitz take a tenth less on scalars, so that is what is searched.
    const found = await runJson("optimize", source, "--iterations", "300", "--json", "--out", "roe");
    expect(found.certificate.program).toBe("scalarised and simplified");
    expect(found.check.againstInterpreter).toBe(0);
    const kept = await runJson("optimize", source, "--iterations", "50", "--json", "--no-scalarise");
    expect(kept.certificate.program).toBe("simplified");
    const refused = await run("count", source, "--order", "roe/certificate.json");
    expect(refused.stderr).toMatch(/scalarised and simplified.*use --simplify.* and use --scalarise/);
    const again = await run("count", source, "--order", "roe/certificate.json", "--simplify", "--scalarise");
    expect(again.code).toBe(0);
    const { points } = JSON.parse(readFileSync(join(data, "RoeFlux_3d.json"), "utf8"));
    writeFileSync(join(directory, "roe-point.json"), JSON.stringify(points[0]));
    const evaluate = ["evaluate", source, "--at", "roe-point.json", "--json"];
    const [dense, unrolled] = [await runJson(...evaluate), await runJson(...evaluate, "--scalarise")];
    const close = (a: unknown, b: unknown): void => {
      if (typeof a === "number") expect(a).toBeCloseTo(b as number, 10);
      else for (const [index, part] of (a as unknown[]).entries()) close(part, (b as unknown[])[index]);
    };
    close(dense.jacobian, unrolled.jacobian);
  });

  it("lists the tasks", async () => {
    const names = (await runJson("tasks", "--json")).map(({ name }: { name: string }) => name);
    for (const name of [
      "RoeFlux_1d",
      "RobotArm_6DOF",
      "HumanHeartDipole",
      "PropaneCombustion",
      "BlackScholes",
      "g",
      "BlackScholes_Jacobian",
    ])
      expect(names).toContain(name);
  });
});

describe("bad input: one clear line, exit code 1, nothing half-written", () => {
  const wrong: readonly (readonly [what: string, args: () => string[], message: RegExp])[] = [
    [
      "a source that is neither task nor file",
      () => ["optimize", "RoeFlux"],
      /neither a task nor a file; the tasks are RoeFlux_1d/,
    ],
    ["a missing file", () => ["optimize", "nothing.ts"], /cannot read nothing\.ts: there is no such file/],
    [
      "an unknown kind of file",
      () => ["optimize", write("f.py", "x")],
      /expected a \.ts, \.js, \.jaxpr or \.json file/,
    ],
    [
      "a syntax error",
      () => ["optimize", write("broken.ts", "export function f(x: number) {\n  return x +;\n}")],
      /broken\.ts:2:\d+/,
    ],
    [
      "a branch on a traced value",
      () => [
        "optimize",
        write("branch.ts", "export function f(x: number) {\n  if (x > 0) return x;\n  return -x;\n}"),
      ],
      /branch\.ts:2:\d+.*where\(/,
    ],
    [
      "an unknown callee",
      () => ["optimize", write("callee.ts", "export const f = (x: number) => gamma(x);")],
      /callee\.ts:1:\d+.*gamma/,
    ],
    [
      "several exported functions",
      () => ["optimize", write("two.ts", "export const f = (x: number) => x;\nexport const g = f;")],
      /--function/,
    ],
    [
      "a truncated jaxpr",
      () => [
        "optimize",
        write("cut.jaxpr", "{ lambda ; a:f32[]. let\n    b:f32[] = sin a\n    c:f32[] = mu"),
      ],
      /cut\.jaxpr:3/,
    ],
    [
      "an unknown primitive",
      () => ["optimize", write("odd.jaxpr", "{ lambda ; a:f32[]. let b:f32[] = bessel_j a in (b,) }")],
      /odd\.jaxpr:1.*bessel_j/,
    ],
    ["malformed JSON", () => ["optimize", write("bad.json", "{")], /bad\.json is not JSON/],
    [
      "JSON that is neither Program nor graph",
      () => ["optimize", write("other.json", "{}")],
      /expected a Program .* or a graph/,
    ],
    [
      "an order that is no permutation",
      () => ["count", "g", "--order", write("short.json", "[1, 2, 3]")],
      /intermediates of g are missing/,
    ],
    [
      "an order of something else",
      () => ["count", "g", "--order", write("words.json", '["a"]')],
      /entry 1 is "a", expected an equation number/,
    ],
    [
      "an altered certificate",
      () => [
        "count",
        "g",
        "--order",
        write("altered.json", '{"format": "alphagrad-certificate", "version": 9}'),
      ],
      /altered\.json: certificate: version/,
    ],
    [
      "a point of the wrong length",
      () => ["evaluate", "RoeFlux_1d", "--at", write("p.json", '{"inputs": [1, 2]}')],
      /takes 6 inputs .*, got 2/,
    ],
    [
      "a point without inputs",
      () => ["evaluate", "RoeFlux_1d", "--at", write("q.json", "[1]")],
      /expected \{"inputs"/,
    ],
    [
      "a point that is not numbers",
      () => ["evaluate", "RoeFlux_1d", "--at", write("r.json", '{"inputs": [1,2,3,4,5,"6"]}')],
      /inputs\[5\].*expected a number, got "6"/,
    ],
    [
      "an unknown target",
      () => ["optimize", "g", "--target", "js,rust"],
      /--target: expected some of js, wasm, c, jax, got "rust"/,
    ],
    [
      "a file name of another target",
      () => ["compile", "g", "--order", "forward", "--target", "c", "--out", "g.js"],
      /--out g\.js: a file of --target c ends with \.c/,
    ],
    [
      "integers for outputs",
      () => [
        "optimize",
        write(
          "argmax.jaxpr",
          "{ lambda ; a:f32[3]. let b:i32[] = argmax[axes=(0,) index_dtype=int32] a in (b,) }",
        ),
      ],
      /argmax: no output is a real number \(b is int32\)/,
    ],
    ["an unknown flag", () => ["optimize", "g", "--fast"], /unknown option '--fast'/],
    ["an unknown command", () => ["optimise", "g"], /unknown command/],
    ["an unknown method", () => ["optimize", "g", "--method", "magic"], /Allowed choices/],
    [
      "a negative time",
      () => ["optimize", "g", "--seconds", "-1"],
      /--seconds: expected a number of seconds, got "-1"/,
    ],
    ["a seed that is no number", () => ["optimize", "g", "--seed", "x"], /--seed: expected a whole number/],
    [
      "a directory that is a file",
      () => ["optimize", "PropaneCombustion", "--seconds", "0", "--out", write("file", "")],
      /cannot write to file/,
    ],
    [
      "an output file below a file",
      () => ["compile", "PropaneCombustion", "--order", "forward", "--out", `${write("plain", "")}/k.js`],
      /cannot write to plain/,
    ],
  ];
  for (const [what, args, message] of wrong)
    it(what, async () => {
      const files = () => readdirSync(directory).length;
      const given = args();
      const count = files();
      const { code, stdout, stderr } = await run(...given);
      expect(stderr).toMatch(message);
      expect(
        stderr
          .trim()
          .split("\n")
          .filter((line) => !line.startsWith("(")),
      ).toHaveLength(1);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);
      expect(stdout).toBe("");
      expect(files()).toBe(count);
    });

  it("helps everywhere", async () => {
    for (const name of ["optimize", "evaluate", "compile", "count", "show", "tasks"])
      expect(await run(name, "--help")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`alphagrad ${name}`),
      });
    mkdirSync(join(directory, "empty"), { recursive: true });
    expect(await run("--version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});
