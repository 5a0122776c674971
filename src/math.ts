/**
 * Functions beside `Math` that user sources may import from `alphagrad/math`.
 *
 * They are ordinary functions of numbers, so that a source can be run and unit-tested as it is; the TypeScript front end traces them.
 */

export { erf } from "./program/erf.ts";

/**
 * `condition ? a : b` for a condition that depends on the inputs: both sides are always evaluated and one is selected, so that the
 * choice can be part of a traced program. The derivative is that of the selected side.
 */
export function where(condition: boolean, a: number, b: number): number {
  return condition ? a : b;
}
