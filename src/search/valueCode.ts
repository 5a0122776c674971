/**
 * Products and sums of numbered values as WebAssembly: what `NodeTable` does in typed arrays. Where nothing folds, the node is looked up inline,
 * which is most of the work of the objective `operations`.
 */

import { Code } from "../wasm/encoder.ts";
import { increase, load, loadAt, storeAt, type, whileLoop } from "./moduleCode.ts";
import { CONSTANT, ONE, SUM, TWO } from "./nodeTable.ts";
import { CELLS, CODE_OF_SLOT, MULTIPLIER, SLOT, type ValueLayout } from "./valueLayout.ts";

/** Functions that products and sums call, with these indices in the module. */
export function valueFunctions(layout: ValueLayout): readonly Code[] {
  return [constantOf(), codeOf(), simpleSum(layout)];
}
const CONSTANT_OF = 0;
const CODE_OF = 1;
const SIMPLE_SUM = 2;

/** The constant of a code. */
function constantOf(): Code {
  const code = new Code(type(["i32"], ["f64"]));
  const constant = 0;
  const magnitude = code.local("f64");
  code.localGet(constant);
  code.i32(-2);
  code.plain("i32.and");
  code.i32(CONSTANT);
  code.plain("i32.sub");
  code.i32(2);
  code.plain("i32.shl");
  loadAt(code, "i32.load", CELLS.constants);
  code.plain("i32.add");
  code.memory("f64.load");
  code.localTee(magnitude);
  code.plain("f64.neg");
  code.localGet(magnitude);
  code.localGet(constant);
  code.i32(1);
  code.plain("i32.and");
  code.plain("select");
  return code;
}

/** The code of a constant, which may be a new one. */
function codeOf(): Code {
  const code = new Code(type(["f64"], ["i32"]));
  const constant = 0;
  const magnitude = code.local("f64");
  const place = code.local("i32");
  code.localGet(constant);
  code.plain("f64.abs");
  code.localTee(magnitude);
  code.f64(0);
  code.plain("f64.eq");
  code.if();
  code.i32(0);
  code.plain("return");
  code.end();
  loadAt(code, "i32.load", CELLS.constants);
  code.localSet(place);
  code.block();
  whileLoop(
    code,
    () => {
      code.localGet(place);
      loadAt(code, "i32.load", CELLS.constantsEnd);
      code.plain("i32.lt_u");
    },
    () => {
      load(code, place, "i64.load", 0);
      code.localGet(magnitude);
      code.plain("i64.reinterpret_f64");
      code.plain("i64.eq");
      code.branchIf(2);
      increase(code, place, 8);
    },
  );
  code.localGet(place);
  code.localGet(magnitude);
  code.memory("f64.store");
  storeAt(code, CELLS.constantsEnd, () => {
    code.localGet(place);
    code.i32(8);
    code.plain("i32.add");
  });
  code.end();
  code.localGet(place);
  loadAt(code, "i32.load", CELLS.constants);
  code.plain("i32.sub");
  code.i32(2);
  code.plain("i32.shr_u");
  code.i32(CONSTANT);
  code.plain("i32.add");
  code.localGet(constant);
  code.f64(0);
  code.plain("f64.lt");
  code.plain("i32.or");
  return code;
}

/** The sum of a value that is not zero with zero, or of two constants, or of values that are the same up to their sign. */
function simpleSum(layout: ValueLayout): Code {
  const code = new Code(type(["i32", "i32"], ["i32"]));
  const [a, b] = [0, 1];
  const result = code.local("i32");
  code.localGet(b);
  code.plain("i32.eqz");
  code.if();
  code.localGet(a);
  code.plain("return");
  code.end();
  areConstants(code, a, b);
  code.if();
  for (const operand of [a, b]) {
    code.localGet(operand);
    code.call(CONSTANT_OF);
  }
  code.plain("f64.add");
  code.call(CODE_OF);
  code.plain("return");
  code.end();
  code.localGet(a);
  code.localGet(b);
  code.plain("i32.ne");
  code.if();
  code.i32(0);
  code.plain("return");
  code.end();
  code.i32(TWO);
  code.localSet(b);
  writeProduct(code, layout, scratch(code), { a, b, result });
  code.localGet(result);
  return code;
}

/** Leaves whether both codes are constants. */
function areConstants(code: Code, a: number, b: number): void {
  code.localGet(a);
  code.localGet(b);
  code.plain("i32.and");
  code.i32(CONSTANT);
  code.plain("i32.ge_u");
}

/** Locals of a look-up. */
export interface Scratch {
  /** Numbers of the operands. */
  readonly x: number;
  readonly y: number;
  readonly key: number;
  readonly slot: number;
  readonly found: number;
  readonly place: number;
  /** Copies of the cells. */
  readonly shift: number;
  readonly mask: number;
}

/** Locals of a look-up in a new function, those of the cells set. */
export function scratch(code: Code): Scratch {
  const int = () => code.local("i32");
  const long = () => code.local("i64");
  const [x, y, slot, place, mask] = [int(), int(), int(), int(), int()];
  const [key, found, shift] = [long(), long(), long()];
  loadAt(code, "i32.load", CELLS.mask);
  code.localSet(mask);
  loadAt(code, "i32.load", CELLS.shift);
  code.plain("i64.extend_i32_u");
  code.localSet(shift);
  return { x, y, key, slot, found, place, shift, mask };
}

/** Locals of two operands and of what comes of them. */
export interface Operands {
  readonly a: number;
  readonly b: number;
  readonly result: number;
}

/** The product of two values that are not zero. */
export function writeProduct(
  code: Code,
  layout: ValueLayout,
  locals: Scratch,
  { a, b, result }: Operands,
): void {
  code.block();
  code.localGet(a);
  code.localGet(b);
  code.plain("i32.or");
  code.i32(CONSTANT);
  code.plain("i32.ge_u");
  code.if();
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    code.localGet(one);
    code.i32(-2);
    code.plain("i32.and");
    code.i32(ONE);
    code.plain("i32.eq");
    code.if();
    code.localGet(other);
    lowBit(code, one);
    code.plain("i32.xor");
    code.localSet(result);
    code.branch(2);
    code.end();
  }
  areConstants(code, a, b);
  code.if();
  for (const operand of [a, b]) {
    code.localGet(operand);
    code.call(CONSTANT_OF);
  }
  code.plain("f64.mul");
  code.call(CODE_OF);
  code.localSet(result);
  code.branch(2);
  code.end();
  code.end();
  numbers(code, locals, a, b);
  writeFind(code, layout, locals, { a, b, result }, "product");
  code.end();
}

/** The sum of a value that is not zero and any other. */
export function writeSum(code: Code, layout: ValueLayout, locals: Scratch, { a, b, result }: Operands): void {
  const { x, y } = locals;
  code.block();
  numbers(code, locals, a, b);
  code.localGet(x);
  code.localGet(y);
  code.plain("i32.eq");
  code.localGet(y);
  code.plain("i32.eqz");
  code.plain("i32.or");
  areConstants(code, a, b);
  code.plain("i32.or");
  code.if();
  code.localGet(a);
  code.localGet(b);
  code.call(SIMPLE_SUM);
  code.localSet(result);
  code.branch(1);
  code.end();
  writeFind(code, layout, locals, { a, b, result }, "sum");
  code.end();
}

function numbers(code: Code, { x, y }: Scratch, a: number, b: number): void {
  for (const [number, operand] of [
    [x, a],
    [y, b],
  ] as const) {
    code.localGet(operand);
    code.i32(1);
    code.plain("i32.shr_u");
    code.localSet(number);
  }
}

function lowBit(code: Code, local: number): void {
  code.localGet(local);
  code.i32(1);
  code.plain("i32.and");
}

/** Leaves one of two things, by whether the first operand's number is the lower. */
function byOrder(code: Code, { x, y }: Scratch, first: number, second: number): void {
  code.localGet(first);
  code.localGet(second);
  code.localGet(x);
  code.localGet(y);
  code.plain("i32.lt_u");
  code.plain("select");
}

/** Looks a node up by its operands, and creates it if it is new. Here x and y are the operands' numbers. */
function writeFind(
  code: Code,
  layout: ValueLayout,
  locals: Scratch,
  { a, b, result }: Operands,
  kind: "product" | "sum",
): void {
  const { x, y, key, slot, found, place, shift, mask } = locals;
  const { table } = layout;
  const relativeSign = () => {
    code.localGet(a);
    code.localGet(b);
    code.plain("i32.xor");
    code.i32(1);
    code.plain("i32.and");
  };
  byOrder(code, locals, y, x);
  code.plain("i64.extend_i32_u");
  code.i64(32n);
  code.plain("i64.shl");
  byOrder(code, locals, x, y);
  code.i32(2);
  code.plain("i32.shl");
  if (kind === "sum") {
    relativeSign();
    code.plain("i32.add");
    code.i32(SUM);
    code.plain("i32.add");
  }
  code.plain("i64.extend_i32_u");
  code.plain("i64.or");
  code.localTee(key);
  code.i64(MULTIPLIER);
  code.plain("i64.mul");
  code.localGet(shift);
  code.plain("i64.shr_u");
  code.plain("i32.wrap_i64");
  code.localGet(mask);
  code.plain("i32.and");
  code.localSet(slot);
  code.block();
  code.loop();
  load(code, slot, "i64.load", table);
  code.localTee(found);
  code.localGet(key);
  code.plain("i64.eq");
  code.if();
  // What is known may be zero, which has no sign.
  load(code, slot, "i32.load", table + CODE_OF_SLOT);
  code.localTee(result);
  code.localGet(result);
  code.i32(0);
  code.plain("i32.ne");
  sign();
  code.plain("i32.and");
  code.plain("i32.xor");
  code.localSet(result);
  code.branch(2);
  code.end();
  code.localGet(found);
  code.plain("i64.eqz");
  code.if();
  create();
  code.branch(2);
  code.end();
  code.localGet(slot);
  code.i32(SLOT);
  code.plain("i32.add");
  code.localGet(mask);
  code.plain("i32.and");
  code.localSet(slot);
  code.branch(0);
  code.end();
  code.end();

  function sign(): void {
    if (kind === "product") relativeSign();
    else {
      byOrder(code, locals, a, b);
      code.i32(1);
      code.plain("i32.and");
    }
  }

  function create(): void {
    loadAt(code, "i32.load", CELLS.created);
    code.localTee(place);
    code.localGet(slot);
    code.memory("i32.store");
    storeAt(code, CELLS.created, () => {
      code.localGet(place);
      code.i32(4);
      code.plain("i32.add");
    });
    code.localGet(slot);
    code.localGet(key);
    code.memory("i64.store", table);
    code.localGet(slot);
    code.localGet(place);
    code.i32(1);
    code.plain("i32.shr_u");
    loadAt(code, "i32.load", CELLS.codeOffset);
    code.plain("i32.add");
    code.localTee(result);
    code.memory("i32.store", table + CODE_OF_SLOT);
    code.localGet(result);
    sign();
    code.plain("i32.xor");
    code.localSet(result);
  }
}
