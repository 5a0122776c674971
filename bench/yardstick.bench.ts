/**
 * The WebAssembly emitter beside clang: the C target's batch loop, compiled to WebAssembly by `clang -O3 -msimd128`, against our own module of the same program in the same engine; ns per
 * Jacobian and their ratio. Says so and ends where there is no clang with a WebAssembly linker.
 *
 * There is no math.h for bare WebAssembly: the one here has the square root as the instruction, and sine and cosine by our own float32 and float64 polynomials, written in C so
 * that clang inlines and vectorises them. They hold for arguments of ordinary size alone; ours detects and repairs the others.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { intermediates } from "../src/graph/graph.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { emitC } from "../src/kernels/c/emit.ts";
import { compile } from "../src/kernels/compile.ts";
import { type Kernel, type KernelDType, planeStride } from "../src/kernels/kernel.ts";
import { batchWorkload, measure, type Workload } from "../src/kernels/measure.ts";
import { cosine, sine } from "../src/kernels/wasm/math/coefficients.ts";
import type { Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { findTask, programOf, referencePoints } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion"];
const BATCHES = [512, 8192];
const DTYPES: readonly KernelDType[] = ["float32", "float64"];
const MILLISECONDS = 400;
const FLAGS = [
  ..."--target=wasm32 -O3 -msimd128 -ffreestanding -nostdlib -fno-math-errno -fno-trapping-math".split(" "),
  ..."-ffp-contract=off -Wl,--no-entry -Wl,--export=kernel_run_batch -Wl,--export=__heap_base".split(" "),
  "-Wl,--initial-memory=67108864",
];
const TOLERANCE = { float64: 1e-11, float32: 1e-3 };

/** Prints one table. */
export async function main(): Promise<void> {
  if (!hasClang()) {
    print("no clang that links WebAssembly (clang and lld) on this machine: nothing to compare with");
    return;
  }
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`,
  );
  print("ns per Jacobian: lower quartile of interleaved samples; ours / clang's\n");
  print(`| task | dtype | ${BATCHES.map((batch) => `${batch}: ours | clang | ratio`).join(" | ")} |`);
  print(`|---|---|${BATCHES.map(() => "---|---|---|").join("")}`);
  for (const name of TASKS) for (const dtype of DTYPES) await compare(name, dtype);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function compare(name: string, dtype: KernelDType): Promise<void> {
  const task = findTask(name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const program = bestJacobian(simplify(programOf(task)));
  const point = referencePoints(task)[0]?.inputs ?? [];
  const ours = await compile(program, { target: "wasm", dtype });
  const clang = await clangKernel(program, ours);
  checkEqual(name, ours, clang, point);
  const workloads: Workload[] = BATCHES.flatMap((count) => [
    batchWorkload("ours", ours, point, count),
    batchWorkload("clang", clang, point, count),
  ]);
  const timings = measure(workloads, { clock: () => performance.now(), milliseconds: MILLISECONDS });
  const cells = BATCHES.flatMap((_, index) => {
    const [own = NaN, other = NaN] = timings.slice(2 * index, 2 * index + 2).map(({ low }) => low);
    return [own.toFixed(1), other.toFixed(1), (own / other).toFixed(2)];
  });
  print(`| ${name} | ${dtype} | ${cells.join(" | ")} |`);
}

/** The Jacobian with fewer equations by the forward or the reverse order. */
function bestJacobian(program: Program): Program {
  const { graph } = linearize(program);
  const forward = intermediates(graph).map(
    (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
  );
  const [first, second] = [forward, forward.toReversed()].map((order) => jacobian(program, { order }));
  if (first === undefined || second === undefined) throw new Error("two orders give two programs");
  return first.equations.length <= second.equations.length ? first : second;
}

/** The batch loop of the C target as clang compiles it, over planes in its own memory; `like` says what it computes. */
async function clangKernel(program: Program, like: Kernel): Promise<Kernel> {
  const { dtype, inputCount, entries } = like;
  const { exports } = await instantiated(program, dtype);
  const { memory, kernel_run_batch: batch, __heap_base: heap } = exports as unknown as ClangModule;
  const [size, array] = dtype === "float64" ? [8, Float64Array] : [4, Float32Array];
  let free = heap.value;
  const take = (elements: number) => {
    const start = Math.ceil(free / 64) * 64;
    free = start + elements * size;
    return new array(memory.buffer, start, elements);
  };
  return {
    ...like,
    runBatch(count, inputs, outputs) {
      const strides = [inputs.length / inputCount, outputs.length / entries.length] as const;
      batch(count, inputs.byteOffset, strides[0], outputs.byteOffset, strides[1]);
    },
    planes(count) {
      const stride = planeStride(count, dtype);
      return { inputs: take(inputCount * stride), outputs: take(entries.length * stride), stride };
    },
  };
}

interface ClangModule {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  kernel_run_batch(
    count: number,
    inputs: number,
    inputStride: number,
    outputs: number,
    outputStride: number,
  ): void;
}

async function instantiated(program: Program, dtype: KernelDType): Promise<WebAssembly.Instance> {
  const directory = mkdtempSync(join(tmpdir(), "alphagrad-yardstick-"));
  try {
    const path = (file: string) => join(directory, file);
    writeFileSync(path("kernel.c"), emitC({ ...program, name: "kernel" }, { dtype }).source);
    writeFileSync(path("math.h"), mathHeader());
    execFileSync("clang", [...FLAGS, "-I", directory, "-o", path("kernel.wasm"), path("kernel.c")], {
      stdio: "pipe",
    });
    return (await WebAssembly.instantiate(readFileSync(path("kernel.wasm")))).instance;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function hasClang(): boolean {
  try {
    for (const tool of ["clang", "wasm-ld"]) execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What differs between the formats: the C type, an integer of its size, and pi/2 in parts. */
const FORMATS = {
  f64x2: {
    real: "double",
    integer: "long long",
    suffix: "",
    magic: 1.5 * 2 ** 52,
    parts: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21],
  },
  f32x4: {
    real: "float",
    integer: "int",
    suffix: "f",
    magic: 1.5 * 2 ** 23,
    parts: [1.570556640625, 0.0002396702766418457, 1.5890691429376602e-8, 2.5633440682570896e-12],
  },
} as const;

/** Square root, magnitude, sine and cosine, by the same steps as src/kernels/wasm/math/trigonometric.ts. */
function mathHeader(): string {
  return `${mathOf("f64x2")}\n${mathOf("f32x4")}\n`;
}

function mathOf(format: keyof typeof FORMATS): string {
  const { real, integer, suffix, magic, parts } = FORMATS[format];
  const number = (value: number) => `(${real})${value}`;
  const polynomial = (list: readonly number[]) =>
    list.map(number).reduceRight((sum, coefficient) => `(${sum} * z + ${coefficient})`);
  const reduction =
    format === "f32x4"
      ? [`const ${real} r = x${parts.map((part) => ` - n * ${number(part)}`).join("")}, rest = 0;`]
      : [
          `const ${real} a = x - n * ${number(parts[0])}, b = -(n * ${number(parts[1])}), sum = a + b, c = sum - a;`,
          `const ${real} low = n * ${number(parts[2])} - ((a - (sum - c)) + (b - c));`,
          `const ${real} r = sum - low, rest = sum - r - low;`,
        ];
  const evenTail = `z * z * ${polynomial(cosine[format])}`;
  const odd = polynomial(sine[format]);
  const kernels =
    format === "f32x4"
      ? [`const ${real} s = r + r * z * ${odd};`, `const ${real} even = w + (1 - w - half + ${evenTail});`]
      : [
          `const ${real} s = r - (z * (half1 * rest) - rest - z * r * ${odd});`,
          `const ${real} even = w + (1 - w - half + (${evenTail} - r * rest));`,
        ];
  const turned = (name: string, shift: number) =>
    [
      `static inline ${real} ${name}${suffix}(${real} x) {`,
      `const ${real} half1 = ${number(0.5)}, moved = x * ${number(2 / Math.PI)} + ${number(magic)}, n = moved - ${number(magic)};`,
      `union { ${real} number; ${integer} bits; } quadrant = { moved }, value;`,
      ...reduction,
      `const ${real} z = r * r, half = z * half1, w = 1 - half;`,
      ...kernels,
      "(void)rest;",
      `const ${integer} turn = quadrant.bits + ${shift};`,
      "value.number = turn & 1 ? even : s;",
      `value.bits ^= (turn & 2) << ${8 * (format === "f64x2" ? 8 : 4) - 2};`,
      "return value.number;",
      "}",
    ].join("\n");
  return [
    `#define sqrt${suffix} __builtin_sqrt${suffix}`,
    `#define fabs${suffix} __builtin_fabs${suffix}`,
    turned("sin", 0),
    turned("cos", 1),
  ].join("\n");
}

/** Throws unless both kernels agree on some points. */
function checkEqual(name: string, ours: Kernel, clang: Kernel, point: readonly number[]): void {
  const [own, other] = [ours, clang].map((kernel) => {
    const planes = kernel.planes(37);
    point.forEach((value, plane) => {
      planes.inputs.fill(value, plane * planes.stride, (plane + 1) * planes.stride);
    });
    kernel.runBatch(37, planes.inputs, planes.outputs);
    return kernel.entries.map((_, plane) => planes.outputs[plane * planes.stride + 36] ?? NaN);
  });
  own?.forEach((value, plane) => {
    const expected = other?.[plane] ?? NaN;
    if (!(Math.abs(value - expected) <= TOLERANCE[ours.dtype] * Math.max(1, Math.abs(expected))))
      throw new Error(`${name}: entry ${plane} is ${value}, by clang ${expected}`);
  });
}
