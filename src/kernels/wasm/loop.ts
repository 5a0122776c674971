/** Counting, as all generated code does it. */

import type { Code } from "../../wasm/encoder.ts";

/** Adds to a local. */
export function increase(code: Code, local: number, amount: number): void {
  code.localGet(local);
  code.i32(amount);
  code.plain("i32.add");
  code.localSet(local);
}

/** Repeats a body as long as a local is at least `least`, unsigned. */
export function whileAtLeast(code: Code, local: number, least: number, body: () => void): void {
  code.block();
  code.loop();
  code.localGet(local);
  code.i32(least);
  code.plain("i32.lt_u");
  code.branchIf(1);
  body();
  code.branch(0);
  code.end();
  code.end();
}
