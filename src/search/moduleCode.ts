/** What the generated modules of the search's engines are written with, beyond single instructions. */

import type { Code, FunctionType, MemoryInstruction } from "../wasm/encoder.ts";

/** The type of a function. */
export function type(parameters: FunctionType["parameters"], results: FunctionType["results"]): FunctionType {
  return { parameters, results };
}

/** Loads from the address in a local plus an offset. */
export function load(code: Code, address: number, instruction: MemoryInstruction, offset: number): void {
  code.localGet(address);
  code.memory(instruction, offset);
}

/** Loads from a fixed address. */
export function loadAt(code: Code, instruction: MemoryInstruction, address: number): void {
  code.i32(0);
  code.memory(instruction, address);
}

/** Stores an int32 at a fixed address. */
export function storeAt(code: Code, address: number, value: () => void): void {
  code.i32(0);
  value();
  code.memory("i32.store", address);
}

/** Adds a constant to a local. */
export function increase(code: Code, local: number, by: number): void {
  code.localGet(local);
  code.i32(by);
  code.plain("i32.add");
  code.localSet(local);
}

/** Leaves a local times a constant. */
export function scale(code: Code, local: number, factor: number): void {
  code.localGet(local);
  code.i32(factor);
  code.plain("i32.mul");
}

/** Goes on for as long as the condition leaves something else than 0. */
export function whileLoop(code: Code, condition: () => void, body: () => void): void {
  code.block();
  code.loop();
  condition();
  code.plain("i32.eqz");
  code.branchIf(1);
  body();
  code.branch(0);
  code.end();
  code.end();
}

/** Takes a word of a bit row off the stack; the body finds the column of each of its bits there, in turn. @param place the word's, in bytes */
export function forEachBit(code: Code, bits: number, place: number, body: () => void): void {
  code.localSet(bits);
  whileLoop(
    code,
    () => {
      code.localGet(bits);
      code.i64(0n);
      code.plain("i64.ne");
    },
    () => {
      code.localGet(place);
      code.i32(3);
      code.plain("i32.shl");
      code.localGet(bits);
      code.plain("i64.ctz");
      code.plain("i32.wrap_i64");
      code.plain("i32.add");
      code.localGet(bits);
      code.localGet(bits);
      code.i64(1n);
      code.plain("i64.sub");
      code.plain("i64.and");
      code.localSet(bits);
      body();
    },
  );
}

/** Leaves the address, in a bit set at 0, of the word with the column's bit. */
export function wordOf(code: Code, column: number): void {
  code.localGet(column);
  code.i32(6);
  code.plain("i32.shr_u");
  code.i32(3);
  code.plain("i32.shl");
}

/** Leaves the column's bit in its word. */
export function bitOf(code: Code, column: number): void {
  code.i64(1n);
  code.localGet(column);
  code.plain("i64.extend_i32_u");
  code.plain("i64.shl");
}

/** Takes the column out of a bit set, or puts it in. */
export function flip(code: Code, set: number, column: number): void {
  wordOf(code, column);
  wordOf(code, column);
  code.memory("i64.load", set);
  bitOf(code, column);
  code.plain("i64.xor");
  code.memory("i64.store", set);
}
