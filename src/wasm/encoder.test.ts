import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Code, encodeModule, type Instruction, PLAIN_INSTRUCTIONS, type ValueType } from "./encoder.ts";

function memory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: 1 });
}

function bytesOf(...functions: readonly Code[]): Uint8Array<ArrayBuffer> {
  return encodeModule({ pages: 1, functions, exports: { f: functions.length - 1 }, data: [] });
}

function instantiate(functions: readonly Code[], at = memory()): (...args: unknown[]) => unknown {
  const module = new WebAssembly.Module(bytesOf(...functions));
  return new WebAssembly.Instance(module, { kernel: { memory: at } }).exports.f as (
    ...args: unknown[]
  ) => unknown;
}

/** A function without parameters. */
function code(results: readonly ValueType[], write: (code: Code) => void): Code {
  const written = new Code({ parameters: [], results });
  write(written);
  return written;
}

/** The operand and result types of an instruction without immediates, by its name. */
function signatureOf(instruction: Instruction): { operands: ValueType[]; result: ValueType } | null {
  const [type = "", operation = ""] = instruction.split(".");
  if (operation === "") return null;
  const unary =
    /^(eqz|abs|neg|sqrt|ceil|floor|trunc|nearest|ctz|clz|popcnt|not|any_true|bitmask|splat|demote|promote|wrap|extend|convert|reinterpret)/;
  const from = /_(i32|i64|f32|f64)(_[su])?$/.exec(operation)?.[1] as ValueType | undefined;
  if (type.includes("x") || type === "v128") {
    const lane: ValueType = type.startsWith("i32") ? "i32" : (type.slice(0, 3) as ValueType);
    if (operation === "splat") return { operands: [lane], result: "v128" };
    if (/shl|shr/.test(operation)) return { operands: ["v128", "i32"], result: "v128" };
    const result = /any_true|bitmask/.test(operation) ? "i32" : "v128";
    const three = /bitselect|relaxed/.test(operation);
    const count = three ? 3 : unary.test(operation) ? 1 : 2;
    return { operands: new Array<ValueType>(count).fill("v128"), result };
  }
  const own = type as ValueType;
  if (unary.test(operation)) return { operands: [from ?? own], result: operation === "eqz" ? "i32" : own };
  const comparison = /^(eq|ne|lt|gt|le|ge)(_[su])?$/.test(operation);
  return { operands: [own, own], result: comparison ? "i32" : own };
}

function constant(code: Code, type: ValueType): void {
  if (type === "i32") code.i32(3);
  else if (type === "i64") code.i64(5n);
  else if (type === "f64") code.f64(2.5);
  else if (type === "f32") {
    code.f64(2.5);
    code.plain("f32.demote_f64");
  } else code.v128(1n, 2n);
}

test.each(PLAIN_INSTRUCTIONS.filter((name) => signatureOf(name) !== null && !name.includes("relaxed")))(
  "%s validates on operands of its types, and on no others",
  (instruction) => {
    const { operands, result } = signatureOf(instruction)!;
    const of = (result: ValueType) =>
      bytesOf(
        code([result], (body) => {
          for (const operand of operands) constant(body, operand);
          body.plain(instruction);
        }),
      );
    expect(WebAssembly.validate(of(result))).toBe(true);
    expect(WebAssembly.validate(of(result === "f32" ? "f64" : "f32"))).toBe(false);
  },
);

/** Instructions with what they compute: lanes of the result as numbers, from lanes of operands. */
const VECTOR_CASES: readonly [Instruction, number[][], number[]][] = [
  [
    "f64x2.add",
    [
      [1, 2],
      [10, 20],
    ],
    [11, 22],
  ],
  [
    "f64x2.sub",
    [
      [1, 2],
      [10, 20],
    ],
    [-9, -18],
  ],
  [
    "f64x2.mul",
    [
      [3, 2],
      [10, 20],
    ],
    [30, 40],
  ],
  [
    "f64x2.div",
    [
      [1, 2],
      [4, 0.5],
    ],
    [0.25, 4],
  ],
  [
    "f64x2.min",
    [
      [1, NaN],
      [4, 0.5],
    ],
    [1, NaN],
  ],
  [
    "f64x2.max",
    [
      [1, -0],
      [4, 0],
    ],
    [4, 0],
  ],
  [
    "f64x2.pmin",
    [
      [1, NaN],
      [4, 0.5],
    ],
    [1, NaN],
  ],
  [
    "f64x2.pmax",
    [
      [1, 2],
      [4, NaN],
    ],
    [4, 2],
  ],
  ["f64x2.abs", [[-1, -Infinity]], [1, Infinity]],
  ["f64x2.neg", [[-1, 0]], [1, -0]],
  ["f64x2.sqrt", [[4, -1]], [2, NaN]],
  ["f64x2.ceil", [[1.5, -1.5]], [2, -1]],
  ["f64x2.floor", [[1.5, -1.5]], [1, -2]],
  ["f64x2.trunc", [[1.5, -1.5]], [1, -1]],
  ["f64x2.nearest", [[2.5, -1.5]], [2, -2]],
  [
    "v128.andnot",
    [
      [5, 7],
      [0, -0],
    ],
    [5, 7],
  ],
];

test.each(VECTOR_CASES)("%s computes", (instruction, operands, expected) => {
  const at = memory();
  const body = code([], (written) => {
    written.i32(0);
    operands.forEach((_, index) => {
      written.i32(0);
      written.memory("v128.load", 16 * (index + 1));
    });
    written.plain(instruction);
    written.memory("v128.store");
  });
  operands.forEach((lanes, index) => {
    new Float64Array(at.buffer, 16 * (index + 1), 2).set(lanes);
  });
  instantiate([body], at)();
  expect([...new Float64Array(at.buffer, 0, 2)]).toEqual(expected);
});

describe("immediates", () => {
  test("integers of any size survive LEB128", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer(), (wide, narrow) => {
        expect(instantiate([code(["i64"], (body) => body.i64(wide))])()).toBe(wide);
        expect(instantiate([code(["i32"], (body) => body.i32(narrow))])()).toBe(narrow);
      }),
    );
    for (const edge of [-64n, -65n, 63n, 64n, -8192n, -8193n, 8191n, 8192n])
      expect(instantiate([code(["i64"], (body) => body.i64(edge))])()).toBe(edge);
  });

  test("constants, lanes, shuffles, splats and lane stores", () => {
    const at = memory();
    const view = new DataView(at.buffer);
    const body = code([], (written) => {
      written.i32(0);
      written.v128(0x1122334455667788n, 0x99aabbccddeeff00n);
      written.memory("v128.store");
      written.i32(0);
      written.i32(0);
      written.memory("v128.load");
      written.i32(0);
      written.memory("v128.load32_splat", 4);
      written.shuffle([0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 12, 13, 14, 15]);
      written.memory("v128.store", 16);
      written.i32(0);
      written.i32(0);
      written.memory("v128.load64_splat", 8);
      written.memoryLane("v128.store64_lane", 1, 32);
      written.i32(0);
      written.i32(0);
      written.memory("v128.load");
      written.memoryLane("v128.store32_lane", 3, 40);
    });
    instantiate([body], at)();
    expect(view.getBigUint64(0, true)).toBe(0x1122334455667788n);
    expect([16, 20, 24, 28].map((place) => view.getUint32(place, true))).toEqual([
      0x55667788, 0x11223344, 0x11223344, 0x99aabbcc,
    ]);
    expect(view.getBigUint64(32, true)).toBe(0x99aabbccddeeff00n);
    expect(view.getUint32(40, true)).toBe(0x99aabbcc);
  });
});

test("functions, locals of mixed types, blocks and loops: a sum", () => {
  const half = new Code({ parameters: ["f64"], results: ["f64"] });
  half.localGet(0);
  half.f64(0.5);
  half.plain("f64.mul");
  const sum = new Code({ parameters: ["i32"], results: ["f64"] });
  const [total, unused, index] = [sum.local("f64"), sum.local("v128"), sum.local("i32")];
  expect([total, unused, index, sum.localCount]).toEqual([1, 2, 3, 3]);
  sum.block();
  sum.loop();
  sum.localGet(index);
  sum.localGet(0);
  sum.plain("i32.ge_u");
  sum.branchIf(1);
  sum.localGet(index);
  sum.i32(1);
  sum.plain("i32.add");
  sum.localTee(index);
  sum.plain("f64.convert_i32_s");
  sum.call(0);
  sum.localGet(total);
  sum.plain("f64.add");
  sum.localSet(total);
  sum.branch(0);
  sum.end();
  sum.end();
  sum.localGet(total);
  const f = instantiate([half, sum]);
  expect(f(4)).toBe(5);
  expect(f(0)).toBe(0);
});

test("data is written into memory at instantiation", () => {
  const at = memory();
  const bytes = encodeModule({
    pages: 1,
    functions: [],
    exports: {},
    data: [{ offset: 1000, bytes: Uint8Array.of(1, 2, 3) }],
  });
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { kernel: { memory: at } });
  expect([...new Uint8Array(at.buffer, 999, 5)]).toEqual([0, 1, 2, 3, 0]);
});

test("a body of many bytes and many locals", () => {
  const body = code(["i32"], (written) => {
    written.i32(0);
    for (let index = 0; index < 20_000; index++) {
      const local = written.local("i32");
      written.localTee(local);
      written.i32(index);
      written.plain("i32.add");
    }
  });
  expect(instantiate([body])()).toBe((20_000 * 19_999) / 2);
});

test("integers in memory: stored, copied and loaded; memory grows", () => {
  const shared = new WebAssembly.Memory({ initial: 1 });
  const written = code(["i32"], (body) => {
    body.i32(0);
    body.i64(0x1_0000_0007n);
    body.memory("i64.store");
    for (const operand of [8, 0, 8]) body.i32(operand);
    body.memoryCopy();
    body.i32(12);
    body.i32(5);
    body.memory("i32.store", 4);
    for (const offset of [8, 12, 16]) {
      body.i32(0);
      body.memory("i32.load", offset);
    }
    body.plain("i32.add");
    body.plain("i32.add");
    body.i32(2);
    body.memoryGrow();
    body.plain("drop");
    body.memorySize();
    body.plain("i32.add");
  });
  expect(instantiate([written], shared)()).toBe(7 + 1 + 5 + 3);
});
